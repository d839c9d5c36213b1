// ModelFiles: everything that a model's folder or file says, opened and checked before memory is spent.
//
//   auto files = open_model(path);   // a folder with config.json, a .gguf file, or a llama2.c .bin file
//
// A llama2.c checkpoint finds its vocabulary beside it (tokenizer.bin, or tok<N>.bin of the same size).
// Errors: Code::invalid naming the file and what is missing or wrong.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/local/config/model_config.h"
#include "backends/local/weights/tensor_source.h"
#include "harness/base/digest.h"
#include "harness/base/result.h"
#include "harness/text/tokenizer.h"

namespace assay::local {

// Sampling that generation_config.json recommends; unset where it says nothing.
struct GenerationDefaults {
  std::optional<double> temperature, top_p;
  std::optional<std::int64_t> top_k;
  std::optional<double> repetition_penalty;
  bool do_sample = false;
};

struct ModelFiles {
  ModelConfig config;
  std::unique_ptr<TensorSource> weights;
  std::unique_ptr<Tokenizer> tokenizer;
  std::string chat_template;         // source; empty when the model has none
  std::vector<TokenId> end_tokens;   // generation stops at any of them; generation_config.json wins
  GenerationDefaults generation;
  Digest revision;                   // of names, sizes and contents of the weight files: pins behaviour
};

Result<ModelFiles> open_model(const std::filesystem::path& path);

}  // namespace assay::local
