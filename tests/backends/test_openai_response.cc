#include "backends/remote/openai_response.h"

#include "backends/remote/openai_usage.h"
#include "tests/support/catch.h"

namespace assay {
namespace {

BackendReply stream(const std::vector<std::string>& events, const std::optional<Error>& transport = {},
                    std::uint32_t choices = 1) {
  ChatReader s(choices);
  for (const std::string& event : events) s.feed("data: " + event + "\n\n");
  return s.finish(transport);
}

BackendReply read_chat_body(std::string_view body, std::uint32_t choices) { return ChatReader(choices).whole(body); }

std::string delta(const std::string& inner, const std::string& finish = "null", int index = 0) {
  return R"({"id":"c1","model":"m-1","choices":[{"index":)" + std::to_string(index) + R"(,"delta":)" + inner +
         R"(,"finish_reason":)" + finish + "}]}";
}

std::string whole(const std::string& message, const std::string& finish = "\"stop\"") {
  return R"({"id":"c1","model":"m-1","system_fingerprint":"fp","choices":[{"index":0,"message":)" + message +
         R"(,"finish_reason":)" + finish + "}]}";
}

const Response& only(const BackendReply& reply) {
  INFO((reply.error ? reply.error->message : std::string()));
  REQUIRE_FALSE(reply.error.has_value());
  REQUIRE(reply.responses.size() == 1);
  return reply.responses.front();
}

TEST_CASE("openai response: the same message whole and streamed") {
  struct Row {
    std::string message;
    std::string text;
    std::optional<std::string> reasoning;
    TraceKind kind = TraceKind::raw;
    std::string refusal = {};
  };
  const Row rows[] = {
      {R"({"role":"assistant","content":"hi"})", "hi", {}},
      {R"({"content":null})", "", {}},
      {R"({"content":""})", "", {}},
      {R"({"content":"a","reasoning_content":"b"})", "a", "b"},
      {R"({"content":"a","reasoning":"b"})", "a", "b"},
      {R"({"content":"a","reasoning":"b","reasoning_content":"b"})", "a", "b"},
      {R"({"content":"a","reasoning":"b","reasoning_content":""})", "a", "b"},
      {R"({"content":"a","reasoning":null,"reasoning_content":""})", "a", {}},
      {R"({"content":"a","reasoning_details":[{"type":"reasoning.text","text":"b"}]})", "a", "b"},
      {R"({"content":"a","reasoning":"b","reasoning_details":[{"type":"reasoning.summary","summary":"b"}]})",
       "a", "b", TraceKind::summary},
      {R"({"content":"a","reasoning_details":[{"type":"reasoning.encrypted","data":"xx"}]})",
       "a",
       {},
       TraceKind::encrypted},
      {R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"b"}]},{"type":"text","text":"a"}]})",
       "a", "b"},
      {R"({"content":null,"refusal":"no"})", "", {}, TraceKind::raw, "no"},
      {R"({"content":"\ud83d\ude00 \ud83d! \\ud83d"})", "\xF0\x9F\x98\x80 \xEF\xBF\xBD! \\ud83d", {}},
      {"{\"content\":\"bad \xff utf8\"}", "bad \xEF\xBF\xBD utf8", {}},
      {R"({"content":5,"reasoning":[1]})", "", {}},
      {R"({})", "", {}},
  };
  for (const Row& row : rows) {
    INFO(row.message);
    const std::string body = whole(row.message);
    for (const BackendReply& reply :
         {read_chat_body(body, 1), stream({delta(row.message, "\"stop\""), "[DONE]"})}) {
      const Response& r = only(reply);
      CHECK(r.text == row.text);
      CHECK(r.reasoning == row.reasoning);
      CHECK(r.reasoning_kind == row.kind);
      CHECK(r.refusal == row.refusal);
      CHECK(r.finish == FinishReason::stop);
      CHECK(r.server_model == "m-1");
      CHECK(r.request_id == "c1");
      CHECK_FALSE(r.usage.input.has_value());
    }
  }
  CHECK(only(read_chat_body(whole("{}"), 1)).fingerprint == "fp");
}

TEST_CASE("openai response: finish reasons by class, with the server's own word") {
  struct Row {
    std::string word;
    FinishReason reason;
  };
  const Row rows[] = {{"\"stop\"", FinishReason::stop},
                      {"\"length\"", FinishReason::length},
                      {"\"content_filter\"", FinishReason::content_filter},
                      {"\"tool_calls\"", FinishReason::tool_call},
                      {"\"eos_token\"", FinishReason::stop},
                      {"\"something\"", FinishReason::unknown},
                      {"null", FinishReason::unknown}};
  for (const Row& row : rows) {
    const BackendReply reply = read_chat_body(whole(R"({"content":"a"})", row.word), 1);
    CHECK(only(reply).finish == row.reason);
    CHECK(only(reply).finish_raw == (row.word == "null" ? "" : row.word.substr(1, row.word.size() - 2)));
  }
  CHECK(read_chat_body(whole("{}", "\"insufficient_system_resource\""), 1).error->code ==
        Code::exhausted);
  CHECK(stream({delta("{}", "\"abort\"")}).error->code == Code::unavailable);
}

TEST_CASE("openai response: damage is corrupt, a cut is unavailable, neither is a short answer") {
  struct Row {
    std::string body;
    Code code;
  };
  const Row bodies[] = {
      {"", Code::corrupt},
      {"not json", Code::corrupt},
      {"[]", Code::corrupt},
      {"{}", Code::corrupt},
      {"null", Code::corrupt},
      {R"({"choices":null})", Code::corrupt},
      {R"({"choices":[]})", Code::corrupt},
      {R"({"choices":{}})", Code::corrupt},
      {R"({"choices":[{"index":1,"message":{"content":"a"}}]})", Code::corrupt},
      {R"({"choices":[{"index":-1,"message":{"content":"a"}}]})", Code::corrupt},
      {R"({"error":{"message":"overloaded","code":503}})", Code::exhausted},
      {R"({"error":"x","choices":[{"message":{"content":"a"}}]})", Code::unavailable},
      {R"({"object":"error","message":"too long","code":400})", Code::invalid},
      {R"({"choices":[{"index":0,"error":{"code":502},"message":{"content":"a"}}]})", Code::unavailable},
      {R"({"choices":[{"message":{"content":"a"})", Code::corrupt},
  };
  for (const Row& row : bodies) {
    INFO(row.body);
    const BackendReply reply = read_chat_body(row.body, 1);
    REQUIRE(reply.error.has_value());
    CHECK(reply.responses.empty());
    CHECK(std::string(name(reply.error->code)) == name(row.code));
    CHECK_FALSE(reply.error->message.empty());
  }
  struct StreamRow {
    std::vector<std::string> events;
    Code code;
  };
  const std::string a = delta(R"({"content":"a"})");
  const StreamRow streams[] = {
      {{}, Code::corrupt},
      {{a}, Code::unavailable},
      {{"[DONE]"}, Code::corrupt},
      {{a, "{broken"}, Code::corrupt},
      {{a, "12"}, Code::corrupt},
      {{a, R"({"error":{"message":"died","code":500}})"}, Code::unavailable},
      {{a, R"({"error":{"type":"rate_limit_error"}})"}, Code::exhausted},
      {{a, delta(R"({"content":"b"})", "null", 1)}, Code::corrupt},
      {{a, delta("{}", "\"error\"")}, Code::unavailable},
  };
  for (const StreamRow& row : streams) {
    const BackendReply reply = stream(row.events);
    REQUIRE(reply.error.has_value());
    INFO(reply.error->message);
    CHECK(std::string(name(reply.error->code)) == name(row.code));
  }
}

TEST_CASE("openai stream: a complete stream is good whatever the connection does then") {
  const std::string a = delta(R"({"content":"a"})");
  const std::string stop = delta("{}", "\"stop\"");
  const Error reset{Code::unavailable, "reset"};
  const Error late{Code::deadline, "late"};
  CHECK(only(stream({a, stop}, reset)).text == "a");
  CHECK(only(stream({a, "[DONE]"}, late)).finish == FinishReason::unknown);
  CHECK(only(stream({a, stop, "[DONE]", "junk behind the end"})).text == "a");
  CHECK(stream({a}, reset).error->code == Code::unavailable);
  CHECK(stream({delta("{}")}, late).error->code == Code::deadline);
  const BackendReply cut = stream({a, a}, late);
  CHECK(only(cut).finish == FinishReason::deadline);
  CHECK(only(cut).text == "aa");
  const BackendReply thinking = stream({delta(R"({"reasoning_content":"hm"})")}, late);
  CHECK(only(thinking).reasoning == "hm");
  // The last event may lack its blank line; half an event is a cut.
  ChatReader unended(1);
  unended.feed("data: " + a + "\n\ndata: " + stop);
  CHECK(only(unended.finish({})).text == "a");
  ChatReader half(1);
  half.feed("data: " + a + "\n\ndata: " + stop.substr(0, 20));
  CHECK(half.finish({}).error->code == Code::unavailable);
}

TEST_CASE("openai stream: bytes may be cut anywhere") {
  const std::string text =
      ": keep-alive\r\n\r\ndata: " + delta("{\"role\":\"assistant\",\"content\":\"\"}") +
      "\r\n\r\ndata: " + delta("{\"reasoning\":\"\xF0\x9F\x98\x80\"}") +
      "\n\ndata: " + delta("{\"content\":\"\xE2\x82\xAC \\n\"}") + "\n\ndata: " + delta("{}", "\"stop\"") +
      "\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: "
      "[DONE]\n\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    ChatReader s(1);
    s.feed(std::string_view(text).substr(0, cut));
    s.feed(std::string_view(text).substr(cut));
    const BackendReply reply = s.finish({});
    const Response& r = only(reply);
    if (r.text == "\xE2\x82\xAC \n" && r.reasoning == "\xF0\x9F\x98\x80" && r.usage.input == 3) continue;
    FAIL("cut at " << cut);
  }
  ChatReader drip(1);
  for (const char c : text) drip.feed({&c, 1});
  CHECK(only(drip.finish({})).text == "\xE2\x82\xAC \n");
  for (std::size_t cut = 0; cut + 60 < text.size(); ++cut) {
    ChatReader s(1);
    s.feed(std::string_view(text).substr(0, cut));
    const BackendReply reply = s.finish({});
    if (!reply.error) CHECK(reply.responses.front().finish == FinishReason::stop);
  }
}

TEST_CASE("openai response: several choices in order of index, their usage summing to the request's") {
  const std::string usage =
      R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":7,"cost":0.00002}})";
  const BackendReply reply =
      stream({delta(R"({"content":"b"})", "null", 1), delta(R"({"content":"a"})", "null", 0),
              delta("{}", "\"length\"", 0), delta("{}", "\"stop\"", 1), usage, "[DONE]"},
             {}, 2);
  REQUIRE(reply.responses.size() == 2);
  CHECK(reply.responses[0].text == "a");
  CHECK(reply.responses[0].finish == FinishReason::length);
  CHECK(reply.responses[1].text == "b");
  CHECK(reply.responses[0].usage.input == 10);
  CHECK(reply.responses[1].usage.input == 0);
  CHECK(reply.responses[0].usage.output == 4);
  CHECK(reply.responses[1].usage.output == 3);
  CHECK(reply.responses[0].provider_cost_pico == 20'000'000);
  CHECK(stream({delta(R"({"content":"b"})", "\"stop\"", 1), "[DONE]"}, {}, 2).error->code == Code::corrupt);
  CHECK(read_chat_body(R"({"choices":[{"message":{"content":"a"}},{"message":{"content":"b"}}]})", 2)
            .responses[1]
            .text == "b");
}

TEST_CASE("openai usage: disjoint buckets from each convention") {
  struct Row {
    std::string usage;
    std::optional<std::int64_t> input, cached, output, reasoning;
  };
  const Row rows[] = {
      {R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":15})", 10, {}, 5, {}},
      {R"({"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}})",
       6, 4, 2, 3},
      {R"({"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":null,"completion_tokens_details":{}})",
       10,
       {},
       5,
       {}},
      {R"({"prompt_tokens":10,"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":2,"completion_tokens":1})",
       2,
       8,
       1,
       {}},
      {R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":35,"completion_tokens_details":{"reasoning_tokens":20}})",
       10,
       {},
       5,
       20},
      {R"({"prompt_tokens":10,"completion_tokens":5,"completion_tokens_details":{"reasoning_tokens":9}})",
       10,
       {},
       0,
       9},
      {R"({"prompt_tokens":3,"prompt_tokens_details":{"cached_tokens":5}})", 0, 5, {}, {}},
      {R"({"prompt_tokens":-1,"completion_tokens":"5"})", {}, {}, {}, {}},
      {R"({"prompt_tokens":1e300,"completion_tokens":18446744073709551615})", {}, {}, {}, {}},
      {R"({})", {}, {}, {}, {}},
  };
  for (const Row& row : rows) {
    INFO(row.usage);
    const Usage u = openai_usage(parse_json(row.usage).value());
    CHECK(u.input == row.input);
    CHECK(u.cached_input == row.cached);
    CHECK(u.output == row.output);
    CHECK(u.reasoning == row.reasoning);
    CHECK_FALSE(u.cache_write.has_value());
  }
}

}  // namespace
}  // namespace assay
