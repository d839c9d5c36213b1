// The operations of a decoder between its matrices, in float, by row: each row of a result depends on that
// row alone, bit for bit, for a given Isa.
//
// Rows are `ld` floats apart. Results may be written over the input where the comment says so.
// Threads: rows are shared out where there are many.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backends/local/kernels/isa.h"

namespace assay::local::kernels {

// y = x / sqrt(mean(x^2) + eps) * weight, over `width` values a row. y may be x.
void rms_norm(const Exec& exec, const float* x, std::int64_t ldx, std::int64_t rows, std::int64_t width,
              const float* weight, float eps, float* y, std::int64_t ldy);

// Cosines and sines of position * inv_freq, computed in double, for pairs (i, i + dim / 2) of a head.
class RopeTable {
 public:
  // dim / 2 frequencies; `scale` multiplies both (YaRN's attention factor; 1 otherwise).
  explicit RopeTable(std::vector<double> inv_freq, double scale = 1.0);
  // Makes the table reach to `positions` (not the last one, but one past it). Not while another thread reads.
  void reserve(std::int64_t positions);
  std::int64_t positions() const { return positions_; }
  std::int64_t pairs() const { return static_cast<std::int64_t>(inv_freq_.size()); }
  const float* cos(std::int64_t position) const { return values_.data() + position * 2 * pairs(); }
  const float* sin(std::int64_t position) const { return cos(position) + pairs(); }

 private:
  std::vector<double> inv_freq_;
  double scale_ = 1.0;
  std::int64_t positions_ = 0;
  std::vector<float> values_;
};

// Rotates, in place, `heads` heads of dim = 2 * table.pairs() values that follow one another from x on, for
// each row: (a, b) = (x[i], x[i + dim/2]) becomes (a cos - b sin, b cos + a sin). positions[row] <
// table.positions(). With `norm_weight` (dim values; Qwen3), each head is first put through rms_norm.
void rope(const Exec& exec, float* x, std::int64_t ldx, std::span<const std::int32_t> positions,
          std::int64_t heads, const RopeTable& table, const float* norm_weight = nullptr, float eps = 0.0f);

// y = silu(gate) * up, where a row of gate_up is `width` gates, then `width` ups. y may be gate_up.
void silu_mul(const Exec& exec, const float* gate_up, std::int64_t ld, std::int64_t rows, std::int64_t width,
              float* y, std::int64_t ldy);

}  // namespace assay::local::kernels
