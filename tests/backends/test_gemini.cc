// Shapes written after ai.google.dev: api/generate-content, gemini-api/docs/thinking.
#include "backends/remote/gemini_reply.h"
#include "backends/remote/gemini_request.h"
#include "tests/backends/reply_cases.h"

namespace assay {
namespace {

MakeReader reader(std::uint32_t choices = 1) {
  return [choices] { return gemini_reader(choices); };
}

std::string chunk(
    const std::string& parts, const std::string& finish = "",
    const std::string& usage = R"({"promptTokenCount":10,"candidatesTokenCount":3,"totalTokenCount":13})") {
  return R"({"candidates":[{"content":{"role":"model","parts":)" + parts + R"(},"index":0)" +
         (finish.empty() ? "" : R"(,"finishReason":")" + finish + "\"") + R"(}],"usageMetadata":)" + usage +
         R"(,"modelVersion":"gemini-x","responseId":"r1"})";
}

TEST_CASE("gemini reply: parts become text and the summary of the thinking") {
  struct Row {
    const char* parts;
    const char* text;
    std::optional<std::string> reasoning;
    TraceKind kind;
  };
  const Row rows[] = {
      {R"([{"text":"hi"}])", "hi", {}, TraceKind::raw},
      {R"([{"text":"**Adding**\n","thought":true},{"text":"4","thoughtSignature":"c2ln"}])", "4",
       "**Adding**\n", TraceKind::summary},
      {R"([{"text":"a","thought":false},{"text":"b"}])", "ab", {}, TraceKind::raw},
      {R"([{"text":"4","thoughtSignature":"c2ln"}])", "4", {}, TraceKind::encrypted},
      {R"([{"functionCall":{"name":"f","args":{}}}])", "", {}, TraceKind::raw},
      {R"([])", "", {}, TraceKind::raw},
      {R"(null)", "", {}, TraceKind::raw},
      {R"([5,{"text":7},{"text":"a"}])", "a", {}, TraceKind::raw},
  };
  for (const Row& row : rows) {
    INFO(row.parts);
    const BackendReply whole = reader()()->whole(chunk(row.parts, "STOP"));
    CHECK(same_outcome(whole, read_events(reader(), {chunk(row.parts, "STOP")})));
    const Response& r = only_response(whole);
    CHECK(r.text == row.text);
    CHECK(r.reasoning == row.reasoning);
    CHECK(r.reasoning_kind == row.kind);
    CHECK(r.finish == FinishReason::stop);
    CHECK(r.server_model == "gemini-x");
    CHECK(r.request_id == "r1");
    CHECK(r.usage.input == 10);
    CHECK(r.usage.output == 3);
  }
  // A candidate without content: all of its tokens went into the thinking.
  const Response r = only_response(reader()()->whole(
      R"({"candidates":[{"finishReason":"MAX_TOKENS","index":0}],"usageMetadata":{"promptTokenCount":10,"totalTokenCount":110,"thoughtsTokenCount":100}})"));
  CHECK(r.text.empty());
  CHECK(r.finish == FinishReason::length);
  CHECK(r.reasoning_kind == TraceKind::hidden);
  CHECK(r.usage.output == 0);
  CHECK(r.usage.reasoning == 100);
}

TEST_CASE("gemini reply: a stream says the same as the whole, however it is cut") {
  const std::vector<std::string> events = {
      chunk(R"([{"text":"Adding ","thought":true}])", "",
            R"({"promptTokenCount":10,"totalTokenCount":15,"thoughtsTokenCount":5})"),
      chunk(R"([{"text":"two","thought":true}])"), chunk(R"([{"text":"It "}])"),
      chunk(
          R"([{"text":"is \u20ac4"}])", "STOP",
          R"({"promptTokenCount":10,"candidatesTokenCount":4,"thoughtsTokenCount":7,"totalTokenCount":21})")};
  const Response r = only_response(read_events(reader(), events));
  CHECK(r.text ==
        "It is \xE2\x82\xAC"
        "4");
  CHECK(r.reasoning == "Adding two");
  CHECK(r.usage.output == 4);
  CHECK(r.usage.reasoning == 7);
  check_cuts(reader(), events);
  const std::vector<std::string> early(events.begin(), events.end() - 1);
  CHECK(read_events(reader(), early).error->code == Code::unavailable);
  const Response late = only_response(read_events(reader(), early, Error{Code::deadline, "late"}));
  CHECK(late.text == "It ");
  CHECK(late.finish == FinishReason::deadline);
}

TEST_CASE("gemini reply: finish reasons by class, with the server's own word") {
  struct Row {
    const char* word;
    FinishReason reason;
  };
  const Row rows[] = {{"STOP", FinishReason::stop},
                      {"MAX_TOKENS", FinishReason::length},
                      {"SAFETY", FinishReason::content_filter},
                      {"RECITATION", FinishReason::content_filter},
                      {"LANGUAGE", FinishReason::content_filter},
                      {"BLOCKLIST", FinishReason::content_filter},
                      {"PROHIBITED_CONTENT", FinishReason::content_filter},
                      {"SPII", FinishReason::content_filter},
                      {"MALFORMED_FUNCTION_CALL", FinishReason::tool_call},
                      {"UNEXPECTED_TOOL_CALL", FinishReason::tool_call},
                      {"OTHER", FinishReason::unknown},
                      {"REASON_OF_NEXT_YEAR", FinishReason::unknown}};
  for (const Row& row : rows) {
    INFO(row.word);
    const Response r = only_response(reader()()->whole(chunk(R"([{"text":"a"}])", row.word)));
    CHECK(r.finish == row.reason);
    CHECK(r.finish_raw == row.word);
  }
  CHECK(reader()()->whole(chunk("[]", "MALFORMED_RESPONSE")).error->code == Code::unavailable);
}

TEST_CASE("gemini reply: a blocked prompt is a filtered answer to every choice") {
  const std::string blocked =
      R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7}})";
  for (const BackendReply& reply : {reader(2)()->whole(blocked), read_events(reader(2), {blocked})}) {
    REQUIRE(reply.responses.size() == 2);
    for (const Response& r : reply.responses) {
      CHECK(r.text.empty());
      CHECK(r.finish == FinishReason::content_filter);
      CHECK(r.finish_raw == "PROHIBITED_CONTENT");
    }
    CHECK(reply.responses[0].usage.input == 7);
    CHECK(reply.responses[1].usage.input == 0);
  }
  const std::string fine =
      R"({"promptFeedback":{"safetyRatings":[]},)" + chunk(R"([{"text":"a"}])", "STOP").substr(1);
  CHECK(only_response(reader()()->whole(fine)).text == "a");
}

TEST_CASE("gemini reply: several candidates, their usage summing to the request's") {
  const std::string body =
      R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"},)"
      R"({"content":{"parts":[{"text":"b"}]},"finishReason":"MAX_TOKENS","index":1}],)"
      R"("usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":7,"thoughtsTokenCount":5,"totalTokenCount":22}})";
  const BackendReply reply = reader(2)()->whole(body);
  REQUIRE(reply.responses.size() == 2);
  CHECK(reply.responses[0].text == "a");
  CHECK(reply.responses[1].text == "b");
  CHECK(reply.responses[1].finish == FinishReason::length);
  CHECK(reply.responses[0].usage.output == 4);
  CHECK(reply.responses[1].usage.output == 3);
  CHECK(reply.responses[0].usage.reasoning == 3);
  CHECK(reply.responses[1].usage.reasoning == 2);
  CHECK(reader(1)()->whole(body).error->code == Code::corrupt);
  CHECK(reader(3)()->whole(body).error->code == Code::corrupt);
}

TEST_CASE("gemini reply: damage and errors are no answers") {
  for (const char* body :
       {"", "not json", "[]", "{}", "null", R"({"candidates":null})", R"({"candidates":[]})",
        R"({"candidates":{}})", R"({"candidates":[{"index":-1}]})", R"({"usageMetadata":{}})"}) {
    INFO(body);
    CHECK(reader()()->whole(body).error->code == Code::corrupt);
  }
  struct Row {
    const char* error;
    Code code;
  };
  const Row rows[] = {{R"({"code":503,"message":"m","status":"UNAVAILABLE"})", Code::exhausted},
                      {R"({"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"})", Code::exhausted},
                      {R"({"code":500,"message":"m","status":"INTERNAL"})", Code::unavailable},
                      {R"({"code":504,"message":"m","status":"DEADLINE_EXCEEDED"})", Code::unavailable},
                      {R"({"code":400,"message":"m","status":"INVALID_ARGUMENT"})", Code::invalid},
                      {R"({"message":"m","status":"PERMISSION_DENIED"})", Code::invalid},
                      {R"({"message":"m"})", Code::unavailable},
                      {R"("m")", Code::unavailable}};
  for (const Row& row : rows) {
    INFO(row.error);
    const std::string body = R"({"error":)" + std::string(row.error) + "}";
    for (const BackendReply& reply :
         {reader()()->whole(body), read_events(reader(), {chunk(R"([{"text":"a"}])"), body})}) {
      REQUIRE(reply.error.has_value());
      CHECK(reply.error->code == row.code);
    }
  }
  CHECK(read_events(reader(), {"not json"}).error->code == Code::corrupt);
  CHECK(read_events(reader(), {}).error->code == Code::corrupt);
}

TEST_CASE("gemini errors: a day's quota is not waited for, a minute's is as long as the server says") {
  const auto error = [](const std::string& quota) {
    return R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[
      {"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":")" +
           quota + R"("}]},
      {"@type":"type.googleapis.com/google.rpc.Help","links":[]},
      {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}})";
  };
  CHECK(gemini_error_code(429, error("GenerateRequestsPerDayPerProjectPerModel-FreeTier")) == Code::invalid);
  CHECK_FALSE(gemini_error_code(429, error("GenerateRequestsPerMinutePerProjectPerModel")).has_value());
  CHECK_FALSE(gemini_error_code(503, error("GenerateRequestsPerDayPerProjectPerModel")).has_value());
  CHECK_FALSE(gemini_error_code(429, "gateway").has_value());
  CHECK(gemini_retry_delay(error("x")) == 34.5);
  CHECK(gemini_retry_delay("[" + error("x") + "]") == 34.5);
  CHECK_FALSE(
      gemini_retry_delay(R"({"error":{"details":[{"@type":"google.rpc.RetryInfo","retryDelay":"soon"}]}})"));
  CHECK_FALSE(gemini_retry_delay("").has_value());
}

TEST_CASE("gemini usage: thoughts outside the candidates, the cache inside the prompt") {
  struct Row {
    const char* usage;
    std::optional<std::int64_t> input, cached, output, reasoning;
  };
  const Row rows[] = {
      {R"({"promptTokenCount":100,"cachedContentTokenCount":60,"candidatesTokenCount":20,"thoughtsTokenCount":30,"totalTokenCount":150})",
       40, 60, 20, 30},
      {R"({"promptTokenCount":100,"toolUsePromptTokenCount":7,"candidatesTokenCount":20,"totalTokenCount":127})",
       107,
       {},
       20,
       {}},
      {R"({"promptTokenCount":100,"thoughtsTokenCount":30,"totalTokenCount":130})", 100, {}, 0, 30},
      {R"({"promptTokenCount":100,"totalTokenCount":100})", 100, {}, 0, {}},
      {R"({"promptTokenCount":100,"totalTokenCount":90})", 100, {}, {}, {}},
      {R"({"promptTokenCount":100})", 100, {}, {}, {}},
      {R"({"candidatesTokenCount":5})", {}, {}, 5, {}},
      {R"({"promptTokenCount":"100","candidatesTokenCount":-5})", {}, {}, {}, {}},
      {R"({})", {}, {}, {}, {}},
  };
  for (const Row& row : rows) {
    INFO(row.usage);
    const Usage u = gemini_usage(parse_json(row.usage).value());
    CHECK(u.input == row.input);
    CHECK(u.cached_input == row.cached);
    CHECK(u.output == row.output);
    CHECK(u.reasoning == row.reasoning);
    CHECK_FALSE(u.cache_write.has_value());
  }
}

GeminiForm form(bool thoughts = false) {
  GeminiForm f;
  f.model = "gemini-2.5-pro";
  f.include_thoughts = thoughts;
  return f;
}

Request request() {
  Request r;
  r.messages = {
      {Role::system, "Be brief."}, {Role::user, "2+2?"}, {Role::assistant, "4"}, {Role::user, "3+3?"}};
  return r;
}

TEST_CASE("gemini request: roles, parameters and thinking under the API's names") {
  Request r = request();
  r.sampling.temperature = 0.5;
  r.sampling.top_p = 0.9;
  r.sampling.top_k = 40;
  r.sampling.max_tokens = 500;
  r.sampling.seed = 7;
  r.sampling.presence_penalty = 0.1;
  r.sampling.frequency_penalty = 0.2;
  r.sampling.stop = {"\n"};
  r.sampling.thinking_budget = 1000;
  r.choices = 2;
  r.sampling.extra = {{"generationConfig", {{"responseMimeType", "text/plain"}}},
                      {"safetySettings", Json::array()}};
  GeminiForm f = form(true);
  f.max_choices = 8;
  const Json expected =
      parse_json(R"({"systemInstruction":{"parts":[{"text":"Be brief."}]},"safetySettings":[],
    "contents":[{"role":"user","parts":[{"text":"2+2?"}]},{"role":"model","parts":[{"text":"4"}]},
                {"role":"user","parts":[{"text":"3+3?"}]}],
    "generationConfig":{"temperature":0.5,"topP":0.9,"topK":40,"maxOutputTokens":500,"seed":7,"presencePenalty":0.1,
      "frequencyPenalty":0.2,"stopSequences":["\n"],"candidateCount":2,"responseMimeType":"text/plain",
      "thinkingConfig":{"includeThoughts":true,"thinkingBudget":1000}}})")
          .value();
  CHECK(parse_json(gemini_body(f, r).value()).value() == expected);
  Request level = request();
  level.sampling.reasoning_effort = "low";
  CHECK(parse_json(gemini_body(form(), level).value()).value()["generationConfig"] ==
        parse_json(R"({"thinkingConfig":{"thinkingLevel":"LOW"}})").value());
  CHECK_FALSE(parse_json(gemini_body(form(), request()).value()).value().contains("generationConfig"));
}

TEST_CASE("gemini request: what the API cannot be told is refused and named") {
  struct Row {
    void (*change)(Request&);
    const char* word;
  };
  const Row rows[] = {{[](Request& r) { r.sampling.min_p = 0.1; }, "min_p"},
                      {[](Request& r) { r.sampling.repetition_penalty = 1.1; }, "repetition_penalty"},
                      {[](Request& r) { r.sampling.seed = 1ULL << 31; }, "seed"},
                      {[](Request& r) { r.sampling.stop = {"1", "2", "3", "4", "5", "6"}; }, "at most 5"},
                      {[](Request& r) { r.prefix = "a"; }, "go on"},
                      {[](Request& r) { r.choices = 2; }, "max_choices"},
                      {[](Request& r) {
                         r.messages.push_back({Role::system, "x"});
                       },
                       "message 5"},
                      {[](Request& r) {
                         r.sampling.thinking_budget = 1;
                         r.sampling.reasoning_effort = "low";
                       },
                       "both set"},
                      {[](Request& r) {
                         r.sampling.extra = {{"contents", 1}};
                       },
                       "contents"}};
  for (const Row& row : rows) {
    INFO(row.word);
    Request r = request();
    row.change(r);
    const auto made = gemini_body(form(), r);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == Code::invalid);
    CHECK(made.error().message.find(row.word) != std::string::npos);
  }
}

TEST_CASE("gemini paths: a model's name or resource, never more than that") {
  struct Row {
    const char* model;
    bool stream;
    const char* path;  // empty: refused
  };
  const Row rows[] = {
      {"gemini-2.5-pro", true, "/models/gemini-2.5-pro:streamGenerateContent?alt=sse"},
      {"gemini-2.5-pro", false, "/models/gemini-2.5-pro:generateContent"},
      {"tunedModels/mine", false, "/tunedModels/mine:generateContent"},
      {"models/gemini-x", false, "/models/gemini-x:generateContent"},
      {"a?key=b", false, ""},
      {"a b", false, ""},
      {"../files", false, ""},
      {"a\r\nb", false, ""},
  };
  for (const Row& row : rows) {
    INFO(row.model);
    GeminiForm f;
    f.model = row.model;
    f.stream = row.stream;
    const auto path = gemini_path(f);
    CHECK((path ? *path : "") == row.path);
  }
  for (const char* model :
       {"gemini-2.5-flash", "gemini-3-pro-preview", "models/gemini-10-pro", "gemini-flash-latest"}) {
    CHECK(gemini_thinks(model));
  }
  for (const char* model : {"gemini-2.0-flash", "gemini-1.5-pro-002", "gemma-3-27b-it", ""})
    CHECK_FALSE(gemini_thinks(model));
}

}  // namespace
}  // namespace assay
