// Where the weights of local models lie, and which names stand for them.
//
//   auto path = resolve_model("smollm2-135m");   // ".../assay/models/smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf"
//   auto same = resolve_model("/data/qwen");     // "/data/qwen"
//
// The cache is a folder: models.json says what is registered, and each model that was downloaded has a folder
// of its name. What was registered in place stays where it is. A model counts as present only when every one
// of its files is there with its size; what is being downloaded is called X.part until its SHA-256 is right.
//
// Threads and processes: any. models.json is replaced whole, under a lock of its own, so that several processes
// may register at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/digest.h"
#include "harness/base/result.h"

namespace assay {

// $ASSAY_MODELS, else $XDG_CACHE_HOME/assay/models, else $HOME/.cache/assay/models; empty without any.
std::filesystem::path model_cache_dir();

struct ModelFile {
  std::string path;           // below the model's folder, with forward slashes
  std::uint64_t bytes = 0;    // 0: not known before it is fetched
  std::optional<Digest> sha256;
};

struct RegisteredModel {
  std::string name;
  std::string source;         // "hf:ORG/NAME@COMMIT", an address, "package NAME VERSION" or a path; no secrets
  std::string format;         // "safetensors", "gguf", "llama2.c"
  std::string licence;        // as the source says; empty when it says nothing
  std::filesystem::path in_place;  // absolute: registered where it lies; empty: in the cache
  std::vector<ModelFile> files;    // of a model in the cache; never empty then

  bool operator<(const RegisteredModel& other) const { return name < other.name; }
};

// A relative path that stays below the folder it is relative to.
bool is_path_below(const std::string& path);

// Letters, digits, '.', '_' and '-', the first one a letter or digit, up to 100 bytes; so that a name is a
// folder's name too. Error: Code::invalid.
Result<void> check_model_name(std::string_view name);

// "safetensors" for a folder with config.json and *.safetensors, "gguf" or "llama2.c" for a file.
// Error: Code::invalid saying what was expected.
Result<std::string> model_format(const std::filesystem::path& path);

// By name. An absent models.json holds none. Error: Code::corrupt for one that cannot be read.
Result<std::vector<RegisteredModel>> registered_models(const std::filesystem::path& cache);
Result<std::optional<RegisteredModel>> registered_model(const std::filesystem::path& cache, std::string_view name);

// In place of one of the same name. Makes the cache's folder.
Result<void> register_model(const std::filesystem::path& cache, const RegisteredModel&);
// The files are the caller's to remove. False when it was not registered.
Result<bool> forget_model(const std::filesystem::path& cache, std::string_view name);

// What a backend opens: a folder or a file.
std::filesystem::path path_of(const std::filesystem::path& cache, const RegisteredModel&);
bool is_present(const std::filesystem::path& cache, const RegisteredModel&);

// A registered name whose files are there: its path. Else an existing path: itself. Else Code::invalid: what the
// name stands for and how to get it, or the nearest known names. An empty `cache` is model_cache_dir().
Result<std::filesystem::path> resolve_model(const std::string& name_or_path, std::filesystem::path cache = {});

}  // namespace assay
