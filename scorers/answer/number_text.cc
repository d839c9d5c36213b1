#include "scorers/answer/number_text.h"

#include <algorithm>
#include <iterator>

#include "scorers/answer/ascii.h"

namespace assay::answer {
namespace {

struct Replacement {
  std::string_view from;
  std::string_view to;
};

// In the order of trial: a longer spelling before its own prefix.
constexpr Replacement kReplacements[] = {
    {"\xE2\x88\x92", "-"},
    {"\xE2\x80\x93", "-"},
    {"\xE2\x80\x90", "-"},
    {"\xE2\x80\x91", "-"},
    {"\xE2\x80\x94", " ; "},  // a dash between clauses
    {"\xE2\x80\xA6", "..."},
    {"\xE2\x89\x88", " approximately "},
    {"\xEF\xBC\x8D", "-"},
    {"\xEF\xB9\xA3", "-"},
    {"\xEF\xBC\x90", "0"},
    {"\xEF\xBC\x91", "1"},
    {"\xEF\xBC\x92", "2"},
    {"\xEF\xBC\x93", "3"},
    {"\xEF\xBC\x94", "4"},
    {"\xEF\xBC\x95", "5"},
    {"\xEF\xBC\x96", "6"},
    {"\xEF\xBC\x97", "7"},
    {"\xEF\xBC\x98", "8"},
    {"\xEF\xBC\x99", "9"},
    {"\xC2\xA0", " "},
    {"\xE2\x80\xAF", " "},
    {"\xE2\x80\x89", " "},
    {"\xE2\x80\x82", " "},
    {"\xE2\x80\x83", " "},
    {"\xE3\x80\x80", " "},
    {"\xC3\x97", "*"},
    {"\xE2\x8B\x85", "*"},
    {"\xC2\xB7", "*"},
    {"\xC3\xB7", "/"},
    {"\xE2\x81\x84", "/"},
    {"\xC2\xA3", "$"},
    {"\xC2\xA5", "$"},
    {"\xE2\x82\xAC", "$"},
    {"\xE2\x82\xB9", "$"},
    {"\xC2\xA2", " cents"},
    {"\xC2\xB0", " "},
    {"\xC2\xB2", "^2"},
    {"\xC2\xB3", "^3"},
    {"\xC2\xBD", " 1/2"},
    {"\xC2\xBC", " 1/4"},
    {"\xC2\xBE", " 3/4"},
    {"\xE2\x80\x9C", "\""},
    {"\xE2\x80\x9D", "\""},
    {"\xE2\x80\x98", "'"},
    {"\xE2\x80\x99", "'"},
    {"\\dfrac", "\\frac"},
    {"\\tfrac", "\\frac"},
    {"\\cfrac", "\\frac"},
    {"\\times", "*"},
    {"\\cdot", "*"},
    {"\\div", "/"},
    {"\\textbf", ""},
    {"\\textit", ""},
    {"\\text", ""},
    {"\\mathrm", ""},
    {"\\mathbf", ""},
    {"\\mbox", ""},
    {"\\boxed", ""},
    {"\\fbox", ""},
    {"\\displaystyle", ""},
    {"\\left", ""},
    {"\\right", ""},
    {"\\quad", " "},
    {"^{\\circ}", " "},
    {"^\\circ", " "},
    {"\\degree", " "},
    {"\\$", "$"},
    {"\\%", "%"},
    {"\\,", " "},
    {"\\;", " "},
    {"\\:", " "},
    {"\\!", ""},
    {"\\ ", " "},
    {"\\(", " "},
    {"\\)", " "},
    {"\\[", " "},
    {"\\]", " "},
    {"{,}", ","},
    {"~", " "},
};

const Replacement* replacement_at(std::string_view rest) {
  const unsigned char c = static_cast<unsigned char>(rest[0]);
  if (c < 0x80 && c != '\\' && c != '{' && c != '^' && c != '~') return nullptr;
  const auto* found =
      std::find_if(std::begin(kReplacements), std::end(kReplacements), [rest](const Replacement& r) {
        if (rest.substr(0, r.from.size()) != r.from) return false;
        // "\text" is not "\texture".
        const bool command = r.from[0] == '\\' && is_letter(r.from.back());
        return !command || rest.size() == r.from.size() || !is_letter(rest[r.from.size()]);
      });
  return found == std::end(kReplacements) ? nullptr : found;
}

// Words that say that the number is not the whole value.
constexpr std::string_view kNotUnits[] = {
    "and",  "or",     "to",     "plus",   "minus",   "times",    "over",      "but",     "if",
    "than", "dozen",  "dozens", "half",   "quarter", "third",    "remainder", "between", "either",
    "not",  "nor",    "vs",     "versus", "hundred", "thousand", "million",   "billion", "trillion",
    "one",  "two",    "three",  "four",   "five",    "six",      "seven",     "eight",   "nine",
    "ten",  "eleven", "twelve", "twenty", "pi",      "squared",  "cubed",     "mod",     "factorial",
    "more", "less",   "fewer",  "left",   "equals",  "equal",    "is",        "isn",     "are",
    "was",  "should", "wrong",  "wait",   "no",      "incorrect"};

// Words that multiply or otherwise change the number in front of them, and are no power of ten read here.
constexpr std::string_view kScaleWords[] = {
    "hundreds", "thousands", "millions", "billions", "trillions", "bn",      "mn",     "mln",
    "mil",      "bln",       "tn",       "k",        "lakh",      "lakhs",   "crore",  "crores",
    "dozen",    "dozens",    "gross",    "half",     "halves",    "third",   "thirds", "quarter",
    "fourths",  "fifths",    "sixths",   "sevenths", "eighths",   "ninths",  "tenths", "hundredths",
    "pi",       "squared",   "cubed",    "factorial", "mod",      "modulo",  "choose", "times",
    "plus",     "minus",     "hundred",  "thousand", "million",   "billion", "trillion"};

// A letter by itself is a variable unless it is one of these, and in front of the number they say so.
constexpr std::string_view kLetterUnits[] = {"m", "g", "s", "h", "l", "c", "f", "v", "w", "n", "j", "t", "a"};
constexpr std::string_view kAttachedUnits[] = {
    "m",   "g",   "s",   "h",  "l",   "L",   "C",   "F",   "V",   "W",   "J",   "N",   "km",  "cm", "mm",
    "nm",  "kg",  "mg",  "lb", "lbs", "oz",  "ft",  "yd",  "mi",  "in",  "hr",  "hrs", "min", "ms", "sec",
    "ml",  "mL",  "cl",  "gb", "mb",  "kb",  "tb",  "GB",  "MB",  "KB",  "TB",  "mph", "kph", "kmh", "rpm",
    "am",  "pm",  "AM",  "PM", "st",  "nd",  "rd",  "th",  "usd", "USD", "EUR", "GBP", "INR", "cal", "pts",
    "pt",  "pcs", "deg", "cc", "Hz",  "kHz", "MHz", "kW",  "kWh", "MW",  "sq",  "cu",  "yr",  "yrs", "mpg"};

template <std::size_t N>
bool contains(const std::string_view (&list)[N], std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

}  // namespace

std::string normalize_number_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Replacement* r = replacement_at(text.substr(i));
    if (r != nullptr) {
      out += r->to;
      i += r->from.size();
    } else {
      out += is_space(text[i]) ? ' ' : text[i];
      ++i;
    }
  }
  return out;
}

bool is_unit_word(std::string_view word, WordPlace place) {
  const std::string small = lower(word);
  if (word.size() <= 3 && place == WordPlace::attached) return contains(kAttachedUnits, word);
  if (word.size() == 1) {
    if (word[0] >= 'A' && word[0] <= 'Z' && place == WordPlace::first)
      return contains(kAttachedUnits, word);  // "18 M" is a million of something
    return contains(kLetterUnits, small) && !(place == WordPlace::first && (word == "n" || word == "j"));
  }
  return !contains(kNotUnits, small) && !contains(kScaleWords, small) && word.size() <= 24;
}

bool is_scale_word(std::string_view word) { return contains(kScaleWords, word); }

int scale_of(std::string_view word) {
  if (word == "hundred") return 2;
  if (word == "thousand") return 3;
  if (word == "million") return 6;
  if (word == "billion") return 9;
  if (word == "trillion") return 12;
  return 0;
}

}  // namespace assay::answer
