// What the model table and the price table say of real backends' models, as a run is planned; nothing is
// sent.
#include "harness/base/format.h"
#include "harness/run/run.h"
#include "tests/support/catch.h"
#include "tests/support/environment.h"

using namespace assay;

namespace {

Result<Plan> planned(const std::string& model) {
  auto suite = parse_suite(
      "suite: s\ntasks: [{task: math/arithmetic, limit: 2}]\nmodels: [{" + model + "}]\n", "s.yaml");
  REQUIRE(suite.ok());
  auto plugins = catalog_plugins();
  REQUIRE(plugins.ok());
  return plan_suite(*suite, *plugins, RunOptions{});
}

bool warns(const Plan& plan, std::string_view of) {
  for (const std::string& line : plan.warnings) {
    if (line.find(of) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a parameter that a model refuses ends the plan, naming model, parameter and the table") {
  const test::Environment key("OPENAI_API_KEY", "none");
  struct Case {
    const char* model;
    const char* says;  // empty: it is fine
  };
  for (const Case& c :
       {Case{"name: m, backend: openai, model: o1, sampling: {temperature: 0}",
             "'o1' refuses the parameter temperature"},
        Case{"name: m, backend: openai, model: o1, sampling: {top_p: 1}", "'o1' refuses the parameter top_p"},
        Case{"name: m, backend: openai, model: o3, sampling: {stop: [x]}", "'o3' refuses the parameter stop"},
        Case{"name: m, backend: openai, model: o1, sampling: {max_tokens: 100, reasoning_effort: low}", ""},
        Case{"name: m, backend: openai, model: gpt-4o-2024-08-06, sampling: {temperature: 0}", ""},
        Case{"name: m, backend: openai, model: gpt-4o-2024-08-06, recommended: true", "nothing is known"},
        Case{
            "name: m, backend: openai, base_url: 'http://127.0.0.1:1', model: o1, sampling: {temperature: 0}",
            ""},
        Case{"name: m, backend: openai, base_url: 'http://127.0.0.1:1', model: x/DeepSeek-R1, recommended: "
             "true",
             ""}}) {
    INFO(c.model);
    const auto plan = planned(c.model);
    CHECK(plan.ok() == (c.says[0] == '\0'));
    if (plan.ok()) continue;
    CHECK(plan.error().code == Code::invalid);
    CHECK(plan.error().message.find(c.says) != std::string::npos);
    CHECK(plan.error().message.find("--model-table") != std::string::npos);
  }
}

TEST_CASE("a plan bounds what the recommended limit allows, and warns of models that are gone") {
  const test::Environment key("OPENAI_API_KEY", "none"), other("DEEPSEEK_API_KEY", "none");
  const auto r1 = planned(
      "name: m, backend: openai, base_url: 'http://127.0.0.1:1', model: x/DeepSeek-R1, recommended: true, "
      "price: {input: 1, output: 2}");
  REQUIRE(r1.ok());
  CHECK(r1->entries.at(0).output_tokens == 2 * 32768);
  CHECK(r1->entries.at(0).price == "the suite's price of m");
  CHECK(r1->cost_pico == *r1->entries.at(0).input_tokens * 1'000'000 + 2 * 32768 * 2'000'000LL);
  CHECK(r1->warnings.empty());
  const auto preview = planned("name: m, backend: openai, model: o1-preview");
  REQUIRE(preview.ok());
  CHECK(warns(*preview, "switched 'o1-preview' off on 2025-07-28"));
  CHECK(preview->entries.at(0).price.find("openai/o1-preview* 2024-09-12.. (shipped: ") == 0);
  CHECK(preview->cost_pico);
  const auto unknown = planned("name: m, backend: openai, model: no-such-model");
  REQUIRE(unknown.ok());
  CHECK(warns(*unknown, "no price row for provider 'openai', model 'no-such-model'"));
  CHECK_FALSE(unknown->cost_pico);
  const auto reasoner =
      planned("name: m, backend: deepseek, model: deepseek-reasoner, sampling: {temperature: 0.6}");
  REQUIRE(reasoner.ok());
  CHECK(warns(*reasoner, "does nothing with the parameter temperature"));
}
