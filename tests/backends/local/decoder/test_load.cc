// What loading refuses, and what it says.
#include "backends/local/decoder/load.h"

#include <filesystem>
#include <fstream>

#include "backends/local/decoder/memory.h"
#include "tests/backends/local/decoder/tiny.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace assay;
using namespace assay::local;
using namespace assay::local::test;
using assay::test::has;

namespace {

ModelFiles with_source(const ModelConfig& config, void (*change)(MemorySource&)) {
  ModelFiles files = tiny_model(config, 1);
  change(static_cast<MemorySource&>(*files.weights));
  return files;
}

std::string refusal(const ModelFiles& files, const LoadOptions& options) {
  const auto model = load_model(files, options);
  REQUIRE_FALSE(model.ok());
  CHECK(model.error().code == Code::invalid);
  CHECK(model.error().message.find('\n') == std::string::npos);
  return model.error().message;
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

}  // namespace

TEST_CASE("tensors that do not fit the configuration are refused by name", "[decoder]") {
  const LoadOptions options = on_cpu("fp32", "torch");
  CHECK_THAT(refusal(with_source(plain_config(),
                                 [](MemorySource& s) { s.remove("model.layers.2.mlp.up_proj.weight"); }),
                     options),
             has("model model: tensor model.layers.2.mlp.up_proj.weight is missing"));
  CHECK_THAT(
      refusal(with_source(plain_config(), [](MemorySource& s) { s.remove("lm_head.weight"); }), options),
      has("lm_head.weight is missing"));
  CHECK_THAT(refusal(with_source(plain_config(),
                                 [](MemorySource& s) {
                                   s.remove("model.norm.weight");
                                   s.add("model.norm.weight", {47}, std::vector<float>(47));
                                 }),
                     options),
             has("tensor model.norm.weight is [47], and the configuration says [48]"));
  CHECK_THAT(refusal(with_source(plain_config(),
                                 [](MemorySource& s) {
                                   s.add("model.layers.0.self_attn.o_proj.bias", {48},
                                         std::vector<float>(48));
                                 }),
                     options),
             has("tensor model.layers.0.self_attn.o_proj.bias has no place"));
}

TEST_CASE("options of loading that are not known, or ask for what is not there, are refused", "[decoder]") {
  const ModelFiles files = tiny_model(plain_config(), 1);
  LoadOptions options = on_cpu("int3", "torch");
  CHECK_THAT(refusal(files, options), has("dtype 'int3': expected bf16 or fp32"));
  options = on_cpu("fp32", "fast");
  CHECK_THAT(refusal(files, options), has("kernels 'fast'"));
  options = on_cpu("fp32", "torch");
  for (const char* device : {"gpu", "cuda:", "cuda:x", "cuda:1x", "cuda:-1", ""}) {
    options.device = device;
    CHECK_THAT(refusal(files, options), has("expected auto, cpu or cuda:N"));
  }
  options.device = "cuda:99";
  CHECK_THAT(refusal(files, options), has("device cuda:99: "));
  options = on_cpu("fp32", "torch");
  options.threads = -1;
  CHECK_THAT(refusal(files, options), has("threads -1"));
}

TEST_CASE("too little memory is said before loading, with the figures", "[decoder]") {
  const ModelFiles files = tiny_model(plain_config(), 1);
  LoadOptions options = on_cpu("fp32", "torch");
  options.name = "tiny";
  options.cache_tokens = std::int64_t{1} << 40;
  const std::string said = refusal(files, options);
  CHECK_THAT(said, has("model tiny needs "));
  CHECK_THAT(said, has(" MiB weights, 1179648.0 GiB cache), "));
  CHECK_THAT(said, has(" are available"));
  options.cache_tokens = 64;
  const auto model = load_model(files, options);
  REQUIRE(model.ok());
  CHECK((*model)->shape().block_bytes == 2ull * 3 * 16 * 6 * 8 * 4);
  const auto reserved = (*model)->reserve(2147483647);
  REQUIRE_FALSE(reserved.ok());
  CHECK(reserved.error().code == Code::invalid);
}

TEST_CASE("a step that is out of range is an error and no access out of bounds", "[decoder]") {
  const auto model = load(tiny_model(plain_config(), 1), on_cpu("fp32", "torch"), 4);
  const std::vector<TokenId> tokens = {1, 2, 3}, negative = {-1}, beyond = {101};
  const std::vector<std::int32_t> blocks = {0}, wrong = {4};
  std::vector<float> logits;
  const auto fails = [&](const StepSequence& sequence) {
    const auto stepped = model->step(std::span<const StepSequence>(&sequence, 1), logits);
    return !stepped.ok() && stepped.error().code == Code::internal;
  };
  CHECK(fails({tokens, 0, wrong, true}));
  CHECK(fails({tokens, 14, blocks, true}));  // needs a second block
  CHECK(fails({tokens, -1, blocks, true}));
  CHECK(fails({tokens, 254, blocks, true}));  // beyond the context
  CHECK(fails({negative, 0, blocks, true}));
  CHECK(fails({beyond, 0, blocks, true}));
  CHECK(fails({{}, 0, blocks, true}));
  CHECK_FALSE(fails({tokens, 0, blocks, true}));
  CHECK(logits.size() == 101);
  CHECK_FALSE(fails({tokens, 3, blocks, false}));
  CHECK(logits.empty());
}

TEST_CASE("available memory heeds control groups of both versions", "[decoder]") {
  const assay::test::TempDir dir;
  const std::filesystem::path root = dir.str();
  write(root / "proc/meminfo", "MemTotal:       16000000 kB\nMemAvailable:    8000000 kB\n");
  CHECK(available_memory(root) == 8192000000ull);
  write(root / "proc/self/cgroup", "0::/a/b\n");
  write(root / "sys/fs/cgroup/a/b/memory.max", "max\n");
  CHECK(available_memory(root) == 8192000000ull);
  write(root / "sys/fs/cgroup/a/memory.max", "5000000000\n");  // the group above limits as well
  write(root / "sys/fs/cgroup/a/memory.current", "3000000000\n");
  write(root / "sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 1000000000\n");
  CHECK(available_memory(root) == 3000000000ull);
  write(root / "proc/self/cgroup", "4:cpu,cpuacct:/x\n3:memory:/docker/y\n");
  write(root / "sys/fs/cgroup/memory/memory.limit_in_bytes", "2000000000\n");  // as a container sees its own
  write(root / "sys/fs/cgroup/memory/memory.usage_in_bytes", "500000000\n");
  CHECK(available_memory(root) == 1500000000ull);
  write(root / "sys/fs/cgroup/memory/memory.usage_in_bytes", "2500000000\n");
  CHECK(available_memory(root) == 0);
}

TEST_CASE("usable cores are no more than the control group pays for", "[decoder]") {
  const assay::test::TempDir dir;
  const std::filesystem::path root = dir.str();
  const int all = usable_cores(root);
  CHECK(all >= 1);
  write(root / "sys/fs/cgroup/cpu.max", "max 100000\n");
  CHECK(usable_cores(root) == all);
  write(root / "sys/fs/cgroup/cpu.max", "90000 100000\n");
  CHECK(usable_cores(root) == 1);
  CHECK(size_text(17ull << 20) == "17.0 MiB");
  CHECK(size_text(3328599654ull) == "3.1 GiB");
}
