#include "backends/remote/model_table.h"

#include <fstream>

#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace assay;

namespace {

using Words = std::vector<std::string>;

ModelFacts facts(const char* provider, const char* model) {
  auto found = find_model_facts(provider, model, {});
  REQUIRE(found.ok());
  return std::move(*found);
}

std::string joined(const std::optional<Words>& words) {
  std::string out;
  for (const std::string& w : words.value_or(Words{})) out += (out.empty() ? "" : ",") + w;
  return out;
}

}  // namespace

TEST_CASE("the shipped table knows limits, refused parameters and days") {
  struct Case {
    const char* provider;
    const char* model;
    std::int64_t context, output;  // 0: unknown
    const char* refuses;
    const char* system_role;
    const char* retires;
  };
  constexpr const char* kNone = "temperature,top_p,presence_penalty,frequency_penalty";
  for (const Case& c : {
           Case{"openai", "o1", 200000, 100000, kNone, "developer", "2026-10-23"},
           Case{"openai", "o1-2024-12-17", 200000, 100000, kNone, "developer", "2026-10-23"},
           Case{"openai", "o1-mini", 128000, 65536,
                "temperature,top_p,presence_penalty,frequency_penalty,reasoning_effort", "user",
                "2025-10-27"},
           Case{"openai", "o3", 200000, 100000, "temperature,top_p,presence_penalty,frequency_penalty,stop",
                "developer", "2026-12-11"},
           Case{"openai", "o3-mini", 200000, 100000, kNone, "developer", "2026-10-23"},
           Case{"openai", "gpt-4o-2024-08-06", 128000, 16384, "", "", "2027-01-14"},
           Case{"openai", "gpt-4o-2024-05-13", 128000, 4096, "", "", "2026-10-23"},
           Case{"deepseek", "deepseek-reasoner", 131072, 65536, "", "", "2026-07-24"},
           Case{"google", "gemini-2.5-flash", 1048576, 65536, "", "", "2026-12-01"},
           Case{"anthropic", "claude-3-opus-20240229", 200000, 4096, "", "", "2026-01-05"},
           Case{"somebody", "o1", 0, 0, "", "", ""},
           Case{"", "my-model", 0, 0, "", "", ""},
       }) {
    INFO(c.provider << "/" << c.model);
    const ModelFacts f = facts(c.provider, c.model);
    CHECK(f.context_limit.value_or(0) == c.context);
    CHECK(f.output_limit.value_or(0) == c.output);
    CHECK(joined(f.refuses) == c.refuses);
    CHECK(f.system_role.value_or("") == c.system_role);
    CHECK(f.retires.value_or("") == c.retires);
    CHECK(f.rows.empty() == (c.context == 0));
  }
}

TEST_CASE("R1's recommended sampling holds wherever R1 runs") {
  for (const char* model : {"deepseek-ai/DeepSeek-R1", "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B",
                            "accounts/fireworks/models/deepseek-r1", "deepseek/deepseek-r1"}) {
    INFO(model);
    const ModelFacts f = facts("", model);
    REQUIRE(f.recommended);
    CHECK(f.recommended->temperature == 0.6);
    CHECK(f.recommended->top_p == 0.95);
    CHECK(f.recommended->max_tokens == 32768);
    CHECK(f.typical_output == 4717);
  }
  CHECK(facts("", "Qwen/Qwen3-32B").recommended->top_k == 20);
  CHECK(facts("", "Qwen/Qwen3-30B-A3B-Instruct-2507").recommended->temperature == 0.7);
  CHECK_FALSE(facts("deepseek", "deepseek-reasoner").recommended);  // it ignores them
  CHECK(joined(facts("deepseek", "deepseek-reasoner").ignores) ==
        "temperature,top_p,presence_penalty,frequency_penalty");
}

TEST_CASE("a user's file goes before the shipped table, key by key") {
  const test::TempDir dir;
  const std::string first = dir / "first.yaml", second = dir / "second.yaml";
  std::ofstream(first)
      << "models:\n  - {provider: \"*\", model: \"o1*\", refuses: [], output: 5, source: mine}\n";
  std::ofstream(second) << "models:\n  - {provider: \"*\", model: \"*\", output: 7, source: mine}\n";
  const Words files = {first, second};
  auto found = find_model_facts("openai", "o1", files);
  REQUIRE(found.ok());
  CHECK(found->refuses == Words{});
  CHECK(found->output_limit == 7);  // the later file
  CHECK(found->context_limit == 200000);
  CHECK(found->rows.find(second + ": */*; " + first + ": */o1*; models.yaml: openai/o1") == 0);
  const Words missing = {dir / "none.yaml"};
  CHECK_FALSE(find_model_facts("openai", "o1", missing).ok());
  BackendInfo info;
  fill_info(*found, info);
  CHECK(info.output_limit == 7);
  CHECK(info.refuses.empty());
  CHECK(info.trace_kind == TraceKind::hidden);
  CHECK(info.retires == "2026-10-23");
}

TEST_CASE("a row about models that cannot be right is refused with its place") {
  struct Case {
    const char* row;
    const char* says;
  };
  for (const Case& c :
       {Case{"model: m, source: s", "provider"}, Case{"provider: p, source: s", "model"},
        Case{"provider: p, model: m", "source"},
        Case{"provider: p, model: m, source: s, refuses: [temprature]", "no sampling parameter"},
        Case{"provider: p, model: m, source: s, context: 0", "at least 1"},
        Case{"provider: p, model: m, source: s, context: many", "integer"},
        Case{"provider: p, model: m, source: s, system_role: boss", "expected one of"},
        Case{"provider: p, model: m, source: s, trace: odd", "expected one of"},
        Case{"provider: p, model: m, source: s, retires: soon", "expected a day"},
        Case{"provider: p, model: m, source: s, recommended: {temperature: hot}", "temperature"},
        Case{"provider: p, model: m, source: s, recommended: 3", "expected a mapping"},
        Case{"provider: p, model: m, source: s, conext: 3", "conext"}}) {
    INFO(c.row);
    const auto rows = read_model_rows(std::string("models:\n  - {") + c.row + "}\n", "m.yaml");
    REQUIRE_FALSE(rows.ok());
    CHECK(rows.error().code == Code::invalid);
    CHECK(rows.error().message.find("m.yaml:2") == 0);
    CHECK(rows.error().message.find(c.says) != std::string::npos);
  }
}
