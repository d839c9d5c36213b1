// Text as Python sees it: characters are code points, white space is Unicode's.
//
// REQUIRES: valid UTF-8 throughout. Linear in the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace assay::jinja {

bool is_space(char32_t);

std::string_view strip_left(std::string_view text);
std::string_view strip_right(std::string_view text);
// Any of the characters of `set`, as str.strip(set).
std::string_view strip_left(std::string_view text, std::string_view set);
std::string_view strip_right(std::string_view text, std::string_view set);
std::size_t space_at(std::string_view text, std::size_t at);  // bytes of white space that start at byte `at`

bool is_ascii(std::string_view text);
std::size_t count_characters(std::string_view text);
std::vector<std::string_view> characters(std::string_view text);

// The first occurrence at or after `from`, or npos; linear, unlike std::string's.
std::size_t find_text(std::string_view text, std::string_view needle, std::size_t from = 0);

std::string lower(std::string_view text);
std::string upper(std::string_view text);
std::string capitalize(std::string_view text);  // first character upper, the rest lower
std::string title(std::string_view text);       // str.title(): every run of letters
bool is_letter(std::string_view character);

}  // namespace assay::jinja
