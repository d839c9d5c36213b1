// Order: in which order a model's attempts begin. Every question once before any twice; among these the longest
// expected answer first, so that no long one is left to run alone at the end (Graham, "Bounds on Multiprocessing
// Timing Anomalies", 1969: at most 4/3 of the shortest possible time, 2 without).
//
// Where one request may bring several choices, as many epochs of a sample begin together.
// What comes out of a run does not depend on it. Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "harness/run/workload.h"

namespace assay {

// Some epochs of one sample that begin together.
struct Turn {
  Entry* entry = nullptr;
  std::vector<std::uint64_t> attempts;  // indexes of those that are not finished; never empty
};

class Order {
 public:
  // Expected tokens of an answer, by the entry's place in `entries` and the sample; empty: as the samples stand.
  using Lengths = std::vector<std::vector<float>>;

  Order(std::vector<Entry*> entries, const Lengths& lengths);

  // The next turn, or nullptr when there is none left. Valid until take().
  const Turn* next();
  void take() { next_.attempts.clear(); }

  // How many epochs of one sample of this entry go together.
  static std::uint32_t together(const Entry& entry);

 private:
  struct Place {
    std::uint32_t entry;
    std::uint32_t sample;
  };
  bool gather(const Place& place);

  std::vector<Entry*> entries_;
  std::vector<Place> places_;
  std::size_t at_ = 0;       // in places_
  std::uint32_t round_ = 0;  // which block of epochs
  std::uint32_t rounds_ = 0;
  Turn next_;
};

}  // namespace assay
