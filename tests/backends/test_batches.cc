#include "harness/api/batch.h"

#include <map>

#include "harness/base/format.h"
#include "tests/backends/batch_provider.h"
#include "tests/backends/remote_client.h"
#include "tests/support/catch.h"

namespace assay {
namespace {

using test::BatchProvider;
using Api = BatchProvider::Api;

struct Kind {
  Api api;
  const char* backend;
};
constexpr Kind kKinds[] = {
    {Api::chat, "openai"}, {Api::responses, "openai-responses"}, {Api::anthropic, "anthropic"}};

std::unique_ptr<Backend> backend(const Kind& kind, const BatchProvider& provider) {
  return test::remote(kind.backend, provider.url(), {{"batches", true}, {"output_limit", 100}});
}

std::vector<BatchItem> items(std::size_t n) {
  std::vector<BatchItem> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    out[i].custom_id = "sample_" + std::to_string(i);
    out[i].request = test::request();
    out[i].request.messages = {{Role::user, format("question {} \"\\\n\xE2\x82\xAC", i)}};
    out[i].request.choices = 3;  // ignored: one each
  }
  return out;
}

std::map<std::string, BackendReply> collect(BatchBackend& batches, const std::string& id) {
  std::map<std::string, BackendReply> out;
  const auto ok = batches.collect(id, [&out](const std::string& custom_id, BackendReply reply) {
    REQUIRE(out.emplace(custom_id, std::move(reply)).second);
  });
  INFO((ok ? std::string() : ok.error().message));
  REQUIRE(ok.ok());
  return out;
}

TEST_CASE("batches: handed in, polled and collected, again by another process") {
  for (const Kind& kind : kKinds) {
    INFO(kind.backend);
    BatchProvider provider(kind.api);
    std::string id;
    {
      const auto b = backend(kind, provider);
      REQUIRE(b->batches() != nullptr);
      const auto made = b->batches()->submit("run-1/chunk-1", items(5));
      INFO((made ? std::string() : made.error().message));
      REQUIRE(made.ok());
      CHECK(made->tag == "run-1/chunk-1");
      CHECK(made->state == BatchState::working);
      CHECK(made->total == 5);
      id = made->batch_id;
      const auto early =
          b->batches()->collect(id, [](const std::string&, BackendReply) { FAIL("a result"); });
      REQUIRE_FALSE(early.ok());
      CHECK(early.error().code == Code::unavailable);
    }
    provider.finish();
    const auto later = backend(kind, provider);
    const auto status = later->batches()->poll(id).value();
    CHECK(status.state == BatchState::ended);
    CHECK(status.succeeded == 5);
    CHECK(status.created > 1'790'000'000);
    for (int again = 0; again < 2; ++again) {
      const auto got = collect(*later->batches(), id);
      REQUIRE(got.size() == 5);
      for (std::size_t i = 0; i < 5; ++i) {
        const BackendReply& reply = got.at("sample_" + std::to_string(i));
        REQUIRE(reply.responses.size() == 1);
        const Response& r = reply.responses.front();
        CHECK(r.text == format("re: question {} \"\\\n\xE2\x82\xAC", i));
        CHECK(r.finish == FinishReason::stop);
        CHECK(r.usage.input == 7);
        CHECK(r.usage.output == 3);
        CHECK(r.server_model == "m-1");
      }
    }
  }
}

TEST_CASE("batches: one whose id was lost is found again, and is not paid twice") {
  for (const Kind& kind : kKinds) {
    INFO(kind.backend);
    BatchProvider provider(kind.api);
    const auto b = backend(kind, provider);
    BatchBackend& batches = *b->batches();
    for (int i = 0; i < 3; ++i) REQUIRE(batches.submit(format("old-{}", i), items(2)).ok());
    provider.lose_answer("POST", kind.api == Api::anthropic ? "/messages/batches" : "/batches");
    const auto lost = batches.submit("wanted", items(4));
    REQUIRE_FALSE(lost.ok());
    CHECK(lost.error().code == Code::unavailable);
    const auto all = batches.list().value();
    REQUIRE(all.size() == 4);  // two pages
    const BatchStatus& newest = all.front();
    CHECK(newest.total == 4);
    CHECK(newest.tag == (kind.api == Api::anthropic ? "" : "wanted"));
    CHECK(all.back().tag == (kind.api == Api::anthropic ? "" : "old-0"));
    provider.finish();
    CHECK(collect(batches, newest.batch_id).size() == 4);
    CHECK(provider.batches() == 4);
  }
}

TEST_CASE("batches: a failed upload leaves no batch") {
  for (const Kind& kind : {kKinds[0], kKinds[1]}) {
    BatchProvider provider(kind.api);
    const auto b = backend(kind, provider);
    provider.lose_answer("POST", "/files");
    CHECK(b->batches()->submit("t", items(2)).error().code == Code::unavailable);
    provider.fault("POST", "/files", [](const ServedRequest&, Peer& p) { return p.respond(200, "{}"); });
    CHECK(b->batches()->submit("t", items(2)).error().code == Code::corrupt);
    CHECK(provider.batches() == 0);
    CHECK(b->batches()->submit("t", items(2)).ok());
  }
}

TEST_CASE("batches: what expired, was cancelled or failed gives the results that there are") {
  for (const Kind& kind : kKinds) {
    INFO(kind.backend);
    BatchProvider provider(kind.api);
    const auto b = backend(kind, provider);
    BatchBackend& batches = *b->batches();
    const std::string expired = batches.submit("a", items(3)).value().batch_id;
    provider.finish("expired");
    CHECK(batches.poll(expired)->state == BatchState::expired);
    CHECK(collect(batches, expired).size() == 1);
    const std::string cancelled = batches.submit("b", items(3)).value().batch_id;
    REQUIRE(batches.cancel(cancelled).ok());
    CHECK(batches.poll(cancelled)->state == BatchState::cancelled);
    const auto got = collect(batches, cancelled);
    REQUIRE(got.size() == 1);
    CHECK(got.count("sample_0") == 1);
    if (kind.api == Api::anthropic) continue;
    const std::string failed = batches.submit("c", items(3)).value().batch_id;
    provider.finish("failed");
    CHECK(batches.poll(failed)->state == BatchState::failed);
    CHECK(batches.poll(failed)->message == "No JSON (line 3)");
    CHECK(collect(batches, failed).empty());
  }
}

TEST_CASE("batches: a request that failed is an error of its own, and not an answer") {
  struct Row {
    Api api;
    const char* backend;
    std::string result;  // of the line, beside its custom_id
    Code code;
  };
  const Row rows[] = {
      {Api::chat, "openai",
       R"("response":{"status_code":400,"body":{"error":{"message":"bad"}}},"error":null)", Code::invalid},
      {Api::chat, "openai",
       R"("response":{"status_code":429,"body":{"error":{"code":"insufficient_quota"}}})", Code::invalid},
      {Api::chat, "openai", R"("response":{"status_code":500,"body":{}})", Code::unavailable},
      {Api::chat, "openai", R"("response":{"status_code":200,"body":{}})", Code::corrupt},
      {Api::chat, "openai", R"("response":{"status_code":200})", Code::corrupt},
      {Api::chat, "openai", R"("response":null,"error":{"code":"server_error","message":"m"})",
       Code::unavailable},
      {Api::chat, "openai", R"("response":null,"error":null)", Code::corrupt},
      {Api::responses, "openai-responses",
       R"("response":{"status_code":200,"body":{"status":"failed","error":{"code":"rate_limit_exceeded"}}})",
       Code::exhausted},
      {Api::anthropic, "anthropic",
       R"("result":{"type":"errored","error":{"type":"error","error":{"type":"invalid_request_error","message":"m"}}})",
       Code::invalid},
      {Api::anthropic, "anthropic", R"("result":{"type":"errored","error":{"error":{"type":"api_error"}}})",
       Code::unavailable},
      {Api::anthropic, "anthropic", R"("result":{"type":"succeeded"})", Code::corrupt},
      {Api::anthropic, "anthropic", R"("result":{"type":"succeeded","message":{"content":7}})",
       Code::corrupt},
  };
  for (const Row& row : rows) {
    INFO(row.backend << " " << row.result);
    BatchProvider provider(row.api);
    provider.answer_with([&row](const Json& item) {
      // A key that comes back is taken out, and a line that comes twice counts once.
      const std::string line = R"({"custom_id":)" + item["custom_id"].dump() +
                               R"(,"x":"sk-\/canary\/-0123456789abcdef",)" + row.result + "}";
      return line + "\n" + line;
    });
    const auto b = backend({row.api, row.backend}, provider);
    const std::string id = b->batches()->submit("t", items(2)).value().batch_id;
    provider.finish();
    const auto got = collect(*b->batches(), id);
    REQUIRE(got.size() == 2);
    for (const auto& entry : got) {
      REQUIRE(entry.second.error.has_value());
      CHECK(entry.second.responses.empty());
      CHECK(entry.second.error->code == row.code);
      CHECK(entry.second.error->message.rfind(row.backend, 0) == 0);
    }
  }
}

TEST_CASE("batches: a content filter's word is a filtered answer") {
  struct Row {
    Kind kind;
    const char* result;
  };
  const Row rows[] = {
      {kKinds[0],
       R"("response":{"status_code":400,"body":{"error":{"code":"content_filter","message":"blocked"}}})"},
      {kKinds[2],
       R"("result":{"type":"errored","error":{"error":{"message":"Output blocked by content filtering policy"}}})"},
  };
  for (const Row& row : rows) {
    INFO(row.kind.backend);
    BatchProvider provider(row.kind.api);
    provider.answer_with([&row](const Json& item) {
      return R"({"custom_id":)" + item["custom_id"].dump() + "," + row.result + "}";
    });
    const auto b = backend(row.kind, provider);
    const std::string id = b->batches()->submit("t", items(1)).value().batch_id;
    provider.finish();
    const auto got = collect(*b->batches(), id);
    REQUIRE(got.at("sample_0").responses.size() == 1);
    CHECK(got.at("sample_0").responses.front().finish == FinishReason::content_filter);
    CHECK(got.at("sample_0").responses.front().refusal.find("blocked") != std::string::npos);
  }
}

TEST_CASE("batches: damaged results end the collection and can be fetched again") {
  for (const Kind& kind : kKinds) {
    for (const char* line : {"not json", "[]", "{}", R"({"custom_id":5})"}) {
      INFO(kind.backend << " " << line);
      BatchProvider provider(kind.api);
      provider.answer_with([line](const Json&) { return line; });
      const auto b = backend(kind, provider);
      const std::string id = b->batches()->submit("t", items(1)).value().batch_id;
      provider.finish();
      const auto ok = b->batches()->collect(id, [](const std::string&, BackendReply) { FAIL("a result"); });
      REQUIRE_FALSE(ok.ok());
      CHECK(ok.error().code == Code::corrupt);
    }
  }
  // A download that is cut calls nobody.
  for (const Kind& kind : kKinds) {
    INFO(kind.backend);
    BatchProvider provider(kind.api);
    const auto b = backend(kind, provider);
    const std::string id = b->batches()->submit("t", items(3)).value().batch_id;
    provider.finish();
    provider.fault("GET",
                   kind.api == Api::anthropic ? "/messages/batches/" + id + "/results" : "/files/file-out",
                   [](const ServedRequest&, Peer& p) {
                     p.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"custom_id\":\"sample_0\"");
                     p.close();
                     return true;
                   });
    const auto cut = b->batches()->collect(id, [](const std::string&, BackendReply) { FAIL("a result"); });
    REQUIRE_FALSE(cut.ok());
    CHECK(cut.error().code == Code::unavailable);
    CHECK(collect(*b->batches(), id).size() == 3);
  }
}

TEST_CASE("batches: refusals by status, the key nowhere") {
  struct Row {
    int status;
    const char* body;
    Code code;
  };
  const Row rows[] = {{401, R"({"error":{"message":"key sk-/canary/-0123456789abcdef"}})", Code::invalid},
                      {429, R"({"error":{"message":"slow"}})", Code::exhausted},
                      {429, R"({"error":{"code":"insufficient_quota","message":"m"}})", Code::invalid},
                      {500, "oops", Code::unavailable},
                      {200, "not json", Code::corrupt},
                      {200, "{}", Code::corrupt}};
  for (const Kind& kind : kKinds) {
    const std::string path = kind.api == Api::anthropic ? "/messages/batches" : "/batches";
    for (const Row& row : rows) {
      INFO(kind.backend << " " << row.status << " " << row.body);
      BatchProvider provider(kind.api);
      const auto refuse = [&row](const ServedRequest&, Peer& p) { return p.respond(row.status, row.body); };
      for (const char* method : {"POST", "GET", "GET"}) provider.fault(method, path, refuse);
      const auto b = backend(kind, provider);
      const auto made = b->batches()->submit("t", items(1));
      const auto polled = b->batches()->poll("batch_1");
      const auto listed = b->batches()->list();
      REQUIRE_FALSE(made.ok());
      REQUIRE_FALSE(polled.ok());
      REQUIRE_FALSE(listed.ok());
      for (const Error& error : {made.error(), polled.error(), listed.error()}) {
        CHECK(error.code == row.code);
        CHECK(error.message.find("canary") == std::string::npos);
        CHECK(error.message.find(kind.backend) == 0);
      }
    }
  }
}

TEST_CASE("batches: the requests carry the key and the API's version, and what a request is says") {
  BatchProvider openai(Api::chat), anthropic(Api::anthropic);
  REQUIRE(backend(kKinds[0], openai)->batches()->submit("t", items(1)).ok());
  REQUIRE(backend(kKinds[2], anthropic)->batches()->submit("t", items(1)).ok());
  for (const ServedRequest& r : openai.requests())
    CHECK(r.header("Authorization") == format("Bearer {}", test::kCanary));
  for (const ServedRequest& r : anthropic.requests()) {
    CHECK(r.header("x-api-key") == test::kCanary);
    CHECK(r.header("anthropic-version") == "2023-06-01");
    const Json body = parse_json(r.body).value();
    CHECK(body["requests"][0]["params"]["max_tokens"] == 100);
    CHECK_FALSE(body["requests"][0]["params"].contains("stream"));
  }
}

TEST_CASE("batches: what no provider takes is refused before anything is sent") {
  for (const Kind& kind : kKinds) {
    INFO(kind.backend);
    BatchProvider provider(kind.api);
    const auto b = backend(kind, provider);
    BatchBackend& batches = *b->batches();
    CHECK(batches.limits().max_items == (kind.api == Api::anthropic ? 100'000U : 50'000U));
    std::vector<std::vector<BatchItem>> bad(6, items(2));
    bad[0].clear();
    bad[1][1].custom_id = bad[1][0].custom_id;
    bad[2][1].custom_id = "a b";
    bad[3][1].custom_id = "";
    bad[4][1].request.prefix = "So";
    bad[5][1].request.sampling.min_p = 0.1;
    if (kind.api == Api::chat) bad[5][1].request.sampling.thinking_budget = 5;
    for (const auto& list : bad) CHECK(batches.submit("t", list).error().code == Code::invalid);
    const std::vector<BatchItem> many(batches.limits().max_items + 1, items(1).front());
    CHECK(batches.submit("t", many).error().message.find("at most") != std::string::npos);
    for (const char* id : {"", "../x", "a/b", "a?b"}) {
      CHECK(batches.poll(id).error().code == Code::invalid);
      CHECK(batches.cancel(id).error().code == Code::invalid);
    }
    CHECK(provider.requests().empty());
  }
  CHECK(test::remote("openai", "http://127.0.0.1:9/v1")->batches() == nullptr);
}

}  // namespace
}  // namespace assay
