// What the routes of one server share.
//
// Threads: one, the server's. Ownership: routes borrow it for the length of a call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "harness/mock/batches.h"
#include "harness/mock/ledger.h"
#include "harness/mock/options.h"
#include "harness/mock/rate_limit.h"
#include "harness/mock/replay.h"

namespace assay::mock {

// How often a key came before. Memory is bounded: a key that was not seen among the last 500,000 others counts anew.
class Occurrences {
 public:
  std::uint32_t next(std::uint64_t key) {
    auto [it, fresh] = now_.try_emplace(key, 0);
    if (fresh) {
      if (const auto old = before_.find(key); old != before_.end()) it->second = old->second;
      if (now_.size() > kMost) before_ = std::exchange(now_, {{key, it->second}});
    }
    return now_[key]++;
  }

 private:
  static constexpr std::size_t kMost = 500'000;
  std::unordered_map<std::uint64_t, std::uint32_t> now_;
  std::unordered_map<std::uint64_t, std::uint32_t> before_;
};

struct Context {
  explicit Context(MockOptions o) : options(std::move(o)), limit(options, std::chrono::steady_clock::now()) {}

  const MockOptions options;
  Ledger ledger;
  RateLimit limit;
  Occurrences bodies;
  Occurrences prompts;            // of --replay
  std::optional<Replay> replay;
  Batches batches;
  std::uint64_t unnamed = 0;      // requests that took a row of --replay which names no prompt
  std::uint64_t connections = 0;  // open now
};

}  // namespace assay::mock
