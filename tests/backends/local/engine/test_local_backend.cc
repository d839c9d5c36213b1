#include "backends/local/engine/local_backend.h"

#include <atomic>
#include <map>
#include <thread>

#include "harness/base/format.h"
#include "harness/base/rng.h"
#include "harness/text/trace_split.h"
#include "tests/backends/local/engine/local_fixture.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace assay::local::test {
namespace {

using assay::test::has;

TEST_CASE("Requests are answered, in a batch and with the prompt's text on record", "[local][backend]") {
  Fixture f;
  f.watched->next = says("<think>hm</think>the answer");
  auto backend = f.make();
  const BackendInfo info = backend->describe();
  CHECK(info.id == "local");
  CHECK(info.can_continue);
  CHECK(info.max_choices > 1);
  CHECK(info.context_limit == 4096);
  CHECK_FALSE(info.opens_think);
  Replies replies;
  for (std::size_t i = 0; i < 20; ++i) backend->submit(question(i, i == 7 ? "" : "q"), replies.slot(i));
  REQUIRE(replies.wait_for(20));
  std::int64_t input = 0;
  for (std::size_t i = 0; i < 20; ++i) {
    const Response& r = replies.response(i);
    CHECK(r.text == "<think>hm</think>the answer");
    CHECK(r.finish == FinishReason::stop);
    CHECK(r.finish_raw == "end_token");
    CHECK(r.prompt == (i == 7 ? "[user]question 1\n[assistant]" : "[user]q\n[assistant]"));
    CHECK(r.prompt_template == sha256(kTemplate).hex());
    CHECK(r.usage.reasoning == 4);
    CHECK(r.usage.output == 11);
    CHECK(r.timing.first_token.value() <= r.timing.total);
    CHECK(split(r, {info.think_tags, info.opens_think}).answer == "the answer");
    input += *r.usage.input;
    CHECK(*r.usage.input + *r.usage.cached_input == static_cast<std::int64_t>(r.prompt.size()));
  }
  CHECK(input == 19 + 18 + 28);  // each prompt once, and the last token of it for who shares it
  CHECK(f.watched->faults == 0);
}

std::map<std::size_t, std::string> texts_with(std::int32_t max_batch, std::optional<KvMemory> kv,
                                              std::uint64_t order) {
  Fixture f;
  f.settings.max_batch = max_batch;
  f.settings.step_rows = std::max(40, max_batch + 16);
  if (kv) f.settings.kv = *kv;
  if (kv) f.settings.context = 16 * 8;
  auto backend = f.make();
  std::vector<std::size_t> indices(64);
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
  Rng(order).shuffle(indices);
  Replies replies;
  for (const std::size_t i : indices) {
    Request r = question(i);
    r.sampling.max_tokens = 90;
    if (i % 5 == 0) r.choices = 3;
    backend->submit(std::move(r), replies.slot(i));
  }
  CHECK(replies.wait_for(indices.size()));
  std::map<std::size_t, std::string> texts;
  for (const auto& [i, all] : replies.all()) {
    for (const Response& r : all.at(0).responses) texts[i] += r.text + "|";
  }
  CHECK(f.watched->faults == 0);
  return texts;
}

TEST_CASE("Same seed, same text, for any max_batch, memory and order", "[local][backend]") {
  const auto wide = texts_with(32, std::nullopt, 1);
  CHECK(wide.size() == 64);
  CHECK(wide.at(0) != wide.at(1));  // another epoch
  CHECK(wide == texts_with(1, std::nullopt, 2));
  CHECK(wide == texts_with(5, std::nullopt, 3));
  KvMemory tiny;
  tiny.bytes = 8 * 1000;
  CHECK(wide == texts_with(8, tiny, 4));
}

TEST_CASE("A model's revision covers its template and its own sampling", "[local][backend]") {
  const auto revision = [](const std::string& chat_template, std::optional<double> top_p) {
    Fixture f;
    f.chat_template = chat_template;
    f.generation.top_p = top_p;
    return f.make()->describe().revision;
  };
  const std::string plain = revision(kTemplate, std::nullopt);
  CHECK(revision(kTemplate, std::nullopt) == plain);
  CHECK(revision("", std::nullopt) != plain);
  CHECK(revision(kTemplate, 0.9) != plain);
}

TEST_CASE("Choices differ; a choice of a draw is that draw", "[local][backend]") {
  Fixture f;
  auto backend = f.make();
  Replies replies;
  Request r = question(0);
  r.choices = 3;
  backend->submit(r, replies.slot(0));
  for (std::uint32_t d = 0; d < 3; ++d) {
    r.choices = 1;
    r.draw = d;
    backend->submit(r, replies.slot(1 + d));
  }
  REQUIRE(replies.wait_for(4));
  REQUIRE(replies.all()[0][0].responses.size() == 3);
  for (std::size_t d = 0; d < 3; ++d) CHECK(replies.response(0, d).text == replies.response(1 + d).text);
  CHECK(replies.response(0, 0).text != replies.response(0, 1).text);
  CHECK(*replies.response(0, 1).usage.input == 0);
}

TEST_CASE("What cannot be answered is an error that says why", "[local][backend]") {
  Fixture f;
  f.settings.context = 64;
  auto backend = f.make();
  struct Row {
    const char* name;
    std::function<void(Request&)> spoil;
    const char* says;
  };
  const Row rows[] = {
      {"long prompt", [](Request& r) { r.messages[0].content = std::string(200, 'x'); }, "has 218 tokens"},
      {"the context in it", [](Request& r) { r.messages[0].content = std::string(200, 'x'); },
       "context of 64"},
      {"max_tokens", [](Request& r) { r.sampling.max_tokens = 0; }, "max_tokens"},
      {"stop",
       [](Request& r) {
         r.sampling.stop = {"a", ""};
       },
       "stop string is empty"},
      {"extra", [](Request& r) { r.sampling.extra["best_of"] = 3; }, "best_of"},
      {"logprobs", [](Request& r) { r.sampling.extra["logprobs"] = 3; }, "logprobs"},
      {"temperature", [](Request& r) { r.sampling.temperature = -3; }, "temperature"},
      {"choices", [](Request& r) { r.choices = 0; }, "choices"},
      {"budget", [](Request& r) { r.sampling.thinking_budget = -1; }, "thinking_budget"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Request r = question(0);
    row.spoil(r);
    Replies replies;
    backend->submit(r, replies.slot(0));
    REQUIRE(replies.wait_for(1));
    REQUIRE(replies.all()[0][0].error);
    CHECK(replies.all()[0][0].error->code == Code::invalid);
    CHECK_THAT(replies.all()[0][0].error->message, has(row.says) && has("t sample 0"));
  }
}

TEST_CASE("A deadline keeps what was generated, or is an error when nothing was", "[local][backend]") {
  Fixture f;
  f.settings.max_batch = 1;
  f.settings.context = 2000;
  f.watched->next = [](const std::vector<TokenId>&) { return TokenId{'z'}; };
  f.watched->step_time = std::chrono::milliseconds(2);
  auto backend = f.make();
  Replies replies;
  Request r = question(0);
  r.sampling.max_tokens = 1900;
  r.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
  backend->submit(r, replies.slot(0));
  r.id = 2;
  backend->submit(r, replies.slot(1));  // waits behind it
  REQUIRE(replies.wait_for(2));
  CHECK(replies.response(0).finish == FinishReason::deadline);
  CHECK_FALSE(replies.response(0).text.empty());
  REQUIRE(replies.all()[1][0].error);
  CHECK(replies.all()[1][0].error->code == Code::deadline);
}

TEST_CASE("Every request is answered once, whatever is cancelled and when", "[local][backend]") {
  constexpr std::size_t kThreads = 4, kEach = 60;
  for (const bool destroy_early : {false, true}) {
    Fixture f;
    f.settings.max_batch = 4;
    f.settings.kv.bytes = 40 * 1000;
    f.settings.context = 256;
    f.watched->step_time = std::chrono::microseconds(200);
    auto backend = f.make();
    Replies replies;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        Rng rng(t + 1);
        for (std::size_t i = t * kEach; i < (t + 1) * kEach; ++i) {
          Request r = question(i);
          r.sampling.max_tokens = rng.uniform(1, 100);
          r.choices = static_cast<std::uint32_t>(rng.uniform(1, 3));
          if (rng.chance(0.1))
            r.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(rng.uniform(0, 20));
          const RequestId id = r.id;
          backend->submit(std::move(r), replies.slot(i));
          if (rng.chance(0.5)) std::this_thread::sleep_for(std::chrono::microseconds(rng.uniform(0, 500)));
          if (rng.chance(0.4))
            backend->cancel(rng.chance(0.5) ? id : static_cast<RequestId>(rng.uniform(1, 240)));
        }
      });
    }
    for (std::thread& t : threads) t.join();
    if (destroy_early) backend.reset();
    REQUIRE(replies.wait_for(kThreads * kEach));
    if (!destroy_early) CHECK(f.watched->faults == 0);
    backend.reset();
    std::size_t cancelled = 0;
    for (const auto& [i, all] : replies.all()) {
      REQUIRE(all.size() == 1);
      const bool error = all[0].error.has_value();
      CHECK(error == all[0].responses.empty());
      if (error) CHECK((all[0].error->code == Code::cancelled || all[0].error->code == Code::deadline));
      if (error || all[0].responses[0].finish == FinishReason::cancelled) ++cancelled;
    }
    CHECK(cancelled > 0);
  }
}

TEST_CASE("A failed step fails its requests and no others", "[local][backend]") {
  Fixture f;
  f.settings.max_batch = 2;
  f.watched->fail_at = 2;
  auto backend = f.make();
  Replies replies;
  Request r = question(0);
  r.choices = 2;
  backend->submit(r, replies.slot(0));
  REQUIRE(replies.wait_for(1));
  REQUIRE(replies.all()[0][0].error);
  CHECK(replies.all()[0][0].error->code == Code::internal);
  backend->submit(question(1), replies.slot(1));
  REQUIRE(replies.wait_for(2));
  CHECK_FALSE(replies.all()[1][0].error);
}

TEST_CASE("What is wrong with a model or its options is said when the backend is made", "[local][backend]") {
  struct Row {
    const char* name;
    std::function<void(Fixture&)> spoil;
    const char* says;
  };
  const Row rows[] = {
      {"vocabulary", [](Fixture& f) { f.words.assign(100, "w"); }, "361 tokens, but the model only 280"},
      {"template", [](Fixture& f) { f.chat_template = "{% if %}"; }, "line 1"},
      {"context", [](Fixture& f) { f.settings.context = 5000; }, "'context' is 5000"},
      {"memory", [](Fixture& f) { f.settings.kv.bytes = 10; }, "kv_memory"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Fixture f;
    row.spoil(f);
    auto made = f.try_make();
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == Code::invalid);
    CHECK_THAT(made.error().message, has(row.says) && has("fake"));
  }
}

}  // namespace
}  // namespace assay::local::test
