// The options of `assay run` that make or change a suite.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/run/suite.h"

namespace assay {

struct SuiteArgs {
  std::string file;
  std::vector<std::string> tasks;
  std::vector<std::string> models;
  std::string backend;               // empty: openai
  std::string base_url;
  std::string api_key_env;
  std::vector<std::string> model_options;  // KEY=VALUE
  std::vector<std::string> task_options;   // KEY=VALUE
  std::optional<std::uint64_t> limit;
  std::optional<std::uint32_t> epochs;
  std::optional<std::uint64_t> seed;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<std::int64_t> top_k;
  std::optional<std::int64_t> max_tokens;
  std::vector<std::string> stop;
  std::string reasoning_effort;
  std::optional<double> timeout_s;
  std::string device;                      // of local models
  std::optional<std::uint32_t> max_batch;  // likewise
  std::string machine_usd_per_hour;        // likewise
  std::string strategy;
  std::string system;
  std::optional<std::uint32_t> fewshot;
  bool retry_truncated = false;
};

// Gives the options back, so that the caller can see which were used.
std::vector<CLI::Option*> add_suite_options(CLI::App&, SuiteArgs&);

// The suite of the file, or of --tasks and --model, with every option laid over it.
// Error: Code::invalid naming the option or the file's line.
Result<Suite> suite_from_args(const SuiteArgs&);

}  // namespace assay
