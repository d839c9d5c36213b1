// `assay models add`, `pull`, `list` and `remove`: models come into the cache, whole and checked, and get names.
//
// Sources: "hf:ORG/NAME[/FILE.gguf][@REVISION]" (a model hub), an http(s) address of a GGUF file, a path (a folder
// with config.json and .safetensors, a GGUF file, a llama2.c .bin), which is registered where it lies, and the
// built-in names of harness/base/known_models.h.
//
// A model is registered before its first byte is fetched and counts as present when its last file is whole, so
// that a pull that was cut is gone on with by another one.
// Threads and processes: any; two pulls of one model are safe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/known_models.h"
#include "harness/base/model_cache.h"
#include "harness/base/result.h"
#include "harness/run/fetch.h"

namespace assay {

struct ModelOptions {
  std::filesystem::path cache;  // empty: model_cache_dir()
  Say say;
};

struct AddModel {
  std::string source;
  std::string name;              // empty: after the source
  std::optional<Digest> sha256;  // of the one file, where the source is one
};

struct PulledModel {
  RegisteredModel model;
  std::filesystem::path path;  // what a backend opens
  std::size_t files = 0;
  std::size_t fetched = 0;  // the others were there already and right
};

// Registers and fetches. Errors: Code::invalid for a source that cannot be used, a name that another model has, a
// file whose size or SHA-256 is another; Code::unavailable when the network fails, after which pull_model resumes.
Result<PulledModel> add_model(const AddModel&, const ModelOptions&);
// Fetches what is missing of a registered or built-in model, and checks what is there.
Result<PulledModel> pull_model(const std::string& name, const ModelOptions&);
// Forgets the name and removes what the cache has of it; files that were registered in place stay. False when there
// was neither.
Result<bool> remove_model(const std::string& name, const ModelOptions&);

struct ListedModel {
  RegisteredModel model;
  std::filesystem::path path;
  std::uint64_t bytes = 0;  // of its files; 0: unknown
  bool present = false;
};
// Registered and built-in ones, by name.
Result<std::vector<ListedModel>> list_models(const ModelOptions&);

// Of a built-in one; for pull_model and tests.
Result<PulledModel> pull_known_model(const KnownModel&, const ModelOptions&);

}  // namespace assay
