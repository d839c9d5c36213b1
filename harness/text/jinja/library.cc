#include "harness/text/jinja/library.h"

#include <algorithm>

#include "harness/base/format.h"
#include "harness/text/jinja/operators.h"
#include "harness/text/jinja/tables.h"

namespace assay::jinja {
namespace {

template <typename Entry>
const Entry* named(std::span<const Entry> entries, std::string_view name) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace

std::string_view Bound::text(Machine& machine, std::size_t i, std::string_view otherwise) const {
  if (!has(i) || at(i).is(Kind::none)) return otherwise;
  if (at(i).is(Kind::string)) return at(i).text();
  machine.fail(format("argument {} must be a string, not {}", i + 1, name(at(i).kind())));
  return otherwise;
}

std::int64_t Bound::integer(Machine& machine, std::size_t i, std::int64_t otherwise) const {
  if (!has(i) || at(i).is(Kind::none)) return otherwise;
  if (at(i).is(Kind::integer) || at(i).is(Kind::boolean)) return at(i).integer();
  machine.fail(format("argument {} must be an integer, not {}", i + 1, name(at(i).kind())));
  return otherwise;
}

bool Bound::truth(std::size_t i, bool otherwise) const { return has(i) ? jinja::truth(at(i)) : otherwise; }

std::optional<Bound> bind(Machine& machine, std::string_view what, std::string_view parameters,
                          const Arguments& given) {
  Bound out;
  std::vector<bool> used(given.named.size(), false);
  std::size_t index = 0;
  while (!parameters.empty()) {
    std::string_view parameter = parameters.substr(0, parameters.find(' '));
    parameters.remove_prefix(std::min(parameters.size(), parameter.size() + 1));
    const bool required = parameter.back() == '!';
    if (required) parameter.remove_suffix(1);
    std::optional<Value> value;
    if (index < given.positional.size()) value = given.positional[index];
    for (std::size_t n = 0; n < given.named.size(); ++n) {
      if (given.named[n].first != parameter) continue;
      if (value) machine.fail(format("'{}' is given '{}' twice", what, parameter));
      value = given.named[n].second;
      used[n] = true;
    }
    if (required && !value) machine.fail(format("'{}' needs the argument '{}'", what, parameter));
    out.values_.push_back(std::move(value));
    ++index;
  }
  if (given.positional.size() > index) machine.fail(format("'{}' takes at most {} arguments", what, index));
  for (std::size_t n = 0; n < used.size(); ++n) {
    if (!used[n]) machine.fail(format("'{}' has no argument '{}'", what, given.named[n].first));
  }
  if (machine.failed()) return std::nullopt;
  return out;
}

const Filter* find_filter(std::string_view name) {
  for (const auto part : {text_filters(), number_filters(), list_filters(), selecting_filters()}) {
    if (const Filter* found = named(part, name)) return found;
  }
  return nullptr;
}

const Test* find_test(std::string_view name) { return named(tests(), name); }
const Function* find_function(std::string_view name) { return named(functions(), name); }

const MethodEntry* find_method(Kind kind, std::string_view name) {
  for (const auto part : {text_methods(), other_methods()}) {
    for (const MethodEntry& entry : part) {
      if (entry.kind == kind && entry.name == name) return &entry;
    }
  }
  return nullptr;
}

Value run_filter(Machine& machine, const Filter& filter, const Value& self, const Arguments& given) {
  if (machine.failed()) return {};
  if (filter.run_raw != nullptr) return filter.run_raw(machine, self, given);
  const auto bound = bind(machine, filter.name, filter.parameters, given);
  return bound ? filter.run(machine, self, *bound) : Value();
}

bool run_test(Machine& machine, const Test& test, const Value& self, const List& arguments) {
  if (machine.failed()) return false;
  if (arguments.size() != (test.needs_argument ? 1U : 0U)) {
    machine.fail(
        format("the test '{}' takes {}", test.name, test.needs_argument ? "one argument" : "no argument"));
    return false;
  }
  return test.run(machine, self, test.needs_argument ? arguments[0] : Value());
}

Value run_method(Machine& machine, const Method& method, const Arguments& given) {
  const MethodEntry* entry = find_method(method.self.kind(), method.name);
  if (machine.failed() || entry == nullptr) return {};
  if (entry->run_raw != nullptr) return entry->run_raw(machine, method.self, given);
  if (entry->run == nullptr) {
    return machine.fail(format("{}.{} changes its {}, which a template may not", name(entry->kind),
                               entry->name, name(entry->kind)));
  }
  const auto bound = bind(machine, entry->name, entry->parameters, given);
  return bound ? entry->run(machine, method.self, *bound) : Value();
}

}  // namespace assay::jinja
