// Suite: what a suite file says, as plain structs. Nothing here is looked up yet: whether a task or a backend
// exists is found out when the run is planned.
//
//   suite: nightly
//   seed: 1
//   epochs: 4
//   tasks: [math/gsm8k, {task: math/arithmetic, limit: 200, options: {level: 3}}]
//   models:
//     - {name: small, backend: openai, model: org/small-7b, base_url: "http://127.0.0.1:8000/v1",
//        sampling: {temperature: 0.6}, price: {input: 0.15, output: 0.60}}
//   strategy: {self_consistency: {k: 5}}
//   variants: [{name: plain}, {name: terse, system: "Answer in one word."}]
//
// Errors: Code::invalid, one line, with file, line and column; an unknown key names the nearest known one.
// Threads: any; everything is a pure function of its arguments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/api/request.h"
#include "harness/api/task.h"
#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/run/budget/budget.h"
#include "harness/run/prices/price.h"

namespace assay {

struct SuiteTask {
  std::string id;                       // "math/gsm8k"
  std::optional<std::uint64_t> limit;   // the first n samples
  std::optional<std::uint32_t> epochs;  // instead of the suite's
  Json options = Json::object();        // the task's own parameters
};

// A server that the run starts, waits for and stops (harness/run/serve.h).
struct ServeSpec {
  std::vector<std::string> command;  // program and arguments, no shell
  std::string ready;                 // URL that answers 2xx once the server is; empty: base_url + "/models"
  double ready_s = 600;              // how long that may take
};

struct ModelEntry {
  std::string name;         // unique within the suite; what reports show. Untrusted text.
  std::string backend;      // as in the catalog: "openai"
  std::string model;        // the server's name; equal to `name` when not given
  std::string base_url;     // empty: the backend's own default
  std::vector<std::string> replicas;  // further base URLs of the same model: `base_url` written as a list
  std::string provider;     // who is paid, for prices; empty: found out from the base URL
  std::string api_key_env;  // NAME of the environment variable, never the key; empty: the backend's default
  Json options = Json::object();        // the backend's own options
  Sampling sampling;                    // over the suite's
  bool seed = false;                    // send a seed derived from (suite seed, sample, epoch, draw)
  std::vector<std::string> think_tags;  // names of further tags around traces
  std::optional<bool> opens_think;      // the prompt template ends in an opening think tag
  Price price;
  // What the machine that the model runs on costs, in millionths of a dollar an hour (harness/run/machine_meter.h).
  std::optional<std::int64_t> machine_usd_per_hour;
  std::optional<std::uint32_t> max_connections;  // requests in flight, instead of the run's
  double timeout_s = 600;                        // of one request, connect to last byte
  std::optional<double> rpm;                     // requests per minute
  std::optional<double> tpm;                     // tokens per minute, input and output
  std::optional<ServeSpec> serve;                // a server of ours that answers at base_url
  bool recommended = false;  // sample as the model's makers recommend, where the suite says nothing
};

enum class StrategyKind : std::uint8_t { single = 1, self_consistency = 2, continue_truncated = 3 };

struct StrategySpec {
  StrategyKind kind = StrategyKind::single;
  std::uint32_t k = 5;              // self_consistency: answers
  std::int64_t max_tokens = 32768;  // continue_truncated: the limit is doubled up to this
  std::uint32_t rounds = 3;         // continue_truncated: calls after the first
  bool operator==(const StrategySpec&) const = default;
};

// What is set overrides the task's own prompt and the entry's sampling.
struct Variant {
  std::string name;  // unique within the suite; "" for the plain prompt
  PromptOverride prompt;
  Sampling sampling;
};

struct SuiteLimits {
  std::optional<double> error_rate;    // share of attempts that may end in error before the exit code is 4
  std::optional<std::uint32_t> tries;  // of one call
  std::optional<double> attempt_s;     // deadline of one attempt, from its first request
};

struct Suite {
  std::string name;
  std::uint64_t seed = 0;
  std::uint32_t epochs = 1;
  std::vector<SuiteTask> tasks;
  std::vector<ModelEntry> models;
  Sampling sampling;
  StrategySpec strategy;
  std::vector<Variant> variants;  // never empty after parsing: one of name "" when the file has none
  SuiteLimits limits;
  BudgetLimits budget;  // --max-cost and its kin go before
};

Result<Suite> parse_suite(std::string_view text, const std::string& filename);
Result<Suite> read_suite(const std::string& path);

// "single", "self_consistency", "self_consistency:5" or "continue_truncated:65536", as a command line has it.
Result<StrategySpec> parse_strategy(std::string_view text);

// What a suite made from a command line must fulfil too: names present and unique, at least one task and one
// model, ranges. parse_suite has done it already.
Result<void> check_suite(const Suite&);

// Canonical JSON without secrets, kept in the run's row, and its inverse.
Json to_json(const Suite&);
Json to_json(const ModelEntry&);
Result<Suite> suite_from_json(const Json&);

}  // namespace assay
