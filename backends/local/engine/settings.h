// The options of a model entry of the backend `local`. docs/backends.md describes them for users.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "backends/local/engine/load_options.h"
#include "harness/api/backend.h"
#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay::local {

// How much memory the KV cache may take: bytes, or a share of what is there once the weights are loaded.
// Neither is set where it is planned from model and machine (cache_plan.h).
struct KvMemory {
  std::optional<std::uint64_t> bytes;
  std::optional<double> share;  // in (0, 1]
};

// "2GB", "512MB", "50%"; nullopt for anything else.
std::optional<KvMemory> kv_memory_of(std::string_view text);

struct LocalSettings {
  std::string model;  // as the user named it
  LoadOptions load;
  std::int32_t max_batch = 32;   // sequences that run at once
  std::int32_t step_rows = 256;  // tokens that one step computes, at most
  KvMemory kv;
  std::optional<std::int64_t> context;  // a bound below the model's own
  std::string chat_template;            // source of another template; empty: the model's own
  bool use_chat_template = true;
  Json template_variables = Json::object();
  bool logprobs = false;  // for every request
};

// Reads the file of another chat template, too. Errors: Code::invalid naming the option.
Result<LocalSettings> local_settings(const BackendOptions& options);

}  // namespace assay::local
