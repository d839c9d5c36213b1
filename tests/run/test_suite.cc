#include "harness/run/suite.h"

#include "tests/support/catch.h"

using namespace assay;

namespace {

constexpr const char* kFull = R"(suite: nightly
seed: 9
epochs: 4
tasks:
  - math/gsm8k
  - {task: math/arithmetic, limit: 200, epochs: 2, options: {level: 3, name: "7"}}
models:
  - name: small
    backend: openai
    model: org/small-7b
    base_url: http://127.0.0.1:8000/v1
    api_key_env: MY_KEY
    options: {stream: true}
    sampling: {temperature: 0.6, stop: [a, b]}
    seed: true
    think_tags: [reasoning]
    opens_think: true
    price: {input: 0.15, cached_input: 0.075, cache_write: 0.2, output: 0.60}
    max_connections: 8
    timeout_s: 30.5
    rpm: 60
    tpm: 90000
  - {name: "quote \" newline \n escape \e[31m \x7f \u2028 \U0001F600", backend: scripted}
sampling: {max_tokens: 4096}
strategy: {self_consistency: {k: 7}}
variants:
  - {name: plain}
  - {name: terse, system: "Be brief.", prompt: "{question}", fewshot: 3, sampling: {top_p: 0.9}}
limits: {error_rate: 0.02, tries: 3, attempt_s: 120}
)";

std::string with(const std::string& line) {
  return "suite: s\ntasks: [a]\nmodels: [{name: m, backend: b}]\n" + line + "\n";
}

}  // namespace

TEST_CASE("a suite file says everything there is to say") {
  auto suite = parse_suite(kFull, "nightly.yaml");
  if (!suite) FAIL(suite.error().message);
  CHECK(suite->name == "nightly");
  CHECK(suite->seed == 9);
  CHECK(suite->epochs == 4);
  REQUIRE(suite->tasks.size() == 2);
  CHECK(suite->tasks[1].limit == 200);
  CHECK(suite->tasks[1].epochs == 2);
  CHECK(suite->tasks[1].options == Json{{"level", 3}, {"name", "7"}});
  REQUIRE(suite->models.size() == 2);
  const ModelEntry& m = suite->models[0];
  CHECK(m.model == "org/small-7b");
  CHECK(m.api_key_env == "MY_KEY");
  CHECK(m.sampling.temperature == 0.6);
  CHECK(m.sampling.stop == std::vector<std::string>{"a", "b"});
  CHECK(m.seed);
  CHECK(m.opens_think == true);
  CHECK(m.price.cached_input == 75000);
  CHECK(m.price.output == 600000);
  CHECK(m.timeout_s == 30.5);
  CHECK(m.rpm == 60.0);
  CHECK(suite->models[1].model == suite->models[1].name);
  CHECK(suite->strategy.kind == StrategyKind::self_consistency);
  CHECK(suite->strategy.k == 7);
  REQUIRE(suite->variants.size() == 2);
  CHECK(suite->variants[1].prompt.system == "Be brief.");
  CHECK(suite->variants[1].prompt.fewshot == 3);
  CHECK(suite->limits.tries == 3);
}

TEST_CASE("a suite goes into a run's row and comes back whole") {
  auto suite = parse_suite(kFull, "nightly.yaml");
  REQUIRE(suite.ok());
  auto back = suite_from_json(to_json(*suite));
  if (!back) FAIL(back.error().message);
  CHECK(dump_json(to_json(*back)) == dump_json(to_json(*suite)));
  CHECK(back->models[1].name == suite->models[1].name);
  CHECK(back->models[0].price == suite->models[0].price);
  CHECK(back->tasks[1].options == suite->tasks[1].options);
  for (const char* strategy : {"single", "continue_truncated:65536"}) {
    suite->strategy = *parse_strategy(strategy);
    back = suite_from_json(to_json(*suite));
    REQUIRE(back.ok());
    CHECK(back->strategy == suite->strategy);
  }
}

TEST_CASE("defaults are one epoch, one call and the plain prompt") {
  auto suite = parse_suite(with(""), "s.yaml");
  if (!suite) FAIL(suite.error().message);
  CHECK(suite->epochs == 1);
  CHECK(suite->strategy.kind == StrategyKind::single);
  REQUIRE(suite->variants.size() == 1);
  CHECK(suite->variants[0].name.empty());
}

TEST_CASE("a faulty suite file is refused with its place and what was expected") {
  struct Row {
    std::string text;
    const char* place;
    const char* says;
  };
  const std::string models = "models: [{name: m, backend: b}]\n";
  const Row rows[] = {
      {"suite: s\n" + models, "s.yaml:1:1", "tasks"},
      {"suite: s\ntasks: [a]\n", "s.yaml:1:1", "models"},
      {"tasks: [a]\n" + models, "s.yaml:1:1", "suite"},
      {"", "s.yaml:1:1", ""},
      {"- a\n", "s.yaml:1:1", ""},
      {"suite: [\n", "s.yaml:2:1", ""},
      {with("epoch: 2"), "s.yaml:4:1", "epochs"},
      {with("epochs: 2\nepochs: 3"), "s.yaml:5:1", "epochs"},
      {with("epochs: many"), "s.yaml:4:9", "integer"},
      {with("epochs: 0"), "s.yaml:4:9", "1"},
      {with("seed: -1"), "s.yaml:4:7", ""},
      {with("sampling: {temprature: 1}"), "s.yaml:4:12", "temperature"},
      {with("sampling: {temperature: hot}"), "s.yaml:4:25", "number"},
      {with("sampling: {max_tokens: 1.5}"), "s.yaml:4:24", "integer"},
      {with("strategy: voting"), "s.yaml:4:11", "self_consistency"},
      {with("strategy: {self_consistency: {k: 0}}"), "s.yaml:4:34", "1"},
      {with("strategy: {self_consistency: {n: 5}}"), "s.yaml:4:31", "n"},
      {with("strategy: {single: {k: 1}}"), "s.yaml:4:21", "k"},
      {with("variants: [{name: a}, {name: a}]"), "s.yaml", "two variants"},
      {with("variants: [{name: a, promt: x}]"), "s.yaml:4:22", "prompt"},
      {with("limits: {error_rate: 2}"), "s.yaml:4:22", "0 to 1"},
      {with("limits: &a {error_rate: *a}"), "s.yaml:4", ""},
      {"suite: s\ntasks: [a, a]\n" + models, "s.yaml", "listed twice"},
      {"suite: s\ntasks: a\n" + models, "s.yaml:2:8", "list"},
      {"suite: s\ntasks: [{limit: 3}]\n" + models, "s.yaml:2:9", "task"},
      {"suite: s\ntasks: [{task: a, limit: 0}]\n" + models, "s.yaml:2:26", "at least 1"},
      {"suite: s\ntasks: [a]\nmodels: [{name: m}]\n", "s.yaml:3:10", "backend"},
      {"suite: s\ntasks: [a]\nmodels: [m]\n", "s.yaml:3:10", ""},
      {"suite: s\ntasks: [a]\nmodels: [{name: m, backend: b}, {name: m, backend: b}]\n", "s.yaml",
       "two models"},
      {"suite: s\ntasks: [a]\nmodels: [{name: m, backend: b, price: {input: 1e-3}}]\n", "s.yaml:3:47",
       "decimal"},
      {"suite: s\ntasks: [a]\nmodels: [{name: m, backend: b, api_key_env: sk-123}]\n", "s.yaml",
       "environment variable"},
      {"suite: s\ntasks: [a]\nmodels: [{name: m, backend: b, base_url: 'http://u:p@h/'}]\n", "s.yaml",
       "password"},
      {"suite: s\ntasks: [a]\nmodels: [{name: m, backend: b, timeout_s: 0}]\n", "s.yaml:3:43", "above 0"},
      {"suite: s\ntasks: [a]\nmodels: [{name: m, backend: b, think_tags: [a b]}]\n", "s.yaml:3:45", ""},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    auto suite = parse_suite(row.text, "s.yaml");
    REQUIRE_FALSE(suite.ok());
    INFO(suite.error().message);
    CHECK(suite.error().code == Code::invalid);
    CHECK(suite.error().message.find(row.place) != std::string::npos);
    CHECK(suite.error().message.find(row.says) != std::string::npos);
    CHECK(suite.error().message.find('\n') == std::string::npos);
    CHECK(suite.error().message.find("sk-123") == std::string::npos);
  }
}

TEST_CASE("a strategy on the command line") {
  CHECK(parse_strategy("self_consistency")->k == 5);
  CHECK(parse_strategy("self_consistency:9")->k == 9);
  CHECK(parse_strategy("continue_truncated:100")->max_tokens == 100);
  for (const char* wrong :
       {"", "single:2", "self_consistency:", "self_consistency:0", "self_consistency:x",
        "self_consistency:1025", "continue_truncated:-1", "selfconsistency", "best_of:3"}) {
    INFO(wrong);
    CHECK_FALSE(parse_strategy(wrong).ok());
  }
}
