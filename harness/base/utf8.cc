#include "harness/base/utf8.h"

#include <algorithm>
#include <iterator>

namespace assay {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Both tables are sorted. They cover the blocks that occur in model output; a character that is
// missing here is merely one column off in a table.
constexpr Range kZeroWidth[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD},   {0x0610, 0x061A},   {0x064B, 0x065F},
    {0x06D6, 0x06DC}, {0x0900, 0x0902}, {0x093C, 0x093C},   {0x0941, 0x0948},   {0x094D, 0x094D},
    {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E},   {0x1AB0, 0x1AFF},   {0x1DC0, 0x1DFF},
    {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x206F},   {0x20D0, 0x20F0},   {0xFE00, 0xFE0F},
    {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0x1F3FB, 0x1F3FF}, {0xE0000, 0xE01EF},
};
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x25FD, 0x25FE},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},   {0x2705, 0x2705},
    {0x270A, 0x270B},   {0x2728, 0x2728},   {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2795, 0x2797},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},
    {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},
    {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6},   {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A},
    {0x1F200, 0x1F320}, {0x1F32D, 0x1F335}, {0x1F337, 0x1F37C}, {0x1F37E, 0x1F393}, {0x1F3A0, 0x1F3FA},
    {0x1F400, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F7E0, 0x1F7EB}, {0x1F900, 0x1F9FF}, {0x1FA70, 0x1FAFF},
    {0x20000, 0x3FFFD},
};
// What must not reach a terminal as it is.
constexpr Range kUnsafe[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x00AD, 0x00AD},   {0x061C, 0x061C},
    {0x180E, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E},   {0x2060, 0x206F},
    {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
};

template <std::size_t N>
bool in(const Range (&table)[N], char32_t c) {
  const auto* it = std::upper_bound(std::begin(table), std::end(table), c,
                                    [](char32_t value, const Range& r) { return value < r.first; });
  return it != std::begin(table) && c <= std::prev(it)->last;
}

std::size_t width_of(char32_t c) {
  if (c < 0x300) return 1;
  if (in(kZeroWidth, c)) return 0;
  return in(kWide, c) ? 2 : 1;
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += kDigits[(value >> shift) & 15];
}

void append_escaped(std::string& out, char32_t c) {
  if (c == '\n') {
    out += "\\n";
    return;
  }
  if (c == '\r') {
    out += "\\r";
    return;
  }
  if (c == '\t') {
    out += "\\t";
    return;
  }
  const int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
  out += digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U";
  append_hex(out, c, digits);
}

unsigned char byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

}  // namespace

CodePoint decode_utf8(std::string_view text, std::size_t at) {
  const unsigned char lead = byte_at(text, at);
  if (lead < 0x80) return {lead, 1, true};
  if (lead < 0xC2 || lead > 0xF4) return {};
  const std::uint8_t need = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  // The second byte's range excludes overlong forms, surrogates and what lies above U+10FFFF.
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  char32_t value = lead & (0xFFu >> (need + 1));
  for (std::uint8_t k = 1; k < need; ++k) {
    if (at + k >= text.size()) return {kReplacementCharacter, k, false};
    const unsigned char b = byte_at(text, at + k);
    const bool fits = k == 1 ? b >= low && b <= high : b >= 0x80 && b <= 0xBF;
    if (!fits) return {kReplacementCharacter, k, false};
    value = (value << 6) | (b & 0x3Fu);
  }
  return {value, need, true};
}

void append_utf8(std::string& out, char32_t value) {
  if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) value = kReplacementCharacter;
  const auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (value < 0x80) {
    put(value);
  } else if (value < 0x800) {
    put(0xC0 | (value >> 6));
    put(0x80 | (value & 0x3F));
  } else if (value < 0x10000) {
    put(0xE0 | (value >> 12));
    put(0x80 | ((value >> 6) & 0x3F));
    put(0x80 | (value & 0x3F));
  } else {
    put(0xF0 | (value >> 18));
    put(0x80 | ((value >> 12) & 0x3F));
    put(0x80 | ((value >> 6) & 0x3F));
    put(0x80 | (value & 0x3F));
  }
}

bool is_valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint p = decode_utf8(text, i);
    if (!p.valid) return false;
    i += p.size;
  }
  return true;
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint p = decode_utf8(text, i);
    if (p.valid) {
      out.append(text.substr(i, p.size));
    } else {
      append_utf8(out, kReplacementCharacter);
    }
    i += p.size;
  }
  return out;
}

std::string_view truncate_utf8(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  // A code point has at most three continuation bytes before the cut.
  for (std::size_t back = 0; back < 4 && back < max_bytes; ++back) {
    const std::size_t start = max_bytes - back - 1;
    const CodePoint p = decode_utf8(text, start);
    if (p.valid || p.size > 1) {
      return text.substr(0, start + p.size <= max_bytes ? max_bytes : start);
    }
    if ((byte_at(text, start) & 0xC0u) != 0x80u) break;  // not a continuation byte: nothing is split
  }
  return text.substr(0, max_bytes);
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint p = decode_utf8(text, i);
    if (!p.valid) {
      for (std::uint8_t k = 0; k < p.size; ++k) {
        out += "\\x";
        append_hex(out, byte_at(text, i + k), 2);
      }
    } else if (in(kUnsafe, p.value)) {
      append_escaped(out, p.value);
    } else {
      out.append(text.substr(i, p.size));
    }
    i += p.size;
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint p = decode_utf8(text, i);
    width += width_of(p.value);
    i += p.size;
  }
  return width;
}

std::string fit_columns(std::string_view text, std::size_t columns) {
  std::size_t width = 0;
  std::size_t keep = 0;  // bytes that leave a column for the ellipsis
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint p = decode_utf8(text, i);
    width += width_of(p.value);
    i += p.size;
    if (width + 1 <= columns) keep = i;
    if (width > columns) {
      return columns == 0 ? std::string() : std::string(text.substr(0, keep)) + "\xE2\x80\xA6";
    }
  }
  return std::string(text);
}

}  // namespace assay
