#include "harness/run/order.h"

#include <algorithm>

namespace assay {

std::uint32_t Order::together(const Entry& entry) {
  if (entry.seed) return 1;  // each epoch's request has a seed of its own
  return std::clamp(entry.model->info.max_choices, 1U, std::max(1U, entry.record.epochs));
}

Order::Order(std::vector<Entry*> entries, const Lengths& lengths) : entries_(std::move(entries)) {
  for (std::uint32_t e = 0; e < entries_.size(); ++e) {
    const EntryRecord& record = entries_[e]->record;
    const std::uint32_t width = together(*entries_[e]);
    rounds_ = std::max(rounds_, (record.epochs + width - 1) / width);
    for (std::uint64_t s = 0; s < record.samples; ++s) places_.push_back({e, static_cast<std::uint32_t>(s)});
  }
  if (lengths.empty()) return;
  std::stable_sort(places_.begin(), places_.end(), [&](const Place& a, const Place& b) {
    return lengths[a.entry][a.sample] > lengths[b.entry][b.sample];
  });
}

bool Order::gather(const Place& place) {
  Entry& entry = *entries_[place.entry];
  const std::uint32_t width = together(entry);
  const std::uint64_t first = std::uint64_t{round_} * width;
  const std::uint64_t end = std::min<std::uint64_t>(first + width, entry.record.epochs);
  for (std::uint64_t epoch = first; epoch < end; ++epoch) {
    const std::uint64_t index = epoch * entry.record.samples + place.sample;
    if (entry.finished.empty() || !entry.finished[index]) next_.attempts.push_back(index);
  }
  next_.entry = &entry;
  return !next_.attempts.empty();
}

const Turn* Order::next() {
  if (!next_.attempts.empty()) return &next_;
  for (; round_ < rounds_; ++round_, at_ = 0) {
    while (at_ < places_.size()) {
      if (gather(places_[at_++])) return &next_;
    }
  }
  return nullptr;
}

}  // namespace assay
