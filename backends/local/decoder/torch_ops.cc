// The decoder's operations as LibTorch has them, in the order in which transformers does them, so that bf16
// rounds where it rounds there: norms in fp32, cast, then times the weight; softmax in fp32, then cast.
#include <ATen/ATen.h>
#include <torch/csrc/api/include/torch/version.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "backends/local/decoder/attention_groups.h"
#include "backends/local/decoder/decode_graph.h"
#include "backends/local/decoder/decode_size.h"
#include "backends/local/decoder/ops.h"
#include "backends/local/decoder/torch_cache.h"

namespace assay::local {
namespace {

struct TorchMatrix final : Matrix {
  at::Tensor weight;  // [out, in]
};

class TorchOps final : public Ops {
 public:
  TorchOps(const ModelConfig& config, const TorchSettings& settings)
      : config_(config),
        options_(at::TensorOptions().device(settings.device).dtype(type_of(settings.precision))),
        together_(settings.together > 0         ? settings.together
                  : options_.device().is_cuda() ? 64
                                                : 1),
        pads_(settings.graphs),
        frequencies_(rotary_frequencies(config)),
        cache_(config, options_, settings.kv) {}

  std::uint64_t matrix_bytes(std::int64_t out, std::int64_t in, bool) const override {
    return static_cast<std::uint64_t>(out * in) * options_.dtype().itemsize();
  }
  std::unique_ptr<Matrix> make_matrix(std::int64_t out, std::int64_t in, bool) override {
    auto matrix = std::make_unique<TorchMatrix>();
    matrix->out = out;
    matrix->in = in;
    matrix->weight = at::empty({out, in}, options_);
    return matrix;
  }
  void fill(Matrix& matrix, std::int64_t first, std::span<const float> rows) override {
    const at::Tensor source = borrow(rows).view({-1, matrix.in});
    static_cast<TorchMatrix&>(matrix).weight.narrow(0, first, source.size(0)).copy_(source);
  }
  at::Tensor bias(std::span<const float> values) override { return borrow(values).to(options_, false, true); }
  at::Tensor norm_weight(std::span<const float> values) override { return bias(values); }

  std::uint64_t block_bytes() const override { return cache_.block_bytes(); }
  void reserve(std::int32_t blocks) override {
    spare_block_ = blocks;  // of what a step is padded with
    cache_.reserve(pads_ ? blocks + 1 : blocks);
  }
  void copy_block(std::int32_t from, std::int32_t to) override { cache_.copy_block(from, to); }

  void begin(const StepPlan& plan) override;
  void run(const std::function<void()>& operations, std::span<float> out) override;
  at::Tensor embed(const Matrix& table) override { return weight(table).index_select(0, step_.tokens); }
  at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight) override {
    const at::Tensor wide = x.to(at::kFloat);
    const at::Tensor variance = wide.square().mean(-1, true);
    return weight * (wide * at::rsqrt(variance + config_.rms_eps)).to(x.scalar_type());
  }
  at::Tensor qkv(const at::Tensor& x, const Matrix& matrix) override { return linear(x, matrix); }
  void rotate_and_store(at::Tensor& qkv, const at::Tensor& q_norm, const at::Tensor& k_norm,
                        std::int64_t layer) override;
  at::Tensor attend(const at::Tensor& qkv, std::int64_t layer) override;
  at::Tensor gate_up(const at::Tensor& x, const Matrix& matrix) override { return linear(x, matrix); }
  at::Tensor silu_mul(const at::Tensor& gate_up) override {
    return at::silu(gate_up.narrow(1, 0, config_.intermediate)) *
           gate_up.narrow(1, config_.intermediate, config_.intermediate);
  }
  void add_linear(at::Tensor& x, const at::Tensor& h, const Matrix& matrix) override {
    x = x + linear(h, matrix);
  }
  void keep_wanted(at::Tensor& x, at::Tensor& attended) override {
    x = x.index_select(0, step_.wanted);
    attended = attended.index_select(0, step_.wanted);
  }
  void logits(const at::Tensor& x, const at::Tensor& norm, const Matrix& head,
              std::span<float> out) override {
    rows_ = linear(rms_norm(x, norm), head);
    if (fixed_ == nullptr) hand_out(out);
  }

 private:
  static at::ScalarType type_of(Precision precision) {
    return precision == Precision::bf16 ? at::kBFloat16 : at::kFloat;
  }

  struct Group {
    std::int64_t sequences, rows, keys;  // rows of each sequence; keys that the longest sees
    at::Tensor row;                      // of the step
    at::Tensor slot;                     // of the cache: [sequences * keys]
    at::Tensor hidden;  // keys that a row does not see: [sequences, 1, 1, rows, keys]; or none
  };
  // What the operations of a step read beside weights and cache.
  struct Step {
    at::Tensor tokens, slots, wanted, cos, sin;
    std::vector<Group> groups;
  };
  // A step of one size, whose tensors stay where they are.
  struct Fixed {
    Step step;
    DecodeGraph graph;
  };

  static const at::Tensor& weight(const Matrix& matrix) {
    return static_cast<const TorchMatrix&>(matrix).weight;
  }
  static at::Tensor linear(const at::Tensor& x, const Matrix& matrix) {
    return at::linear(x, weight(matrix), matrix.bias);
  }
  static at::Tensor borrow(std::span<const float> values) {
    return at::from_blob(const_cast<float*>(values.data()), {static_cast<std::int64_t>(values.size())},
                         at::kFloat);
  }
  at::Tensor index(const std::vector<std::int32_t>& values) const {
    const auto size = static_cast<std::int64_t>(values.size());
    const at::Tensor narrow = at::from_blob(const_cast<std::int32_t*>(values.data()), {size}, at::kInt);
    return narrow.to(options_.device(), at::kLong);
  }
  at::Tensor heads_of(const at::Tensor& qkv, std::int64_t first, std::int64_t count) const {
    return qkv.narrow(1, first * config_.head_dim, count * config_.head_dim)
        .view({qkv.size(0), count, config_.head_dim});
  }
  Step make_step(const StepPlan& plan, std::int64_t keys) const;
  void add_rotation(const StepPlan& plan, Step& step) const;
  void add_groups(const StepPlan& plan, std::int64_t keys, Step& step) const;
  static void refill(Step& step, const Step& from);
  void hand_out(std::span<float> out) const {
    const auto count = static_cast<std::int64_t>(out.size()) / rows_.size(1);
    at::from_blob(out.data(), {count, rows_.size(1)}, at::kFloat).copy_(rows_.narrow(0, 0, count));
  }
  at::Tensor attend_group(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                          const Group& group) const;

  const ModelConfig config_;
  const at::TensorOptions options_;
  // Padding pays on a GPU, where a launch costs more than the work; on a CPU each sequence goes alone.
  const std::int64_t together_;
  const bool pads_;
  const std::vector<double> frequencies_;
  TorchCache cache_;
  std::int32_t spare_block_ = 0;
  Step step_;
  at::Tensor rows_;  // logits, on the device
  PaddedStep padded_;
  std::map<DecodeSize, Fixed> sizes_;
  Fixed* fixed_ = nullptr;  // of sizes_, where the step has one of these
};

void TorchOps::begin(const StepPlan& plan) {
  fixed_ = nullptr;
  const auto size = pads_ ? decode_size(plan) : std::nullopt;
  if (!size) {
    step_ = make_step(plan, 0);
    return;
  }
  Step step = make_step(padded_.pad(plan, *size, spare_block_), size->keys);
  fixed_ = &sizes_[*size];
  if (fixed_->step.tokens.defined()) {
    refill(fixed_->step, step);
  } else {
    fixed_->step = std::move(step);
  }
  step_ = fixed_->step;
}

void TorchOps::run(const std::function<void()>& operations, std::span<float> out) {
  if (fixed_ == nullptr) return operations();
  rows_ = fixed_->graph.run([&] {
    operations();
    return rows_;
  });
  hand_out(out);
}

TorchOps::Step TorchOps::make_step(const StepPlan& plan, std::int64_t keys) const {
  Step step;
  step.tokens = index(plan.token);
  step.slots = index(plan.slot);
  step.wanted = index(plan.wanted);
  add_rotation(plan, step);
  add_groups(plan, keys, step);
  return step;
}

void TorchOps::refill(Step& step, const Step& from) {
  step.tokens.copy_(from.tokens);
  step.slots.copy_(from.slots);
  step.wanted.copy_(from.wanted);
  step.cos.copy_(from.cos);
  step.sin.copy_(from.sin);
  for (std::size_t i = 0; i < step.groups.size(); ++i) {
    step.groups[i].row.copy_(from.groups[i].row);
    step.groups[i].slot.copy_(from.groups[i].slot);
    if (step.groups[i].hidden.defined()) step.groups[i].hidden.copy_(from.groups[i].hidden);
  }
}

// Angles in double: a float's rounding is visible in the logits from some thousand positions on.
void TorchOps::add_rotation(const StepPlan& plan, Step& step) const {
  const auto pairs = static_cast<std::int64_t>(frequencies_.size());
  at::Tensor angles = at::empty({plan.rows(), 1, pairs}, at::kDouble);
  double* out = angles.data_ptr<double>();
  for (const std::int32_t position : plan.position) {
    for (const double frequency : frequencies_) *out++ = position * frequency;
  }
  step.cos = angles.cos().to(options_);
  step.sin = angles.sin().to(options_);
}

void TorchOps::add_groups(const StepPlan& plan, std::int64_t keys, Step& step) const {
  for (const AttentionGroup& from : attention_groups(plan, config_.heads, together_, keys)) {
    Group group{from.sequences, from.rows, from.keys, index(from.row), index(from.slot), {}};
    if (from.rows > 1 || from.sequences > 1 || keys > 0) {
      const at::Tensor last = index(from.last_key).view({from.sequences, 1, 1, from.rows, 1});
      group.hidden = at::arange(from.keys, last.options()) > last;
    }
    step.groups.push_back(std::move(group));
  }
}

void TorchOps::rotate_and_store(at::Tensor& qkv, const at::Tensor& q_norm, const at::Tensor& k_norm,
                                std::int64_t layer) {
  if (q_norm.defined()) {
    at::Tensor queries = heads_of(qkv, 0, config_.heads),
               keys = heads_of(qkv, config_.heads, config_.kv_heads);
    queries.copy_(rms_norm(queries, q_norm));
    keys.copy_(rms_norm(keys, k_norm));
  }
  const std::int64_t half = config_.head_dim / 2;
  at::Tensor turned = heads_of(qkv, 0, config_.heads + config_.kv_heads);
  const at::Tensor low = turned.narrow(2, 0, half), high = turned.narrow(2, half, half);
  turned.copy_(at::cat({low * step_.cos - high * step_.sin, high * step_.cos + low * step_.sin}, 2));
  cache_.store(layer, step_.slots, heads_of(qkv, config_.heads, config_.kv_heads),
               heads_of(qkv, config_.heads + config_.kv_heads, config_.kv_heads));
}

at::Tensor TorchOps::attend(const at::Tensor& qkv, std::int64_t layer) {
  at::Tensor out = at::empty({qkv.size(0), config_.heads * config_.head_dim}, options_);
  for (const Group& group : step_.groups) {
    const at::Tensor rows = qkv.index_select(0, group.row);
    out.index_copy_(0, group.row,
                    attend_group(heads_of(rows, 0, config_.heads), cache_.keys(layer, group.slot),
                                 cache_.values(layer, group.slot), group));
  }
  return out;
}

// The query heads that share a key head are taken as further rows of it, so that no key is repeated.
at::Tensor TorchOps::attend_group(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                                  const Group& group) const {
  const std::int64_t b = group.sequences, t = group.rows, n = group.keys;
  const std::int64_t kv = config_.kv_heads, share = config_.heads / kv, dim = config_.head_dim;
  const at::Tensor q =
      queries.view({b, t, kv, share, dim}).permute({0, 2, 3, 1, 4}).reshape({b, kv, share * t, dim});
  const at::Tensor k = keys.view({b, n, kv, dim}).transpose(1, 2);
  const at::Tensor v = values.view({b, n, kv, dim}).transpose(1, 2);
#if TORCH_VERSION_MAJOR >= 2
  // Its scale is the same by default. A tensor converts to whatever optional this version takes.
  at::Tensor out;
  if (group.hidden.defined()) {
    const at::Tensor seen =
        group.hidden.logical_not().expand({b, 1, share, t, n}).reshape({b, 1, share * t, n});
    out = at::scaled_dot_product_attention(q, k, v, seen);
  } else {
    out = at::scaled_dot_product_attention(q, k, v);
  }
#else
  at::Tensor scores = at::matmul(q, k.transpose(2, 3)) * (1 / std::sqrt(static_cast<double>(dim)));
  if (group.hidden.defined()) {
    scores.view({b, kv, share, t, n}).masked_fill_(group.hidden, -std::numeric_limits<double>::infinity());
  }
  at::Tensor out = at::matmul(at::softmax(scores, -1, at::kFloat).to(q.scalar_type()), v);
#endif
  return out.view({b, kv, share, t, dim}).permute({0, 3, 1, 2, 4}).reshape({b * t, kv * share * dim});
}

}  // namespace

std::unique_ptr<Ops> make_torch_ops(const ModelConfig& config, const TorchSettings& settings) {
  return std::make_unique<TorchOps>(config, settings);
}

}  // namespace assay::local
