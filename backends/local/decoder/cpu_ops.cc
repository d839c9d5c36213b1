// The decoder's operations by the hand-written kernels of backends/local/kernels. The residual stream and all
// that is between the matrices is float in either precision; what a step works in is allocated once and
// grows.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "backends/local/decoder/ops.h"
#include "backends/local/kernels/attention.h"
#include "backends/local/kernels/bf16.h"
#include "backends/local/kernels/buffer.h"
#include "backends/local/kernels/elementwise.h"
#include "backends/local/kernels/packed_matrix.h"
#include "backends/local/kernels/team.h"

namespace assay::local {
namespace {

namespace k = kernels;
static_assert(k::kBlock == kBlockTokens);

std::size_t value_bytes(Precision precision) { return precision == Precision::bf16 ? 2 : 4; }
std::size_t position_of(std::int64_t row, std::int64_t width) {
  return static_cast<std::size_t>(row * width);
}

struct CpuMatrix final : Matrix {
  k::PackedMatrix packed;
  k::Buffer rows;  // where only rows are looked up, instead of `packed`
  Precision precision = Precision::f32;

  void set_rows(std::int64_t first, std::span<const float> values) {
    if (rows.bytes() == 0) return packed.set_rows(first, values);
    const std::size_t at = position_of(first, in);
    if (precision == Precision::f32) {
      std::memcpy(rows.as<float>() + at, values.data(), values.size_bytes());
    } else {
      std::transform(values.begin(), values.end(), rows.as<std::uint16_t>() + at, k::to_bf16);
    }
  }
  void row(std::int64_t n, float* to) const {
    if (rows.bytes() == 0) return packed.row(n, to);
    const std::size_t at = position_of(n, in);
    if (precision == Precision::f32) {
      std::memcpy(to, rows.as<float>() + at, static_cast<std::size_t>(in) * sizeof(float));
    } else {
      std::transform(rows.as<std::uint16_t>() + at, rows.as<std::uint16_t>() + at + in, to, k::from_bf16);
    }
  }
};

const CpuMatrix& cpu(const Matrix& matrix) { return static_cast<const CpuMatrix&>(matrix); }
const float* values_or_null(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<float>() : nullptr;
}

// A matrix of floats that grows to the largest step; what it held before is not kept.
class Workspace {
 public:
  at::Tensor rows(std::int64_t count, std::int64_t width) {
    if (!held_.defined() || held_.size(0) < count || held_.size(1) != width)
      held_ = at::empty({count, width}, at::kFloat);
    return held_.narrow(0, 0, count);
  }

 private:
  at::Tensor held_;
};

class CpuOps final : public Ops {
 public:
  CpuOps(const ModelConfig& config, Precision precision, KvType kv, int threads)
      : config_(config),
        precision_(precision),
        eps_(static_cast<float>(config.rms_eps)),
        team_(threads),
        exec_{k::best_isa(), &team_},
        rope_(rotary_frequencies(config)) {
    shape_.heads = static_cast<std::int32_t>(config.heads);
    shape_.kv_heads = static_cast<std::int32_t>(config.kv_heads);
    shape_.head_dim = static_cast<std::int32_t>(config.head_dim);
    shape_.precision = precision;
    shape_.kv = kv;
    shape_.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(config.head_dim)));
  }

  std::uint64_t matrix_bytes(std::int64_t out, std::int64_t in, bool by_row) const override {
    if (by_row) return static_cast<std::uint64_t>(out * in) * value_bytes(precision_);
    return k::PackedMatrix::bytes(out, in, precision_);
  }
  std::unique_ptr<Matrix> make_matrix(std::int64_t out, std::int64_t in, bool by_row) override {
    auto matrix = std::make_unique<CpuMatrix>();
    matrix->out = out;
    matrix->in = in;
    matrix->precision = precision_;
    if (by_row) {
      matrix->rows = k::Buffer(matrix_bytes(out, in, true));
    } else {
      matrix->packed = k::PackedMatrix(out, in, precision_);
    }
    return matrix;
  }
  void fill(Matrix& matrix, std::int64_t first, std::span<const float> rows) override {
    static_cast<CpuMatrix&>(matrix).set_rows(first, rows);
  }
  at::Tensor bias(std::span<const float> values) override {
    at::Tensor copy = at::empty({static_cast<std::int64_t>(values.size())}, at::kFloat);
    std::copy(values.begin(), values.end(), copy.data_ptr<float>());
    return copy;
  }
  at::Tensor norm_weight(std::span<const float> values) override { return bias(values); }

  std::uint64_t block_bytes() const override {
    return static_cast<std::uint64_t>(config_.layers) * k::block_bytes(shape_);
  }
  void reserve(std::int32_t blocks) override {
    blocks_ = static_cast<std::size_t>(blocks);
    cache_ = k::Buffer(static_cast<std::size_t>(block_bytes()) * blocks_);
  }
  void copy_block(std::int32_t from, std::int32_t to) override {
    for (std::int64_t layer = 0; layer < config_.layers; ++layer) {
      const k::KvCache cache = layer_cache(layer);
      std::memcpy(cache.base + static_cast<std::size_t>(to) * cache.stride,
                  cache.base + static_cast<std::size_t>(from) * cache.stride, cache.stride);
    }
  }

  void begin(const StepPlan& plan) override;
  at::Tensor embed(const Matrix& table) override;
  at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight) override {
    const at::Tensor out = normed_.rows(x.size(0), x.size(1));
    k::rms_norm(exec_, x.data_ptr<float>(), x.size(1), x.size(0), x.size(1), weight.data_ptr<float>(), eps_,
                out.data_ptr<float>(), x.size(1));
    return out;
  }
  at::Tensor qkv(const at::Tensor& x, const Matrix& matrix) override { return multiply(x, matrix, qkv_); }
  void rotate_and_store(at::Tensor& qkv, const at::Tensor& q_norm, const at::Tensor& k_norm,
                        std::int64_t layer) override;
  at::Tensor attend(const at::Tensor& qkv, std::int64_t layer) override {
    const std::int64_t width = config_.heads * config_.head_dim;
    const at::Tensor out = attended_.rows(qkv.size(0), width);
    k::attend(exec_, shape_, layer_cache(layer), attention_, qkv.data_ptr<float>(), qkv.size(1),
              out.data_ptr<float>(), width);
    return out;
  }
  at::Tensor gate_up(const at::Tensor& x, const Matrix& matrix) override {
    return multiply(x, matrix, gate_up_);
  }
  at::Tensor silu_mul(const at::Tensor& gate_up) override {
    const at::Tensor out = fed_.rows(gate_up.size(0), config_.intermediate);
    k::silu_mul(exec_, gate_up.data_ptr<float>(), gate_up.size(1), gate_up.size(0), config_.intermediate,
                out.data_ptr<float>(), config_.intermediate);
    return out;
  }
  void add_linear(at::Tensor& x, const at::Tensor& h, const Matrix& matrix) override {
    cpu(matrix).packed.multiply_add(exec_, h.data_ptr<float>(), h.size(1), h.size(0), x.data_ptr<float>(),
                                    x.size(1), values_or_null(matrix.bias));
  }
  void keep_wanted(at::Tensor& x, at::Tensor& attended) override {
    x = wanted_of(x, kept_);
    attended = wanted_of(attended, kept_attended_);
  }
  void logits(const at::Tensor& x, const at::Tensor& norm, const Matrix& head, std::span<float> out) override;

 private:
  at::Tensor multiply(const at::Tensor& x, const Matrix& matrix, Workspace& workspace) {
    const at::Tensor out = workspace.rows(x.size(0), matrix.out);
    cpu(matrix).packed.multiply(exec_, x.data_ptr<float>(), x.size(1), x.size(0), out.data_ptr<float>(),
                                matrix.out, values_or_null(matrix.bias));
    return out;
  }
  at::Tensor wanted_of(const at::Tensor& x, Workspace& workspace) const;
  k::KvCache layer_cache(std::int64_t layer) {
    const std::size_t stride = k::block_bytes(shape_);
    return {cache_.as<std::byte>() + static_cast<std::size_t>(layer) * blocks_ * stride, stride};
  }

  const ModelConfig config_;
  const Precision precision_;
  const float eps_;
  k::AttentionShape shape_;
  k::Team team_;
  const k::Exec exec_;
  k::RopeTable rope_;
  std::size_t blocks_ = 0;
  k::Buffer cache_;  // layer by layer, block by block
  const StepPlan* plan_ = nullptr;
  k::AttentionPlan attention_;
  Workspace residual_, normed_, qkv_, attended_, gate_up_, fed_, kept_, kept_attended_;
};

void CpuOps::begin(const StepPlan& plan) {
  plan_ = &plan;
  std::vector<k::Query> queries;
  queries.reserve(plan.token.size());
  for (std::size_t i = 0; i < plan.sequences.size(); ++i) {
    for (std::int32_t row = plan.first[i]; row < plan.first[i + 1]; ++row) {
      queries.push_back({plan.position[static_cast<std::size_t>(row)], plan.sequences[i].blocks});
    }
  }
  attention_ = k::AttentionPlan(shape_, queries);
  const std::int64_t needed = *std::max_element(plan.position.begin(), plan.position.end()) + std::int64_t{1};
  if (needed > rope_.positions())
    rope_.reserve(std::min(config_.context, std::max(needed, 2 * rope_.positions())));
}

at::Tensor CpuOps::embed(const Matrix& table) {
  at::Tensor x = residual_.rows(plan_->rows(), config_.hidden);
  float* out = x.data_ptr<float>();
  team_.ranges(plan_->rows(), 8, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      cpu(table).row(plan_->token[static_cast<std::size_t>(row)], out + row * config_.hidden);
    }
  });
  return x;
}

void CpuOps::rotate_and_store(at::Tensor& qkv, const at::Tensor& q_norm, const at::Tensor& k_norm,
                              std::int64_t layer) {
  const std::int64_t ld = qkv.size(1), dim = config_.head_dim;
  float* queries = qkv.data_ptr<float>();
  float* keys = queries + config_.heads * dim;
  if (q_norm.defined()) {
    k::rope(exec_, queries, ld, plan_->position, config_.heads, rope_, q_norm.data_ptr<float>(), eps_);
    k::rope(exec_, keys, ld, plan_->position, config_.kv_heads, rope_, k_norm.data_ptr<float>(), eps_);
  } else {
    k::rope(exec_, queries, ld, plan_->position, config_.heads + config_.kv_heads, rope_);
  }
  k::store_kv(exec_, shape_, layer_cache(layer), attention_.queries(), keys, ld,
              keys + config_.kv_heads * dim, ld);
}

at::Tensor CpuOps::wanted_of(const at::Tensor& x, Workspace& workspace) const {
  const std::int64_t width = x.size(1);
  at::Tensor out = workspace.rows(static_cast<std::int64_t>(plan_->wanted.size()), width);
  float* to = out.data_ptr<float>();
  for (const std::int32_t row : plan_->wanted) {
    const float* from = x.data_ptr<float>() + row * width;
    to = std::copy(from, from + width, to);
  }
  return out;
}

void CpuOps::logits(const at::Tensor& x, const at::Tensor& norm, const Matrix& head, std::span<float> out) {
  const at::Tensor last = rms_norm(x, norm);
  cpu(head).packed.multiply(exec_, last.data_ptr<float>(), config_.hidden, last.size(0), out.data(),
                            head.out);
}

}  // namespace

std::unique_ptr<Ops> make_cpu_ops(const ModelConfig& config, Precision precision, KvType kv, int threads) {
  if (config.head_dim > 256 || config.head_dim % 2 != 0) return nullptr;  // what the kernels are made for
  return std::make_unique<CpuOps>(config, precision, kv, threads);
}

}  // namespace assay::local
