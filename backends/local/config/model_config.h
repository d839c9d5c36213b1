// ModelConfig: what distinguishes one dense decoder-only transformer from another, from config.json, GGUF
// metadata or a llama2.c header. One decoder covers every family by these switches.
//
// Errors (of the readers): Code::invalid, naming the key; an architecture that is not known is refused with
//   the list of those that are; mixture of experts, latent attention, fp8, YaRN and sliding windows are
//   refused by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace assay::local {

// `divisors`: a GGUF file of Llama 3.1 carries no formula but what it came to, one divisor a frequency.
enum class RopeScaling : std::uint8_t { none = 1, linear = 2, llama3 = 3, divisors = 4 };

struct Rope {
  double theta = 10000;
  RopeScaling scaling = RopeScaling::none;
  double factor = 1;
  double low_freq_factor = 1;    // llama3
  double high_freq_factor = 4;   // llama3
  double original_context = 8192;  // llama3
  std::vector<double> divisors;    // divisors: head_dim / 2 of them
};

struct ModelConfig {
  std::string family;          // "llama", "qwen2", "qwen3", "mistral"
  std::int64_t vocab = 0;      // rows of the embedding; may exceed the tokenizer's ids
  std::int64_t hidden = 0;
  std::int64_t intermediate = 0;
  std::int64_t layers = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;   // divides heads
  std::int64_t head_dim = 0;   // not always hidden / heads
  std::int64_t context = 0;    // max_position_embeddings
  double rms_eps = 1e-5;
  bool qkv_bias = false;
  bool qk_norm = false;        // RMSNorm over head_dim on q and k, before the rotary embedding
  bool tied_head = false;
  Rope rope;
};

// inv_freq of each rotary pair, head_dim / 2 of them, scaling applied (docs/local-models.md gives the
// formulas).
std::vector<double> rotary_frequencies(const ModelConfig& config);

}  // namespace assay::local
