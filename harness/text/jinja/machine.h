// Machine: one rendering's budget, its first failure, and what it owns. Every part of the interpreter gets
// it.
//
// A failure is sticky: the first one counts, and after it every operation returns an undefined value at once,
// so that callers need not test each step, only end their loops. Not thread-safe; one use.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/text/jinja/value.h"

namespace assay::jinja {

struct Position {
  std::uint32_t line = 1;    // from 1
  std::uint32_t column = 1;  // from 1, in bytes
};
Error error_at(Position, std::string message);  // "chat template, line 3, column 7: ..."

struct Namespace {
  Dict attributes;
};

class Machine {
 public:
  explicit Machine(std::int64_t unix_seconds) : unix_seconds_(unix_seconds) {}

  bool failed() const { return error_.has_value(); }
  const Error& error() const { return *error_; }
  void at(Position position) { position_ = position; }
  Position position() const { return position_; }
  Value fail(std::string message);  // at the position; the result is undefined

  bool charge(std::uint64_t steps);     // false: failed, now or before
  bool charge_text(std::size_t bytes);  // for reading or making so many bytes

  // Makers of values of any size; an undefined value when that is beyond a limit.
  Value text(std::string);
  Value list(List);
  Value tuple(List);
  Value dict(Dict);
  Value name_space(Dict attributes);
  Value method(const Value& self, std::string_view name);

  std::int64_t unix_seconds() const { return unix_seconds_; }

 private:
  Value checked(Value made);

  std::optional<Error> error_;
  Position position_;
  std::uint64_t steps_ = 0;
  std::uint64_t bytes_ = 0;
  std::int64_t unix_seconds_;
  std::deque<Namespace> namespaces_;
};

}  // namespace assay::jinja
