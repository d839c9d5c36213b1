#include "backends/local/kernels/elementwise.h"

#include <algorithm>
#include <cmath>

#include "backends/local/kernels/elementwise_rows.h"
#include "backends/local/kernels/targets.h"

namespace assay::local::kernels {
namespace {

// Values that are worth waking a thread for.
constexpr std::int64_t kLeast = 16384;

std::int64_t least_rows(std::int64_t width) { return std::max<std::int64_t>(1, kLeast / width); }

// The operations, for each instruction set: FUNCTION_plain, FUNCTION_avx2, FUNCTION_avx512.
#define ASSAY_EACH_ISA(result, function, parameters, arguments)                                            \
  result function##_plain parameters { return rows::function arguments; }                                  \
  ASSAY_AVX2 result function##_avx2 parameters { return rows::function arguments; }                        \
  ASSAY_AVX512 result function##_avx512 parameters { return rows::function arguments; }                    \
  auto function##_for(Isa isa) {                                                                           \
    return isa >= Isa::avx512 ? function##_avx512 : isa == Isa::avx2 ? function##_avx2 : function##_plain; \
  }

ASSAY_EACH_ISA(void, rms_norm, (const float* x, std::int64_t width, const float* weight, float eps, float* y),
               (x, width, weight, eps, y))
ASSAY_EACH_ISA(void, rope,
               (float* x, std::int64_t heads, std::int64_t pairs, const float* cosines, const float* sines,
                const float* norm_weight, float eps),
               (x, heads, pairs, cosines, sines, norm_weight, eps))
ASSAY_EACH_ISA(void, silu_mul, (const float* gate, const float* up, std::int64_t width, float* y),
               (gate, up, width, y))
#undef ASSAY_EACH_ISA

}  // namespace

void rms_norm(const Exec& exec, const float* x, std::int64_t ldx, std::int64_t rows, std::int64_t width,
              const float* weight, float eps, float* y, std::int64_t ldy) {
  const auto one = rms_norm_for(exec.isa);
  exec.team->ranges(rows, least_rows(width), 2, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) one(x + i * ldx, width, weight, eps, y + i * ldy);
  });
}

RopeTable::RopeTable(std::vector<double> inv_freq, double scale)
    : inv_freq_(std::move(inv_freq)), scale_(scale) {}

void RopeTable::reserve(std::int64_t positions) {
  if (positions <= positions_) return;
  const std::int64_t from = positions_;
  positions_ = std::max(positions, 2 * positions_);
  values_.resize(static_cast<std::size_t>(positions_ * 2 * pairs()));
  for (std::int64_t p = from; p < positions_; ++p) {
    float* row = values_.data() + p * 2 * pairs();
    for (std::int64_t i = 0; i < pairs(); ++i) {
      const double angle = static_cast<double>(p) * inv_freq_[static_cast<std::size_t>(i)];
      row[i] = static_cast<float>(std::cos(angle) * scale_);
      row[pairs() + i] = static_cast<float>(std::sin(angle) * scale_);
    }
  }
}

void rope(const Exec& exec, float* x, std::int64_t ldx, std::span<const std::int32_t> positions,
          std::int64_t heads, const RopeTable& table, const float* norm_weight, float eps) {
  const auto one = rope_for(exec.isa);
  const auto rows = static_cast<std::int64_t>(positions.size());
  exec.team->ranges(
      rows, least_rows(heads * table.pairs() * 2), 2, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
          const std::int32_t position = positions[static_cast<std::size_t>(i)];
          one(x + i * ldx, heads, table.pairs(), table.cos(position), table.sin(position), norm_weight, eps);
        }
      });
}

void silu_mul(const Exec& exec, const float* gate_up, std::int64_t ld, std::int64_t rows, std::int64_t width,
              float* y, std::int64_t ldy) {
  const auto one = silu_mul_for(exec.isa);
  exec.team->ranges(rows, least_rows(4 * width), 2, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      one(gate_up + i * ld, gate_up + i * ld + width, width, y + i * ldy);
    }
  });
}

}  // namespace assay::local::kernels
