#include "backends/local/decoder/decoder.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <optional>

#include "backends/local/decoder/guard.h"
#include "backends/local/decoder/memory.h"
#include "backends/local/decoder/step_plan.h"
#include "harness/base/format.h"

namespace assay::local {
namespace {

class Decoder final : public Model {
 public:
  Decoder(const ModelConfig& config, std::unique_ptr<Ops> ops, DecoderWeights weights,
          std::uint64_t cache_limit, bool own_memory)
      : config_(config), ops_(std::move(ops)), weights_(std::move(weights)) {
    shape_.vocab = config.vocab;
    shape_.context = config.context;
    shape_.weight_bytes = weights_.bytes;
    shape_.block_bytes = ops_->block_bytes();
    shape_.cache_limit = cache_limit;
    shape_.own_memory = own_memory;
  }

  ModelShape shape() const override { return shape_; }

  Result<void> reserve(std::int32_t blocks) override {
    if (blocks <= 0) return Error{Code::internal, format("a cache of {} blocks", blocks)};
    const std::uint64_t bytes = static_cast<std::uint64_t>(blocks) * shape_.block_bytes;
    if (bytes > shape_.cache_limit) {
      return invalid(format("a cache of {} positions needs {}, {} are available",
                            std::int64_t{blocks} * kBlockTokens, size_text(bytes),
                            size_text(shape_.cache_limit)));
    }
    return guarded([&]() -> Result<void> {
      const c10::InferenceMode inference;
      ops_->reserve(blocks);
      blocks_ = blocks;
      return {};
    });
  }

  Result<void> step(std::span<const StepSequence> sequences, std::vector<float>& logits) override {
    if (failed_) return *failed_;
    if (auto planned = plan_step(sequences, shape_, blocks_, plan_); !planned) return planned.error();
    return guarded([&]() -> Result<void> {
      logits.resize(plan_.wanted.size() * static_cast<std::size_t>(config_.vocab));
      if (plan_.rows() == 0) return {};
      const c10::InferenceMode inference;
      run(logits);
      return {};
    });
  }

  void copy_block(std::int32_t from, std::int32_t to) override {
    const auto copied = guarded([&]() -> Result<void> {
      const c10::InferenceMode inference;
      ops_->copy_block(from, to);
      return {};
    });
    if (!copied) failed_ = copied.error();
  }

 private:
  void run(std::span<float> logits) {
    ops_->begin(plan_);
    ops_->run([this, logits] { forward(logits); }, logits);
  }

  void forward(std::span<float> logits) {
    at::Tensor x = ops_->embed(*weights_.embedding);
    for (std::size_t layer = 0; layer < weights_.layers.size(); ++layer) run_layer(x, layer);
    if (plan_.wanted.empty()) return;
    ops_->logits(x, weights_.norm, weights_.head ? *weights_.head : *weights_.embedding, logits);
  }

  void run_layer(at::Tensor& x, std::size_t index) {
    const LayerWeights& layer = weights_.layers[index];
    const bool last = index + 1 == weights_.layers.size();
    const auto number = static_cast<std::int64_t>(index);
    at::Tensor qkv = ops_->qkv(ops_->rms_norm(x, layer.attention_norm), *layer.qkv);
    ops_->rotate_and_store(qkv, layer.q_norm, layer.k_norm, number);
    if (last && plan_.wanted.empty()) return;  // of such a prompt's chunk only keys and values are needed
    at::Tensor attended = ops_->attend(qkv, number);
    if (last && plan_.wanted.size() < plan_.token.size()) ops_->keep_wanted(x, attended);
    ops_->add_linear(x, attended, *layer.attention_out);
    const at::Tensor gate_up = ops_->gate_up(ops_->rms_norm(x, layer.mlp_norm), *layer.gate_up);
    ops_->add_linear(x, ops_->silu_mul(gate_up), *layer.down);
  }

  const ModelConfig config_;
  const std::unique_ptr<Ops> ops_;
  const DecoderWeights weights_;
  ModelShape shape_;
  std::int32_t blocks_ = 0;
  std::optional<Error> failed_;  // a copy of a block, which the next step reports
  StepPlan plan_;
};

}  // namespace

std::unique_ptr<Model> make_decoder(const ModelConfig& config, std::unique_ptr<Ops> ops,
                                    DecoderWeights weights, std::uint64_t cache_limit, bool own_memory) {
  return std::make_unique<Decoder>(config, std::move(ops), std::move(weights), cache_limit, own_memory);
}

}  // namespace assay::local
