#include "tests/backends/remote_client.h"

#include <atomic>
#include <future>

#include "harness/api/catalog.h"
#include "tests/support/catch.h"

namespace assay::test {

std::unique_ptr<Backend> remote(const std::string& id, BackendOptions options) {
  if (options.model.empty()) options.model = "test-model";
  if (options.api_key.empty()) options.api_key = kCanary;
  if (!options.options.contains("use_proxy")) options.options["use_proxy"] = false;
  for (const BackendEntry& entry : backend_catalog()) {
    if (entry.id != id) continue;
    auto made = entry.make(options);
    INFO((made.ok() ? std::string() : made.error().message));
    REQUIRE(made.ok());
    return std::move(*made);
  }
  FAIL("no backend " << id);
  return nullptr;
}

std::unique_ptr<Backend> remote(const std::string& id, const std::string& base_url, Json options,
                                double timeout_s) {
  BackendOptions o;
  o.base_url = base_url;
  o.timeout_s = timeout_s;
  o.options = std::move(options);
  return remote(id, std::move(o));
}

Request request() {
  static std::atomic<RequestId> next{1};
  Request r;
  r.id = next++;
  r.task = "math/x";
  r.sample_key = "s1";
  r.messages = {{Role::user, "What is 9 plus 9?"}};
  return r;
}

BackendReply ask(Backend& b, Request r) {
  auto promise = std::make_shared<std::promise<BackendReply>>();
  auto future = promise->get_future();
  b.submit(std::move(r), [promise](BackendReply reply) { promise->set_value(std::move(reply)); });
  return future.get();
}

std::string everything(const BackendReply& reply) {
  const Exchange& x = reply.exchange;
  std::string out = x.endpoint + x.sent + x.received + x.request_id;
  if (reply.error) out += reply.error->message + reply.error->body;
  for (const Response& r : reply.responses) {
    out += r.text + r.reasoning.value_or("") + r.refusal + r.finish_raw + r.server_model + r.fingerprint +
           r.request_id + r.raw + r.prompt;
  }
  return out;
}

}  // namespace assay::test
