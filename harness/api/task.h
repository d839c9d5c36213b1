// Task: a family of samples with a prompt and named scorers.
//
// Order: describe() at any time; open() any number of times, each giving an independent SampleSet.
// Threads: a Task and a SampleSet are const after construction and called concurrently.
// Ownership: the caller owns what make() and open() return; a SampleSet may outlive its Task.
// Errors: open() returns Code::invalid with file and line for data that is missing or malformed;
//   at() the same for a row that is only read when asked for. A bad row is never skipped.
// Comparability: equal TaskContext gives equal samples in equal order on every platform and thread
//   count. A change of prompt, extraction or data raises the version.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/sample.h"
#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay {

struct ScorerSpec {
  std::string id;                  // as in the scorer catalog: "numeric"
  Json options = Json::object();   // the scorer's own options
};

struct TaskInfo {
  std::string id;        // "math/gsm8k"
  std::uint32_t version = 1;
  std::string summary;   // one line
  std::vector<ScorerSpec> scorers;  // the first is the primary one and decides the outcome
  std::string dataset;   // name of the data set it reads, empty for procedural tasks
  bool procedural = false;
};

// What one variant of a suite changes in the prompt. Each field that is set is a factor.
struct PromptOverride {
  std::optional<std::string> prompt;       // template; the placeholders are the task's own fields
  std::optional<std::string> system;       // system prompt; empty string removes it
  std::optional<std::uint32_t> fewshot;    // number of examples before the question
};

struct TaskContext {
  std::vector<std::filesystem::path> data_dirs;  // searched in order
  std::uint64_t seed = 0;                // of procedural samples and few-shot draws
  std::optional<std::uint64_t> limit;    // the first n samples; procedural tasks make exactly n
  Json options = Json::object();         // task parameters of the suite: {"level": 3}
  PromptOverride prompt;
};

// Digests of what may differ between two runs over the same data (docs/design.md section 6).
struct TaskFactors {
  Digest data;           // of the data set's bytes, or of (family, version, seed, options)
  Digest prompt;         // of the template's text
  Digest fewshot;        // of the rendered examples; all zero when there are none
  Digest system;         // of the system prompt; all zero when there is none
};

class SampleSet {
 public:
  virtual ~SampleSet() = default;
  virtual std::uint64_t size() const = 0;
  // REQUIRES: i < size(). Lazy: costs one sample, so that a set of any size fits in memory.
  virtual Result<Sample> at(std::uint64_t i) const = 0;
  virtual const TaskFactors& factors() const = 0;
};

class Task {
 public:
  virtual ~Task() = default;
  virtual const TaskInfo& describe() const = 0;
  virtual Result<std::unique_ptr<SampleSet>> open(const TaskContext&) const = 0;
};

}  // namespace assay
