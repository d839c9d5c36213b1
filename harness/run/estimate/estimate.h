// What an entry will probably take, beside the worst case that a plan has (harness/run/run.h).
//
// Where output tokens come from, the first that there is: attempts stored of the same model, task, strategy and token
// limit (at least kFewestStored of them; a pilot's are such); the model table's usual answer; nothing. Input tokens:
// of the same stored attempts, else the prompts' bytes / 4.
// Intervals hold with probability 0.9 where stored attempts are as those to come (harness/stats/forecast.h). The
// table's figure is a guess, and its interval a third to three times of it.
// Threads: one at a time. Errors: as Store's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/stats/forecast.h"

namespace assay {

class Store;
struct Entry;

inline constexpr std::uint64_t kFewestStored = 5;

enum class EstimateSource : std::uint8_t { unknown, stored, table };

struct Estimate {
  EstimateSource source = EstimateSource::unknown;
  std::uint64_t seen = 0;  // attempts it rests on
  bool input_guessed = false;  // from bytes
  std::optional<Forecast> input_tokens;
  std::optional<Forecast> output_tokens;  // reasoning included
  std::optional<Forecast> cost_usd;       // where the price is known
};

// `history` may be null.
Estimate estimate_entry(const Entry& entry, Store* history, std::int64_t now_micros);

std::string source_text(const Estimate&);  // "120 stored attempts"

}  // namespace assay
