#include "harness/text/jinja/lex_literal.h"

#include <algorithm>
#include <cstdint>

#include "harness/base/utf8.h"

namespace assay::jinja {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

// Up to `most` digits of `base` from `at` on; advances `at`.
std::uint32_t digits(std::string_view text, std::size_t& at, std::size_t most, int base, std::size_t& count) {
  std::uint32_t value = 0;
  for (count = 0; count < most && at < text.size() && digit_value(text[at]) < base; ++count, ++at) {
    value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit_value(text[at]));
  }
  return value;
}

// The escape whose backslash stands before `at`. What Python does not know stays as it is.
void append_escape(std::string& out, std::string_view text, std::size_t& at) {
  constexpr std::string_view kFrom = "\\'\"abfnrtv";
  constexpr std::string_view kTo = "\\'\"\a\b\f\n\r\t\v";
  const char c = text[at];
  if (c == '\n') {
    ++at;
    return;
  }
  if (const std::size_t simple = kFrom.find(c); simple != kFrom.npos) {
    out += kTo[simple];
    ++at;
    return;
  }
  std::size_t count = 0;
  if (c >= '0' && c <= '7') return append_utf8(out, digits(text, at, 3, 8, count));
  const std::size_t wanted = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (wanted > 0) {
    std::size_t end = at + 1;
    std::uint32_t value = digits(text, end, wanted, 16, count);
    if (count == wanted) {
      // A surrogate pair in two escapes is one character, as it is once Python has written it out.
      std::size_t low_at = end + 2;
      if (value >= 0xD800 && value < 0xDC00 && text.substr(end, 2) == "\\u") {
        const std::uint32_t low = digits(text, low_at, 4, 16, count);
        if (low >= 0xDC00 && low < 0xE000) {
          value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
          end = low_at;
        }
      }
      append_utf8(out, value);
      at = end;
      return;
    }
  }
  out += '\\';
}

// The end of digits with single underscores between them.
std::size_t digits_end(std::string_view text, std::size_t at, int base) {
  while (at < text.size()) {
    if (digit_value(text[at]) < base)
      ++at;
    else if (text[at] == '_' && at + 1 < text.size() && digit_value(text[at + 1]) < base)
      at += 2;
    else
      break;
  }
  return at;
}

}  // namespace

std::optional<StringLiteral> lex_string(std::string_view source) {
  const char quote = source[0];
  std::size_t end = 1;
  while (end < source.size() && source[end] != quote) end += source[end] == '\\' ? 2 : 1;
  if (end >= source.size()) return std::nullopt;
  const std::string_view inner = source.substr(1, end - 1);
  StringLiteral out;
  for (std::size_t i = 0; i < inner.size();) {
    if (inner[i] != '\\') {
      out.text += inner[i++];
      continue;
    }
    ++i;
    append_escape(out.text, inner, i);
  }
  out.size = end + 1;
  return out;
}

NumberLiteral lex_number(std::string_view source, bool may_be_real) {
  NumberLiteral out;
  const char prefix = source.size() > 1 && source[0] == '0' ? static_cast<char>(source[1] | 0x20) : '\0';
  const int base = prefix == 'x' ? 16 : prefix == 'o' ? 8 : prefix == 'b' ? 2 : 10;
  std::size_t end = 0;
  if (base != 10 && source.size() > 2 && digit_value(source[2]) < base) {
    end = digits_end(source, 2, base);
  } else {
    end = digits_end(source, 0, 10);
    std::size_t real = end;
    if (real + 1 < source.size() && source[real] == '.' && is_digit(source[real + 1])) {
      real = digits_end(source, real + 1, 10);
    }
    std::size_t exponent = real;
    if (exponent < source.size() && (source[exponent] == 'e' || source[exponent] == 'E')) {
      ++exponent;
      if (exponent < source.size() && (source[exponent] == '+' || source[exponent] == '-')) ++exponent;
      if (exponent < source.size() && is_digit(source[exponent])) real = digits_end(source, exponent, 10);
    }
    if (may_be_real && real > end) {
      out.is_real = true;
      end = real;
    } else if (source[0] == '0') {  // no leading zeros
      end = 0;
      while (end < source.size() && (source[end] == '0' || (source[end] == '_' && end + 1 < source.size() &&
                                                            source[end + 1] == '0')))
        ++end;
    }
  }
  out.size = end;
  out.text.assign(source.substr(0, end));
  out.text.erase(std::remove(out.text.begin(), out.text.end(), '_'), out.text.end());
  return out;
}

}  // namespace assay::jinja
