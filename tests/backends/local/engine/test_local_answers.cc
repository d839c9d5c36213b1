// What a response of the local backend holds: trace and answer, continuations, cuts, log-probabilities, prompts.
#include "backends/local/engine/prompt.h"
#include "harness/text/trace_split.h"
#include "tests/backends/local/engine/local_fixture.h"
#include "tests/support/catch.h"

namespace assay::local::test {
namespace {

TEST_CASE("A template that opens the trace is known to the split, and a budget closes it",
          "[local][backend]") {
  Fixture f;
  f.settings.template_variables = Json{{"think", true}};
  f.watched->next = [](const std::vector<TokenId>& tokens) {
    const std::string all = FakeTokenizer().decode(tokens);
    const std::size_t end = all.find("</think>\n\n");
    if (end == std::string::npos) return TokenId{'t'};
    return all.size() - end > 11 ? FakeTokenizer::kEnd : TokenId{'4'};
  };
  auto backend = f.make();
  CHECK(backend->describe().opens_think);
  Replies replies;
  Request r = question(0);
  r.sampling.thinking_budget = 5;
  backend->submit(r, replies.slot(0));
  REQUIRE(replies.wait_for(1));
  const Response& response = replies.response(0);
  CHECK(response.text == "ttttt\n</think>\n\n44");
  CHECK(response.budget_forced);
  const Split s = split(response, {{}, true});
  CHECK(s.answer == "44");
  CHECK(s.trace == "ttttt\n");
}

TEST_CASE("A continuation goes on where the prefix ends", "[local][backend]") {
  Fixture f;
  f.watched->next = says("one two three");
  auto backend = f.make();
  Replies replies;
  Request r = question(0);
  r.sampling.max_tokens = 7;
  backend->submit(r, replies.slot(0));
  REQUIRE(replies.wait_for(1));
  CHECK(replies.response(0).text == "one two");
  CHECK(replies.response(0).finish == FinishReason::length);
  r.prefix = "one two";
  r.kind = CallKind::continuation;
  r.step = 1;
  backend->submit(r, replies.slot(1));
  REQUIRE(replies.wait_for(2));
  CHECK(replies.response(1).text == " three");
  CHECK(replies.response(1).prompt == "[user]question 0\n[assistant]one two");
}

TEST_CASE("An answer that fills the context is cut there, and says so", "[local][backend]") {
  Fixture f;
  f.settings.context = 32;
  f.watched->next = [](const std::vector<TokenId>&) { return TokenId{'y'}; };
  auto backend = f.make();
  Replies replies;
  Request r = question(0, "q");
  r.sampling.max_tokens.reset();
  backend->submit(r, replies.slot(0));
  REQUIRE(replies.wait_for(1));
  CHECK(replies.response(0).finish == FinishReason::length);
  CHECK(replies.response(0).finish_raw == "context");
  CHECK(replies.response(0).text.size() == 32 - std::string("[user]q\n[assistant]").size());
  CHECK(backend->bound(r).output == 13);
}

TEST_CASE("Log-probabilities come with the response and its raw record", "[local][backend]") {
  Fixture f;
  auto backend = f.make();
  Replies replies;
  Request r = question(0);
  backend->submit(r, replies.slot(0));
  r.sampling.extra["logprobs"] = true;
  backend->submit(r, replies.slot(1));
  REQUIRE(replies.wait_for(2));
  CHECK(replies.response(0).logprobs.empty());
  CHECK(replies.response(0).text == replies.response(1).text);
  const Response& with = replies.response(1);
  REQUIRE_FALSE(with.logprobs.empty());
  const auto raw = parse_json(with.raw);
  REQUIRE(raw.ok());
  CHECK((*raw)["logprobs"].size() == with.logprobs.size());
  CHECK((*raw)["tokens"].size() == with.logprobs.size());
}

TEST_CASE("A model without a template reads the contents and BOS once", "[local][backend]") {
  for (const bool adds_bos : {false, true}) {
    const FakeTokenizer t({}, true, adds_bos);
    auto maker = PromptMaker::make(t, "", Json::object());
    REQUIRE(maker.ok());
    CHECK(maker->template_digest().empty());
    Request r;
    r.messages = {{Role::system, "a"}, {Role::user, "b"}};
    CHECK(maker->prompt(r)->text == "a\n\nb");
    CHECK((maker->prompt(r)->ids.front() == FakeTokenizer::kBos) == adds_bos);
    r.messages = {{Role::user, "<s>b"}};
    CHECK(maker->prompt(r)->ids == std::vector<TokenId>{FakeTokenizer::kBos, 'b'});
    r.messages = {{Role::user, ""}};
    CHECK(maker->prompt(r)->ids == std::vector<TokenId>{FakeTokenizer::kBos});
  }
  const FakeTokenizer t({}, true, true);
  auto maker = PromptMaker::make(t, "{{ bos_token }}{{ messages[0].content }}", Json::object());
  REQUIRE(maker.ok());
  Request r;
  r.messages = {{Role::user, "b"}};
  CHECK(maker->prompt(r)->ids == std::vector<TokenId>{FakeTokenizer::kBos, 'b'});
}

}  // namespace
}  // namespace assay::local::test
