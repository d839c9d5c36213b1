// The library of filters, tests, functions and methods: tables by name, and how arguments reach them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/text/jinja/machine.h"
#include "harness/text/jinja/value.h"

namespace assay::jinja {

struct Arguments {
  List positional;
  std::vector<std::pair<std::string, Value>> named;
};

// Arguments bound to an entry's parameters.
class Bound {
 public:
  bool has(std::size_t i) const { return i < values_.size() && values_[i].has_value(); }
  const Value& at(std::size_t i) const {
    return has(i) ? *values_[i] : missing_;
  }  // undefined when not given
  // These fail the machine when a given argument has another type.
  std::string_view text(Machine&, std::size_t i, std::string_view otherwise) const;
  std::int64_t integer(Machine&, std::size_t i, std::int64_t otherwise) const;
  bool truth(std::size_t i, bool otherwise) const;

 private:
  friend std::optional<Bound> bind(Machine&, std::string_view what, std::string_view parameters,
                                   const Arguments&);
  std::vector<std::optional<Value>> values_;
  Value missing_;
};

// `parameters` are names with a blank between; the first ones may be marked as required: "old! new! count".
// nullopt: the machine has failed.
std::optional<Bound> bind(Machine&, std::string_view what, std::string_view parameters, const Arguments&);

struct Filter {
  std::string_view name;
  std::string_view parameters;
  Value (*run)(Machine&, const Value& self, const Bound&);
  Value (*run_raw)(Machine&, const Value& self,
                   const Arguments&) = nullptr;  // for those that pass arguments on
};
struct Test {
  std::string_view name;
  bool needs_argument;
  bool (*run)(Machine&, const Value& self, const Value& argument);
};
struct Function {
  std::string_view name;
  Value (*run)(Machine&, const Arguments&);
};
struct MethodEntry {
  Kind kind;
  std::string_view name;
  std::string_view parameters;
  Value (*run)(Machine&, const Value& self,
               const Bound&);  // null: it changes its object, which no template may
  Value (*run_raw)(Machine&, const Value& self, const Arguments&) = nullptr;
};

const Filter* find_filter(std::string_view name);
const Test* find_test(std::string_view name);
const Function* find_function(std::string_view name);
const MethodEntry* find_method(Kind kind, std::string_view name);

Value run_filter(Machine&, const Filter&, const Value& self, const Arguments&);
bool run_test(Machine&, const Test&, const Value& self, const List& arguments);
Value run_method(Machine&, const Method&, const Arguments&);

}  // namespace assay::jinja
