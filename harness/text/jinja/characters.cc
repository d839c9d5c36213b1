#include "harness/text/jinja/characters.h"

#include <algorithm>
#include <cstring>

#include "harness/base/unicode.h"
#include "harness/base/utf8.h"

namespace assay::jinja {
namespace {

bool contains_character(std::string_view set, std::string_view character) {
  for (std::size_t i = 0; i < set.size(); i += decode_utf8(set, i).size) {
    if (set.substr(i, character.size()) == character) return true;
  }
  return false;
}

std::size_t last_start(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

}  // namespace

bool is_space(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

std::size_t space_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size()) {
    const CodePoint p = decode_utf8(text, end);
    if (!is_space(p.value)) break;
    end += p.size;
  }
  return end - at;
}

std::string_view strip_left(std::string_view text) {
  text.remove_prefix(space_at(text, 0));
  return text;
}

std::string_view strip_right(std::string_view text) {
  while (!text.empty()) {
    const std::size_t last = last_start(text);
    if (!is_space(decode_utf8(text, last).value)) break;
    text = text.substr(0, last);
  }
  return text;
}

std::string_view strip_left(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    const std::size_t size = decode_utf8(text, 0).size;
    if (!contains_character(set, text.substr(0, size))) break;
    text.remove_prefix(size);
  }
  return text;
}

std::string_view strip_right(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    const std::size_t last = last_start(text);
    if (!contains_character(set, text.substr(last))) break;
    text = text.substr(0, last);
  }
  return text;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> all;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = decode_utf8(text, i).size;
    all.push_back(text.substr(i, size));
    i += size;
  }
  return all;
}

std::size_t find_text(std::string_view text, std::string_view needle, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  if (needle.empty()) return from;
  const void* hit = memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
  return hit == nullptr ? std::string_view::npos
                        : static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
}

std::string lower(std::string_view text) {
  if (!is_ascii(text)) return change_case(text, LetterCase::lower);
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::string upper(std::string_view text) {
  if (!is_ascii(text)) return change_case(text, LetterCase::upper);
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

std::string capitalize(std::string_view text) {
  if (text.empty()) return {};
  const std::size_t first = decode_utf8(text, 0).size;
  return change_case(text.substr(0, first), LetterCase::title).append(lower(text.substr(first)));
}

bool is_letter(std::string_view character) {
  return !character.empty() && (char_class_of(decode_utf8(character, 0).value) & char_class::kLetter) != 0;
}

std::string title(std::string_view text) {
  std::string out;
  bool within = false;
  for (const std::string_view c : characters(text)) {
    out += within ? lower(c) : change_case(c, LetterCase::title);
    within = is_letter(c);
  }
  return out;
}

}  // namespace assay::jinja
