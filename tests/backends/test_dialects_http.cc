// Responses, Messages and generateContent over real connections: what is sent, and what comes of what is
// answered.
#include "harness/api/catalog.h"
#include "tests/backends/remote_client.h"
#include "tests/backends/reply_cases.h"
#include "tests/support/http_server.h"

namespace assay {
namespace {

struct Wire {
  const char* backend;
  const char* path;  // of a stream
  const char* whole_path;
  const char* key_header;
  const char* key_prefix;
  std::vector<std::string> events;  // text "18", reasoning "9+9", usage 7 in, 2 out, 3 of reasoning
  std::string whole;
  std::string broken;    // an event that states an error: exhausted
  std::string overload;  // an error body
  int overload_status;
};

const std::vector<Wire>& wires() {
  static const std::vector<Wire> kWires = {
      {"openai-responses",
       "/v1/responses",
       "/v1/responses",
       "Authorization",
       "Bearer ",
       {R"({"type":"response.created","response":{"id":"r"}})",
        R"({"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"9+9"})",
        R"({"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"18"})",
        R"({"type":"response.completed","response":{"id":"r","model":"m-1","status":"completed","output":[],"usage":)"
        R"({"input_tokens":7,"output_tokens":5,"output_tokens_details":{"reasoning_tokens":3}}}})"},
       R"({"id":"r","model":"m-1","status":"completed","output":[{"type":"reasoning","summary":[{"type":"summary_text",)"
       R"("text":"9+9"}]},{"type":"message","content":[{"type":"output_text","text":"18"}]}],"usage":)"
       R"({"input_tokens":7,"output_tokens":5,"output_tokens_details":{"reasoning_tokens":3}}})",
       R"({"type":"error","code":"rate_limit_exceeded","message":"slow"})",
       R"({"error":{"message":"slow","type":"requests","code":"rate_limit_exceeded"}})",
       429},
      {"anthropic",
       "/v1/messages",
       "/v1/messages",
       "x-api-key",
       "",
       {R"({"type":"message_start","message":{"id":"m","model":"m-1","usage":{"input_tokens":7,"output_tokens":1}}})",
        R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"9+9"}})",
        R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"18"}})",
        R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5,)"
        R"("output_tokens_details":{"thinking_tokens":3}}})",
        R"({"type":"message_stop"})"},
       R"({"id":"m","model":"m-1","content":[{"type":"thinking","thinking":"9+9"},{"type":"text","text":"18"}],)"
       R"("stop_reason":"end_turn","usage":{"input_tokens":7,"output_tokens":5,"output_tokens_details":{"thinking_tokens":3}}})",
       R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
       R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
       529},
      {"gemini",
       "/v1/models/test-model:streamGenerateContent?alt=sse",
       "/v1/models/test-model:generateContent",
       "x-goog-api-key",
       "",
       {R"({"candidates":[{"content":{"parts":[{"text":"9+9","thought":true}]}}],"modelVersion":"m-1"})",
        R"({"candidates":[{"content":{"parts":[{"text":"18"}]},"finishReason":"STOP"}],"usageMetadata":)"
        R"({"promptTokenCount":7,"candidatesTokenCount":2,"thoughtsTokenCount":3,"totalTokenCount":12}})"},
       R"({"candidates":[{"content":{"parts":[{"text":"9+9","thought":true},{"text":"18"}]},"finishReason":"STOP"}],)"
       R"("modelVersion":"m-1","usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":2,"thoughtsTokenCount":3}})",
       R"({"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}})",
       R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"slow","details":[{"@type":)"
       R"("type.googleapis.com/google.rpc.RetryInfo","retryDelay":"7s"}]}})",
       429}};
  return kWires;
}

BackendReply ask_once(const Wire& wire, bool stream, const HttpServer::Handler& handler,
                      double timeout_s = 20) {
  HttpServer server(handler);
  const Json options = {{"stream", stream}, {"output_limit", 100}};
  const auto b = test::remote(wire.backend, server.url() + "/v1", options, timeout_s);
  return test::ask(*b);
}

void send_events(Peer& p, const std::vector<std::string>& events) {
  p.begin_stream();
  for (const std::string& event : events) p.chunk("event: x\ndata: " + event + "\n\n");
}

TEST_CASE("dialects over HTTP: streamed and whole, the key in the header of the API") {
  for (const Wire& wire : wires()) {
    for (const bool stream : {true, false}) {
      INFO(wire.backend << (stream ? ", streamed" : ", whole"));
      ServedRequest seen;
      const BackendReply reply = ask_once(wire, stream, [&](const ServedRequest& r, Peer& p) {
        seen = r;
        if (!stream) {
          p.respond(200, wire.whole, "application/json; charset=utf-8", "request-id: req_9\r\n");
          return;
        }
        send_events(p, wire.events);
        p.chunk("");
      });
      const Response& r = only_response(reply);
      CHECK(r.text == "18");
      CHECK(r.reasoning == "9+9");
      CHECK(r.finish == FinishReason::stop);
      CHECK(r.usage.input == 7);
      CHECK(r.usage.output == 2);
      CHECK(r.usage.reasoning == 3);
      CHECK(r.server_model == "m-1");
      CHECK(r.timing.first_token.has_value() == stream);
      CHECK(seen.method == "POST");
      CHECK(seen.target == (stream ? wire.path : wire.whole_path));
      CHECK(seen.header(wire.key_header) == std::string(wire.key_prefix) + test::kCanary);
      CHECK(seen.header("Content-Type") == "application/json");
      CHECK(parse_json(seen.body).ok());
      CHECK(test::everything(reply).find(test::kCanary) == std::string::npos);
    }
  }
}

TEST_CASE("dialects over HTTP: an overloaded server backs the client off, in a status and in a stream") {
  for (const Wire& wire : wires()) {
    INFO(wire.backend);
    const BackendReply refused = ask_once(
        wire, true, [&](const ServedRequest&, Peer& p) { p.respond(wire.overload_status, wire.overload); });
    REQUIRE(refused.error.has_value());
    CHECK(refused.error->code == Code::exhausted);
    CHECK(refused.error->http_status == wire.overload_status);
    CHECK_FALSE(refused.error->may_be_billed);
    if (std::string(wire.backend) == "gemini") CHECK(refused.error->retry_after == 7.0);
    const BackendReply broken = ask_once(wire, true, [&](const ServedRequest&, Peer& p) {
      send_events(p, {wire.events.front(), wire.broken});
      p.chunk("");
    });
    REQUIRE(broken.error.has_value());
    CHECK(broken.error->code == Code::exhausted);
    CHECK(broken.responses.empty());
    CHECK(broken.error->message.rfind(wire.backend, 0) == 0);
  }
}

TEST_CASE("dialects over HTTP: a cut stream is repeated, a slow one is kept, an error body is no answer") {
  for (const Wire& wire : wires()) {
    INFO(wire.backend);
    const std::vector<std::string> part(wire.events.begin(), wire.events.end() - 1);
    const std::vector<std::string> most(
        part.begin(), part.begin() + (part.size() > 3 ? 3 : static_cast<long>(part.size())));
    const BackendReply cut = ask_once(wire, true, [&](const ServedRequest&, Peer& p) {
      send_events(p, most);
      p.reset();
    });
    REQUIRE(cut.error.has_value());
    CHECK(cut.error->code == Code::unavailable);
    CHECK(cut.error->may_be_billed);
    const BackendReply slow = ask_once(
        wire, true,
        [&](const ServedRequest&, Peer& p) {
          send_events(p, most);
          p.wait_ms(10'000);
        },
        0.5);
    CHECK(only_response(slow).finish == FinishReason::deadline);
    CHECK(only_response(slow).reasoning == "9+9");
    CHECK_FALSE(only_response(slow).usage.output.has_value());
    const BackendReply page = ask_once(
        wire, true, [](const ServedRequest&, Peer& p) { p.respond(200, "<html>busy</html>", "text/html"); });
    REQUIRE(page.error.has_value());
    CHECK(page.error->code == Code::corrupt);
  }
}

TEST_CASE("dialects over HTTP: options that an API does not have, and requests that it cannot be told") {
  struct Row {
    const char* backend;
    Json options;
    const char* word;
  };
  const Row rows[] = {{"anthropic", {{"thinking", "sometimes"}}, "adaptive"},
                      {"anthropic", {{"cache", "1d"}}, "1h"},
                      {"anthropic", {{"stop", 1}}, "stop"},
                      {"gemini", {{"max_choices", 9}}, "max_choices"},
                      {"gemini", {{"include_thoughts", "yes"}}, "include_thoughts"},
                      {"openai-responses", {{"summary", "long"}}, "detailed"},
                      {"openai-responses", {{"store", true}}, "store"}};
  for (const Row& row : rows) {
    INFO(row.backend << " " << row.options.dump());
    for (const BackendEntry& entry : backend_catalog()) {
      if (entry.id != row.backend) continue;
      BackendOptions o;
      o.model = "m";
      o.api_key = "k";
      o.options = row.options;
      const auto made = entry.make(o);
      REQUIRE_FALSE(made.ok());
      CHECK(made.error().message.find(row.word) != std::string::npos);
    }
  }
  for (const Wire& wire : wires()) {
    INFO(wire.backend);
    HttpServer server([](const ServedRequest&, Peer& p) { p.respond(500, ""); });
    const auto b = test::remote(wire.backend, server.url() + "/v1", {{"output_limit", 100}});
    Request r = test::request();
    r.sampling.min_p = 0.1;
    const BackendReply reply = test::ask(*b, r);
    REQUIRE(reply.error.has_value());
    CHECK(reply.error->code == Code::invalid);
    CHECK_FALSE(reply.error->may_be_billed);
    CHECK(reply.error->message ==
          std::string(wire.backend) + ": min_p is set, and this API has no such parameter");
    CHECK(server.requests() == 0);
  }
}

}  // namespace
}  // namespace assay
