#include "harness/run/pace/adaptive_bound.h"

#include <algorithm>

namespace assay {

void AdaptiveBound::next_round() {
  answers_ = 0;
  step_ = std::min(2 * step_, most_);
  full_since_.reset();
}

void AdaptiveBound::answered() {
  if (bound_ >= most_) return;
  const double round = bound_;
  bound_ = std::min(bound_ + step_ / round, most_);
  if (++answers_ >= round) next_round();
}

void AdaptiveBound::overloaded(std::uint64_t generation) {
  if (generation != generation_) return;
  ++generation_;
  bound_ = std::max(1.0, bound_ / 2);
  step_ = 1;
  answers_ = 0;
  full_since_.reset();
}

std::optional<AdaptiveBound::Time> AdaptiveBound::look(std::uint32_t in_flight, Time now) {
  if (bound_ >= most_ || in_flight < whole()) {
    full_since_.reset();
    return std::nullopt;
  }
  if (!full_since_) full_since_ = now;
  const Time due = *full_since_ + seconds(kQuietRoundS);
  if (now < due) return due;
  bound_ = std::min(bound_ + step_, most_);
  next_round();
  return now;
}

}  // namespace assay
