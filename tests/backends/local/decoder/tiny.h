// Tiny random models in memory, and a way to feed them.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backends/local/engine/load_options.h"
#include "backends/local/weights/tensor_source.h"

namespace assay::local::test {

class MemorySource final : public TensorSource {
 public:
  void add(const std::string& name, std::vector<std::int64_t> shape, std::vector<float> values);
  void remove(const std::string& name);
  std::span<const TensorView> tensors() const override { return views_; }
  const TensorView* find(std::string_view name) const override;
  void release(const TensorView&) const override {}

 private:
  std::deque<std::vector<float>> values_;
  std::vector<TensorView> views_;
};

// A configuration without any switch: multi-head attention, no bias, own head.
ModelConfig plain_config();
// Every combination of bias, q/k norm, own head_dim, grouped heads and tied head with every RoPE, each with a
// name: "bias+tied, llama3".
std::vector<std::pair<std::string, ModelConfig>> every_config();

// Weights drawn from `seed`, rounded to bf16 so that every precision computes the same function.
ModelFiles tiny_model(const ModelConfig& config, std::uint64_t seed);

LoadOptions on_cpu(const std::string& dtype, const std::string& kernels, int threads = 1);

// The model, or an aborted test.
std::unique_ptr<Model> load(const ModelFiles& files, const LoadOptions& options, std::int32_t blocks = 256);

std::vector<TokenId> random_tokens(std::int64_t vocab, std::size_t count, std::uint64_t seed);

// One sequence, its tokens and where its keys and values lie.
struct Fed {
  std::vector<TokenId> tokens;
  std::vector<std::int32_t> blocks;
  std::int32_t done = 0;  // tokens that were fed
};

// Enough blocks for all its tokens from `block` on, which then says where the next may begin.
Fed placed(std::vector<TokenId> tokens, std::int32_t& block);

// Feeds the next count[i] tokens of the i-th, in one step; the logits of each one's last.
std::vector<std::vector<float>> feed(Model& model, const std::vector<Fed*>& sequences,
                                     const std::vector<std::size_t>& counts);
std::vector<float> feed(Model& model, Fed& sequence, std::size_t count);

}  // namespace assay::local::test
