// Ops: the operations that a decoder is made of, over a step's rows. Two implementations: LibTorch's own
// operations (any device and precision), and the hand-written kernels of backends/local/kernels (CPU).
//
// Call order: make_matrix and fill for every weight, then reserve() once, then for each step begin() and the
// others in
//   the order of Decoder::step. What an operation returns stays valid until that operation is called again.
// Layout: a row of `qkv` is the query heads, the key heads and the value heads; a row of `gate_up` is the
// gate,
//   then up. The residual stream `x` and what else a row is made of are in whatever type an implementation
//   keeps them in.
// Threads: one thread drives it. Errors: throws what LibTorch throws; Decoder and load_model catch it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "backends/local/config/model_config.h"
#include "backends/local/decoder/step_plan.h"
#include "backends/local/kernels/attention.h"
#include "backends/local/kernels/isa.h"

namespace assay::local {

using kernels::KvType;
using kernels::Precision;

// A matrix [out, in] in the layout of the Ops that made it. by_row: only its rows are ever looked up, as of
// an embedding that is not the head as well.
struct Matrix {
  virtual ~Matrix() = default;
  std::int64_t out = 0, in = 0;
  at::Tensor bias;  // of the rows; undefined where there is none
};

class Ops {
 public:
  virtual ~Ops() = default;

  // Weights. Rows may be filled in any order; `rows` become first, first + 1, ...
  virtual std::uint64_t matrix_bytes(std::int64_t out, std::int64_t in, bool by_row) const = 0;
  virtual std::unique_ptr<Matrix> make_matrix(std::int64_t out, std::int64_t in, bool by_row) = 0;
  virtual void fill(Matrix& matrix, std::int64_t first, std::span<const float> rows) = 0;
  virtual at::Tensor bias(std::span<const float> values) = 0;
  virtual at::Tensor norm_weight(std::span<const float> values) = 0;

  // Cache.
  virtual std::uint64_t block_bytes() const = 0;
  virtual void reserve(std::int32_t blocks) = 0;
  virtual void copy_block(std::int32_t from, std::int32_t to) = 0;

  // A step. `plan` lives until the step's last operation.
  virtual void begin(const StepPlan& plan) = 0;
  // Has the operations of the step made, by calling `operations` or by playing back what it did for an
  // earlier step of the same size. `out` is what logits() is given.
  virtual void run(const std::function<void()>& operations, std::span<float>) { operations(); }
  virtual at::Tensor embed(const Matrix& table) = 0;  // the residual stream
  virtual at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight) = 0;
  virtual at::Tensor qkv(const at::Tensor& x, const Matrix& matrix) = 0;
  // Norms of the heads (undefined where there are none), rotary embedding, then keys and values to the cache.
  virtual void rotate_and_store(at::Tensor& qkv, const at::Tensor& q_norm, const at::Tensor& k_norm,
                                std::int64_t layer) = 0;
  virtual at::Tensor attend(const at::Tensor& qkv, std::int64_t layer) = 0;
  virtual at::Tensor gate_up(const at::Tensor& x, const Matrix& matrix) = 0;
  virtual at::Tensor silu_mul(const at::Tensor& gate_up) = 0;
  virtual void add_linear(at::Tensor& x, const at::Tensor& h, const Matrix& matrix) = 0;  // x += matrix * h
  // Leaves the wanted rows only, in their order: after the last layer's attention no other row matters.
  virtual void keep_wanted(at::Tensor& x, at::Tensor& attended) = 0;
  // Of rows that keep_wanted left: [wanted, vocab].
  virtual void logits(const at::Tensor& x, const at::Tensor& norm, const Matrix& head,
                      std::span<float> out) = 0;
};

struct TorchSettings {
  Precision precision = Precision::f32;
  KvType kv = KvType::same;
  std::string device = "cpu";  // as LibTorch names it: "cpu", "cuda:0"
  // How many sequences' single rows attend in one operation, padded to the longest; 0: what suits the device.
  std::int64_t together = 0;
  bool graphs = false;  // decoding steps are padded to few sizes, and recorded where DecodeGraph can
};
std::unique_ptr<Ops> make_torch_ops(const ModelConfig& config, const TorchSettings& settings);
// nullptr for a shape that the kernels are not made for.
std::unique_ptr<Ops> make_cpu_ops(const ModelConfig& config, Precision precision, KvType kv, int threads);

}  // namespace assay::local
