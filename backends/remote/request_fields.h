// Pieces of request bodies that the dialects share.
//
// Pure. Errors: Code::invalid, one line that names the parameter.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "harness/api/request.h"
#include "harness/base/json.h"

namespace assay {

struct Parameter {
  const char* name;  // as suites have it
  bool is_set;
};

// Refuses what is set, for parameters that an API cannot be told.
Result<void> refuse_parameters(std::initializer_list<Parameter> parameters);

// What Sampling::extra holds goes into the body as it is; objects that both have are merged. Refused:
// `reserved` keys, and values that are there already.
Result<void> add_extra(const Json& extra, std::initializer_list<std::string_view> reserved, Json& body);

// The leading system messages as one text, an empty line between them, for APIs that take them apart from the
// conversation. Refused: a system message behind another one, whose place would be lost.
struct Conversation {
  std::optional<std::string> system;
  std::size_t begin = 0;  // of Request::messages: the first that is no system message
};
Result<Conversation> split_system(const Request& request);

template <typename T>
void put_field(Json& body, const char* key, const std::optional<T>& value) {
  if (value) body[key] = *value;
}

}  // namespace assay
