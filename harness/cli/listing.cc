#include "harness/cli/listing.h"

#include <algorithm>
#include <cstdio>

#include "harness/base/json.h"
#include "harness/base/utf8.h"

namespace assay {

void print_table(const Listing& listing) {
  std::vector<std::size_t> widths(listing.header.size(), 0);
  auto rows = listing.rows;
  rows.insert(rows.begin(), listing.header);
  for (auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = printable(row[i]);
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line += std::string(widths[i] + 2 - display_width(row[i]), ' ');
    }
    std::puts(line.c_str());
  }
}

void print_json(const Listing& listing) {
  Json out = Json::array();
  for (const auto& row : listing.rows) {
    Json item = Json::object();
    for (std::size_t i = 0; i < row.size(); ++i) item[listing.header[i]] = row[i];
    out.push_back(item);
  }
  std::puts(dump_json_pretty(out).c_str());
}

}  // namespace assay
