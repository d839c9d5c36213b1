// Every scorer over any answer, target and options text: it never crashes, keeps to the bounds of a Score,
// and its
// same_answer is reflexive.
//
// Input: one byte for the scorer, then target, answer and a piece of the question, separated by NUL bytes.
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/api/catalog.h"
#include "harness/base/check.h"

namespace assay {
namespace {

// Of each scorer one with its defaults and one with everything on.
std::vector<std::unique_ptr<Scorer>> make_all() {
  std::vector<std::unique_ptr<Scorer>> all;
  const auto add = [&](std::string_view id, const Json& options) {
    for (const ScorerEntry& entry : scorer_catalog()) {
      if (entry.id != id) continue;
      auto made = entry.make(options);
      CHECK_THAT_HOLDS(made.ok(), "the options are right");
      all.push_back(std::move(*made));
    }
  };
  for (const ScorerEntry& entry : scorer_catalog()) {
    add(entry.id, entry.id == "regex" ? Json{{"pattern", "(?P<answer>[\\w.]+)"}} : Json::object());
  }
  add("numeric", {{"last_number", true}, {"percent_divides", true}});
  add("exact", {{"ignore_case", true}, {"space", "ignore"}, {"strip_punctuation", true}});
  add("countdown", {{"use_all", true}});
  add("regex",
      {{"pattern", "answer:(.*)$"}, {"compare", "number"}, {"ignore_case", true}, {"which", "first"}});
  return all;
}

std::string_view piece(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\0'), rest.size());
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return out;
}

void check(const Scorer& scorer, const Sample& sample, const Response& response, const Score& s) {
  CHECK_THAT_HOLDS(s.value >= 0 && s.value <= 1, "a value is in [0, 1]");
  CHECK_THAT_HOLDS(s.extracted.size() <= kMaxExtracted, "what was extracted is bounded");
  CHECK_THAT_HOLDS(s.explanation.find('\n') == std::string::npos, "an explanation is one line");
  CHECK_THAT_HOLDS(s.answer_class.size() <= 512, "a class is bounded");
  if (s.span) {
    const std::size_t size = response.split.answer.size();
    CHECK_THAT_HOLDS(s.span->begin <= s.span->end && s.span->end <= size, "a span lies in the answer");
  }
  if (s.outcome == Outcome::correct || s.outcome == Outcome::incorrect) {
    CHECK_THAT_HOLDS(scorer.same_answer(sample, s, s), "an answer is the same as itself");
  }
}

void run(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::unique_ptr<Scorer>> scorers = make_all();
  if (size < 1) return;
  const Scorer& scorer = *scorers[data[0] % scorers.size()];
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  Sample sample;
  sample.targets = {std::string(piece(rest))};
  Response response;
  response.split.answer = std::string(piece(rest));
  response.split.verdict = static_cast<SplitVerdict>(1 + (data[0] / scorers.size()) % 6);
  sample.question = std::string(rest);
  sample.metadata = {{"numbers", {3, 6, 7, 8}}, {"target", 24}};
  auto verdict = scorer.score(sample, response, {});
  if (std::holds_alternative<std::vector<Work>>(verdict)) {
    const std::vector<WorkResult> results = {
        Json{{"verdict", sample.targets[0]}, {"message", sample.question}}};
    verdict = scorer.score(sample, response, results);
  }
  const Score* s = std::get_if<Score>(&verdict);
  CHECK_THAT_HOLDS(s != nullptr, "with its results a scorer decides");
  check(scorer, sample, response, *s);
}

}  // namespace
}  // namespace assay

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  assay::run(data, size);
  return 0;
}
