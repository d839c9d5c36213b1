#include "scorers/answer/number_words.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "scorers/answer/ascii.h"
#include "scorers/answer/number_text.h"

namespace assay::answer {
namespace {

// A sentence with one of these says something else about its number than that it is the answer.
constexpr std::string_view kDoubt[] = {
    "not",    "no",      "never",   "cannot",   "neither",  "nor",     "than",      "least",     "most",
    "between", "or",     "half",    "dozen",    "one",      "two",     "three",     "four",      "five",
    "six",    "seven",   "eight",   "nine",     "ten",      "eleven",  "twelve",    "twenty",    "twice",
    "double", "triple",  "hundred", "thousand", "million",  "billion", "trillion",  "isn",       "t",
    "wrong",  "unless",  "except",  "plus",     "minus",    "times",   "about",     "roughly",   "almost",
    "nearly", "if",      "x",       "y",        "n",        "error",   "mistake",   "incorrect", "sorry",
    "wait",   "should",  "divided", "modulo",   "multiplied"};

// In front of a number: functions of it.
constexpr std::string_view kFunctions[] = {
    "square", "squared", "root", "cube", "cubed", "sqrt", "cbrt", "reciprocal", "inverse", "factorial",
    "log",    "ln",      "exp",  "sin",  "cos",   "tan",  "abs",  "negation",   "opposite", "power",
    "multiple", "multiples", "factor", "factors", "divisor", "modulus", "logarithm", "sine", "cosine",
    "tangent", "floor", "ceiling", "ceil"};

// Straight in front of a number: bounds.
constexpr std::string_view kBounds[] = {"over",  "under", "below",  "above",   "less",  "more",   "fewer",
                                        "then",  "past",  "beyond", "exceeds", "upto",  "within", "before",
                                        "after", "until", "around", "maximum", "minimum", "exceeding",
                                        "max",   "min"};

constexpr std::string_view kTakesBack[] = {"no",    "or",   "wait", "actually", "sorry",  "hmm",
                                           "oops",  "but",  "correction", "rather", "scratch", "nope"};

template <std::size_t N>
bool contains(const std::string_view (&list)[N], std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

// The word of letters from `at` on, in lower case.
std::string word_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_letter(text[end])) ++end;
  return lower(text.substr(at, end - at));
}

template <typename Visit>
bool any_word(std::string_view text, Visit visit) {
  for (std::size_t i = 0; i < text.size();) {
    if (!is_letter(text[i])) {
      ++i;
      continue;
    }
    const std::string word = word_at(text, i);
    if (visit(word, i)) return true;
    i += word.size();
  }
  return false;
}

// The last word, and the text in front of it.
std::string last_word(std::string_view& text) {
  while (!text.empty() && !is_letter(text.back())) text.remove_suffix(1);
  std::size_t begin = text.size();
  while (begin > 0 && is_letter(text[begin - 1])) --begin;
  std::string word = lower(text.substr(begin));
  text = text.substr(0, begin);
  return word;
}

// A sign of mathematics or Greek straight in front of the number: at least, plus or minus, root; a dash.
bool behind_sign(std::string_view before) {
  before = trim(before);
  std::size_t lead = before.size();
  while (lead > 0 && (static_cast<unsigned char>(before[lead - 1]) & 0xC0) == 0x80) --lead;
  if (lead == before.size() || lead == 0) return false;
  const std::string_view sign = before.substr(lead - 1);
  const bool quote = sign == "\xE2\x80\x9C" || sign == "\xE2\x80\x98";
  const bool arrow = sign.substr(0, 2) == "\xE2\x86";
  const auto byte = static_cast<unsigned char>(sign[0]);
  return (byte == 0xE2 || byte == 0xC2 || byte == 0xCE || byte == 0xCF) && !quote && !arrow;
}

bool bounded(std::string_view before) {
  const std::string last = last_word(before);
  if (contains(kBounds, last)) return true;
  if (last != "to" || last_word(before) != "up") return false;
  const std::string verb = last_word(before);  // "adds up to 18" is no bound
  return verb.substr(0, 3) != "add" && verb.substr(0, 3) != "sum";
}

}  // namespace

bool clause_takes_back(std::string_view text) {
  constexpr std::string_view kMarks = ".,;!?:(";
  constexpr std::string_view kBetween = " *_\"'";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kMarks.find(text[i]) == std::string_view::npos) continue;
    std::size_t next = i + 1;
    while (next < text.size() && kBetween.find(text[next]) != std::string_view::npos) ++next;
    if (contains(kTakesBack, word_at(text, next))) return true;
    i = next - 1;
  }
  std::string previous;
  return any_word(text, [&previous](const std::string& word, std::size_t) {
    const bool found = previous == "should" && word == "be";
    previous = word;
    return found;
  });
}

bool is_name(std::string_view text) {
  constexpr std::string_view kOther = " $*_`\"'():%#,.{}";
  bool letter = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool inner = i > 0 && is_letter(text[i - 1]) && i + 1 < text.size() && is_letter(text[i + 1]);
    letter = letter || is_letter(c);
    if (c == '-' && inner && i > 1 && is_letter(text[i - 2])) continue;  // "pre-tax"
    if (c == '(' && i > 0 && is_letter(text[i - 1])) return false;       // f(x)
    if (c == '*' && i > 0 && text[i - 1] == ' ' && i + 1 < text.size() && text[i + 1] == ' ') return false;
    if (c == '*' && inner) return false;
    if (!is_letter(c) && kOther.find(c) == std::string_view::npos && static_cast<unsigned char>(c) < 0x80)
      return false;
  }
  return letter &&
         !any_word(text, [](const std::string& word, std::size_t) { return contains(kFunctions, word); });
}

bool is_computation(std::string_view text) {
  const std::size_t last = text.rfind('=');
  const bool chain = last != std::string_view::npos;
  const std::string_view part = chain ? text.substr(last + 1) : text;
  if (part.find_first_of("0123456789") == std::string_view::npos) return false;
  if (text.find_first_of("<>|;^") != std::string_view::npos) return false;
  for (std::size_t i = 0; i + 1 < part.size(); ++i) {
    if (part[i] == ',' && !is_digit(part[i + 1])) return false;
  }
  return !any_word(part, [part](const std::string& word, std::size_t at) {
    if (word == "and" || word == "or" || contains(kFunctions, word)) return true;
    if (word.size() > 1) return false;
    return word != "x" || at == 0 || part[at - 1] != ' ' || part.substr(at + 1, 1) != " ";  // 9 x 2
  });
}

bool says_just_the_number(std::string_view before, std::string_view after) {
  const auto doubt = [](const std::string& word, std::size_t) { return contains(kDoubt, word); };
  const auto function = [](const std::string& word, std::size_t) { return contains(kFunctions, word); };
  if (any_word(before, doubt) || any_word(after, doubt)) return false;
  if (any_word(before, function) || bounded(before) || behind_sign(before)) return false;
  const std::size_t next = after.find_first_not_of(" *\"'");
  if (next == std::string_view::npos) return true;
  const std::string word = word_at(after, next);
  if (word.size() == 1) return is_unit_word(after.substr(next, 1), WordPlace::first);  // "18 e"
  return !is_scale_word(word);
}

}  // namespace assay::answer
