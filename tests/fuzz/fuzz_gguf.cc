// Any bytes are a GGUF file or a llama2.c checkpoint or vocabulary, or one line of error. Of what is accepted as a
// whole model every tensor converts to floats.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

#include "backends/local/config/read_config.h"
#include "backends/local/config/tensor_list.h"
#include "backends/local/model_settings.h"
#include "backends/local/weights/blocks.h"
#include "backends/local/weights/gguf.h"
#include "backends/local/weights/llama2c.h"

namespace {

using namespace assay::local;  // NOLINT: a program of one file

void must(bool holds) {
  if (!holds) std::abort();
}

void must_be_one_line(const assay::Error& error) {
  must(!error.message.empty() && error.message.find('\n') == std::string::npos);
}

void convert_all(const ModelConfig& config, const TensorSource& source) {
  if (!check_tensors("f", config, source)) return;
  for (const TensorView& tensor : source.tensors()) {
    std::vector<float> values(static_cast<std::size_t>(*count_values(tensor.shape)));
    const bool key = tensor.name.find("k_proj") != std::string::npos;
    to_float(tensor, key ? config.kv_heads : config.heads, values);
  }
}

void check_gguf(std::span<const std::byte> bytes) {
  auto file = read_gguf("f", bytes);
  if (!file) return must_be_one_line(file.error());
  const auto vocabulary = gguf_vocabulary(*file);
  if (vocabulary) {
    must(vocabulary->scores.empty() || vocabulary->scores.size() == vocabulary->tokens.size());
    must(vocabulary->types.empty() || vocabulary->types.size() == vocabulary->tokens.size());
    (void)end_tokens_from_gguf(*file, *vocabulary);
  } else {
    must_be_one_line(vocabulary.error());
  }
  const auto config = config_from_gguf(*file);
  if (!config) return must_be_one_line(config.error());
  must(rotary_frequencies(*config).size() == static_cast<std::size_t>(config->head_dim / 2));
  const auto tensors = gguf_tensors(std::move(*file));
  if (tensors) convert_all(*config, **tensors);
}

void check_llama2c(std::span<const std::byte> bytes) {
  const auto file = read_llama2c("f", bytes);
  if (file) {
    const auto config = config_from_llama2c("f", file->header);
    if (config) convert_all(*config, *file->tensors);
  } else {
    must_be_one_line(file.error());
  }
  const auto vocabulary = read_llama2c_vocabulary("f", bytes, 260);
  if (!vocabulary) must_be_one_line(vocabulary.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  check_gguf(bytes);
  check_llama2c(bytes);
  return 0;
}
