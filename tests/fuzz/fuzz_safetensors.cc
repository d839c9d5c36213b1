// Any bytes are a safetensors file, a shard index and a config.json, or one line of error. What is accepted covers the
// data without overlap and converts to floats.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include "backends/local/config/read_config.h"
#include "backends/local/weights/blocks.h"
#include "backends/local/weights/safetensors.h"
#include "harness/base/json.h"

namespace {

using namespace assay::local;  // NOLINT: a program of one file

void must(bool holds) {
  if (!holds) std::abort();
}

void must_be_one_line(const assay::Error& error) {
  must(!error.message.empty() && error.message.find('\n') == std::string::npos);
}

void check_weights(std::span<const std::byte> bytes) {
  const auto tensors = read_safetensors("f", bytes);
  if (!tensors) return must_be_one_line(tensors.error());
  std::size_t covered = 0;
  for (const TensorView& tensor : *tensors) {
    covered += tensor.bytes.size();
    std::vector<float> values(static_cast<std::size_t>(*count_values(tensor.shape)));
    to_float(tensor, 0, values);
  }
  must(covered < bytes.size());
}

void check_texts(std::string_view text) {
  const auto index = read_shard_index("f", text);
  if (index) {
    for (const std::string& file : index->files) must(file.find('/') == std::string::npos && file.front() != '.');
  } else {
    must_be_one_line(index.error());
  }
  const auto json = assay::parse_json_unique(text);
  if (!json) return;
  const auto config = config_from_json("f", *json);
  if (!config) return must_be_one_line(config.error());
  must(rotary_frequencies(*config).size() == static_cast<std::size_t>(config->head_dim / 2));
  must(config->heads % config->kv_heads == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_weights(std::as_bytes(std::span(data, size)));
  check_texts(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
