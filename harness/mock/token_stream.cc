#include "harness/mock/token_stream.h"

#include <algorithm>

namespace assay::mock {

Step TokenStream::some(std::size_t choice, Step::Kind kind, const Text& text, Phase then) {
  Place& place = at_[choice];
  Step step;
  step.kind = kind;
  step.choice = choice;
  step.from = place.token;
  step.to = std::min(text.tokens(), place.token + plan_.event_tokens);
  step.last = step.to == text.tokens();
  // Choices are made at the same time, so that only the first one's tokens take time.
  if (choice == 0 || at_[0].phase == Phase::over) {
    step.wait_s = static_cast<double>(step.to - step.from) * plan_.seconds_per_token;
  }
  place.token = step.to;
  if (step.last) place = {then, 0};
  ++sent_;
  return step;
}

Step TokenStream::advance(std::size_t choice) {
  const Choice& c = plan_.choices[choice];
  Place& place = at_[choice];
  if (place.phase == Phase::start) {
    place.phase = c.reasoning.tokens() > 0 ? Phase::reasoning : Phase::content;
    Step step;
    step.kind = Step::Kind::start;
    step.choice = choice;
    return step;
  }
  if (place.phase == Phase::reasoning) return some(choice, Step::Kind::reasoning, c.reasoning, Phase::content);
  if (place.phase == Phase::content && c.content.tokens() > 0) {
    return some(choice, Step::Kind::content, c.content, Phase::finish);
  }
  place.phase = Phase::over;
  ++over_;
  Step step;
  step.kind = Step::Kind::finish;
  step.choice = choice;
  return step;
}

Step TokenStream::next() {
  Step step;
  if (failed_) return step;
  const bool fail_now = plan_.fails && (sent_ >= 2 || over_ == plan_.choices.size());
  if (fail_now) {
    failed_ = true;
    step.kind = Step::Kind::error;
    return step;
  }
  if (over_ < plan_.choices.size()) {
    while (at_[turn_ % at_.size()].phase == Phase::over) ++turn_;
    return advance(turn_++ % at_.size());
  }
  if (tail_ == 0 && ++tail_ != 0 && plan_.usage && plan_.stream_usage) {
    step.kind = Step::Kind::usage;
    return step;
  }
  if (tail_ == 1 && ++tail_ != 0 && plan_.done_event) step.kind = Step::Kind::done;
  return step;
}

}  // namespace assay::mock
