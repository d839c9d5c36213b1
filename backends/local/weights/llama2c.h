// The checkpoint and vocabulary files of llama2.c (the legacy layout, "version 0"): small Llama
// models in float32.
//
// Checkpoint: seven int32 (dim, hidden, layers, heads, kv heads, vocabulary, context; a negative vocabulary
//   says that the head is not tied), then the tensors in a fixed order without names, layer after layer
//   within each kind. Rows of wq and wk are in the order of interleaved rotary pairs. Two tables of rotary
//   values, which are not used, stand before the head.
// Vocabulary: int32 longest token, then for each token a float score, an int32 length and its bytes.
// Errors: Code::invalid naming the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "backends/local/weights/mapped_file.h"
#include "backends/local/weights/tensor_source.h"
#include "harness/base/result.h"
#include "harness/text/tokenizer.h"

namespace assay::local {

struct Llama2cHeader {
  std::int64_t dim = 0, hidden = 0, layers = 0, heads = 0, kv_heads = 0, vocab = 0, context = 0;
  bool tied = true;
};

struct Llama2cFile {
  Llama2cHeader header;
  std::unique_ptr<TensorSource> tensors;
};

// `bytes` must outlive the result, unless they are `mapping`'s, which the result keeps.
Result<Llama2cFile> read_llama2c(const std::string& name, std::span<const std::byte> bytes,
                                 MappedFile mapping = {});
Result<Llama2cFile> open_llama2c(const std::filesystem::path& path);

// The file does not say how many tokens it has: `size` is the checkpoint's vocabulary. The first three are
// unknown, BOS and EOS, the next 256 the bytes, as every vocabulary of this format has them.
Result<Vocabulary> read_llama2c_vocabulary(const std::string& name, std::span<const std::byte> bytes,
                                           std::int64_t size);

}  // namespace assay::local
