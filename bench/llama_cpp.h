// LlamaCpp: llama.cpp from its prebuilt shared libraries (npm package @node-llama-cpp/linux-x64), through the
// few functions of its C interface that a bench needs. Header only: every bench is one source.
//
// Its parameter structures grow from version to version. They are passed here as larger blocks of memory,
// filled in by its own functions for defaults; what is changed are the fields that have stood first for long,
// and the two thread counts, which are found by their default, 4.
#pragma once

#include <dlfcn.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "harness/base/result.h"

namespace assay::bench {

class LlamaCpp {
 public:
  // `folder` has libllama*.so and its fellows.
  static Result<LlamaCpp> open(const std::filesystem::path& folder) {
    LlamaCpp out;
    std::string llama;
    std::string ggml;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename().string();
      if (name.rfind("libllama.", 0) == 0) llama = entry.path().string();
      if (name.rfind("libggml.", 0) == 0) ggml = entry.path().string();
    }
    if (llama.empty() || ggml.empty()) return invalid(folder.string() + " has no libllama and libggml");
    void* const ggml_library = dlopen(ggml.c_str(), RTLD_NOW | RTLD_GLOBAL);
    void* const library = dlopen(llama.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (ggml_library == nullptr || library == nullptr) return invalid(std::string(dlerror()));
    bool all = true;
    const auto find = [&](auto& function, void* in, const char* name) {
      void* const address = dlsym(in, name);
      all = all && address != nullptr;
      std::memcpy(&function, &address, sizeof address);
    };
    void (*load_backends)(const char*) = nullptr;
    void (*set_log)(void (*)(int, const char*, void*), void*) = nullptr;
    void (*init)() = nullptr;
    find(load_backends, ggml_library, "ggml_backend_load_all_from_path");
    find(set_log, library, "llama_log_set");
    find(init, library, "llama_backend_init");
    find(out.model_defaults_, library, "llama_model_default_params");
    find(out.context_defaults_, library, "llama_context_default_params");
    find(out.load_, library, "llama_model_load_from_file");
    find(out.make_context_, library, "llama_init_from_model");
    find(out.decode_, library, "llama_decode");
    find(out.memory_, library, "llama_get_memory");
    find(out.clear_, library, "llama_memory_clear");
    find(out.copy_, library, "llama_memory_seq_cp");
    find(out.logits_, library, "llama_get_logits_ith");
    find(out.free_context_, library, "llama_free");
    find(out.free_model_, library, "llama_model_free");
    if (!all) return invalid(llama + " lacks a function of the C interface");
    set_log([](int, const char*, void*) {}, nullptr);
    load_backends(folder.c_str());
    init();
    return out;
  }

  // One model at a time. `sequences` of `context` positions each.
  Result<void> load(const std::filesystem::path& file, int threads, std::uint32_t sequences,
                    std::uint32_t context) {
    unload();
    model_ = load_(file.c_str(), model_defaults_());
    if (model_ == nullptr) return invalid("llama.cpp does not load " + file.string());
    Parameters parameters = context_defaults_();
    auto* const words = parameters.words;
    words[0] = sequences * context;
    words[1] = words[2] = 512;  // tokens of a batch
    words[3] = sequences;
    bool found = false;
    for (int i = 4; i < 10 && !found; ++i) {
      found = words[i] == 4 && words[i + 1] == 4;
      if (found) words[i] = words[i + 1] = static_cast<std::uint32_t>(threads);
    }
    if (!found) return invalid("llama.cpp's parameters have no thread counts where they are looked for");
    context_ = make_context_(model_, parameters);
    return context_ == nullptr ? Result<void>(invalid("llama.cpp makes no context")) : Result<void>();
  }
  void unload() {
    if (context_ != nullptr) free_context_(context_);
    if (model_ != nullptr) free_model_(model_);
    context_ = model_ = nullptr;
  }

  void clear() { clear_(memory_(context_), true); }
  // Sequences 1 to count - 1 begin as sequence 0 does.
  void fan_out(int count) {
    for (int to = 1; to < count; ++to) copy_(memory_(context_), 0, to, -1, -1);
  }

  // tokens[i] at positions[i] of sequence sequences[i]; logits of those wanted.
  bool decode(std::span<const std::int32_t> tokens, std::span<const std::int32_t> positions,
              std::span<const std::int32_t> sequences, std::span<const std::int8_t> wanted) {
    const std::size_t n = tokens.size();
    std::vector<std::int32_t> ones(n, 1);
    std::vector<std::int32_t> ids(sequences.begin(), sequences.end());
    std::vector<std::int32_t*> lists(n);
    for (std::size_t i = 0; i < n; ++i) lists[i] = &ids[i];
    Batch batch;
    batch.count = static_cast<std::int32_t>(n);
    batch.tokens = tokens.data();
    batch.positions = positions.data();
    batch.sequence_counts = ones.data();
    batch.sequences = lists.data();
    batch.wanted = wanted.data();
    if (decode_(context_, batch) != 0) return false;
    for (std::size_t i = 0; i < n; ++i) {
      if (wanted[i] != 0)
        last_logits = logits_(context_, static_cast<std::int32_t>(i));  // also waits for them
    }
    return true;
  }

  const float* last_logits = nullptr;

 private:
  struct Parameters {
    std::uint32_t words[256];
  };
  struct Batch {
    std::int32_t count = 0;
    const std::int32_t* tokens = nullptr;
    const float* embeddings = nullptr;
    const std::int32_t* positions = nullptr;
    const std::int32_t* sequence_counts = nullptr;
    std::int32_t* const* sequences = nullptr;
    const std::int8_t* wanted = nullptr;
  };
  Parameters (*model_defaults_)() = nullptr;
  Parameters (*context_defaults_)() = nullptr;
  void* (*load_)(const char*, Parameters) = nullptr;
  void* (*make_context_)(void*, Parameters) = nullptr;
  std::int32_t (*decode_)(void*, Batch) = nullptr;
  void* (*memory_)(void*) = nullptr;
  void (*clear_)(void*, bool) = nullptr;
  void (*copy_)(void*, std::int32_t, std::int32_t, std::int32_t, std::int32_t) = nullptr;
  const float* (*logits_)(void*, std::int32_t) = nullptr;
  void (*free_context_)(void*) = nullptr;
  void (*free_model_)(void*) = nullptr;
  void* model_ = nullptr;
  void* context_ = nullptr;
};

}  // namespace assay::bench
