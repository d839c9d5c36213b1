// The decoder's operations as LibTorch has them, in the order in which transformers does them, so that bf16
// rounds where it rounds there: norms in fp32, cast, then times the weight; softmax in fp32, then cast.
#include <ATen/ATen.h>
#include <torch/csrc/api/include/torch/version.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "backends/local/decoder/attention_groups.h"
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
  void reserve(std::int32_t blocks) override { cache_.reserve(blocks); }
  void copy_block(std::int32_t from, std::int32_t to) override { cache_.copy_block(from, to); }

  void begin(const StepPlan& plan) override {
    plan_ = &plan;
    tokens_ = index(plan.token);
    slots_ = index(plan.slot);
    wanted_ = index(plan.wanted);
    make_rotation();
    make_groups();
  }
  at::Tensor embed(const Matrix& table) override { return weight(table).index_select(0, tokens_); }
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
    x = x.index_select(0, wanted_);
    attended = attended.index_select(0, wanted_);
  }
  void logits(const at::Tensor& x, const at::Tensor& norm, const Matrix& head,
              std::span<float> out) override {
    const at::Tensor rows = linear(rms_norm(x, norm), head);
    at::from_blob(out.data(), {rows.size(0), head.out}, at::kFloat).copy_(rows);
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
  void make_rotation();
  void make_groups();
  at::Tensor attend_group(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                          const Group& group) const;

  const ModelConfig config_;
  const at::TensorOptions options_;
  // Padding pays on a GPU, where a launch costs more than the work; on a CPU each sequence goes alone.
  const std::int64_t together_;
  const std::vector<double> frequencies_;
  TorchCache cache_;
  const StepPlan* plan_ = nullptr;
  at::Tensor tokens_, slots_, wanted_, cos_, sin_;
  std::vector<Group> groups_;
};

// Angles in double: a float's rounding is visible in the logits from some thousand positions on.
void TorchOps::make_rotation() {
  const auto pairs = static_cast<std::int64_t>(frequencies_.size());
  at::Tensor angles = at::empty({plan_->rows(), 1, pairs}, at::kDouble);
  double* out = angles.data_ptr<double>();
  for (const std::int32_t position : plan_->position) {
    for (const double frequency : frequencies_) *out++ = position * frequency;
  }
  cos_ = angles.cos().to(options_);
  sin_ = angles.sin().to(options_);
}

void TorchOps::make_groups() {
  groups_.clear();
  for (const AttentionGroup& from : attention_groups(*plan_, config_.heads, together_)) {
    Group group{from.sequences, from.rows, from.keys, index(from.row), index(from.slot), {}};
    if (from.rows > 1 || from.sequences > 1) {
      const at::Tensor last = index(from.last_key).view({from.sequences, 1, 1, from.rows, 1});
      group.hidden = at::arange(from.keys, last.options()) > last;
    }
    groups_.push_back(std::move(group));
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
  turned.copy_(at::cat({low * cos_ - high * sin_, high * cos_ + low * sin_}, 2));
  cache_.store(layer, slots_, heads_of(qkv, config_.heads, config_.kv_heads),
               heads_of(qkv, config_.heads + config_.kv_heads, config_.kv_heads));
}

at::Tensor TorchOps::attend(const at::Tensor& qkv, std::int64_t layer) {
  at::Tensor out = at::empty({qkv.size(0), config_.heads * config_.head_dim}, options_);
  for (const Group& group : groups_) {
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
