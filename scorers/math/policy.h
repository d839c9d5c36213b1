// Named choices where graders differ. docs/math-scoring.md has each one's default, its reason, and what others do.
#pragma once

#include <cstdint>
#include <string>

namespace assay::math {

enum class PercentPolicy : std::uint8_t { both, same, fraction };
enum class UnitPolicy : std::uint8_t { convert, ignore, strict };
enum class DegreePolicy : std::uint8_t { number, convert };
enum class LogPolicy : std::uint8_t { by_context, ten, natural };
enum class BoxPolicy : std::uint8_t { join, last };
enum class CommaPolicy : std::uint8_t { by_context, thousands, decimal };

struct Policy {
  // "20%" against a plain number: both: 20 or 0.2; same: 20; fraction: 0.2. Between two percentages nothing changes.
  PercentPolicy percent = PercentPolicy::both;
  // Two units must agree or convert; a unit that only one side has is ignored. strict: both or none.
  UnitPolicy units = UnitPolicy::convert;
  // Items separated by commas without brackets have no order.
  bool ordered_lists = false;
  // A rounded decimal stands for an exact value with at least so many significant digits; 0: never.
  int digits = 4;             // of a rational value
  int irrational_digits = 7;  // of an irrational one
  // Decimals behind the point at which all numbers are compared; -1: by the digits above.
  int precision = -1;
  // A comma before one or two digits, or after 0, is a decimal point when the other side is a number with a point.
  CommaPolicy decimal_comma = CommaPolicy::by_context;
  // 30° is 30; convert: against a value with π in it, it is π/6.
  DegreePolicy degrees = DegreePolicy::number;
  // Boxes beside each other are one list. last: only the last counts.
  BoxPolicy boxes = BoxPolicy::join;
  // "x = 5" and "5" are equal.
  bool names_optional = true;
  // "x = 5" and "y = 5" are equal; for votes, where equality must be transitive. Not an option.
  bool names_ignored = false;
  // An inequality and the interval it describes are equal.
  bool inequality_is_interval = true;
  // A numeral in base b is equal to the same digits without their subscript.
  bool base_optional = false;
  // What \log without a base is: ten; natural; by_context: natural against a side with \ln, else ten.
  LogPolicy log = LogPolicy::by_context;
};

}  // namespace assay::math
