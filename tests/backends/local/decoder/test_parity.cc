// The decoder against the transformers library: what scripts/hf-fixtures wrote.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "backends/local/config/read_config.h"
#include "backends/local/model_files.h"
#include "backends/local/weights/safetensors.h"
#include "harness/base/json.h"
#include "harness/base/model_cache.h"
#include "tests/backends/local/decoder/tiny.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace assay;
using namespace assay::local;
using namespace assay::local::test;
using assay::test::read_file;

namespace {

std::filesystem::path fixtures() {
  return std::filesystem::path(ASSAY_SOURCE_DIR) / "tests/backends/local/decoder/fixtures";
}

template <typename T>
T take(Result<T> result) {
  INFO((result.ok() ? "" : result.error().message));
  REQUIRE(result.ok());
  return std::move(result).value();
}

struct Expected {
  std::vector<TokenId> tokens;
  std::vector<float> logits;  // after each of them
};

Expected expected_of(const std::filesystem::path& folder) {
  const std::string bytes = read_file((folder / "expected.safetensors").string());
  Expected out;
  for (const TensorView& view :
       take(read_safetensors("expected", std::as_bytes(std::span<const char>(bytes))))) {
    std::int64_t count = 1;
    for (const std::int64_t size : view.shape) count *= size;
    std::vector<float> values(static_cast<std::size_t>(count));
    to_float(view, 1, values);
    if (view.name == "input_ids") out.tokens.assign(values.begin(), values.end());
    if (view.name == "logits") out.logits = std::move(values);
  }
  return out;
}

TokenId greedy(const std::vector<float>& logits) {
  return static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

}  // namespace

TEST_CASE("fp32 logits of each family are those of transformers to 1e-4", "[decoder]") {
  for (const char* name : {"llama", "llama3_rope", "qwen2", "qwen3", "mistral"}) {
    const std::filesystem::path folder = fixtures() / name;
    ModelFiles files;
    files.config =
        take(config_from_json(name, take(parse_json(read_file((folder / "config.json").string())))));
    files.weights = take(open_safetensors(folder)).tensors;
    const Expected expected = expected_of(folder);
    REQUIRE(expected.tokens.size() == 24);
    REQUIRE(expected.logits.size() == 24 * static_cast<std::size_t>(files.config.vocab));
    for (const char* kernels : {"torch", "auto"}) {
      INFO(name << ", kernels " << kernels);
      const auto model = load(files, on_cpu("fp32", kernels), 4);
      std::int32_t block = 0;
      Fed sequence = placed(expected.tokens, block);
      double largest = 0, highest = 0;
      auto wanted = expected.logits.begin();
      for (std::size_t i = 0; i < expected.tokens.size(); ++i) {
        for (const float logit : feed(*model, sequence, 1)) {
          highest = std::max(highest, std::abs(static_cast<double>(*wanted)));
          largest = std::max(largest, std::abs(static_cast<double>(logit) - *wanted++));
        }
      }
      CHECK(largest <= 1e-4);
      CHECK(highest > 1);  // logits that are near 0 would agree too easily
    }
  }
}

TEST_CASE("SmolLM2-135M continues 20 prompts as transformers does, 64 greedy tokens in fp32",
          "[decoder][slow]") {
  const auto path = resolve_model("smollm2-135m");
  if (!path) {
    WARN("smollm2-135m is not in the cache of models: skipped");
    return;
  }
  const ModelFiles files = take(open_model(*path));
  const Json fixture = take(parse_json(read_file((fixtures() / "smollm2_greedy.json").string())));
  for (const char* kernels : {"torch", "auto"}) {
    const auto model = load(files, on_cpu("fp32", kernels, 0), 256);
    std::int32_t block = 0;
    std::vector<Fed> sequences;
    std::vector<std::size_t> counts;
    for (const Json& row : fixture["rows"]) {
      auto ids = row["ids"].get<std::vector<TokenId>>();
      CHECK(files.tokenizer->encode(row["prompt"].get<std::string>(), SpecialTokens::parse) == ids);
      counts.push_back(ids.size());
      ids.resize(ids.size() + 64);
      sequences.push_back(placed(std::move(ids), block));
    }
    REQUIRE(sequences.size() == 20);
    std::vector<Fed*> all;
    for (Fed& sequence : sequences) all.push_back(&sequence);
    for (int step = 0; step < 64; ++step) {
      const auto rows = feed(*model, all, counts);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        sequences[i].tokens[static_cast<std::size_t>(sequences[i].done)] = greedy(rows[i]);
      }
      counts.assign(counts.size(), 1);
    }
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      const Json& row = fixture["rows"][i];
      INFO("kernels " << kernels << ", prompt " << row["prompt"].get<std::string>());
      const std::vector<TokenId> said(sequences[i].tokens.end() - 64, sequences[i].tokens.end());
      CHECK(said == row["greedy"].get<std::vector<TokenId>>());
    }
  }
}
