#include "harness/text/jinja/machine.h"

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/text/jinja/limits.h"

namespace assay::jinja {

Error error_at(Position at, std::string message) {
  constexpr std::size_t kLongest = 400;  // a template's own message may hold a whole conversation
  if (message.size() > kLongest) message = format("{}...", truncate_utf8(message, kLongest));
  return invalid(format("chat template, line {}, column {}: {}", at.line, at.column, printable(message)));
}

Value Machine::fail(std::string message) {
  if (!error_) error_ = error_at(position_, std::move(message));
  return {};
}

bool Machine::charge(std::uint64_t steps) {
  if (failed()) return false;
  steps_ += steps;
  if (steps_ <= kMaxSteps) return true;
  fail(format("the template takes more than {} steps", kMaxSteps));
  return false;
}

bool Machine::charge_text(std::size_t bytes) {
  if (failed()) return false;
  bytes_ += bytes;
  if (bytes_ <= kMaxMadeBytes) return charge(1 + bytes / 256);
  fail(format("the template handles more than {} bytes of text", kMaxMadeBytes));
  return false;
}

Value Machine::text(std::string text) {
  if (text.size() > kMaxTextBytes) return fail(format("a string grows beyond {} bytes", kMaxTextBytes));
  if (!charge_text(text.size())) return {};
  return Value::string(std::move(text));
}

Value Machine::checked(Value made) {
  if (made.depth() > kMaxValueDepth)
    return fail(format("a value is nested deeper than {} levels", kMaxValueDepth));
  return made;
}

Value Machine::list(List items) {
  if (!charge(items.size())) return {};
  return checked(Value::sequence(Kind::list, std::make_shared<const List>(std::move(items))));
}

Value Machine::tuple(List items) {
  if (!charge(items.size())) return {};
  return checked(Value::sequence(Kind::tuple, std::make_shared<const List>(std::move(items))));
}

Value Machine::dict(Dict items) {
  if (!charge(items.size())) return {};
  return checked(Value::dict(std::move(items)));
}

Value Machine::name_space(Dict attributes) {
  if (!charge(10 + attributes.size())) return {};
  namespaces_.push_back({std::move(attributes)});
  return Value::name_space(&namespaces_.back());
}

Value Machine::method(const Value& self, std::string_view name) {
  return checked(Value::method({self, std::string(name)}));
}

}  // namespace assay::jinja
