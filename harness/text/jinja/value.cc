#include "harness/text/jinja/value.h"

#include <algorithm>

#include "harness/base/format.h"
#include "harness/text/jinja/access.h"

namespace assay::jinja {
namespace {

std::uint32_t depth_of(const List& items) {
  std::uint32_t deepest = 0;
  for (const Value& item : items) deepest = std::max(deepest, item.depth());
  return deepest + 1;
}

bool same_key(const Value& a, const Value& b) {
  if (a.is(Kind::string) || b.is(Kind::string)) return a.kind() == b.kind() && a.text() == b.text();
  if (a.is_number() && b.is_number()) {
    if (a.is(Kind::real) || b.is(Kind::real)) return a.number() == b.number();
    return a.integer() == b.integer();
  }
  if (a.is(Kind::tuple) && b.is(Kind::tuple)) {
    return std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end(), same_key);
  }
  return a.is(Kind::none) && b.is(Kind::none);
}

}  // namespace

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::undefined:
      return "Undefined";
    case Kind::none:
      return "NoneType";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
      return "int";
    case Kind::real:
      return "float";
    case Kind::string:
      return "str";
    case Kind::list:
      return "list";
    case Kind::tuple:
      return "tuple";
    case Kind::dict:
      return "dict";
    case Kind::name_space:
      return "Namespace";
    case Kind::loop:
      return "LoopContext";
    case Kind::macro:
      return "Macro";
    case Kind::function:
      return "function";
    case Kind::method:
      return "method";
  }
  return "?";
}

Value Value::undefined(std::string what) {
  return {Kind::undefined, std::make_shared<const std::string>(std::move(what))};
}

Value Value::none() { return {Kind::none, nullptr}; }

Value Value::boolean(bool value) {
  Value made(Kind::boolean, nullptr);
  made.integer_ = value ? 1 : 0;
  return made;
}

Value Value::integer(std::int64_t value) {
  Value made(Kind::integer, nullptr);
  made.integer_ = value;
  return made;
}

Value Value::real(double value) {
  Value made(Kind::real, nullptr);
  made.real_ = value;
  return made;
}

Value Value::string(std::string text) {
  return {Kind::string, std::make_shared<const std::string>(std::move(text))};
}

Value Value::sequence(Kind kind, std::shared_ptr<const List> items) {
  const std::uint32_t depth = depth_of(*items);
  return {kind, std::move(items), depth};
}

Value Value::dict(Dict items) {
  std::uint32_t deepest = 0;
  for (const auto& [key, value] : items) deepest = std::max({deepest, key.depth(), value.depth()});
  return {Kind::dict, std::make_shared<const Dict>(std::move(items)), deepest + 1};
}

Value Value::name_space(Namespace* space) {
  return {Kind::name_space,
          std::shared_ptr<const void>(std::shared_ptr<const void>(), space)};  // owns nothing
}

Value Value::function(const Function* entry) {
  return {Kind::function, std::shared_ptr<const void>(std::shared_ptr<const void>(), entry)};
}

Value Value::method(Method bound) {
  const std::uint32_t depth = bound.self.depth() + 1;
  return {Kind::method, std::make_shared<const Method>(std::move(bound)), depth};
}

Value Value::loop(std::shared_ptr<LoopState> state) {
  const std::uint32_t depth = depth_of(*state->items) + 1;
  return {Kind::loop, std::move(state), depth};
}

Value Value::macro(std::shared_ptr<const MacroValue> macro) { return {Kind::macro, std::move(macro)}; }

Value Value::as_lazy() && {
  lazy_ = true;
  return std::move(*this);
}

// These two are made non-const and shared as const void only for the common member.
Namespace& Value::name_space() const {
  return *const_cast<Namespace*>(static_cast<const Namespace*>(data_.get()));
}
LoopState& Value::loop() const { return *const_cast<LoopState*>(static_cast<const LoopState*>(data_.get())); }

const Function& Value::function() const { return *static_cast<const Function*>(data_.get()); }
const Method& Value::method() const { return *static_cast<const Method*>(data_.get()); }

std::string Value::what() const { return data_ ? text() : std::string("an undefined value"); }

const Value* find(const Dict& dict, const Value& key) {
  for (const auto& item : dict) {
    if (same_key(item.first, key)) return &item.second;
  }
  return nullptr;
}

const Value* find(const Dict& dict, std::string_view key) {
  for (const auto& item : dict) {
    if (item.first.is(Kind::string) && item.first.text() == key) return &item.second;
  }
  return nullptr;
}

bool can_be_key(const Value& value) {
  if (value.is(Kind::tuple)) return std::all_of(value.items().begin(), value.items().end(), can_be_key);
  return value.is(Kind::string) || value.is_number() || value.is(Kind::none);
}

}  // namespace assay::jinja
