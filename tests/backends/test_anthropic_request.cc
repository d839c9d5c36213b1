#include "backends/remote/anthropic_request.h"
#include "tests/support/catch.h"

namespace assay {
namespace {

Request request() {
  Request r;
  r.messages = {{Role::system, "Be brief."}, {Role::user, "2+2?"}};
  r.sampling.max_tokens = 4096;
  return r;
}

AnthropicForm form(const std::string& model = "claude-3-7-sonnet-20250219") {
  AnthropicForm f;
  f.model = model;
  f.traits = claude_traits(model);
  f.stream = false;
  return f;
}

Json body(const AnthropicForm& f, const Request& r) {
  auto made = anthropic_body(f, r);
  INFO((made ? std::string() : made.error().message));
  REQUIRE(made.ok());
  return parse_json(*made).value();
}

TEST_CASE("anthropic request: the system prompt stands apart, parameters under the API's names") {
  Request r = request();
  r.sampling.temperature = 0.5;
  r.sampling.top_k = 40;
  r.sampling.top_p = 0.9;
  r.sampling.stop = {"\n\n"};
  r.messages.push_back({Role::assistant, "4"});
  r.messages.push_back({Role::user, "3+3?"});
  r.sampling.extra = {{"metadata", {{"user_id", "u"}}}};
  AnthropicForm f = form();
  f.stream = true;
  f.cache = "1h";
  const Json expected =
      parse_json(R"({"model":"claude-3-7-sonnet-20250219","max_tokens":4096,"system":"Be brief.",
    "messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"},{"role":"user","content":"3+3?"}],
    "temperature":0.5,"top_k":40,"top_p":0.9,"stop_sequences":["\n\n"],"stream":true,
    "cache_control":{"type":"ephemeral","ttl":"1h"},"metadata":{"user_id":"u"}})")
          .value();
  CHECK(body(f, r) == expected);
  r.messages.insert(r.messages.begin() + 1, {Role::system, "Be kind."});
  CHECK(body(f, r)["system"] == "Be brief.\n\nBe kind.");
  r.sampling.max_tokens.reset();
  f.output_limit = 64000;
  CHECK(body(f, r)["max_tokens"] == 64000);
}

TEST_CASE("anthropic request: thinking by budget, by effort, always or never") {
  struct Row {
    const char* model;
    std::optional<std::int64_t> budget;
    std::optional<std::string> effort;
    Thinking option;
    const char* thinking;  // in the body; empty: none
    const char* effort_sent;
  };
  const Row rows[] = {
      {"claude-3-7-sonnet-20250219", {}, {}, Thinking::as_asked, "", ""},
      {"claude-3-7-sonnet-20250219",
       2000,
       {},
       Thinking::as_asked,
       R"({"type":"enabled","budget_tokens":2000})",
       ""},
      {"claude-sonnet-4-5", 0, {}, Thinking::as_asked, R"({"type":"disabled"})", ""},
      {"claude-opus-4-5-20251101", {}, "low", Thinking::as_asked, "", "low"},
      {"claude-opus-4-5-20251101", 2000, "low", Thinking::as_asked,
       R"({"type":"enabled","budget_tokens":2000})", "low"},
      {"claude-opus-4-6",
       {},
       "max",
       Thinking::as_asked,
       R"({"type":"adaptive","display":"summarized"})",
       "max"},
      {"claude-opus-4-6",
       1024,
       {},
       Thinking::as_asked,
       R"({"type":"enabled","budget_tokens":1024,"display":"summarized"})",
       ""},
      {"claude-opus-5", {}, {}, Thinking::as_asked, "", ""},
      {"claude-opus-5", {}, {}, Thinking::adaptive, R"({"type":"adaptive","display":"summarized"})", ""},
      {"claude-opus-5", {}, {}, Thinking::disabled, R"({"type":"disabled"})", ""},
      {"claude-opus-5", {}, "low", Thinking::disabled, R"({"type":"disabled"})", "low"},
      {"claude-opus-5", {}, "none", Thinking::as_asked, R"({"type":"disabled"})", ""},
  };
  for (const Row& row : rows) {
    INFO(row.model << ", expecting " << row.thinking);
    AnthropicForm f = form(row.model);
    f.thinking = row.option;
    if (f.traits.adaptive) f.display = "summarized";
    Request r = request();
    r.sampling.thinking_budget = row.budget;
    r.sampling.reasoning_effort = row.effort;
    const Json made = body(f, r);
    CHECK((made.contains("thinking") ? made["thinking"] : Json()) ==
          (*row.thinking == '\0' ? Json() : parse_json(row.thinking).value()));
    CHECK((made.contains("output_config") ? made["output_config"]["effort"].get<std::string>() : "") ==
          row.effort_sent);
  }
}

TEST_CASE("anthropic request: what the API cannot be told is refused and named") {
  struct Row {
    const char* model;
    void (*change)(AnthropicForm&, Request&);
    const char* word;
  };
  const Row rows[] = {
      {"claude-opus-4-1", [](AnthropicForm&, Request& r) { r.sampling.seed = 1; }, "seed"},
      {"claude-opus-4-1", [](AnthropicForm&, Request& r) { r.sampling.min_p = 0.1; }, "min_p"},
      {"claude-opus-4-1", [](AnthropicForm&, Request& r) { r.sampling.presence_penalty = 1; },
       "presence_penalty"},
      {"claude-opus-4-1", [](AnthropicForm&, Request& r) { r.sampling.frequency_penalty = 1; },
       "frequency_penalty"},
      {"claude-opus-4-1", [](AnthropicForm&, Request& r) { r.sampling.repetition_penalty = 1; },
       "repetition_penalty"},
      {"claude-opus-4-1", [](AnthropicForm&, Request& r) { r.choices = 2; }, "2 choices"},
      {"claude-opus-4-1", [](AnthropicForm&, Request& r) { r.sampling.max_tokens.reset(); }, "output_limit"},
      {"claude-opus-4-1", [](AnthropicForm&, Request& r) { r.sampling.thinking_budget = 1000; },
       "at least 1024"},
      {"claude-opus-4-1", [](AnthropicForm&, Request& r) { r.sampling.thinking_budget = 4096; }, "smaller"},
      {"claude-opus-4-1", [](AnthropicForm&, Request& r) { r.sampling.reasoning_effort = "low"; },
       "thinking_budget"},
      {"claude-opus-4-1",
       [](AnthropicForm&, Request& r) {
         r.sampling.reasoning_effort = "low";
         r.sampling.thinking_budget = 2000;
       },
       "both set"},
      {"claude-opus-4-7", [](AnthropicForm&, Request& r) { r.sampling.thinking_budget = 2000; },
       "reasoning_effort"},
      {"claude-opus-4-7", [](AnthropicForm&, Request& r) { r.sampling.temperature = 0; }, "temperature"},
      {"claude-opus-4-1", [](AnthropicForm&, Request& r) { r.sampling.temperature = 1.5; }, "0 to 1"},
      {"claude-opus-4-1",
       [](AnthropicForm&, Request& r) {
         r.sampling.thinking_budget = 2000;
         r.sampling.temperature = 0;
       },
       "only be 1"},
      {"claude-opus-4-1",
       [](AnthropicForm&, Request& r) {
         r.sampling.thinking_budget = 2000;
         r.sampling.top_k = 5;
       },
       "top_k"},
      {"claude-opus-4-1",
       [](AnthropicForm&, Request& r) {
         r.sampling.thinking_budget = 2000;
         r.sampling.top_p = 0.5;
       },
       "0.95"},
      {"claude-opus-4-1",
       [](AnthropicForm&, Request& r) {
         r.sampling.thinking_budget = 2000;
         r.prefix = "So";
       },
       "thinking is on"},
      {"claude-opus-4-6", [](AnthropicForm&, Request& r) { r.prefix = "So"; }, "cannot do"},
      {"claude-3-haiku-20240307", [](AnthropicForm& f, Request&) { f.thinking = Thinking::adaptive; },
       "adaptive"},
      {"claude-opus-4-1",
       [](AnthropicForm&, Request& r) {
         r.messages.push_back({Role::system, "x"});
       },
       "message 3"},
      {"claude-opus-4-1",
       [](AnthropicForm&, Request& r) {
         r.sampling.extra = {{"system", "x"}};
       },
       "system"},
      {"claude-opus-4-1",
       [](AnthropicForm&, Request& r) {
         r.sampling.thinking_budget = 2000;
         r.sampling.extra = {{"thinking", {{"budget_tokens", 1}}}};
       },
       "thinking.budget_tokens"},
  };
  for (const Row& row : rows) {
    INFO(row.model << ", expecting " << row.word);
    AnthropicForm f = form(row.model);
    Request r = request();
    row.change(f, r);
    const auto made = anthropic_body(f, r);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == Code::invalid);
    CHECK(made.error().message.find(row.word) != std::string::npos);
    CHECK(made.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("anthropic request: a cut answer is gone on from without the blanks at its end") {
  Request r = request();
  r.prefix = "The sum is \n";
  const Json made = body(form("claude-sonnet-4-5"), r);
  CHECK(made["messages"][1] == Json({{"role", "assistant"}, {"content", "The sum is"}}));
  CHECK(unsent_blank(r.prefix) == " \n");
  r.prefix = " \n";
  CHECK(body(form("claude-sonnet-4-5"), r)["messages"].size() == 1);
  CHECK(unsent_blank(r.prefix) == " \n");
  CHECK(unsent_blank("a").empty());
}

TEST_CASE("anthropic request: extra fields join what is there") {
  Request r = request();
  r.sampling.reasoning_effort = "high";
  r.sampling.extra = {{"output_config", {{"format", {{"type", "json_schema"}}}}}};
  const Json made = body(form("claude-opus-4-6"), r);
  CHECK(made["output_config"] == parse_json(R"({"effort":"high","format":{"type":"json_schema"}})").value());
}

TEST_CASE("anthropic models: what they take, from their names") {
  struct Row {
    const char* name;
    bool budget, adaptive, effort, sampling, prefill;
    TraceKind trace;
  };
  const Row rows[] = {
      {"claude-2.1", false, false, false, true, true, TraceKind::raw},
      {"claude-3-5-sonnet-20241022", false, false, false, true, true, TraceKind::raw},
      {"claude-3-opus-20240229", false, false, false, true, true, TraceKind::raw},
      {"claude-3-7-sonnet-20250219", true, false, false, true, true, TraceKind::raw},
      {"claude-3-7-sonnet-latest", true, false, false, true, true, TraceKind::raw},
      {"claude-opus-4-20250514", true, false, false, true, true, TraceKind::summary},
      {"claude-sonnet-4@20250514", true, false, false, true, true, TraceKind::summary},
      {"us.anthropic.claude-opus-4-1-20250805-v1:0", true, false, false, true, true, TraceKind::summary},
      {"claude-haiku-4-5-20251001", true, false, false, true, true, TraceKind::summary},
      {"claude-opus-4-5", true, false, true, true, true, TraceKind::summary},
      {"anthropic/claude-4.6-opus", true, true, true, true, false, TraceKind::summary},
      {"us.anthropic.claude-opus-4-6-v1", true, true, true, true, false, TraceKind::summary},
      {"claude-opus-4-7", false, true, true, false, false, TraceKind::summary},
      {"claude-sonnet-5", false, true, true, false, false, TraceKind::summary},
      {"claude-mythos-preview", false, true, true, false, false, TraceKind::summary},
      {"deepseek-reasoner", true, true, true, true, true, TraceKind::raw},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const ClaudeTraits t = claude_traits(row.name);
    CHECK(t.budget == row.budget);
    CHECK(t.adaptive == row.adaptive);
    CHECK(t.effort == row.effort);
    CHECK(t.sampling == row.sampling);
    CHECK(t.prefill == row.prefill);
    CHECK(t.trace == row.trace);
  }
}

}  // namespace
}  // namespace assay
