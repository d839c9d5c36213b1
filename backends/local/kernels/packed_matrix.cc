#include "backends/local/kernels/packed_matrix.h"

#include <algorithm>
#include <cstring>

#include "backends/local/kernels/bf16.h"
#include "backends/local/kernels/gemm.h"

namespace assay::local::kernels {
namespace {

std::int64_t padded(std::int64_t inputs, Precision precision) {
  return precision == Precision::bf16 ? gemm::round_up(inputs, gemm::kDepth) : inputs;
}

// From this many rows a thread on, threads share out rows, each reading all weights, and not columns.
constexpr std::int64_t kRowsPerThread = 64;
// Rows whose activations stay in the second-level cache while all weights pass by.
std::int64_t row_block(std::int64_t depth) { return depth <= 2048 ? 256 : 128; }

// Room for rounded activations: the calling thread's where all share them, each thread's where rows are its
// own. A function, so that whichever thread comes here first makes its own, and clears it away.
std::uint16_t* rounded_rows(std::int64_t rows, std::int64_t depth) {
  static thread_local Buffer buffer;
  buffer.grow(static_cast<std::size_t>(rows * depth) * sizeof(std::uint16_t));
  return buffer.as<std::uint16_t>();
}
// Values that are worth waking a thread for.
constexpr std::int64_t kLeastRounded = 32768;

}  // namespace

std::uint64_t PackedMatrix::bytes(std::int64_t outputs, std::int64_t inputs, Precision precision) {
  const std::int64_t elements = gemm::round_up(outputs, gemm::kPanel) * padded(inputs, precision);
  return static_cast<std::uint64_t>(elements) * (precision == Precision::bf16 ? 2 : 4);
}

PackedMatrix::PackedMatrix(std::int64_t outputs, std::int64_t inputs, Precision precision)
    : outputs_(outputs), inputs_(inputs), precision_(precision), data_(bytes(outputs, inputs, precision)) {}

void PackedMatrix::set_rows(std::int64_t first, std::span<const float> rows) {
  const std::int64_t depth = padded(inputs_, precision_);
  const auto count = static_cast<std::int64_t>(rows.size()) / inputs_;
  for (std::int64_t i = 0; i < count; ++i) {
    const float* from = rows.data() + i * inputs_;
    const std::int64_t n = first + i;
    if (precision_ == Precision::f32) {
      float* to = data_.as<float>();
      for (std::int64_t k = 0; k < inputs_; ++k) to[gemm::f32_index(n, k, depth)] = from[k];
    } else {
      auto* to = data_.as<std::uint16_t>();
      for (std::int64_t k = 0; k < inputs_; ++k) to[gemm::bf16_index(n, k, depth)] = to_bf16(from[k]);
    }
  }
}

void PackedMatrix::row(std::int64_t n, float* out) const {
  const std::int64_t depth = padded(inputs_, precision_);
  if (precision_ == Precision::f32) {
    const float* from = data_.as<float>();
    for (std::int64_t k = 0; k < inputs_; ++k) out[k] = from[gemm::f32_index(n, k, depth)];
  } else {
    const auto* from = data_.as<std::uint16_t>();
    for (std::int64_t k = 0; k < inputs_; ++k) out[k] = from_bf16(from[gemm::bf16_index(n, k, depth)]);
  }
}

void PackedMatrix::multiply(const Exec& exec, const float* x, std::int64_t ldx, std::int64_t rows, float* y,
                            std::int64_t ldy, const float* bias) const {
  run(exec, x, ldx, rows, y, ldy, bias, false);
}

void PackedMatrix::multiply_add(const Exec& exec, const float* x, std::int64_t ldx, std::int64_t rows,
                                float* y, std::int64_t ldy, const float* bias) const {
  run(exec, x, ldx, rows, y, ldy, bias, true);
}

void PackedMatrix::run(const Exec& exec, const float* x, std::int64_t ldx, std::int64_t rows, float* y,
                       std::int64_t ldy, const float* bias, bool add) const {
  if (rows <= 0) return;
  gemm::Job job;
  job.x = x;
  job.ldx = ldx;
  job.w = data_.as<void>();
  job.depth = padded(inputs_, precision_);
  job.outputs = outputs_;
  job.y = y;
  job.ldy = ldy;
  job.bias = bias;
  job.add = add;
  const gemm::Kernel kernel = gemm::kernel(exec.isa, precision_);
  const std::int64_t panels = gemm::round_up(outputs_, gemm::kPanel) / gemm::kPanel;
  const bool by_rows = rows >= kRowsPerThread * exec.team->size();

  if (precision_ == Precision::f32) {
    const auto part = [&](std::int64_t begin, std::int64_t end) {
      by_rows ? kernel(job, begin, end, 0, panels) : kernel(job, 0, rows, begin, end);
    };
    exec.team->ranges(by_rows ? rows : panels, by_rows ? kRowsPerThread : 1, 4, part);
    return;
  }

  const auto round_rows = [&](std::int64_t begin, std::int64_t end, std::uint16_t* to) {
    for (std::int64_t i = begin; i < end; ++i, to += job.depth) {
      gemm::round_bf16(exec.isa, x + i * ldx, inputs_, to);
      std::fill(to + inputs_, to + job.depth, std::uint16_t{0});
    }
  };
  job.ldx = job.depth;
  if (!by_rows) {
    std::uint16_t* const to = rounded_rows(rows, job.depth);
    exec.team->ranges(
        rows, std::max<std::int64_t>(1, kLeastRounded / job.depth), 1,
        [&](std::int64_t begin, std::int64_t end) { round_rows(begin, end, to + begin * job.depth); });
    job.x = to;
    const std::int64_t least =
        std::max<std::int64_t>(1, (std::int64_t{1} << 15) / (job.depth * gemm::kPanel));
    exec.team->ranges(panels, least, 4,
                      [&](std::int64_t begin, std::int64_t end) { kernel(job, 0, rows, begin, end); });
    return;
  }
  exec.team->ranges(rows, kRowsPerThread, 1, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t blocks = (end - begin + row_block(job.depth) - 1) / row_block(job.depth);
    for (std::int64_t b = 0; b < blocks; ++b) {
      const std::int64_t from = begin + (end - begin) * b / blocks;
      const std::int64_t to = begin + (end - begin) * (b + 1) / blocks;
      gemm::Job own = job;
      std::uint16_t* const rounded = rounded_rows(to - from, job.depth);
      round_rows(from, to, rounded);
      own.x = rounded;
      own.y = y + from * ldy;
      kernel(own, 0, to - from, 0, panels);
    }
  });
}

}  // namespace assay::local::kernels
