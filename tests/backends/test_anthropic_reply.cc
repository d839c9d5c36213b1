// Shapes written after platform.claude.com/docs: api/messages, streaming, handling stop reasons, errors.
#include "backends/remote/anthropic_reply.h"

#include "tests/backends/reply_cases.h"

namespace assay {
namespace {

MakeReader reader(TraceKind trace = TraceKind::raw, const std::string& blank = "") {
  return [trace, blank] { return anthropic_reader(trace, blank); };
}

std::string message(const std::string& content, const std::string& stop = "\"end_turn\"",
                    const std::string& more = R"("usage":{"input_tokens":10,"output_tokens":5})") {
  return R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":)" + content +
         R"(,"stop_reason":)" + stop + R"(,"stop_sequence":null,)" + more + "}";
}

const std::string kStart =
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],)"
    R"("model":"claude-x","stop_reason":null,"usage":{"input_tokens":10,"output_tokens":1}}})";

std::string text_delta(int index, const std::string& text) {
  return R"({"type":"content_block_delta","index":)" + std::to_string(index) +
         R"(,"delta":{"type":"text_delta","text":")" + text + "\"}}";
}

std::string thinking_delta(int index, const std::string& text) {
  return R"({"type":"content_block_delta","index":)" + std::to_string(index) +
         R"(,"delta":{"type":"thinking_delta","thinking":")" + text + "\"}}";
}

std::string stop_event(const std::string& reason, const std::string& usage = R"({"output_tokens":5})") {
  return R"({"type":"message_delta","delta":{"stop_reason":")" + reason +
         R"(","stop_sequence":null},"usage":)" + usage + "}";
}

const std::string kEnd = R"({"type":"message_stop"})";

TEST_CASE("anthropic reply: a message's blocks become text and reasoning") {
  struct Row {
    const char* content;
    const char* text;
    std::optional<std::string> reasoning;
    TraceKind kind;
  };
  const Row rows[] = {
      {R"([{"type":"text","text":"hi"}])", "hi", {}, TraceKind::summary},
      {R"([])", "", {}, TraceKind::summary},
      {R"([{"type":"text","text":""}])", "", {}, TraceKind::summary},
      {R"([{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"text","text":"4"}])", "4", "hm",
       TraceKind::summary},
      {R"([{"type":"thinking","thinking":"a"},{"type":"text","text":"1"},{"type":"thinking","thinking":"b"},
           {"type":"text","text":"2"}])",
       "12", "a\n\nb", TraceKind::summary},
      {R"([{"type":"redacted_thinking","data":"xxx"},{"type":"text","text":"4"}])",
       "4",
       {},
       TraceKind::encrypted},
      {R"([{"type":"thinking","thinking":"","signature":"c2ln"},{"type":"text","text":"4"}])",
       "4",
       {},
       TraceKind::encrypted},
      {R"([{"type":"thinking","thinking":"a","signature":"s"},{"type":"redacted_thinking","data":"x"}])", "",
       "a", TraceKind::summary},
      {R"([{"type":"tool_use","id":"t","name":"f","input":{}}])", "", {}, TraceKind::summary},
      {R"([5,{"type":"text","text":7},{"text":"a"}])", "a", {}, TraceKind::summary},
      {R"([{"type":"text","text":"\ud83d\ude00 \ud83d!"}])",
       "\xF0\x9F\x98\x80 \xEF\xBF\xBD!",
       {},
       TraceKind::summary},
  };
  for (const Row& row : rows) {
    INFO(row.content);
    const Response r = only_response(reader(TraceKind::summary)()->whole(message(row.content)));
    CHECK(r.text == row.text);
    CHECK(r.reasoning == row.reasoning);
    CHECK(r.reasoning_kind == row.kind);
    CHECK(r.finish == FinishReason::stop);
    CHECK(r.finish_raw == "end_turn");
    CHECK(r.server_model == "claude-x");
    CHECK(r.request_id == "msg_1");
    CHECK(r.usage.input == 10);
    CHECK(r.usage.output == 5);
    CHECK_FALSE(r.usage.reasoning.has_value());
    CHECK_FALSE(r.usage.cached_input.has_value());
  }
}

TEST_CASE("anthropic reply: a stream says the same as the message, however it is cut") {
  const std::vector<std::string> events = {
      kStart,
      R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
      R"({"type": "ping"})",
      thinking_delta(0, "2+2"),
      thinking_delta(0, " is 4"),
      R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB"}})",
      R"({"type":"content_block_stop","index":0})",
      R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})",
      text_delta(1, "\\u20ac"),
      R"({"type":"event_of_next_year","x":1})",
      text_delta(1, "4"),
      R"({"type":"content_block_stop","index":1})",
      stop_event("end_turn", R"({"output_tokens":9,"output_tokens_details":{"thinking_tokens":6}})"),
      kEnd,
  };
  const Response r = only_response(read_events(reader(), events));
  CHECK(r.text ==
        "\xE2\x82\xAC"
        "4");
  CHECK(r.reasoning == "2+2 is 4");
  CHECK(r.reasoning_kind == TraceKind::raw);
  CHECK(r.finish == FinishReason::stop);
  CHECK(r.usage.input == 10);
  CHECK(r.usage.output == 3);
  CHECK(r.usage.reasoning == 6);
  check_cuts(reader(), events);
}

TEST_CASE("anthropic reply: thinking that is redacted or left out of a stream is encrypted") {
  const std::vector<std::string> redacted = {
      kStart,
      R"({"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking","data":"xx"}})",
      text_delta(1, "4"), stop_event("end_turn"), kEnd};
  const Response r = only_response(read_events(reader(TraceKind::summary), redacted));
  CHECK_FALSE(r.reasoning.has_value());
  CHECK(r.reasoning_kind == TraceKind::encrypted);
  const std::vector<std::string> omitted = {
      kStart,
      R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}})",
      R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB"}})",
      text_delta(1, "4"),
      stop_event("end_turn"),
      kEnd};
  CHECK(only_response(read_events(reader(TraceKind::summary), omitted)).reasoning_kind ==
        TraceKind::encrypted);
}

TEST_CASE("anthropic reply: stop reasons by class, with the server's own word") {
  struct Row {
    const char* word;
    FinishReason reason;
  };
  const Row rows[] = {
      {"end_turn", FinishReason::stop},          {"stop_sequence", FinishReason::stop},
      {"max_tokens", FinishReason::length},      {"model_context_window_exceeded", FinishReason::length},
      {"pause_turn", FinishReason::length},      {"tool_use", FinishReason::tool_call},
      {"refusal", FinishReason::content_filter}, {"something", FinishReason::unknown}};
  for (const Row& row : rows) {
    INFO(row.word);
    const std::string content = R"([{"type":"text","text":"a"}])";
    const BackendReply whole = reader()()->whole(message(content, "\"" + std::string(row.word) + "\""));
    const BackendReply streamed =
        read_events(reader(), {kStart, text_delta(0, "a"), stop_event(row.word), kEnd});
    CHECK(same_outcome(whole, streamed));
    CHECK(only_response(whole).finish == row.reason);
    CHECK(only_response(whole).finish_raw == row.word);
    CHECK(only_response(whole).refusal == (std::string(row.word) == "refusal" ? "refusal" : ""));
  }
  const std::string details =
      R"("stop_details":{"type":"refusal","category":"cyber","explanation":"Not this."})";
  CHECK(only_response(reader()()->whole(message("[]", "\"refusal\"", details))).refusal == "Not this.");
  CHECK(only_response(reader()()->whole(message("[]", "null"))).finish == FinishReason::unknown);
}

TEST_CASE("anthropic reply: damage is corrupt, a cut is unavailable, neither is a short answer") {
  for (const char* body : {"", "not json", "[]", "{}", "null", R"({"content":null})", R"({"content":{}})"}) {
    INFO(body);
    CHECK(reader()()->whole(body).error->code == Code::corrupt);
  }
  struct Row {
    std::vector<std::string> events;
    Code code;
  };
  const Row rows[] = {
      {{}, Code::corrupt},
      {{kStart}, Code::unavailable},
      {{kStart, text_delta(0, "a")}, Code::unavailable},
      {{kEnd}, Code::corrupt},
      {{kStart, "[DONE]"}, Code::corrupt},
      {{kStart, "not json"}, Code::corrupt},
      {{kStart, "[1]"}, Code::corrupt},
      {{text_delta(-1, "a")}, Code::corrupt},
      {{text_delta(1 << 30, "a")}, Code::corrupt},
  };
  for (const Row& row : rows) {
    INFO(as_events(row.events));
    const BackendReply reply = read_events(reader(), row.events);
    REQUIRE(reply.error.has_value());
    CHECK(reply.error->code == row.code);
  }
  // The stop reason comes behind the last block, so that nothing is lost without the mark behind it.
  CHECK(only_response(read_events(reader(), {kStart, text_delta(0, "a"), stop_event("end_turn")})).text ==
        "a");
  const Error reset{Code::unavailable, "reset"};
  CHECK(only_response(read_events(reader(), {kStart, text_delta(0, "a"), stop_event("end_turn")}, reset))
            .text == "a");
  CHECK(read_events(reader(), {kStart, text_delta(0, "a")}, reset).error->message == "reset");
}

TEST_CASE("anthropic reply: a deadline keeps what came, its output unknown") {
  const Error deadline{Code::deadline, "out of time"};
  const Response r = only_response(read_events(reader(), {kStart, thinking_delta(0, "hm")}, deadline));
  CHECK(r.reasoning == "hm");
  CHECK(r.text.empty());
  CHECK(r.finish == FinishReason::deadline);
  CHECK(r.usage.input == 10);
  CHECK_FALSE(r.usage.output.has_value());
  CHECK(read_events(reader(), {kStart}, deadline).error->code == Code::deadline);
}

TEST_CASE("anthropic reply: errors, as a body and in the middle of a stream") {
  struct Row {
    const char* type;
    Code code;
  };
  const Row rows[] = {{"overloaded_error", Code::exhausted},    {"rate_limit_error", Code::exhausted},
                      {"api_error", Code::unavailable},         {"timeout_error", Code::unavailable},
                      {"invalid_request_error", Code::invalid}, {"authentication_error", Code::invalid},
                      {"billing_error", Code::invalid},         {"permission_error", Code::invalid},
                      {"not_found_error", Code::invalid},       {"request_too_large", Code::invalid},
                      {"error_of_next_year", Code::unavailable}};
  for (const Row& row : rows) {
    INFO(row.type);
    const std::string error = R"({"type":"error","error":{"type":")" + std::string(row.type) +
                              R"(","message":"No\nroom"},"request_id":"req_1"})";
    for (const BackendReply& reply :
         {reader()()->whole(error), read_events(reader(), {kStart, text_delta(0, "part"), error})}) {
      REQUIRE(reply.error.has_value());
      CHECK(reply.responses.empty());
      CHECK(reply.error->code == row.code);
      CHECK(reply.error->message.find("No\\nroom") != std::string::npos);
    }
  }
  const std::string spent =
      R"({"type":"error","error":{"type":"rate_limit_error","message":"m","details":{"error_code":"enforced_spend_limit_reached"}}})";
  CHECK(anthropic_error_code(spent) == Code::invalid);
  CHECK_FALSE(anthropic_error_code(R"({"error":{"type":"rate_limit_error"}})").has_value());
  CHECK_FALSE(anthropic_error_code("gateway down").has_value());
}

TEST_CASE("anthropic reply: the output filter's error is a filtered answer") {
  const std::string error =
      R"({"type":"error","error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}})";
  for (const BackendReply& reply : {reader()()->whole(error), read_events(reader(), {kStart, error})}) {
    const Response& r = only_response(reply);
    CHECK(r.finish == FinishReason::content_filter);
    CHECK(r.refusal == "Output blocked by content filtering policy");
    CHECK_FALSE(r.usage.output.has_value());
  }
  CHECK(anthropic_filtered(400, error));
  CHECK_FALSE(anthropic_filtered(500, error));
  CHECK_FALSE(anthropic_filtered(400, R"({"error":{"message":"max_tokens is too large"}})"));
}

TEST_CASE("anthropic reply: an answer does not repeat the blanks that were not sent") {
  struct Row {
    const char* blank;
    const char* came;
    const char* text;
  };
  for (const Row& row : {Row{" ", " 4", "4"}, Row{" \n", " 4", "4"}, Row{" \n", " \n 4", " 4"},
                         Row{" ", "4", "4"}, Row{"", " 4", " 4"}}) {
    const std::string content = R"([{"type":"text","text":)" + dump_json(row.came) + "}]";
    CHECK(only_response(reader(TraceKind::raw, row.blank)()->whole(message(content))).text == row.text);
  }
}

TEST_CASE("anthropic usage: disjoint buckets, an hour's writes a part of the writes") {
  struct Row {
    const char* usage;
    std::optional<std::int64_t> input, cached, write, hour, output, reasoning;
  };
  const Row rows[] = {
      {R"({"input_tokens":10,"output_tokens":5})", 10, {}, {}, {}, 5, {}},
      {R"({"input_tokens":3,"cache_creation_input_tokens":12304,"cache_read_input_tokens":0,"output_tokens":550})",
       3,
       0,
       12304,
       {},
       550,
       {}},
      {R"({"input_tokens":3,"cache_creation_input_tokens":100,"cache_read_input_tokens":7,"output_tokens":5,
           "cache_creation":{"ephemeral_5m_input_tokens":40,"ephemeral_1h_input_tokens":60}})",
       3,
       7,
       100,
       60,
       5,
       {}},
      {R"({"input_tokens":3,"cache_creation":{"ephemeral_5m_input_tokens":40,"ephemeral_1h_input_tokens":60}})",
       3,
       {},
       100,
       60,
       {},
       {}},
      {R"({"input_tokens":3,"cache_creation_input_tokens":5,"cache_creation":{"ephemeral_1h_input_tokens":60}})",
       3,
       {},
       5,
       5,
       {},
       {}},
      {R"({"input_tokens":3,"output_tokens":50,"output_tokens_details":{"thinking_tokens":45}})",
       3,
       {},
       {},
       {},
       5,
       45},
      {R"({"input_tokens":3,"output_tokens":5,"output_tokens_details":{"thinking_tokens":9}})",
       3,
       {},
       {},
       {},
       0,
       9},
      {R"({"input_tokens":-1,"output_tokens":"5","cache_read_input_tokens":1e300})", {}, {}, {}, {}, {}, {}},
      {R"({})", {}, {}, {}, {}, {}, {}},
  };
  for (const Row& row : rows) {
    INFO(row.usage);
    const Usage u = anthropic_usage(parse_json(row.usage).value());
    CHECK(u.input == row.input);
    CHECK(u.cached_input == row.cached);
    CHECK(u.cache_write == row.write);
    CHECK(u.cache_write_1h == row.hour);
    CHECK(u.output == row.output);
    CHECK(u.reasoning == row.reasoning);
  }
  CHECK_FALSE(
      only_response(reader()()->whole(message("[]", "\"end_turn\"", R"("x":0)"))).usage.input.has_value());
}

}  // namespace
}  // namespace assay
