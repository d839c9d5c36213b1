// Rows that the store hands to reports. Plain values; counts are exact, unknown is nullopt.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "harness/api/outcome.h"

namespace assay {

// Sums over calls. `known` says for how many calls the figure was known; a sum over fewer than
// all calls is a lower bound and is shown as such.
struct KnownSum {
  std::int64_t sum = 0;
  std::uint64_t known = 0;
};

struct RunInfo {
  std::string run_id;         // ULID
  std::string suite;
  std::uint64_t seed = 0;
  std::int64_t started = 0;   // unix microseconds
  std::optional<std::int64_t> finished;  // nullopt: still running, interrupted or killed
  std::string state;          // "running", "complete", "partial", "interrupted"
  std::string program;        // "assay 0.1.0"
  std::string host;
  std::string command;        // as typed, secrets redacted
  std::uint64_t attempts = 0;   // finished
  std::uint64_t planned = 0;
  bool imported = false;      // made by `assay import`; there is nothing to resume
};

// One line of a leaderboard: one entry (run, model, task, variant, strategy) under one scorer.
struct LeaderboardRow {
  std::string run_id;
  std::string model;          // untrusted text: escape where shown
  std::string task;           // "math/gsm8k"
  std::uint32_t task_version = 1;
  std::string variant;        // "" for the suite's plain prompt
  std::string strategy;       // "single"
  std::string scorer;
  std::uint32_t scorer_version = 1;
  bool primary = true;        // the task's first scorer, which decides the outcome

  std::uint64_t planned = 0;  // attempts planned: samples times epochs
  std::uint32_t epochs = 1;
  std::array<std::uint64_t, kOutcomeCount + 1> outcomes{};  // by Outcome's value; [0] unused
  double value_sum = 0;       // over scored attempts: 1 a correct one, the value a partial one

  // Over question means q_i of the scored attempts (statistics: never over epochs as if independent).
  std::uint64_t questions = 0;
  double question_sum = 0;    // sum of q_i
  double question_sum_sq = 0; // sum of q_i^2

  std::uint64_t calls = 0;    // with retries and continuations
  KnownSum input_tokens;      // uncached + cached + written
  KnownSum output_tokens;     // visible + reasoning
  KnownSum reasoning_tokens;
  KnownSum cost_pico;         // pico-dollars
  double call_seconds = 0;    // summed over calls
  double wall_seconds = 0;    // from the entry's first request to its last response
};

// One attempt, for item listings and exports.
struct ItemRow {
  std::string run_id;
  std::string model;
  std::string task;
  std::string variant;
  std::string sample_key;
  std::string identity;       // hex digest of (data row, targets)
  std::uint32_t occurrence = 0;
  std::uint32_t epoch = 0;
  std::string scorer;
  std::uint32_t scorer_version = 1;
  Outcome outcome = Outcome::unscored;
  double value = 0;
  std::string extracted;      // untrusted
  std::string rule;
  std::string explanation;
  std::optional<std::int64_t> output_tokens;
  std::optional<std::int64_t> cost_pico;
};

}  // namespace assay
