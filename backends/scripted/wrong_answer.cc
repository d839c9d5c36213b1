#include "backends/scripted/wrong_answer.h"

#include <cctype>

namespace assay {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 && static_cast<unsigned char>(c) < 128;
}

std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

constexpr std::string_view kPairs[][2] = {
    {"true", "false"},   {"True", "False"},        {"yes", "no"},
    {"Yes", "No"},       {"valid", "invalid"},     {"Valid", "Invalid"},
    {"knight", "knave"}, {"Knight", "Knave"},      {"plausible", "implausible"},
    {"left", "right"},   {"sarcastic", "literal"},
};

// Replaces the first whole word that has an opposite.
bool flip_word(std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    if (!letter(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && letter(text[end])) ++end;
    const std::string_view word = std::string_view(text).substr(i, end - i);
    for (const auto& pair : kPairs) {
      for (const int side : {0, 1}) {
        if (word != pair[side]) continue;
        text.replace(i, end - i, pair[1 - side]);
        return true;
      }
    }
    i = end;
  }
  return false;
}

// "B", "(B)" and "B." become another of the first options.
bool other_letter(std::string& text, Rng& rng) {
  std::size_t at = std::string::npos;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!letter(text[i])) {
      if (text[i] != '(' && text[i] != ')' && text[i] != '.' && text[i] != ' ') return false;
      continue;
    }
    if (at != std::string::npos) return false;
    at = i;
  }
  if (at == std::string::npos) return false;
  const char base = text[at] >= 'a' ? 'a' : 'A';
  const char now = text[at];
  do {
    text[at] = static_cast<char>(base + rng.uniform(0, 3));
  } while (text[at] == now);
  return true;
}

// Shifts the first run of digits, which changes integers, decimals, fractions, formulas and lists.
bool other_number(std::string& text, Rng& rng) {
  std::size_t begin = 0;
  while (begin < text.size() && !digit(text[begin])) ++begin;
  if (begin == text.size()) return false;
  std::size_t end = begin;
  while (end < text.size() && digit(text[end]) && end - begin < 15) ++end;
  const std::int64_t value = std::stoll(text.substr(begin, end - begin));
  std::int64_t shifted = value + rng.uniform(1, 9);
  if (value > 9 && rng.chance(0.5)) shifted = value - rng.uniform(1, 9);
  text.replace(begin, end - begin, std::to_string(shifted));
  return true;
}

// "a, b, c" becomes "b, a, c".
bool swap_items(std::string& text) {
  const std::size_t comma = text.find(", ");
  if (comma == std::string::npos || comma == 0) return false;
  const std::size_t end = std::min(text.find(", ", comma + 2), text.size());
  const std::string first = text.substr(0, comma);
  const std::string second = text.substr(comma + 2, end - comma - 2);
  if (first == second) return false;
  text.replace(0, end, second + ", " + first);
  return true;
}

bool lengthen_literal(std::string& text) {
  if (text.size() < 2) return false;
  const char open = text.front();
  const char close = text.back();
  if ((open == '\'' || open == '"') && close == open) {
    text.back() = 'x';
    text += close;
  } else if (open == '[' && close == ']') {
    text.pop_back();
    text += text.size() == 1 ? "0]" : ", 0]";
  } else if (text == "{}") {
    text = "{0: 0}";
  } else {
    return false;
  }
  return true;
}

std::string other_word(Rng& rng) {
  static constexpr std::string_view kWords[] = {"Robin", "blue",           "seven",
                                                "north", "the second one", "a circle"};
  return std::string(kWords[rng.uniform(0, 5)]);
}

std::string variation(const std::string& target, Rng& rng) {
  if (is_code(target)) return "def solution(*args):\n    return None";
  std::string text = target;
  if (flip_word(text) || other_letter(text, rng) || other_number(text, rng) || swap_items(text) ||
      lengthen_literal(text)) {
    return text;
  }
  for (const char c : text) {
    if (letter(c)) return other_word(rng);
  }
  return text.empty() ? other_word(rng) : text + " )";  // brackets and signs: one too many
}

}  // namespace

bool is_code(std::string_view target) { return target.find('\n') != std::string_view::npos; }

std::string wrong_answer(const std::vector<std::string>& targets, Rng& rng) {
  for (int tries = 0; tries < 8 && !targets.empty(); ++tries) {
    std::string candidate = variation(targets.front(), rng);
    bool differs = true;
    for (const std::string& target : targets) differs = differs && folded(target) != folded(candidate);
    if (differs) return candidate;
  }
  return "none of these";
}

}  // namespace assay
