// Values as text: str(), repr() and json.dumps() of Python.
#pragma once

#include <string>
#include <string_view>

#include "harness/base/json.h"
#include "harness/text/jinja/machine.h"

namespace assay::jinja {

std::string show(Machine&, const Value&);         // str(): what {{ }} prints; undefined is empty
std::string real_text(double value);              // "1.0", "1e+16", "nan"
std::string repr_of_text(std::string_view text);  // repr() of a string

struct JsonStyle {
  bool ascii_only = false;
  bool sort_keys = false;
  bool pretty = false;
  std::string indent;
  std::string item_separator = ", ";
  std::string key_separator = ": ";
};
std::string to_json(Machine&, const Value&, const JsonStyle&);

Value from_json(Machine&, const OrderedJson&);

}  // namespace assay::jinja
