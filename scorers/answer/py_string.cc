#include <algorithm>

#include "harness/base/utf8.h"
#include "scorers/answer/ascii.h"
#include "scorers/answer/py_atom.h"

namespace assay::answer {
namespace {

struct Prefix {
  std::size_t size = 0;
  bool raw = false;
  bool bytes = false;
};

// r, u, b, br, rb in any case, straight before a quote.
std::optional<Prefix> prefix_at(std::string_view text, std::size_t at) {
  Prefix p;
  bool unicode = false;
  while (at + p.size < text.size() && p.size < 2) {
    const char c = lower(text[at + p.size]);
    if (c == 'r' && !p.raw && !unicode) {
      p.raw = true;
    } else if (c == 'b' && !p.bytes && !unicode) {
      p.bytes = true;
    } else if (c == 'u' && p.size == 0) {
      unicode = true;
    } else {
      break;
    }
    ++p.size;
  }
  const std::size_t quote = at + p.size;
  if (quote >= text.size() || (text[quote] != '"' && text[quote] != '\'')) return std::nullopt;
  return p;
}

// append_utf8 refuses surrogates, which Python's strings may hold.
void append_code_point(std::string& out, char32_t c) {
  if (c < 0xD800 || c > 0xDFFF) {
    append_utf8(out, c);
    return;
  }
  out += static_cast<char>(0xED);
  out += static_cast<char>(static_cast<unsigned char>(0x80 | ((c >> 6) & 0x3F)));
  out += static_cast<char>(static_cast<unsigned char>(0x80 | (c & 0x3F)));
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// Exactly `count` hexadecimal digits at `at`.
std::optional<char32_t> hex(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() - at < count) return std::nullopt;
  char32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int digit = hex_value(text[at + i]);
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<char32_t>(digit);
  }
  return value;
}

class Unescaper {
 public:
  Unescaper(std::string_view body, bool bytes) : body_(body), bytes_(bytes) {}

  std::optional<std::string> run() {
    while (at_ < body_.size()) {
      const char c = body_[at_++];
      if (c != '\\') {
        out_ += c;
      } else if (at_ == body_.size() || !escape(body_[at_++])) {
        return std::nullopt;
      }
    }
    return std::move(out_);
  }

 private:
  bool escape(char c) {
    constexpr std::string_view kLetters = "\\'\"abfnrtv";
    constexpr std::string_view kMeanings = "\\'\"\a\b\f\n\r\t\v";
    const std::size_t simple = kLetters.find(c);
    if (simple != std::string_view::npos) {
      out_ += kMeanings[simple];
      return true;
    }
    if (c == '\n') return true;  // the line goes on
    if (c == '\r') {
      if (at_ < body_.size() && body_[at_] == '\n') ++at_;
      return true;
    }
    if (c >= '0' && c <= '7') return octal(c);
    if (c == 'x') return coded(2);
    if (c == 'u' && !bytes_) return coded(4);
    if (c == 'U' && !bytes_) return coded(8);
    if (c == 'N' && !bytes_) return false;  // needs the table of names
    out_ += '\\';                           // an unknown escape is itself
    out_ += c;
    return true;
  }

  bool octal(char first) {
    char32_t value = static_cast<char32_t>(first - '0');
    for (int i = 0; i < 2 && at_ < body_.size() && body_[at_] >= '0' && body_[at_] <= '7'; ++i) {
      value = value * 8 + static_cast<char32_t>(body_[at_++] - '0');
    }
    put(value);
    return true;
  }

  bool coded(std::size_t count) {
    const auto value = hex(body_, at_, count);
    if (!value || *value > 0x10FFFF) return false;
    at_ += count;
    put(*value);
    return true;
  }

  void put(char32_t value) {
    if (bytes_) {
      out_ += static_cast<char>(static_cast<unsigned char>(value & 0xFF));
    } else {
      append_code_point(out_, value);
    }
  }

  std::string_view body_;
  bool bytes_;
  std::size_t at_ = 0;
  std::string out_;
};

// Where the closing quote starts, from the body's start on; npos when there is none.
std::size_t closing_quote(std::string_view text, std::size_t at, char quote, bool triple) {
  for (; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (!triple && (text[at] == '\n' || text[at] == '\r')) {
      return std::string_view::npos;
    } else if (text[at] == quote) {
      if (!triple) return at;
      if (text.size() - at >= 3 && text[at + 1] == quote && text[at + 2] == quote) return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<std::string> unescape_py(std::string_view body, bool bytes) {
  return Unescaper(body, bytes).run();
}

bool at_py_string(std::string_view text, std::size_t at) { return prefix_at(text, at).has_value(); }

std::optional<PyString> read_py_string(std::string_view text, std::size_t& at) {
  const auto prefix = prefix_at(text, at);
  if (!prefix) return std::nullopt;
  const std::size_t open = at + prefix->size;
  const char quote = text[open];
  const bool triple = text.size() - open >= 3 && text[open + 1] == quote && text[open + 2] == quote;
  const std::size_t width = triple ? 3 : 1;
  const std::size_t close = closing_quote(text, open + width, quote, triple);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view body = text.substr(open + width, close - open - width);
  const bool ascii =
      std::all_of(body.begin(), body.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (prefix->bytes && !ascii) return std::nullopt;
  PyString s;
  s.bytes = prefix->bytes;
  if (prefix->raw) {
    s.value = std::string(body);
  } else {
    auto value = unescape_py(body, prefix->bytes);
    if (!value) return std::nullopt;
    s.value = std::move(*value);
  }
  at = close + width;
  return s;
}

}  // namespace assay::answer
