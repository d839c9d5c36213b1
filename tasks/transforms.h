// The closed list of what a task file may do to a data field before it is used.
//
// Threads: any. Pure. A change of what one gives is a change of the tasks that use it: their version rises.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace assay {

struct Transform {
  std::string_view name;
  std::string_view summary;
  // Error: Code::invalid with what is missing from the text.
  Result<std::string> (*apply)(std::string_view text);
};
std::span<const Transform> transforms();
const Transform* find_transform(std::string_view name);  // nullptr when there is none

// The text without white space (ASCII) at its ends.
std::string_view stripped(std::string_view text);

// The options of a question that lists them as "(A) text" lines after a line "Options:", in order.
// Error: Code::invalid when there are none or the letters are not A, B, C, ...
Result<std::vector<std::string>> lettered_options(std::string_view question);

}  // namespace assay
