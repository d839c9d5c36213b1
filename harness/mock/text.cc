#include "harness/mock/text.h"

#include <algorithm>

#include "harness/base/rng.h"

namespace assay::mock {
namespace {

// Token i of the generated text, four bytes.
void append_word(std::string& out, std::uint64_t key, std::int64_t i, bool last) {
  constexpr std::string_view kFirst = "bcdfghjklmnprstv";
  constexpr std::string_view kVowels = "aeio";
  constexpr std::string_view kEnd = "dlmnrstx";
  const auto n = static_cast<std::uint32_t>(Rng::unit_at(key, static_cast<std::uint64_t>(i)) * 8192);
  out += kFirst[n % 16];
  if (n / 16 % 16 == 0) {
    out += "\xc3\xa9";  // e acute
  } else {
    out += kVowels[n / 256 % 4];
    out += kEnd[n / 1024 % 8];
  }
  out += last ? '.' : ' ';
}

// Where token `i` of a given text starts: at four bytes a token, moved back to the start of a character.
std::size_t start_of(std::string_view text, std::int64_t i) {
  std::size_t at = std::min(text.size(), static_cast<std::size_t>(i) * 4);
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(from, i - from));
    from = i + 1;
    if (c == '\n') {
      out += "\\n";
    } else if (c >= 0x20) {
      out += '\\';
      out += text[i];
    } else {
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
  }
  out.append(text.substr(from));
}

void Text::cut(std::int64_t tokens) { tokens_ = std::clamp<std::int64_t>(tokens, 0, tokens_); }

void Text::append(std::string& out, std::int64_t from, std::int64_t to) const {
  to = std::min(to, tokens_);
  if (from >= to) return;
  if (spoiled_ && from == 0) out += "\xff\xc3( ";
  if (given_) {
    const std::size_t begin = start_of(*given_, from);
    return append_escaped(out, std::string_view(*given_).substr(begin, start_of(*given_, to) - begin));
  }
  for (std::int64_t i = from; i < to; ++i) append_word(out, key_, i, i + 1 == tokens_);
}

}  // namespace assay::mock
