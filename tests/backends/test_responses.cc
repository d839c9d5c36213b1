// Shapes written after platform.openai.com/docs: api-reference/responses, .../responses-streaming.
#include "backends/remote/responses_reply.h"
#include "backends/remote/responses_request.h"
#include "tests/backends/reply_cases.h"

namespace assay {
namespace {

const MakeReader kReader = [] { return responses_reader(); };

std::string body_of(const std::string& output, const std::string& status = "completed",
                    const std::string& more = R"("error":null,"incomplete_details":null)") {
  return R"({"id":"resp_1","object":"response","model":"o9-2026","status":")" + status + R"(",)" + more +
         R"(,"output":)" + output +
         R"(,"usage":{"input_tokens":20,"input_tokens_details":{"cached_tokens":5},"output_tokens":9,)"
         R"("output_tokens_details":{"reasoning_tokens":6},"total_tokens":29}})";
}

std::string end_event(const std::string& type, const std::string& body) {
  return R"({"type":"response.)" + type + R"(","sequence_number":9,"response":)" + body + "}";
}

std::string delta(const std::string& type, const std::string& text, int item = 0, int part = 0,
                  const std::string& part_name = "content_index") {
  return R"({"type":"response.)" + type + R"(.delta","item_id":"x","output_index":)" + std::to_string(item) +
         ",\"" + part_name + "\":" + std::to_string(part) + R"(,"delta":")" + text + "\"}";
}

const std::string kCreated =
    R"({"type":"response.created","response":{"id":"resp_1","status":"in_progress","output":[]}})";
const std::string kText =
    R"([{"type":"message","role":"assistant","content":[{"type":"output_text","text":"4"}]}])";

TEST_CASE("responses reply: output items become text, reasoning and refusal") {
  struct Row {
    const char* output;
    const char* text;
    std::optional<std::string> reasoning;
    TraceKind kind;
    const char* refusal;
    FinishReason finish;
  };
  const FinishReason stop = FinishReason::stop;
  const Row rows[] = {
      {R"([{"type":"message","content":[{"type":"output_text","text":"a"},{"type":"output_text","text":"b"}]}])",
       "ab",
       {},
       TraceKind::hidden,
       "",
       stop},
      {R"([{"type":"reasoning","summary":[{"type":"summary_text","text":"x"},{"type":"summary_text","text":"y"}]},
           {"type":"message","content":[{"type":"output_text","text":"4"}]}])",
       "4", "x\n\ny", TraceKind::summary, "", stop},
      {R"([{"type":"reasoning","summary":[{"type":"summary_text","text":"x"}]},
           {"type":"reasoning","summary":[{"type":"summary_text","text":"y"}]}])",
       "", "x\n\ny", TraceKind::summary, "", stop},
      {R"([{"type":"reasoning","summary":[],"encrypted_content":"gAAA"},
           {"type":"message","content":[{"type":"output_text","text":"4"}]}])",
       "4",
       {},
       TraceKind::encrypted,
       "",
       stop},
      {R"([{"type":"reasoning","summary":[{"type":"summary_text","text":"x"}],
            "content":[{"type":"reasoning_text","text":"raw"}]}])",
       "", "raw", TraceKind::raw, "", stop},
      {R"([{"type":"message","content":[{"type":"refusal","refusal":"I cannot."}]}])",
       "",
       {},
       TraceKind::hidden,
       "I cannot.",
       stop},
      {R"([{"type":"function_call","name":"f","arguments":"{}"}])",
       "",
       {},
       TraceKind::hidden,
       "",
       FinishReason::tool_call},
      {R"([{"type":"web_search_call"},{"type":"message","content":[{"type":"output_text","text":"4"}]}])",
       "4",
       {},
       TraceKind::hidden,
       "",
       stop},
      {R"([])", "", {}, TraceKind::hidden, "", stop},
      {R"([{"type":"message","content":[]}])", "", {}, TraceKind::hidden, "", stop},
      {R"([7,{"type":"message","content":[3,{"type":"output_text","text":5}]},{"type":"item_of_next_year"}])",
       "",
       {},
       TraceKind::hidden,
       "",
       stop},
  };
  for (const Row& row : rows) {
    INFO(row.output);
    const BackendReply whole = kReader()->whole(body_of(row.output));
    const BackendReply streamed =
        read_events(kReader, {kCreated, end_event("completed", body_of(row.output))});
    CHECK(same_outcome(whole, streamed));
    const Response& r = only_response(whole);
    CHECK(r.text == row.text);
    CHECK(r.reasoning == row.reasoning);
    CHECK(r.reasoning_kind == row.kind);
    CHECK(r.refusal == row.refusal);
    CHECK(r.finish == row.finish);
    CHECK(r.finish_raw == "completed");
    CHECK(r.server_model == "o9-2026");
    CHECK(r.request_id == "resp_1");
    CHECK(r.usage.input == 15);
    CHECK(r.usage.cached_input == 5);
    CHECK(r.usage.output == 3);
    CHECK(r.usage.reasoning == 6);
  }
}

TEST_CASE("responses reply: a stream's events say the same as its end, however it is cut") {
  const std::string output =
      R"([{"type":"reasoning","summary":[{"type":"summary_text","text":"2+2"},{"type":"summary_text","text":"is 4"}]},
          {"type":"message","content":[{"type":"output_text","text":"It is 4"},{"type":"refusal","refusal":"no"}]}])";
  const std::vector<std::string> events = {
      kCreated,
      R"({"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","summary":[]}})",
      R"({"type":"response.reasoning_summary_part.added","output_index":0,"summary_index":0})",
      delta("reasoning_summary_text", "2+", 0, 0, "summary_index"),
      delta("reasoning_summary_text", "2", 0, 0, "summary_index"),
      delta("reasoning_summary_text", "is 4", 0, 1, "summary_index"),
      delta("output_text", "It ", 1, 0),
      delta("output_text", "is 4", 1, 0),
      R"({"type":"response.output_text.done","output_index":1,"content_index":0,"text":"It is 4"})",
      delta("refusal", "no", 1, 1),
  };
  std::vector<std::string> whole = events;
  whole.push_back(end_event("completed", body_of(output)));
  const Response r = only_response(read_events(kReader, whole));
  CHECK(r.text == "It is 4");
  CHECK(r.reasoning == "2+2\n\nis 4");
  CHECK(r.refusal == "no");
  check_cuts(kReader, whole);
  // Some servers end with an empty output; what the events said is the answer then.
  std::vector<std::string> bare = events;
  bare.push_back(end_event("completed", body_of("[]")));
  CHECK(same_outcome(read_events(kReader, bare), read_events(kReader, whole)));
  // Without deltas: whole items.
  const std::vector<std::string> items = {
      kCreated,
      R"({"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"4"}]}})",
      end_event("completed", body_of("[]"))};
  CHECK(only_response(read_events(kReader, items)).text == "4");
  const Response late = only_response(read_events(kReader, events, Error{Code::deadline, "late"}));
  CHECK(late.text == "It is 4");
  CHECK(late.finish == FinishReason::deadline);
  CHECK_FALSE(late.usage.output.has_value());
}

TEST_CASE("responses reply: truncation, content filter and other ends") {
  struct Row {
    const char* reason;
    FinishReason finish;
  };
  for (const Row& row :
       {Row{"max_output_tokens", FinishReason::length}, Row{"content_filter", FinishReason::content_filter},
        Row{"new_reason", FinishReason::length}}) {
    const std::string body =
        body_of(kText, "incomplete", R"("incomplete_details":{"reason":")" + std::string(row.reason) + "\"}");
    const BackendReply whole = kReader()->whole(body);
    CHECK(same_outcome(whole, read_events(kReader, {kCreated, end_event("incomplete", body)})));
    CHECK(only_response(whole).finish == row.finish);
    CHECK(only_response(whole).finish_raw == row.reason);
    CHECK(only_response(whole).text == "4");
  }
  for (const char* status : {"cancelled", "in_progress", "queued", "failed"}) {
    CHECK(kReader()->whole(body_of(kText, status)).error->code == Code::unavailable);
  }
}

TEST_CASE("responses reply: errors, as a body, at the end and in the middle of a stream") {
  struct Row {
    const char* code;
    Code expected;
  };
  for (const Row& row :
       {Row{"server_error", Code::unavailable}, Row{"rate_limit_exceeded", Code::exhausted},
        Row{"insufficient_quota", Code::invalid}, Row{"invalid_prompt", Code::invalid},
        Row{"server_is_overloaded", Code::exhausted}, Row{"code_of_next_year", Code::unavailable}}) {
    INFO(row.code);
    const std::string error = R"({"code":")" + std::string(row.code) + R"(","message":"because"})";
    const std::string failed = body_of("[]", "failed", R"("error":)" + error);
    for (const BackendReply& reply :
         {kReader()->whole(failed), kReader()->whole(R"({"error":)" + error + "}"),
          read_events(kReader, {kCreated, delta("output_text", "part"), end_event("failed", failed)}),
          read_events(kReader,
                      {kCreated, R"({"type":"error","param":null,"sequence_number":3,)" + error.substr(1)}),
          read_events(kReader, {kCreated, R"({"type":"error","error":)" + error + "}"})}) {
      REQUIRE(reply.error.has_value());
      CHECK(reply.error->code == row.expected);
      CHECK(reply.error->message.find("because") != std::string::npos);
    }
  }
}

TEST_CASE("responses reply: damage is corrupt, a cut is unavailable, neither is a short answer") {
  for (const char* body : {"", "not json", "[]", "{}", "null", R"({"id":"resp_1"})"}) {
    INFO(body);
    CHECK(kReader()->whole(body).error->code == Code::corrupt);
  }
  struct Row {
    std::vector<std::string> events;
    Code code;
  };
  const Row rows[] = {{{}, Code::corrupt},
                      {{kCreated, delta("output_text", "4")}, Code::unavailable},
                      {{kCreated, delta("output_text", "4"), "[DONE]"}, Code::corrupt},
                      {{kCreated, "not json"}, Code::corrupt},
                      {{delta("output_text", "4", -1)}, Code::corrupt},
                      {{delta("output_text", "4", 0, 1 << 30)}, Code::corrupt},
                      {{R"({"type":"response.completed"})"}, Code::corrupt}};
  for (const Row& row : rows) {
    INFO(as_events(row.events));
    REQUIRE(read_events(kReader, row.events).error.has_value());
    CHECK(read_events(kReader, row.events).error->code == row.code);
  }
}

TEST_CASE("responses usage: disjoint buckets") {
  const auto usage = [](const char* text) { return responses_usage(parse_json(text).value()); };
  const Usage u =
      usage(R"({"input_tokens":100,"input_tokens_details":{"cached_tokens":20,"cache_write_tokens":30},
      "output_tokens":50,"output_tokens_details":{"reasoning_tokens":40}})");
  CHECK(u.input == 50);
  CHECK(u.cached_input == 20);
  CHECK(u.cache_write == 30);
  CHECK(u.output == 10);
  CHECK(u.reasoning == 40);
  const Usage plain = usage(R"({"input_tokens":100,"output_tokens":50})");
  CHECK(plain.input == 100);
  CHECK(plain.output == 50);
  CHECK_FALSE(plain.cached_input.has_value());
  CHECK_FALSE(plain.reasoning.has_value());
  CHECK_FALSE(usage(R"({"input_tokens":"100","output_tokens":-1})").input.has_value());
  const std::string none = R"({"id":"r","status":"completed","output":[],"usage":null})";
  CHECK_FALSE(only_response(kReader()->whole(none)).usage.input.has_value());
}

Request request() {
  Request r;
  r.messages = {
      {Role::system, "Be brief."}, {Role::user, "2+2?"}, {Role::assistant, "4"}, {Role::user, "3+3?"}};
  return r;
}

TEST_CASE("responses request: nothing is stored, parameters under the API's names") {
  Request r = request();
  r.sampling.max_tokens = 500;
  r.sampling.temperature = 0.5;
  r.sampling.top_p = 0.9;
  r.sampling.reasoning_effort = "low";
  r.sampling.extra = {{"reasoning", {{"context", "auto"}}}, {"service_tier", "flex"}};
  ResponsesForm form;
  form.model = "o9";
  form.summary = "auto";
  form.system_role = "developer";
  form.encrypted = true;
  const Json expected =
      parse_json(R"({"model":"o9","store":false,"stream":true,"max_output_tokens":500,"temperature":0.5,
    "top_p":0.9,"reasoning":{"effort":"low","summary":"auto","context":"auto"},"service_tier":"flex",
    "include":["reasoning.encrypted_content"],
    "input":[{"role":"developer","content":"Be brief."},{"role":"user","content":"2+2?"},
             {"role":"assistant","content":"4"},{"role":"user","content":"3+3?"}]})")
          .value();
  CHECK(parse_json(responses_body(form, r).value()).value() == expected);
}

TEST_CASE("responses request: what the API cannot be told is refused and named") {
  struct Row {
    void (*change)(Request&);
    const char* word;
  };
  const Row rows[] = {{[](Request& r) { r.sampling.stop = {"\n"}; }, "stop"},
                      {[](Request& r) { r.sampling.seed = 1; }, "seed"},
                      {[](Request& r) { r.sampling.top_k = 1; }, "top_k"},
                      {[](Request& r) { r.sampling.min_p = 0.1; }, "min_p"},
                      {[](Request& r) { r.sampling.presence_penalty = 0.1; }, "presence_penalty"},
                      {[](Request& r) { r.sampling.frequency_penalty = 0.1; }, "frequency_penalty"},
                      {[](Request& r) { r.sampling.repetition_penalty = 1.1; }, "repetition_penalty"},
                      {[](Request& r) { r.sampling.thinking_budget = 100; }, "reasoning_effort"},
                      {[](Request& r) { r.prefix = "a"; }, "go on"},
                      {[](Request& r) { r.choices = 2; }, "2 choices"},
                      {[](Request& r) {
                         r.sampling.extra = {{"store", true}};
                       },
                       "store"},
                      {[](Request& r) {
                         r.sampling.extra = {{"background", true}};
                       },
                       "background"}};
  for (const Row& row : rows) {
    INFO(row.word);
    Request r = request();
    row.change(r);
    const auto made = responses_body(ResponsesForm{}, r);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == Code::invalid);
    CHECK(made.error().message.find(row.word) != std::string::npos);
  }
}

}  // namespace
}  // namespace assay
