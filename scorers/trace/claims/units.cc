#include "scorers/trace/claims/units.h"

namespace assay::trace {
namespace {

struct Row {
  std::string_view name;  // lower case, without a plural's "s"
  int kind;
};
constexpr Row kUnits[] = {
    {"second", 1},   {"sec", 1},       {"minute", 1}, {"min", 1},      {"hour", 1},       {"hr", 1},
    {"day", 1},      {"week", 1},      {"month", 1},  {"year", 1},     {"inch", 2},       {"inche", 2},
    {"foot", 2},     {"feet", 2},      {"yard", 2},   {"mile", 2},     {"millimeter", 2}, {"centimeter", 2},
    {"meter", 2},    {"kilometer", 2}, {"mm", 2},     {"cm", 2},       {"km", 2},         {"ft", 2},
    {"ounce", 3},    {"oz", 3},        {"pound", 3},  {"lb", 3},       {"ton", 3},        {"gram", 3},
    {"kilogram", 3}, {"kg", 3},        {"mg", 3},     {"teaspoon", 4}, {"tablespoon", 4}, {"cup", 4},
    {"pint", 4},     {"quart", 4},     {"gallon", 4}, {"liter", 4},    {"litre", 4},      {"milliliter", 4},
    {"ml", 4},       {"cent", 5},      {"dollar", 5}, {"penny", 5},    {"pennie", 5},     {"nickel", 5},
    {"dime", 5},     {"quarter", 5},   {"decade", 1}, {"score", 6},    {"dozen", 6},      {"mph", 7},
    {"kph", 7},
};

}  // namespace

UnitName unit_of(std::string_view word) {
  char small[16];
  if (word.size() > sizeof small) return {};
  for (std::size_t i = 0; i < word.size(); ++i) {
    small[i] = word[i] >= 'A' && word[i] <= 'Z' ? static_cast<char>(word[i] + 32) : word[i];
  }
  std::string_view name(small, word.size());
  for (int plural = 0; plural < 2; ++plural) {
    for (const Row& row : kUnits) {
      if (row.name == name) return {row.kind, static_cast<int>(&row - kUnits) + 1};
    }
    if (name.empty() || name.back() != 's') break;
    name.remove_suffix(1);
  }
  return {};
}

}  // namespace assay::trace
