#include "harness/run/import/tolerant_json.h"

#include <array>
#include <cstdint>

namespace assay {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::size_t kLookahead = 256;  // bytes read ahead to judge one quote: keeps this linear
constexpr std::size_t kMaxKey = 64;

std::size_t skip_space(std::string_view text, std::size_t at) {
  at = text.find_first_not_of(kSpace, at);
  return at == std::string_view::npos ? text.size() : at;
}

std::string_view trim_right(std::string_view text) {
  const std::size_t last = text.find_last_not_of(kSpace);
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

bool is_quote(char c) { return c == '"' || c == '\''; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::uint32_t> hex4(std::string_view text, std::size_t at) {
  if (text.size() < 4 || at > text.size() - 4) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<std::uint32_t>(digit);
  }
  return value;
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// Decodes the \u escape whose backslash stands at `at`; returns the place behind it, or nothing
// where no four digits follow.
std::optional<std::size_t> decode_unicode(std::string_view text, std::size_t at, std::string& out) {
  const auto unit = hex4(text, at + 2);
  if (!unit) return std::nullopt;
  const bool high = *unit >= 0xD800 && *unit < 0xDC00;
  const bool low = *unit >= 0xDC00 && *unit < 0xE000;
  if (high && text.substr(at + 6, 2) == "\\u") {
    const auto second = hex4(text, at + 8);
    if (second && *second >= 0xDC00 && *second < 0xE000) {
      append_utf8(out, 0x10000 + ((*unit - 0xD800) << 10) + (*second - 0xDC00));
      return at + 12;
    }
  }
  append_utf8(out, high || low ? 0xFFFD : *unit);
  return at + 6;
}

char simple_escape(char c) {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case 'b': return '\b';
    case 'f': return '\f';
    case '"':
    case '\\':
    case '/': return c;
    default: return '\0';
  }
}

// What must follow a closing quote for it to be one; `at` is behind it.
bool string_may_end(std::string_view text, std::size_t at) {
  text = text.substr(0, std::min(text.size(), at + kLookahead));
  at = skip_space(text, at);
  if (at == text.size()) return true;
  if (text[at] == '`') return true;
  if (text[at] == ',') {
    at = skip_space(text, at + 1);
    if (at == text.size()) return true;
  } else if (text[at] != '}' && text[at] != '"') {
    return false;
  }
  if (text[at] == '}') {
    // "{"a": "b"}" has a quote and a brace too: behind the object's own end nothing goes on.
    const std::size_t next = text.find_first_not_of(" \t", at + 1);
    return next == std::string_view::npos || text[next] == '\n' || text[next] == '\r' || text[next] == '`';
  }
  if (!is_quote(text[at])) return false;
  const std::size_t close = text.find(text[at], at + 1);
  if (close == std::string_view::npos || close - at > kMaxKey) return false;
  const std::size_t colon = skip_space(text, close + 1);
  return colon < text.size() && text[colon] == ':';
}

// The text's end without a fence, the object's brace and a comma. True in `closed` if a brace went.
std::string_view without_object_end(std::string_view text, bool& closed) {
  text = trim_right(text);
  while (!text.empty() && text.back() == '`') text.remove_suffix(1);
  text = trim_right(text);
  if (!text.empty() && text.back() == '}') {
    closed = true;
    text = trim_right(text.substr(0, text.size() - 1));
  }
  if (!text.empty() && text.back() == ',') text = trim_right(text.substr(0, text.size() - 1));
  return text;
}

FieldValue read_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote && string_may_end(text, i + 1)) {
      return {unescape_leniently(text.substr(at + 1, i - at - 1)), true, true};
    }
  }
  FieldValue out;
  const std::string_view rest = without_object_end(text.substr(at), out.closed);
  if (out.closed && !(rest.size() > 1 && rest.back() == quote)) {
    out.text = std::string(rest);  // not one string but an expression: "<" * 10
    return out;
  }
  out.quoted = true;
  const bool ends_quoted = rest.size() > 1 && rest.back() == quote;
  out.text = unescape_leniently(rest.substr(1, rest.size() - (ends_quoted ? 2 : 1)));
  return out;
}

// An array or object, as written, to its matching bracket.
FieldValue read_bracketed(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if ((c == ']' || c == '}') && --depth == 0) {
      return {std::string(text.substr(at, i + 1 - at)), false, true};
    }
  }
  bool closed = false;
  return {std::string(without_object_end(text.substr(at), closed)), false, false};
}

// A number or a bare word: to the line's end or the object's, and without a comma behind it.
FieldValue read_bare(std::string_view text, std::size_t at) {
  const std::size_t line_end = text.find_first_of("\r\n", at);
  const bool last_line = line_end == std::string_view::npos;
  std::string_view rest = text.substr(at, last_line ? std::string_view::npos : line_end - at);
  FieldValue out;
  out.closed = !last_line;
  for (std::size_t comma = rest.find(','); comma != std::string_view::npos; comma = rest.find(',', comma + 1)) {
    if (skip_space(rest, comma + 1) >= rest.size() || rest[skip_space(rest, comma + 1)] != '"') continue;
    rest = rest.substr(0, comma);
    out.closed = true;
  }
  rest = without_object_end(rest, out.closed);
  // 42" has lost its opening quote.
  if (!rest.empty() && rest.find('"') == rest.size() - 1) rest.remove_suffix(1);
  out.text = std::string(rest);
  return out;
}

template <typename Found>
void each_field(std::string_view text, std::string_view name, Found found) {
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + name.size())) {
    const std::size_t close = at + name.size();
    if (close >= text.size() || !is_quote(text[close])) continue;
    const std::size_t colon = skip_space(text, close + 1);
    if (colon >= text.size() || text[colon] != ':') continue;
    const bool opened = at > 0 && text[at - 1] == text[close];
    found(FieldPlace{opened ? at - 1 : at, skip_space(text, colon + 1)}, opened);
  }
}

// What follows the control character in a damaged command, longest first where one begins another.
constexpr std::string_view kAfterBackspace[] = {"oxed", "inom", "egin", "eta", "ar", "mod", "igl", "igr", "f"};
constexpr std::string_view kAfterFormFeed[] = {"rac", "orall", "loor", "lat"};
constexpr std::string_view kAfterTab[] = {"ext", "extbf", "imes", "heta", "frac", "riangle", "an", "au", "ilde"};
constexpr std::string_view kAfterNewline[] = {"eq", "abla", "otin", "parallel"};
constexpr std::string_view kAfterReturn[] = {"ight", "ho", "angle", "floor", "ceil"};

template <std::size_t N>
bool goes_on_as(std::string_view rest, const std::string_view (&endings)[N]) {
  for (const std::string_view ending : endings) {
    if (rest.substr(0, ending.size()) != ending) continue;
    if (rest.size() == ending.size() || !is_letter(rest[ending.size()])) return true;
  }
  return false;
}

// The letter that was lost to the control character, or 0.
char lost_letter(char c, std::string_view rest, bool looks_like_latex) {
  switch (c) {
    case '\b': return goes_on_as(rest, kAfterBackspace) ? 'b' : '\0';
    case '\f': return goes_on_as(rest, kAfterFormFeed) ? 'f' : '\0';
    case '\t': return looks_like_latex && goes_on_as(rest, kAfterTab) ? 't' : '\0';
    case '\n': return looks_like_latex && goes_on_as(rest, kAfterNewline) ? 'n' : '\0';
    case '\r': return looks_like_latex && goes_on_as(rest, kAfterReturn) ? 'r' : '\0';
    default: return '\0';
  }
}

}  // namespace

std::string unescape_leniently(std::string_view inside) {
  std::string out;
  out.reserve(inside.size());
  std::size_t i = 0;
  while (i < inside.size()) {
    if (inside[i] != '\\' || i + 1 == inside.size()) {
      out += inside[i++];
      continue;
    }
    if (inside[i + 1] == 'u') {
      if (const auto next = decode_unicode(inside, i, out)) {
        i = *next;
        continue;
      }
    }
    const char decoded = simple_escape(inside[i + 1]);
    if (decoded != '\0') {
      out += decoded;
    } else {
      out.append(inside.substr(i, 2));
    }
    i += 2;
  }
  return out;
}

std::optional<FieldPlace> find_first_field(std::string_view text, std::string_view name) {
  std::optional<FieldPlace> sure;
  std::optional<FieldPlace> likely;
  each_field(text, name, [&](const FieldPlace& place, bool opened) {
    std::optional<FieldPlace>& slot = opened ? sure : likely;
    if (!slot) slot = place;
  });
  return sure ? sure : likely;
}

std::optional<FieldPlace> find_last_field(std::string_view text, std::string_view name) {
  std::optional<FieldPlace> sure;
  std::optional<FieldPlace> likely;
  each_field(text, name, [&](const FieldPlace& place, bool opened) { (opened ? sure : likely) = place; });
  return sure ? sure : likely;
}

FieldValue read_field_value(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  if (is_quote(text[at])) return read_string(text, at);
  if (text[at] == '[' || text[at] == '{') return read_bracketed(text, at);
  return read_bare(text, at);
}

FieldValue read_string_before(std::string_view text, std::size_t at, std::size_t limit) {
  std::string_view region = trim_right(text.substr(0, limit));
  if (!region.empty() && region.back() == ',') region = trim_right(region.substr(0, region.size() - 1));
  if (at >= region.size()) return {};
  FieldValue out;
  const char quote = region[at];
  out.quoted = is_quote(quote);
  const std::size_t begin = at + (out.quoted ? 1 : 0);
  out.closed = out.quoted && region.size() > begin && region.back() == quote;
  const std::size_t end = region.size() - (out.closed ? 1 : 0);
  out.text = unescape_leniently(region.substr(begin, end - begin));
  return out;
}

std::string restore_latex(std::string text) {
  if (text.find_first_of("\b\f\n\r\t") == std::string::npos) return text;
  const bool looks_like_latex = text.find_first_of("\\${^") != std::string::npos;
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char lost = lost_letter(text[i], std::string_view(text).substr(i + 1), looks_like_latex);
    if (lost == '\0') {
      out += text[i];
    } else {
      out += '\\';
      out += lost;
    }
  }
  return out;
}

}  // namespace assay
