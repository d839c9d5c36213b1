// Lists for people and scripts: a header and rows; the first column is the name. Everything is made printable.
#pragma once

#include <string>
#include <vector>

namespace assay {

struct Listing {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

void print_table(const Listing&);  // to standard output, columns aligned
void print_json(const Listing&);   // a list of objects, keys from the header, values as texts

}  // namespace assay
