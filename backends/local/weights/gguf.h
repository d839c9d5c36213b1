// GgufFile: a GGUF file's metadata and tensor infos, checked; tensor bytes stay mapped.
//
//   auto file = open_gguf("model.gguf");
//   file->text("general.architecture");
//   auto vocabulary = gguf_vocabulary(*file);   // for tokenizer_from_vocabulary
//   auto weights = gguf_tensors(std::move(*file));
//
// Read are versions 2 and 3, little-endian, and tensors of F32, F16, BF16, Q8_0, Q4_0 and Q4_1 (layout: the
// GGUF specification in the ggml project's documents). An array of arrays, which no model uses, is refused.
//
// Threads: const after opening. Ownership: texts and spans point into the mapping and live as long as the
//   file or, once it is moved there, the tensor source.
// Errors: Code::invalid naming the file, and the key or tensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "backends/local/weights/mapped_file.h"
#include "backends/local/weights/tensor_source.h"
#include "harness/base/result.h"
#include "harness/text/tokenizer.h"

namespace assay::local {

// An array of numbers or booleans, widened; or of texts.
using GgufArray = std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string_view>>;
// A uint64 above the range of int64 is kept as a double.
using GgufValue = std::variant<std::int64_t, double, bool, std::string_view, GgufArray>;

struct GgufTensor {
  std::string_view name;            // the file's own ("blk.0.attn_q.weight")
  std::vector<std::int64_t> shape;  // outermost first, the reverse of the file's order
  DType dtype = DType::f32;
  std::span<const std::byte> bytes;
};

class GgufFile {
 public:
  const std::string& name() const { return name_; }  // for messages, printable
  const GgufValue* find(std::string_view key) const;
  // nullopt when the key is absent or of another type. number() reads integers too.
  std::optional<std::string_view> text(std::string_view key) const;
  std::optional<std::int64_t> integer(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  const std::vector<std::string_view>* texts(std::string_view key) const;
  const std::vector<std::int64_t>* integers(std::string_view key) const;
  const std::vector<double>* numbers(std::string_view key) const;
  std::span<const GgufTensor> tensors() const { return tensors_; }
  const GgufTensor* tensor(std::string_view name) const;

  MappedFile take_mapping() { return std::move(mapping_); }  // what texts and spans point into

 private:
  friend class GgufParser;
  friend Result<GgufFile> open_gguf(const std::filesystem::path& path);
  MappedFile mapping_;  // nothing when read from bytes
  std::string name_;
  std::map<std::string_view, GgufValue> metadata_;
  std::vector<GgufTensor> tensors_;
  std::map<std::string_view, std::size_t> tensor_index_;
};

Result<GgufFile> open_gguf(const std::filesystem::path& path);
// `bytes` are borrowed and must outlive the result.
Result<GgufFile> read_gguf(std::string name, std::span<const std::byte> bytes);

// tokenizer.ggml.*: models "gpt2" (byte-level) and "llama" (SentencePiece); others are refused by name.
Result<Vocabulary> gguf_vocabulary(const GgufFile& file);

// The tensors under Hugging Face's names. A name that has none there is kept as it is.
Result<std::unique_ptr<TensorSource>> gguf_tensors(GgufFile file);

}  // namespace assay::local
