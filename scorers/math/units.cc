#include "scorers/math/units.h"

#include <algorithm>
#include <iterator>

namespace assay::math {
namespace {

struct UnitRow {
  std::string_view spelling;
  std::string_view name;
};
constexpr UnitRow kSpellings[] = {
    {"centimeter", "cm"}, {"centimetre", "cm"}, {"cms", "cm"}, {"millimeter", "mm"}, {"millimetre", "mm"},
    {"meter", "m"}, {"metre", "m"}, {"kilometer", "km"}, {"kilometre", "km"}, {"kms", "km"}, {"inch", "in"},
    {"inche", "in"}, {"foot", "ft"}, {"feet", "ft"}, {"yard", "yd"}, {"yds", "yd"}, {"mile", "mi"}, {"second", "s"}, {"sec", "s"},
    {"secs", "s"}, {"minute", "min"}, {"mins", "min"}, {"hour", "h"}, {"hr", "h"}, {"hrs", "h"}, {"gram", "g"}, {"kilogram", "kg"}, {"kgs", "kg"},
    {"milligram", "mg"}, {"pound", "lb"}, {"lbs", "lb"}, {"ounce", "oz"}, {"liter", "l"}, {"litre", "l"},
    {"milliliter", "ml"}, {"millilitre", "ml"}, {"dollar", "$"}, {"usd", "$"}, {"buck", "$"}, {"cent", "cent"},
    {"mph", "mi/h"}, {"kph", "km/h"}, {"kmh", "km/h"}, {"degree", "deg"}, {"radian", "rad"},
};
struct ValueRow {
  std::string_view name;
  UnitValue value;
};
constexpr ValueRow kValues[] = {
    {"mm", {"length", 1, 1000}}, {"cm", {"length", 1, 100}}, {"m", {"length", 1, 1}}, {"km", {"length", 1000, 1}},
    {"in", {"length", 254, 10000}}, {"ft", {"length", 3048, 10000}}, {"yd", {"length", 9144, 10000}},
    {"mi", {"length", 1609344, 1000}}, {"s", {"time", 1, 1}}, {"min", {"time", 60, 1}}, {"h", {"time", 3600, 1}},
    {"day", {"time", 86400, 1}}, {"week", {"time", 604800, 1}}, {"mg", {"mass", 1, 1000000}}, {"g", {"mass", 1, 1000}},
    {"kg", {"mass", 1, 1}}, {"ml", {"volume", 1, 1000}}, {"l", {"volume", 1, 1}}, {"$", {"money", 1, 1}},
    {"cent", {"money", 1, 100}}, {"lb", {"pounds", 1, 1}}, {"oz", {"pounds", 1, 16}},
};
constexpr std::string_view kHedges[] = {"about", "approximately", "approx", "roughly", "around", "exactly"};
constexpr std::string_view kNoUnits[] = {
    "or", "and", "less", "more", "than", "not", "is", "are", "if", "least", "most", "from", "between", "incorrect",
    "to", "when", "where", "for", "with", "because", "since", "so", "thus", "but", "only", "then", "which", "that",
    "the", "correct", "wrong", "no", "approaching", "was", "can", "cannot", "will", "of", "at", "positive", "negative", "by",
    "greater", "fewer", "exceeding", "until", "except", "there", "such", "does", "has", "have", "into", "on", "we", "it"};

template <typename Rows>
bool holds(const Rows& rows, std::string_view word) {
  return std::find(std::begin(rows), std::end(rows), word) != std::end(rows);
}

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string one_name(std::string word) {
  const auto find = [](std::string_view w) -> std::string_view {
    for (const UnitRow& r : kSpellings) {
      if (r.spelling == w) return r.name;
    }
    return {};
  };
  if (const auto name = find(word); !name.empty()) return std::string(name);
  if (word.size() > 3 && word.back() == 's' && word[word.size() - 2] != 's') word.pop_back();
  if (const auto name = find(word); !name.empty()) return std::string(name);
  return word;
}

}  // namespace

bool is_hedge(std::string_view word) { return holds(kHedges, lower(word)); }
bool is_no_unit(std::string_view word) { return holds(kNoUnits, lower(word)); }

const char* scale_word(std::string_view unit) {
  const std::string_view first = unit.substr(0, unit.find(' '));
  if (first == "hundred") return "100";
  if (first == "thousand") return "1000";
  if (first == "million" || first == "millions") return "1000000";
  if (first == "billion" || first == "billions") return "1000000000";
  if (first == "trillion") return "1000000000000";
  return nullptr;
}

std::string unit_name(std::string_view unit) {
  std::string out;
  std::string word;
  std::string joined = lower(unit);
  joined += ' ';
  for (const char c : joined) {
    if (c != ' ' && c != '/' && c != '^' && c != '*') {
      word += c;
      continue;
    }
    if (word == "per") {
      out += '/';
    } else if (word == "square" || word == "sq") {
      out += "2:";
    } else if (word == "cubic" || word == "cu") {
      out += "3:";
    } else if (!word.empty()) {
      if (!out.empty() && out.back() != '/' && out.back() != ':' && out.back() != '^') out += ' ';
      out += one_name(word);
    }
    if (c == '/' || c == '^') out += c;
    word.clear();
  }
  for (const char* digit : {"2", "3"}) {
    const std::size_t at = out.find(std::string("^") + digit);
    if (at != std::string::npos && out.find(':') == std::string::npos) {
      out = std::string(digit) + ":" + out.substr(0, at) + out.substr(at + 2);
    }
  }
  return out;
}

std::optional<UnitValue> unit_value(std::string_view name) {
  for (const ValueRow& r : kValues) {
    if (r.name == name) return r.value;
  }
  return std::nullopt;
}

bool is_unit_letter(std::string_view letter) {
  static constexpr std::string_view kLetters[] = {"m", "g", "s", "h", "L", "J", "W", "N", "V", "K"};
  return holds(kLetters, letter);
}

}  // namespace assay::math
