#include "harness/mock/routes.h"

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/mock/batch_openai.h"
#include "harness/mock/openai.h"

namespace assay::mock {
namespace {

Answer health(const MockRequest&, Context&) { return json_answer(200, R"({"status":"ok"})"); }

Answer ledger(const MockRequest&, Context& c) { return json_answer(200, dump_json(c.ledger.to_json(c.connections))); }

Answer models(const MockRequest&, Context& c) {
  Json list = Json::array();
  for (const std::string& id : c.options.models) {
    list.push_back({{"id", repair_utf8(id)}, {"object", "model"}, {"created", 1'767'225'600}, {"owned_by", "assay"}});
  }
  return json_answer(200, dump_json({{"object", "list"}, {"data", list}}));
}

constexpr Route kRoutes[] = {
    {"POST", "/v1/chat/completions", answer_chat},
    {"POST", "/chat/completions", answer_chat},
    {"POST", "/v1/completions", answer_completion},
    {"GET", "/v1/models", models},
    {"POST", "/v1/files", upload_file},
    {"GET", "/v1/files/*", file_content},
    {"POST", "/v1/batches", make_batch},
    {"GET", "/v1/batches", list_batches},
    {"GET", "/v1/batches/*", show_batch},
    {"POST", "/v1/batches/*", cancel_batch},
    {"GET", "/health", health},
    {"GET", "/mock/ledger", ledger},
};

bool fits(std::string_view pattern, std::string_view path) {
  if (pattern.empty() || pattern.back() != '*') return pattern == path;
  pattern.remove_suffix(1);
  return path.substr(0, pattern.size()) == pattern;
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

Answer answer(const MockRequest& request, Context& context) {
  std::string allowed;
  for (const Route& route : kRoutes) {
    if (!fits(route.path, request.path)) continue;
    if (route.method == request.method) return route.answer(request, context);
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  const std::string what = format("{} {}", request.method, printable(truncate_utf8(request.path, 200)));
  if (allowed.empty()) {
    return json_answer(404, error_body("no such address: " + what, "invalid_request_error", "not_found"));
  }
  Answer out = json_answer(405, error_body("not allowed: " + what, "invalid_request_error", "method_not_allowed"));
  out.headers.emplace_back("Allow", allowed);
  return out;
}

}  // namespace assay::mock
