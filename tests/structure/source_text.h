// What the structure test reads out of C++ sources: includes, and code without comments and strings.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace assay::structure {

struct Include {
  std::size_t line = 0;  // from 1
  std::string path;      // without its quotes or brackets
  bool angled = false;
};

// `text` with comments and the contents of string and character literals blanked by spaces, lines
// kept. The path of an #include stays.
std::string code_only(std::string_view text);
std::vector<Include> includes_of(std::string_view code);  // of what code_only returned

// Lines (from 1) on which `code` calls the free function `name`, as name( or std::name( or ::name(.
std::vector<std::size_t> calls_of(std::string_view code, std::string_view name);

}  // namespace assay::structure
