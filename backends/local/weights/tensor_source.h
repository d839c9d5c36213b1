// TensorSource: the tensors of a model's files, mapped and checked, not yet converted.
//
// Threads: const after opening, any thread. Ownership: the spans live as long as the source; the bytes are
//   mapped read-only, and release() lets the pages of one tensor go once it has been repacked.
// Errors (of the functions that open): Code::invalid naming file and tensor, for a file that is malformed or
//   holds a type that is not read here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace assay::local {

// Numeric types, row-major. The quantised ones are GGUF's blocks of 32 values along the last dimension.
enum class DType : std::uint8_t { f32 = 1, f16 = 2, bf16 = 3, q8_0 = 4, q4_0 = 5, q4_1 = 6 };

struct TensorView {
  std::string name;  // in Hugging Face's names ("model.layers.0.self_attn.q_proj.weight"), whatever the file's own
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;  // outermost first: a linear layer is [out, in]
  std::span<const std::byte> bytes;
  // Rows of q_proj and k_proj in the order of interleaved rotary pairs (llama2.c, GGUF of arch llama); they
  // are reordered to halves when converted.
  bool interleaved_rotary = false;
};

class TensorSource {
 public:
  virtual ~TensorSource() = default;
  virtual std::span<const TensorView> tensors() const = 0;
  virtual const TensorView* find(std::string_view name) const = 0;  // nullptr when there is none
  virtual void release(const TensorView&) const = 0;                // its pages are no longer needed
};

// Values of a tensor as float, dequantised, rotary rows in halves. `out` has the product of shape.
// `heads` is the number of heads of a tensor with interleaved_rotary, ignored otherwise.
void to_float(const TensorView& tensor, std::int64_t heads, std::span<float> out);

}  // namespace assay::local
