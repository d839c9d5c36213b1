#include "scorers/math/words.h"

#include "scorers/math/token.h"

namespace assay::math {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string plain_words(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      std::size_t end = i + 1;
      while (end < text.size() && is_letter(text[end])) ++end;
      const std::string_view name = text.substr(i + 1, end - i - 1);
      if (name.empty()) continue;                     // an escaped sign, or a space
      if (is_text_command(name) || is_layout_command(name)) {
        out += ' ';
        i = end - 1;
        continue;
      }
      out += std::string(text.substr(i, end - i));
      i = end - 1;
      continue;
    }
    if (c == '$' || c == '{' || c == '}' || c == '"' || c == '`' || c == '*' || c == '\'') continue;
    out += c == '\t' || c == '\n' || c == '\r' || c == '~' ? ' ' : c;
  }
  std::string words;
  for (const char c : out) {
    if (c == ' ' && (words.empty() || words.back() == ' ')) continue;
    words += c;
  }
  while (!words.empty() && (words.back() == ' ' || words.back() == '.' || words.back() == '!')) words.pop_back();
  if (words.size() > 2 && words.front() == '(' && words.back() == ')' && words.find('(', 1) == std::string::npos) {
    words = words.substr(1, words.size() - 2);
  }
  if (words.size() == 1) return words;
  for (char& c : words) c = lower(c);
  return words;
}

const char* number_word(std::string_view word) {
  static constexpr struct {
    std::string_view word;
    const char* digits;
  } kWords[] = {{"zero", "0"}, {"one", "1"}, {"two", "2"}, {"three", "3"}, {"four", "4"}, {"five", "5"}, {"six", "6"},
                {"seven", "7"}, {"eight", "8"}, {"nine", "9"}, {"ten", "10"}, {"eleven", "11"}, {"twelve", "12"},
                {"thirteen", "13"}, {"fourteen", "14"}, {"fifteen", "15"}, {"sixteen", "16"}, {"seventeen", "17"},
                {"eighteen", "18"}, {"nineteen", "19"}, {"twenty", "20"}, {"thirty", "30"}, {"forty", "40"},
                {"fifty", "50"}, {"hundred", "100"}, {"one hundred", "100"}, {"one half", "0.5"}, {"half", "0.5"}};
  for (const auto& w : kWords) {
    if (w.word == word) return w.digits;
  }
  return nullptr;
}

bool is_option(std::string_view letter, std::string_view text) {
  if (letter.size() != 1 || letter[0] < 'A' || letter[0] > 'J') return false;
  const char small = lower(letter[0]);
  if (text.size() >= 3 && text[0] == '(' && text[1] == small && text[2] == ')') return true;
  return text.size() >= 3 && text[0] == small && (text[1] == ' ' || text[1] == ')' || text[1] == '.' || text[1] == ':');
}

}  // namespace assay::math
