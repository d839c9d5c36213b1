// Scorer: gives a verdict on one response.
//
// Order: score() with no work results; when it returns Work, the engine does that off the scoring
//   threads, records it with its cost, and calls score() again with the results, in the order asked.
// Threads: const after construction and called concurrently. Pure: the same arguments give the
//   same score on every platform. No clock, no randomness, no file, no network.
// Bounds: linear (or n log n) in the response's length, bounded memory, no recursion on input.
//   Patterns over model output go through harness/base/regex.h only.
// Errors: there are none. What cannot be decided is Outcome::unscored with a reason; a response
//   without an answer is Outcome::no_answer. The engine itself turns incorrect and no_answer into
//   `truncated` where the response was cut, and into `refused` where it was declined.
// Comparability: when one stored response could now score differently, the version rises.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "harness/api/program_runner.h"
#include "harness/api/request.h"
#include "harness/api/response.h"
#include "harness/api/sample.h"

namespace assay {

struct Score {
  Outcome outcome = Outcome::unscored;
  double value = 0;             // in [0, 1]; 1 when correct
  std::string extracted;        // the answer as found, cut to kMaxExtracted bytes
  std::optional<Span> span;     // where it stands in Response::split.answer
  std::string rule;             // which rule found it: "boxed", "answer_is", "last_number"
  std::string explanation;      // one line, why this outcome
  std::string answer_class;     // equal for answers that count as the same; empty when there is none
};
inline constexpr std::size_t kMaxExtracted = 4096;

struct ModelCall {              // a second model's opinion
  std::string model;            // a model entry's name
  std::vector<Message> messages;
  Sampling sampling;
};
struct ExecCall {               // a child process that speaks JSON lines
  std::vector<std::string> command;
  Json input;
};
using Work = std::variant<ModelCall, ProgramRun, ExecCall>;
using WorkResult = Result<Json>;

struct ScorerInfo {
  std::string id;               // "numeric"
  std::uint32_t version = 1;
  std::string summary;
};

class Scorer {
 public:
  virtual ~Scorer() = default;
  virtual const ScorerInfo& describe() const = 0;
  virtual std::variant<Score, std::vector<Work>> score(const Sample&, const Response&,
                                                       std::span<const WorkResult>) const = 0;
  // Do two answers count as the same? Used for votes, maj@k and cons@k; an equivalence. Both come
  // from score() on responses to the same sample. Must not look at the sample's targets.
  virtual bool same_answer(const Sample&, const Score& a, const Score& b) const {
    return !a.answer_class.empty() && a.answer_class == b.answer_class;
  }
};

}  // namespace assay
