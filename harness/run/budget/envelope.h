// An envelope: money that several runs, one after the other or at once, draw on. A YAML file:
//
//   name: ci            # shown, and what reservations are filed under
//   limit_usd: 25.00
//   period: month       # a new limit each month (UTC); day, or none (the default): one limit for ever
//   db: ci-budget.db    # where reservations are kept; default: the file's own name with .db, beside it
//
// A pull request's envelope is a file whose name holds the request's number and whose period is none; a key's is one
// that all suites with that key name.
// Threads: any; plain values and pure functions. Errors: Code::invalid, with file and line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace assay {

enum class Period : std::uint8_t { none, day, month };

struct Envelope {
  std::string name;
  std::int64_t limit_pico = 0;
  Period period = Period::none;
  std::filesystem::path db;
};

Result<Envelope> read_envelope(const std::filesystem::path& file);
// "2026-11", "2026-11-24" or empty.
std::string period_of(Period, std::int64_t unix_micros);

// "12.50" dollars in pico-dollars, exactly. Error: what was expected.
Result<std::int64_t> parse_usd(std::string_view decimal);

}  // namespace assay
