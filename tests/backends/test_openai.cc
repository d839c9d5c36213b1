// The `openai` backend against a real server on the loopback interface.
#include "backends/remote/openai.h"

#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "tests/backends/openai_server.h"
#include "tests/backends/remote_client.h"
#include "tests/support/catch.h"
#include "tests/support/http_server.h"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;

using test::ask;
using test::everything;
using test::kCanary;
using test::request;

std::unique_ptr<Backend> backend(const std::string& url, Json options = Json::object(), double timeout_s = 20) {
  return test::remote("openai", url + "/v1/", std::move(options), timeout_s);
}

class Bench {
 public:
  Bench()
      : server_([](const ServedRequest& r, Peer& peer) {
          test::serve_openai(r.target.substr(r.target.rfind('/') + 1), peer, r);
        }) {}
  BackendReply ask_for(const std::string& mode, Json options = Json::object(), double timeout_s = 20,
                       Request r = request()) {
    options["path"] = "/" + mode;
    return ask(*backend(server_.url(), std::move(options), timeout_s), std::move(r));
  }
  const HttpServer& server() const { return server_; }

 private:
  HttpServer server_;
};

TEST_CASE("openai: answers, whole and streamed, whatever type the server names") {
  Bench bench;
  struct Row {
    std::string mode;
    bool stream;
    std::string text;
  };
  const Row rows[] = {{"stream", true, "<think>so</think>18"},
                      {"whole", false, "18"},
                      {"whole", true, "18"},
                      {"stream", false, "<think>so</think>18"},
                      {"whole-untyped", true, "18"},
                      {"stream-untyped", true, "18"},
                      {"close-after-stop", true, "18"},
                      {"reset-after-stop", true, "18"},
                      {"bad-utf8", true,
                       "a\xEF\xBF\xBD"
                       "b"}};
  for (const Row& row : rows) {
    INFO(row.mode << (row.stream ? " streamed" : " whole"));
    const BackendReply reply = bench.ask_for(row.mode, {{"stream", row.stream}});
    INFO((reply.error ? reply.error->message : std::string()));
    REQUIRE(reply.responses.size() == 1);
    const Response& r = reply.responses.front();
    CHECK(r.text == row.text);
    CHECK(r.finish == FinishReason::stop);
    CHECK(r.timing.total > 0);
    if (row.mode == "stream") {
      CHECK(r.usage.input == 9);
      CHECK(r.usage.output == 4);
      CHECK(r.request_id == "req-7");
      CHECK(r.timing.first_token.has_value());
    }
    if (row.mode == "whole") CHECK(r.request_id == "c1");
    CHECK(r.raw.empty() == row.stream);
  }
}

TEST_CASE("openai: the request carries key, model and messages; base URLs may end in a slash") {
  std::promise<ServedRequest> seen;
  HttpServer server([&seen](const ServedRequest& r, Peer& peer) {
    seen.set_value(r);
    peer.respond(200, test::kWholeAnswer);
  });
  Request r = request();
  r.sampling.max_tokens = 5;
  ask(*backend(server.url(), {{"headers", {{"X-Org", "us"}}}}), r);
  const ServedRequest got = seen.get_future().get();
  CHECK(got.method == "POST");
  CHECK(got.target == "/v1/chat/completions");
  CHECK(got.header("authorization") == std::string("Bearer ") + kCanary);
  CHECK(got.header("x-org") == "us");
  CHECK(got.header("content-type") == "application/json");
  CHECK(got.header("expect").empty());
  const Json body = parse_json(got.body).value();
  CHECK(body["model"] == "test-model");
  CHECK(body["max_tokens"] == 5);
  CHECK(body["stream"] == true);
}

TEST_CASE("openai: every fault has its code and none is an answer") {
  Bench bench;
  struct Row {
    std::string mode;
    Code code;
    Json options = Json::object();
    double timeout_s = 20;
  };
  const Row rows[] = {
      {"400", Code::invalid},
      {"401", Code::invalid},
      {"403", Code::invalid},
      {"404", Code::invalid},
      {"422", Code::invalid},
      {"408", Code::unavailable},
      {"409", Code::unavailable},
      {"500", Code::unavailable},
      {"502", Code::unavailable},
      {"503", Code::exhausted},
      {"529", Code::exhausted},
      {"429-seconds", Code::exhausted},
      {"429-quota", Code::invalid},
      {"redirect", Code::invalid},
      {"html", Code::corrupt},
      {"empty", Code::corrupt},
      {"empty", Code::corrupt, {{"stream", false}}},
      {"reset-in-stream", Code::unavailable},
      {"close-in-stream", Code::unavailable},
      {"wrong-length", Code::unavailable},
      {"error-event", Code::exhausted},
      {"bad-json", Code::corrupt},
      {"flood", Code::corrupt, {{"max_response_bytes", 200000}}},
      {"flood-500", Code::unavailable},
      {"silence", Code::deadline, Json::object(), 0.2},
      {"silence", Code::unavailable, {{"first_byte_timeout_s", 0.1}}},
      {"open-but-silent", Code::deadline, Json::object(), 0.2},
      {"open-but-silent", Code::unavailable, {{"idle_timeout_s", 0.1}}},
  };
  for (const Row& row : rows) {
    INFO(row.mode << " " << row.options.dump());
    const BackendReply reply = bench.ask_for(row.mode, row.options, row.timeout_s);
    CHECK(reply.responses.empty());
    REQUIRE(reply.error.has_value());
    INFO(reply.error->message);
    CHECK(std::string(name(reply.error->code)) == name(row.code));
    CHECK(reply.error->message.rfind("openai: http://127.0.0.1:", 0) == 0);
    CHECK(reply.error->message.find('\n') == std::string::npos);
    CHECK(reply.error->body.size() <= 2048);
    CHECK(everything(reply).find("canary") == std::string::npos);
  }
  CHECK(bench.ask_for("429-seconds").error->retry_after == 1.5);
  CHECK(bench.ask_for("429-seconds").error->http_status == 429);
  CHECK(bench.ask_for("429-date").error->retry_after == 4);
  CHECK_FALSE(bench.ask_for("500").error->retry_after.has_value());
}

TEST_CASE("openai: a deadline while tokens arrive gives what came") {
  Bench bench;
  const auto start = Clock::now();
  BackendReply reply = bench.ask_for("drip", Json::object(), 0.3);
  REQUIRE(reply.responses.size() == 1);
  CHECK(reply.responses[0].finish == FinishReason::deadline);
  CHECK(reply.responses[0].text.substr(0, 4) == "x x ");
  CHECK_FALSE(reply.responses[0].usage.output.has_value());
  Request r = request();
  r.deadline = Clock::now() + std::chrono::milliseconds(200);
  reply = bench.ask_for("drip", Json::object(), 20, r);
  REQUIRE(reply.responses.size() == 1);
  CHECK(reply.responses[0].finish == FinishReason::deadline);
  CHECK(Clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("openai: refusals and filters are responses") {
  Bench bench;
  BackendReply reply = bench.ask_for("refusal");
  REQUIRE(reply.responses.size() == 1);
  CHECK(reply.responses[0].refusal == "I cannot");
  reply = bench.ask_for("filter");
  REQUIRE(reply.responses.size() == 1);
  CHECK(reply.responses[0].finish == FinishReason::content_filter);
}

TEST_CASE("openai: the key reaches the server and nothing else") {
  Bench bench;
  for (const bool raw : {false, true}) {
    for (const std::string mode :
         {"echo-key", "echo-key-whole", "echo-key-401", "echo-key-long", "echo-key-event", "echo-key-slashed",
          "echo-key-slashed-401", "echo-key-slashed-event"}) {
      INFO(mode);
      const BackendReply reply = bench.ask_for(mode, {{"keep_raw", raw}});
      const std::string all = everything(reply);
      CHECK_FALSE(all.empty());
      CHECK(all.find(kCanary) == std::string::npos);
      // The stream's own bytes may hold its halves, since the server had cut it in two.
      if (mode != "echo-key") CHECK(all.find("canary") == std::string::npos);
    }
  }
  BackendOptions o;
  o.model = "m";
  o.api_key = kCanary;
  o.base_url = std::string("http://") + kCanary + ":" + kCanary + "@127.0.0.1:1/" + kCanary;
  o.options = {{"use_proxy", false}};
  auto made = make_openai(o);
  REQUIRE(made.ok());
  CHECK(everything(ask(**made)).find("canary") == std::string::npos);
  const BackendInfo info = (*made)->describe();
  CHECK((info.id + info.model + info.revision).find("canary") == std::string::npos);
  o.api_key = std::string("two\nlines-") + kCanary;
  auto bad = make_openai(o);
  REQUIRE_FALSE(bad.ok());
  CHECK(bad.error().message.find("canary") == std::string::npos);
}

TEST_CASE("openai: options are checked by name") {
  struct Row {
    Json options;
    std::string base_url;
    std::string wanted;
  };
  const Row rows[] = {{{{"streem", true}}, "http://h", "unknown option streem"},
                      {{{"stream", "yes"}}, "http://h", "option stream must be true or false"},
                      {{{"headers", {{"a", 1}}}}, "http://h", "option headers"},
                      {{{"max_choices", 0}}, "http://h", "option max_choices"},
                      {Json::object(), "ftp://h", "only http and https"},
                      {Json::object(), "h/v1", "base URL"},
                      {Json::object(), "", "no API key"}};
  for (const Row& row : rows) {
    BackendOptions o;
    o.model = "m";
    o.base_url = row.base_url;
    o.options = row.options;
    auto made = make_openai(o);
    REQUIRE_FALSE(made.ok());
    INFO(made.error().message);
    CHECK(made.error().code == Code::invalid);
    CHECK(made.error().message.find(row.wanted) != std::string::npos);
  }
  BackendOptions o;
  o.base_url = "http://h";
  CHECK(make_openai(o).error().message.find("no model") != std::string::npos);
}

TEST_CASE("openai: bounds are worst cases, and unknown is unknown") {
  auto b = backend("http://127.0.0.1:1", {{"max_choices", 4}});
  Request r = request();
  CHECK(b->bound(r).input.value() >= 17);
  CHECK_FALSE(b->bound(r).output.has_value());
  r.sampling.max_tokens = 100;
  r.choices = 3;
  CHECK(b->bound(r).output == 300);
  auto limited = backend("http://127.0.0.1:1", {{"output_limit", 64}});
  CHECK(limited->bound(r).output == 192);
  CHECK(b->describe().max_choices == 4);
  CHECK_FALSE(b->describe().can_continue);
  CHECK(backend("http://127.0.0.1:1", {{"continue", "vllm"}})->describe().can_continue);
}

TEST_CASE("openai: hundreds in flight, each answered with its own text") {
  Bench bench;
  auto b = backend(bench.server().url(), {{"path", "/echo"}});
  constexpr int kCount = 500;
  std::atomic<int> good{0};
  std::atomic<int> called{0};
  std::promise<void> all;
  for (int i = 0; i < kCount; ++i) {
    Request r = request();
    r.messages[0].content = format("question {};", i);
    b->submit(std::move(r), [&, i](const BackendReply& reply) {
      good += !reply.error && reply.responses[0].text.find(format("question {};", i)) != std::string::npos;
      if (++called == kCount) all.set_value();
    });
  }
  CHECK(all.get_future().wait_for(std::chrono::seconds(60)) == std::future_status::ready);
  CHECK(good == kCount);
  CHECK(bench.server().connections() <= 16);
}

TEST_CASE("openai: done is called once under cancel and destruction") {
  Bench bench;
  for (int round = 0; round < 10; ++round) {
    constexpr int kCount = 60;
    auto b = backend(bench.server().url(), {{"path", round % 2 == 0 ? "/drip" : "/stream"}});
    std::vector<std::atomic<int>> calls(kCount);
    std::atomic<int> wrong{0};
    std::vector<RequestId> ids;
    std::vector<Request> requests;
    for (int i = 0; i < kCount; ++i) {
      requests.push_back(request());
      ids.push_back(requests.back().id);
    }
    std::thread canceller([&] {
      for (int i = 0; i < kCount; i += 2) b->cancel(ids[static_cast<std::size_t>(i)]);
    });
    for (int i = 0; i < kCount; ++i) {
      b->submit(requests[static_cast<std::size_t>(i)], [&, i](const BackendReply& reply) {
        ++calls[static_cast<std::size_t>(i)];
        if (reply.error ? reply.error->code != Code::cancelled : reply.responses.size() != 1) ++wrong;
      });
    }
    canceller.join();
    for (int i = 0; i < kCount; i += 3) b->cancel(ids[static_cast<std::size_t>(i)]);
    std::this_thread::sleep_for(std::chrono::milliseconds(round * 3));
    b.reset();
    int once = 0;
    for (const auto& n : calls) once += n == 1;
    CHECK(once == kCount);
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace assay
