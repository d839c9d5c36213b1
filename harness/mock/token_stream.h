// The order in which the tokens of a planned answer are streamed: what every dialect's event writer walks along.
// Choices take turns, an event each; a choice starts, thinks, answers and finishes.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "harness/mock/planned.h"

namespace assay::mock {

struct Step {
  enum class Kind : std::uint8_t { start, reasoning, content, finish, error, usage, done, end };
  Kind kind = Kind::end;
  std::size_t choice = 0;
  std::int64_t from = 0;  // tokens of the reasoning or content
  std::int64_t to = 0;
  bool last = false;  // of the reasoning or content
  double wait_s = 0;  // before it is sent
};

class TokenStream {
 public:
  explicit TokenStream(Planned plan) : plan_(std::move(plan)), at_(plan_.choices.size()) {}

  const Planned& plan() const { return plan_; }
  Step next();

 private:
  enum class Phase : std::uint8_t { start, reasoning, content, finish, over };
  struct Place {
    Phase phase = Phase::start;
    std::int64_t token = 0;
  };
  Step advance(std::size_t choice);
  Step some(std::size_t choice, Step::Kind kind, const Text& text, Phase then);

  Planned plan_;
  std::vector<Place> at_;
  std::size_t turn_ = 0;
  std::size_t over_ = 0;   // choices
  int tail_ = 0;           // usage, done, end
  std::int64_t sent_ = 0;  // pieces of text
  bool failed_ = false;
};

}  // namespace assay::mock
