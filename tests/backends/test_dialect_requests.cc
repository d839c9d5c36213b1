// What the backends of the OpenAI family send for one request, each in its own dialect, as the server sees it.
#include "tests/backends/openai_server.h"
#include "tests/backends/remote_client.h"
#include "tests/support/catch.h"
#include "tests/support/http_server.h"
#include "tests/support/temp_dir.h"

namespace assay {
namespace {

struct Seen {
  std::string target;
  Json body;
  BackendReply reply;
};

Seen sent(const std::string& backend, const Json& options, const Request& r,
          const std::string& answer = test::kWholeAnswer) {
  Seen out;
  HttpServer server([&out, &answer](const ServedRequest& request, Peer& peer) {
    out.target = request.target;
    out.body = parse_json(request.body).value();
    peer.respond(200, answer);
  });
  out.reply = test::ask(*test::remote(backend, server.url() + "/v1", options), r);
  return out;
}

std::string refusal(const std::string& backend, const Json& options, const Request& r) {
  const Seen seen = sent(backend, options, r);
  REQUIRE(seen.reply.error.has_value());
  CHECK(seen.reply.error->code == Code::invalid);
  CHECK_FALSE(seen.reply.error->may_be_billed);
  CHECK(seen.target.empty());
  return seen.reply.error->message;
}

TEST_CASE("dialects: how thinking is asked for") {
  struct Row {
    std::string backend;
    Json options;
    Json sampling;
    Json wanted;  // of the body; null: absent
  };
  const Row rows[] = {
      {"openai", Json::object(), {{"reasoning_effort", "high"}}, {{"reasoning_effort", "high"}, {"reasoning", nullptr}}},
      {"deepseek", {{"thinking", true}}, Json::object(), {{"thinking", {{"type", "enabled"}}}}},
      {"deepseek", {{"thinking", false}}, {{"max_tokens", 9}}, {{"thinking", {{"type", "disabled"}}}, {"max_tokens", 9}}},
      {"deepseek", Json::object(), Json::object(), {{"thinking", nullptr}}},
      {"deepseek", {{"thinking", false}}, {{"extra", {{"thinking", {{"type", "enabled"}}}}}}, {{"thinking", {{"type", "enabled"}}}}},
      {"openrouter", Json::object(), Json::object(), {{"reasoning", nullptr}, {"usage", {{"include", true}}}}},
      {"openrouter", Json::object(), {{"reasoning_effort", "low"}}, {{"reasoning", {{"effort", "low"}}}, {"reasoning_effort", nullptr}}},
      {"openrouter", Json::object(), {{"thinking_budget", 2000}}, {{"reasoning", {{"max_tokens", 2000}}}}},
      {"openrouter", {{"reasoning", {{"exclude", false}}}}, {{"reasoning_effort", "low"}},
       {{"reasoning", {{"effort", "low"}, {"exclude", false}}}}},
      {"openrouter", {{"provider", {{"order", {"deepinfra"}}, {"allow_fallbacks", false}}}},
       {{"top_k", 5}, {"extra", {{"reasoning", {{"enabled", true}}}}}},
       {{"provider", {{"order", {"deepinfra"}}, {"allow_fallbacks", false}}}, {"top_k", 5}, {"reasoning", {{"enabled", true}}}}},
      {"openai", {{"thinking_budget_field", "thinking_token_budget"}}, {{"thinking_budget", 7}}, {{"thinking_token_budget", 7}}},
      {"openai", Json::object(), {{"extra", {{"chat_template_kwargs", {{"enable_thinking", false}}}}}},
       {{"chat_template_kwargs", {{"enable_thinking", false}}}}},
  };
  for (const Row& row : rows) {
    INFO(row.backend << " " << row.options.dump() << " " << row.sampling.dump());
    Request r = test::request();
    r.sampling = sampling_from_json(row.sampling).value();
    const Seen seen = sent(row.backend, row.options, r);
    CHECK(seen.target == "/v1/chat/completions");
    for (const auto& [key, value] : row.wanted.items()) {
      INFO(key);
      CHECK((seen.body.contains(key) ? seen.body[key] : Json(nullptr)) == value);
    }
  }
}

TEST_CASE("dialects: what an API cannot be told is refused before anything is sent") {
  Request r = test::request();
  r.sampling.thinking_budget = 5;
  CHECK_THAT(refusal("openai", Json::object(), r), test::has("openai: ") && test::has("thinking_budget_field"));
  CHECK_THAT(refusal("deepseek", Json::object(), r), test::has("deepseek: ") && test::has("thinking_budget_field"));
  r.sampling.reasoning_effort = "low";
  CHECK_THAT(refusal("openrouter", Json::object(), r), test::has("both set"));
  r = test::request();
  r.sampling.temperature = 0.5;
  r.sampling.extra = {{"temperature", 1}};
  CHECK_THAT(refusal("openai", Json::object(), r), test::has("sets temperature"));
  for (const char* key : {"model", "messages", "prompt", "stream", "stream_options", "n"}) {
    r.sampling.extra = {{key, 1}};
    CHECK_THAT(refusal("completions", Json::object(), r), test::has(std::string("may not set ") + key));
  }
  r = test::request();
  r.prefix = "so";
  CHECK_THAT(refusal("deepseek", Json::object(), r), test::has("continue"));
}

const std::string kText = R"({"choices":[{"text":"18","index":0,"finish_reason":"stop"}]})";

TEST_CASE("completions: a plain prompt, and going on from a prefix by appending it") {
  Request r = test::request();
  r.messages = {{Role::system, "Be short."}, {Role::user, "2+2="}};
  r.prefix = " 3+";
  r.kind = CallKind::continuation;
  r.sampling.max_tokens = 4;
  r.sampling.stop = {"\n"};
  const Seen seen = sent("completions", {{"stream", false}}, r, kText);
  CHECK(seen.target == "/v1/completions");
  CHECK(seen.body ==
        Json({{"model", "test-model"}, {"prompt", "Be short.\n\n2+2= 3+"}, {"max_tokens", 4}, {"stop", {"\n"}}}));
  REQUIRE(seen.reply.responses.size() == 1);
  CHECK(seen.reply.responses[0].prompt == "Be short.\n\n2+2= 3+");
  CHECK(seen.reply.responses[0].prompt_template.empty());
  CHECK(test::remote("completions", "http://127.0.0.1:1")->describe().can_continue);
}

TEST_CASE("completions: a chat template renders the prompt, and its digest is kept") {
  const test::TempDir dir;
  const std::string source =
      "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}\n{% endfor %}"
      "{% if add_generation_prompt %}<|assistant|>{% endif %}{% if think %}<think>{% endif %}";
  const std::string path = dir.file("t.jinja", source);
  const Seen seen = sent("completions",
                         {{"chat_template", path}, {"bos_token", "<s>"}, {"template_variables", {{"think", true}}}},
                         test::request(), kText);
  const std::string wanted = "<s><|user|>What is 9 plus 9?\n<|assistant|><think>";
  CHECK(seen.body["prompt"] == wanted);
  REQUIRE(seen.reply.responses.size() == 1);
  CHECK(seen.reply.responses[0].prompt == wanted);
  CHECK(seen.reply.responses[0].prompt_template == sha256(source).hex());
  const std::string raises = dir.file("r.jinja", "{{ raise_exception('no system role') }}");
  CHECK_THAT(refusal("completions", {{"chat_template", raises}}, test::request()), test::has("no system role"));
}

}  // namespace
}  // namespace assay
