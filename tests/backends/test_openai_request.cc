#include "backends/remote/openai_request.h"

#include "tests/support/catch.h"

namespace assay {
namespace {

Request plain() {
  Request r;
  r.messages = {{Role::system, "Be short."}, {Role::user, "2+2?"}};
  return r;
}

Json body_of(const OpenAiForm& form, const Request& r) {
  const auto body = openai_body(form, r);
  INFO((body.ok() ? std::string() : body.error().message));
  REQUIRE(body.ok());
  return parse_json(*body).value();
}

OpenAiForm form() {
  OpenAiForm f;
  f.model = std::string(1, 'm');
  return f;
}

TEST_CASE("openai request: only what is set is sent") {
  OpenAiForm f = form();
  f.stream = false;
  CHECK(body_of(f, plain()) ==
        Json({{"model", "m"},
              {"messages",
               {{{"role", "system"}, {"content", "Be short."}}, {{"role", "user"}, {"content", "2+2?"}}}}}));
}

TEST_CASE("openai request: every sampling parameter has its place") {
  Request r = plain();
  r.sampling.temperature = 0.6;
  r.sampling.top_p = 0.95;
  r.sampling.min_p = 0.05;
  r.sampling.top_k = 20;
  r.sampling.max_tokens = 100;
  r.sampling.presence_penalty = 1.5;
  r.sampling.frequency_penalty = 0.5;
  r.sampling.repetition_penalty = 1.05;
  r.sampling.seed = 18446744073709551615u;
  r.sampling.stop = {"\n\n"};
  r.sampling.reasoning_effort = "low";
  r.sampling.thinking_budget = 1024;
  r.sampling.extra = {{"chat_template_kwargs", {{"enable_thinking", true}}}};
  r.choices = 3;
  OpenAiForm f = form();
  f.max_tokens_field = "max_completion_tokens";
  f.thinking_budget_field = "thinking_budget";
  f.system_role = "developer";
  f.max_choices = 4;
  const Json body = body_of(f, r);
  CHECK(body["messages"][0]["role"] == "developer");
  const Json wanted = {{"temperature", 0.6},
                       {"top_p", 0.95},
                       {"min_p", 0.05},
                       {"top_k", 20},
                       {"max_completion_tokens", 100},
                       {"presence_penalty", 1.5},
                       {"frequency_penalty", 0.5},
                       {"repetition_penalty", 1.05},
                       {"seed", 18446744073709551615u},
                       {"stop", {"\n\n"}},
                       {"reasoning_effort", "low"},
                       {"thinking_budget", 1024},
                       {"chat_template_kwargs", {{"enable_thinking", true}}},
                       {"n", 3},
                       {"stream", true},
                       {"stream_options", {{"include_usage", true}}},
                       {"model", "m"}};
  for (const auto& [key, value] : wanted.items()) {
    INFO(key);
    CHECK(body[key] == value);
  }
  CHECK(body.size() == wanted.size() + 1);
}

TEST_CASE("openai request: going on from a prefix in each server's way") {
  Request r = plain();
  r.kind = CallKind::continuation;
  r.prefix = "<think>so";
  OpenAiForm f = form();
  f.continue_style = ContinueStyle::assistant;
  CHECK(body_of(f, r)["messages"][2] == Json({{"role", "assistant"}, {"content", "<think>so"}}));
  f.continue_style = ContinueStyle::prefix;
  CHECK(body_of(f, r)["messages"][2]["prefix"] == true);
  f.continue_style = ContinueStyle::vllm;
  CHECK(body_of(f, r)["continue_final_message"] == true);
  CHECK(body_of(f, r)["add_generation_prompt"] == false);
}

TEST_CASE("openai request: what cannot be said is an error and not left out") {
  Request r = plain();
  r.prefix = "so";
  CHECK(openai_body(form(), r).error().code == Code::invalid);
  r = plain();
  r.choices = 2;
  CHECK(openai_body(form(), r).error().message.find("max_choices") != std::string::npos);
  r = plain();
  r.sampling.thinking_budget = 5;
  CHECK(openai_body(form(), r).error().message.find("thinking_budget_field") != std::string::npos);
  r = plain();
  r.sampling.extra = {{"stream", false}};
  CHECK(openai_body(form(), r).error().message.find("stream") != std::string::npos);
  r = plain();
  r.messages[1].content = "bad \xff utf8";
  CHECK(body_of(form(), r)["messages"][1]["content"] == "bad \xEF\xBF\xBD utf8");
}

}  // namespace
}  // namespace assay
