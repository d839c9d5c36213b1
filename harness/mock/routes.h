// Which function answers which address. To add an endpoint: a file with its function, and a row in routes.cc.
//
// Threads: the server's.
#pragma once

#include <span>
#include <string_view>

#include "harness/mock/answer.h"
#include "harness/mock/context.h"
#include "harness/mock/http_request.h"

namespace assay::mock {

struct Route {
  std::string_view method;
  std::string_view path;  // with a '*' at its end: everything that begins so; the first row that fits
  Answer (*answer)(const MockRequest& request, Context& context);
};

std::span<const Route> routes();

// Any request; 404 and 405 for those that no row fits.
Answer answer(const MockRequest& request, Context& context);

}  // namespace assay::mock
