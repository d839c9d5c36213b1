// The batch endpoints of the mock server and the backend that speaks to them, each against the other.
#include <map>

#include "harness/api/batch.h"
#include "harness/api/catalog.h"
#include "harness/base/format.h"
#include "tests/mock/running.h"
#include "tests/support/catch.h"

namespace assay::mock {
namespace {

std::unique_ptr<Backend> backend(const Running& server, const std::string& key = "some-key-0123") {
  BackendOptions options;
  options.model = "mock";
  options.api_key = key;
  options.base_url = server.at("/v1");
  options.options = {{"batches", true}, {"use_proxy", false}};
  for (const BackendEntry& entry : backend_catalog()) {
    if (entry.id == "openai") return std::move(entry.make(options).value());
  }
  return nullptr;
}

std::vector<BatchItem> items(std::size_t n) {
  std::vector<BatchItem> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    out[i].custom_id = format("s-{}", i);
    out[i].request.messages = {{Role::user, format("question {}", i)}};
    out[i].request.sampling.max_tokens = 50;
  }
  return out;
}

std::map<std::string, BackendReply> collect(BatchBackend& batches, const std::string& id) {
  std::map<std::string, BackendReply> out;
  REQUIRE(batches
              .collect(id, [&out](const std::string& item,
                                  BackendReply r) { REQUIRE(out.emplace(item, std::move(r)).second); })
              .ok());
  return out;
}

TEST_CASE("mock batches: every request is answered once, as the ledger says") {
  MockOptions options;
  options.echo = true;
  options.api_key = "some-key-0123";
  Running server(options);
  const auto b = backend(server);
  const auto made = b->batches()->submit("run-1", items(300)).value();
  CHECK(made.state == BatchState::working);
  CHECK(made.total == 300);
  const BatchStatus status = b->batches()->poll(made.batch_id).value();
  CHECK(status.state == BatchState::ended);
  CHECK(status.succeeded == 300);
  CHECK(status.tag == "run-1");
  const auto got = collect(*b->batches(), made.batch_id);
  REQUIRE(got.size() == 300);
  std::int64_t input = 0, output = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const Response& r = got.at(format("s-{}", i)).responses.at(0);
    CHECK(r.text == format("question {}", i));
    input += r.usage.input.value();
    output += r.usage.output.value() + r.usage.reasoning.value_or(0);
  }
  CHECK(collect(*b->batches(), made.batch_id).size() == 300);  // nothing is answered anew
  const Json ledger = server.stop();
  INFO(ledger.dump());
  CHECK(ledger["requests"] == 300);
  CHECK(ledger["complete"]["input_tokens"] == input);
  CHECK(ledger["complete"]["output_tokens"] == output);
}

TEST_CASE("mock batches: faults are errors of their requests, none is an answer") {
  MockOptions options;
  options.faults =
      parse_faults({"500=0.1", "429-bare=0.1", "invalid-json=0.1", "reset-mid-body=0.1", "empty-content=0.1"})
          .value();
  options.echo = true;
  Running server(options);
  const auto b = backend(server);
  const auto made = b->batches()->submit("run-1", items(200)).value();
  const auto got = collect(*b->batches(), b->batches()->poll(made.batch_id).value().batch_id);
  CHECK(got.size() == 200);
  std::size_t failed = 0;
  for (const auto& entry : got) failed += entry.second.error ? 1 : 0;
  CHECK(failed == b->batches()->poll(made.batch_id)->failed);
  CHECK(failed > 0);
  CHECK(failed < 200);
}

TEST_CASE("mock batches: a batch takes its time, can be cancelled, and is found by its tag") {
  MockOptions options;
  options.batch_s = 3600;
  Running server(options);
  const auto b = backend(server);
  std::string id;
  for (int i = 0; i < 3; ++i) id = b->batches()->submit(format("run-{}", i), items(2))->batch_id;
  CHECK(b->batches()->poll(id)->state == BatchState::working);
  CHECK(b->batches()->collect(id, [](const std::string&, BackendReply) {}).error().code == Code::unavailable);
  const auto all = b->batches()->list().value();
  REQUIRE(all.size() == 3);
  CHECK(all[0].batch_id == id);
  CHECK(all[2].tag == "run-0");
  REQUIRE(b->batches()->cancel(id).ok());
  CHECK(b->batches()->poll(id)->state == BatchState::cancelled);
  CHECK(collect(*b->batches(), id).empty());
}

TEST_CASE("mock batches: what OpenAI refuses is refused") {
  MockOptions options;
  options.api_key = "some-key-0123";
  Running server(options);
  CHECK(backend(server, "wrong-key-0123")->batches()->submit("t", items(1)).error().code == Code::invalid);
  const auto b = backend(server);
  CHECK(b->batches()->poll("batch_x").error().code == Code::invalid);
  const auto answer = [&server](const char* path, const std::string& body, bool key = true) {
    HttpRequest r = post(server.at(path), body);
    if (key) r.headers.emplace_back("Authorization", "Bearer some-key-0123");
    return fetch(std::move(r)).status;
  };
  CHECK(answer("/v1/files", "text") == 400);
  CHECK(answer("/v1/batches", "text") == 400);
  CHECK(answer("/v1/batches", "{}") == 400);
  CHECK(answer("/v1/batches", "{}", false) == 401);
  CHECK(answer("/v1/batches",
               R"({"endpoint":"/v1/chat/completions","completion_window":"24h","input_file_id":"f"})") ==
        400);
  CHECK(answer("/v1/batches/b/cancel", "") == 404);
  CHECK(fetch(get(server.at("/v1/files/f/content"))).status == 401);
}

}  // namespace
}  // namespace assay::mock
