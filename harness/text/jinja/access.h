// Attributes, items, slices and iteration, with Jinja's rules of which is tried first.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "harness/text/jinja/machine.h"

namespace assay::jinja {

// What `loop` shows within a for statement.
struct LoopState {
  std::shared_ptr<const List> items;
  std::size_t index = 0;
  std::optional<List> last_changed;  // of loop.changed(...); emptied when the loop ends
};

Value attribute(Machine&, const Value& object, std::string_view name);  // object.name: a method before a key
Value item(Machine&, const Value& object, const Value& key);            // object[key]: a key before a method
Value slice(Machine&, const Value& object, const Value& start, const Value& stop, const Value& step);

// The items that a for statement sees: of a dict its keys, of a string its characters, of undefined none.
// nullptr when the machine has failed.
std::shared_ptr<const List> iterate(Machine&, const Value&);

// "user.name.0" as map(attribute=...) reads it; missing is undefined.
Value path(Machine&, const Value& object, std::string_view path);

}  // namespace assay::jinja
