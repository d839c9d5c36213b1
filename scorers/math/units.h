// Words beside a value: units, scales, hedges.
//
// Pure. Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay::math {

bool is_hedge(std::string_view word);     // "about", "approximately": may stand before a value
bool is_no_unit(std::string_view word);   // "or", "less", "is": what follows a value is no unit
const char* scale_word(std::string_view unit);  // "million" -> "1000000"; nullptr when it is no scale
// One spelling for each unit: "centimeters" -> "cm", "dollars" -> "$", "miles per hour" -> "mile/hour". An unknown
// unit is in lower case and in the singular.
std::string unit_name(std::string_view unit);
// A unit as a multiple of its kind's base: "cm" -> {"length", 1, 100}. Nothing when it is unknown.
struct UnitValue {
  std::string_view kind;
  long numerator = 1;
  long denominator = 1;
};
std::optional<UnitValue> unit_value(std::string_view name);
// A letter that stands for a unit right after digits: "2600g", "5m".
bool is_unit_letter(std::string_view letter);

}  // namespace assay::math
