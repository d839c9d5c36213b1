// A model's endpoint in one dialect: read the request, plan the answer, let faults and limits have their say, write.
// A dialect is a Shape; everything else is common.
//
// Threads: the server's.
#pragma once

#include <memory>
#include <string>

#include "harness/base/json.h"
#include "harness/mock/answer.h"
#include "harness/mock/context.h"
#include "harness/mock/http_request.h"
#include "harness/mock/planned.h"

namespace assay::mock {

struct Shape {
  // Error: Code::invalid, whose message becomes that of status 400.
  Result<Asked> (*read)(const Json& body, const MockRequest& request);
  std::string (*whole)(const Planned& planned);
  std::unique_ptr<Body> (*stream)(Planned planned);
  std::string (*error)(std::string_view message, std::string_view type, std::string_view code);
};

Answer answer_model(const MockRequest& request, Context& context, const Shape& shape);

// Independent streams of draws from one key.
inline std::uint64_t sub_key(std::uint64_t key, std::uint64_t n) { return key + n * 0xD1342543DE82EF95U; }

}  // namespace assay::mock
