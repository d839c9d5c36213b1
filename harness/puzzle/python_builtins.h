// The operators, built-in functions and methods of the Python subset, over evaluated operands.
// Used by the interpreter (harness/puzzle/python.h) alone. Threads: pure functions.
#pragma once

#include <optional>
#include <span>

#include "harness/puzzle/python.h"

namespace assay::puzzle::python {

// Error: Code::invalid with Python's exception name where Python raises.
Result<Value> apply(Op op, const Value& left, const Value& right);
Result<Value> negate(const Value& value);
Result<Value> call(std::string_view function, std::span<const Value> arguments);
Result<Value> call_method(std::string_view method, const Value& object, std::span<const Value> arguments);
Result<Value> item_at(const Value& object, const Value& index);
Result<void> set_item(const Value& object, const Value& index, Value value);
// Absent bounds are nullopt.
Result<Value> slice(const Value& object, std::optional<std::int64_t> start, std::optional<std::int64_t> stop,
                    std::optional<std::int64_t> step);
// The i-th item that iterating over `object` gives; nullopt past the end. Error: it is no iterable.
Result<std::optional<Value>> item_of(const Value& object, std::size_t i);

}  // namespace assay::puzzle::python
