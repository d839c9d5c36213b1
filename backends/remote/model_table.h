// The model table: what is known of models before anything is asked of them, as data (docs/models.md).
//
//   models:
//     - {provider: openai, model: "o1*", context: 200000, output: 100000, refuses: [temperature, top_p],
//     source: "..."}
//
// A row holds for every model that its two patterns match (`*` is any text). What several rows say of one
// model is laid together key by key: a user's file goes before a shipped one, a later file of the user before
// an earlier, and among a file's rows the narrower model pattern, then the narrower provider pattern, then
// the later row. Threads: any; pure functions over const data. Errors: Code::invalid with file and line.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/api/backend.h"
#include "harness/base/result.h"

namespace assay {

// nullopt and empty: nothing is known.
struct ModelFacts {
  std::optional<std::int64_t> context_limit;           // tokens, input and output together
  std::optional<std::int64_t> output_limit;            // tokens of one answer, reasoning included
  std::optional<std::int64_t> typical_output;          // tokens of a usual answer, reasoning included
  std::optional<std::vector<std::string>> refuses;     // names of sampling parameters that end in an error
  std::optional<std::vector<std::string>> ignores;     // that are taken and do nothing
  std::optional<std::string> max_tokens_field;         // "max_tokens" or "max_completion_tokens"
  std::optional<std::string> system_role;              // "system", "developer" or "user"
  std::optional<TraceKind> trace_kind;                 // what the separate reasoning field holds
  std::optional<std::vector<std::string>> efforts;     // words that reasoning_effort takes
  std::optional<std::vector<std::string>> think_tags;  // around traces within the text
  std::optional<bool> opens_think;
  std::optional<Sampling> recommended;
  std::optional<std::string> retires;  // "2026-03-31"
  std::string rows;                    // which rows said so: "models.yaml: openai/o1*, openai/*"
};

struct ModelRow {
  std::string provider, model;  // patterns
  ModelFacts facts;
  std::string source;
  std::string file;
};

Result<std::vector<ModelRow>> read_model_rows(std::string_view text, const std::string& filename);

// What the shipped table and these files say.
Result<ModelFacts> find_model_facts(std::string_view provider, std::string_view model,
                                    std::span<const std::string> files);

// The same of rows in order of their files, the weakest first.
ModelFacts facts_of(std::string_view provider, std::string_view model, const std::vector<ModelRow>& rows);

// Into what a backend says of itself.
void fill_info(const ModelFacts&, BackendInfo&);

}  // namespace assay
