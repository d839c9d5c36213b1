#include "backends/local/engine/local_backend.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "backends/local/engine/prompt.h"
#include "harness/base/format.h"
#include "harness/base/rng.h"
#include "harness/text/trace_split.h"
#include "tests/backends/local/engine/fake_model.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace assay::local::test {
namespace {

using assay::test::has;

constexpr char kTemplate[] =
    "{% for m in messages %}[{{ m.role }}]{{ m.content }}\n{% endfor %}[assistant]{% if think %}<think>\n{% "
    "endif %}";

// Replies as they come, from the backend's thread; read by the test's once they are all there.
class Replies {
 public:
  Done slot(std::size_t i) {
    return [this, i](BackendReply reply) {
      const std::lock_guard lock(mutex_);
      all_[i].push_back(std::move(reply));
      ++count_;
      ready_.notify_all();
    };
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return ready_.wait_for(lock, std::chrono::seconds(60), [&] { return count_ >= count; });
  }
  std::map<std::size_t, std::vector<BackendReply>>& all() { return all_; }  // when nothing is in flight
  const Response& response(std::size_t i, std::size_t choice = 0) {
    return all_.at(i).at(0).responses.at(choice);
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::map<std::size_t, std::vector<BackendReply>> all_;
  std::size_t count_ = 0;
};

struct Fixture {
  LocalSettings settings;
  std::vector<std::string> words;
  std::string chat_template = kTemplate;
  GenerationDefaults generation;
  std::unique_ptr<FakeModel> model = std::make_unique<FakeModel>();
  FakeModel* watched = model.get();

  Fixture() {
    settings.model = "fake";
    settings.max_batch = 8;
  }
  Result<std::unique_ptr<Backend>> try_make() {
    ModelFiles files;
    files.tokenizer = std::make_unique<FakeTokenizer>(words);
    files.chat_template = chat_template;
    files.generation = generation;
    files.end_tokens = {FakeTokenizer::kEnd};
    return make_local_backend(settings, std::move(files), std::move(model));
  }
  std::unique_ptr<Backend> make() {
    auto made = try_make();
    if (!made) FAIL(made.error().message);
    return std::move(*made);
  }
};

Request question(std::size_t i, const std::string& text = "") {
  Request r;
  r.id = i + 1;
  r.task = "t";
  r.sample_key = std::to_string(i / 4);
  r.epoch = static_cast<std::uint32_t>(i % 4);
  r.messages.push_back({Role::user, text.empty() ? format("question {}", i / 4) : text});
  r.sampling.max_tokens = 30;
  r.sampling.temperature = 0.8;
  return r;
}

// A model that says a text after every prompt; prompts end in "[assistant]".
FakeModel::Next says(const std::string& text) {
  return [text](const std::vector<TokenId>& tokens) {
    const FakeTokenizer t;
    const std::string all = t.decode(tokens);
    const std::string said = all.substr(all.rfind("[assistant]") + 11);
    if (said.size() >= text.size()) return FakeTokenizer::kEnd;
    return t.encode(text.substr(said.size()), SpecialTokens::parse)[0];
  };
}

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
