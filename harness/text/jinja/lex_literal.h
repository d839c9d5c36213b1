// String and number literals, as Jinja reads them. Part of the lexer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace assay::jinja {

struct StringLiteral {
  std::string text;      // escapes resolved
  std::size_t size = 0;  // bytes in the source, with the quotes
};
// REQUIRES: source starts with a quote. nullopt: no closing quote.
std::optional<StringLiteral> lex_string(std::string_view source);

struct NumberLiteral {
  std::string text;  // without underscores; an integer may be 0x, 0o, 0b
  std::size_t size = 0;
  bool is_real = false;
};
// REQUIRES: source starts with a digit.
NumberLiteral lex_number(std::string_view source, bool may_be_real);

}  // namespace assay::jinja
