#include "backends/local/engine/settings.h"

#include "backends/local/engine/cache_plan.h"
#include "harness/base/format.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace assay::local {
namespace {

using test::has;

BackendOptions with(const char* json) {
  BackendOptions o;
  o.model = "m";
  o.options = *parse_json(json);
  return o;
}

TEST_CASE("Options of a local model are read, and wrong ones named", "[local][settings]") {
  const auto s = local_settings(with(R"({"device": "cuda:1", "dtype": "fp32", "threads": 3, "max_batch": 300,
      "kv_memory": "1.5GB", "kv_cache": "int8", "cuda_graphs": false,
      "context": 512, "template_variables": {"enable_thinking": false}, "logprobs": true})"));
  REQUIRE(s.ok());
  CHECK(s->load.device == "cuda:1");
  CHECK(s->load.dtype == "fp32");
  CHECK(s->load.threads == 3);
  CHECK(s->max_batch == 300);
  CHECK(s->step_rows > 300);
  CHECK(s->kv.bytes == 1'500'000'000U);
  CHECK(s->load.kv_cache == "int8");
  CHECK_FALSE(s->load.cuda_graphs);
  CHECK(local_settings(with("{}"))->load.kv_cache == "auto");
  CHECK(s->context == 512);
  CHECK(s->template_variables["enable_thinking"] == false);
  CHECK(s->logprobs);
  CHECK(local_settings(with("{}"))->max_batch == 32);
  struct Row {
    const char* json;
    const char* says;
  };
  const Row rows[] = {{R"({"dtype": "int3"})", "dtype"},
                      {R"({"max_batch": 0})", "max_batch"},
                      {R"({"kv_memory": "2"})", "kv_memory"},
                      {R"({"kv_cache": "fp8"})", "kv_cache"},
                      {R"({"kv_memory": "120%"})", "kv_memory"},
                      {R"({"kv_memory": "-1GB"})", "kv_memory"},
                      {R"({"kv_memory": 2})", "kv_memory"},
                      {R"({"context": 1})", "context"},
                      {R"({"template_variables": 1})", "template_variables"},
                      {R"({"chat_template": "/no/such"})", "chat_template"},
                      {R"({"quantize": 1})", "quantize"}};
  for (const Row& row : rows) {
    INFO(row.json);
    const auto bad = local_settings(with(row.json));
    REQUIRE_FALSE(bad.ok());
    CHECK_THAT(bad.error().message, has(row.says));
  }
  BackendOptions nameless = with("{}");
  nameless.model = "";
  CHECK_FALSE(local_settings(nameless).ok());
}

TEST_CASE("Another chat template comes from a file, or none is used", "[local][settings]") {
  const test::TempDir dir;
  const std::string path = dir.file("t.jinja", "{{ 1 }}");
  CHECK(local_settings(with(format(R"({{"chat_template": "{}"}})", path).c_str()))->chat_template ==
        "{{ 1 }}");
  CHECK_FALSE(local_settings(with(R"({"chat_template": "none"})"))->use_chat_template);
}

TEST_CASE("An amount of memory has a unit", "[local][settings]") {
  CHECK(kv_memory_of("2GB")->bytes == 2'000'000'000U);
  CHECK(kv_memory_of("512 MB")->bytes == 512'000'000U);
  CHECK(kv_memory_of("50%")->share == 0.5);
  for (const char* bad : {"", "GB", "2", "2 GiB", "0GB", "nanGB", "1e400GB", "inf%", "2GBx"})
    CHECK_FALSE(kv_memory_of(bad));
}

TEST_CASE("The cache is planned from model, machine and options", "[local][settings]") {
  struct Row {
    const char* name;
    ModelShape shape;
    KvMemory kv;
    std::int32_t max_batch;
    std::int64_t blocks;  // 0: an error
    std::int64_t context;
  };
  constexpr std::uint64_t kMega = 1'000'000;
  const Row rows[] = {
      {"a full batch at the whole context", {100, 1000, 1, 1000, 0, false}, {}, 4, 252, 1000},
      {"no more than 1 GB", {100, 8192, 1, kMega, 100'000 * kMega, false}, {}, 32, 1000, 8192},
      {"or what the weights take",
       {100, 8192, 3000 * kMega, kMega, 100'000 * kMega, false},
       {},
       32,
       3000,
       8192},
      {"a device's own memory", {100, 8192, 1, kMega, 10'000 * kMega, true}, {}, 32, 10'000, 8192},
      {"little memory", {100, 8192, 1, kMega, 200 * kMega, false}, {}, 32, 200, 3200},
      {"too little", {100, 8192, 1, kMega, 100 * kMega, false}, {}, 32, 0, 0},
      {"bytes asked for", {100, 8192, 1, kMega, 1000 * kMega, false}, {300 * kMega, {}}, 32, 300, 4800},
      {"more than there is", {100, 8192, 1, kMega, 1000 * kMega, false}, {3000 * kMega, {}}, 32, 0, 0},
      {"more than is useful", {100, 32, 1, kMega, 1000 * kMega, false}, {3000 * kMega, {}}, 4, 8, 32},
      {"a share", {100, 8192, 1, kMega, 1000 * kMega, false}, {{}, 0.25}, 32, 250, 4000},
      {"large blocks", {100, 4096, 1, 100 * kMega, 0, false}, {}, 32, 128, 2048},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    LocalSettings s;
    s.max_batch = row.max_batch;
    s.kv = row.kv;
    const auto plan = plan_cache(row.shape, s);
    REQUIRE(plan.ok() == (row.blocks > 0));
    if (!plan) CHECK_THAT(plan.error().message, has("MB"));
    if (plan) CHECK(plan->blocks == row.blocks);
    if (plan) CHECK(plan->context == row.context);
  }
}

}  // namespace
}  // namespace assay::local
