// Operators with Python's semantics: integers apart from reals, no guess about mixed types.
#pragma once

#include <string>

#include "harness/text/jinja/machine.h"

namespace assay::jinja {

enum class Operator {
  add,
  subtract,
  multiply,
  divide,
  floor_divide,
  modulo,
  power,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  not_in
};

bool truth(const Value&);
bool equal(Machine&, const Value&, const Value&);
bool less(Machine&, const Value&, const Value&);  // fails for values without an order
bool contains(Machine&, const Value& container, const Value& item);
bool compare(Machine&, Operator, const Value&, const Value&);
Value arithmetic(Machine&, Operator, const Value&, const Value&);
Value negate(Machine&, const Value&);
std::int64_t length(Machine&, const Value&);

}  // namespace assay::jinja
