// PackedMatrix: the weights of a linear layer, y = W x + bias, laid out once at load for the kernels.
//
//   PackedMatrix qkv(heads_width + 2 * kv_width, hidden, Precision::bf16);   // several projections in one
//   qkv.set_rows(0, q_rows);  qkv.set_rows(heads_width, k_rows);  ...
//   qkv.multiply(exec, x, ldx, tokens, y, ldy, bias);
//
// Precision::f32 computes in float throughout. Precision::bf16 keeps weights as bfloat16 (round to nearest
// even: exact for weights that were bfloat16), rounds the activations likewise, and sums the products in
// float.
//
// Comparability: row i of y depends on row i of x alone, bit for bit, whatever the number of rows and of
//   threads, for a given Isa. Isa's plain to avx512 sum over k in order, one product at a time, so they agree
//   bit for bit in bf16, and avx2 and avx512 also in f32 (plain has no fused multiply-add there).
// Threads: multiply and row are const and run on one Exec's threads at a time; set_rows by one thread each.
#pragma once

#include <cstdint>
#include <span>

#include "backends/local/kernels/buffer.h"
#include "backends/local/kernels/isa.h"

namespace assay::local::kernels {

class PackedMatrix {
 public:
  PackedMatrix() = default;
  // All zero. REQUIRES outputs > 0 and inputs > 0. std::bad_alloc where there is no memory.
  PackedMatrix(std::int64_t outputs, std::int64_t inputs, Precision precision);

  // rows.size() / inputs() rows of W, each of inputs() floats, become rows first, first + 1, ...
  void set_rows(std::int64_t first, std::span<const float> rows);

  // y[i * ldy + n] = sum over k of W[n][k] * x[i * ldx + k], plus bias[n] where bias is not null, for `rows`
  // rows i. REQUIRES ldx >= inputs(), ldy >= outputs(), x and y apart.
  void multiply(const Exec& exec, const float* x, std::int64_t ldx, std::int64_t rows, float* y,
                std::int64_t ldy, const float* bias = nullptr) const;
  // The same added to what is in y.
  void multiply_add(const Exec& exec, const float* x, std::int64_t ldx, std::int64_t rows, float* y,
                    std::int64_t ldy, const float* bias = nullptr) const;

  // Row n of W as it is stored (an embedding, where the head is tied to it), inputs() floats.
  void row(std::int64_t n, float* out) const;

  std::int64_t outputs() const { return outputs_; }
  std::int64_t inputs() const { return inputs_; }
  Precision precision() const { return precision_; }
  std::uint64_t bytes() const { return data_.bytes(); }

  // What PackedMatrix(outputs, inputs, precision) takes.
  static std::uint64_t bytes(std::int64_t outputs, std::int64_t inputs, Precision precision);

 private:
  void run(const Exec& exec, const float* x, std::int64_t ldx, std::int64_t rows, float* y, std::int64_t ldy,
           const float* bias, bool add) const;

  std::int64_t outputs_ = 0;
  std::int64_t inputs_ = 0;
  Precision precision_ = Precision::f32;
  Buffer data_;
};

}  // namespace assay::local::kernels
