// Mathematical grading over any bytes: it ends within its limits of work, never crashes, is symmetric, and keeps an
// answer equal to itself.
//
// Input: one byte for the policy, then gold and prediction, separated by a NUL byte.
#include <algorithm>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "harness/base/check.h"
#include "scorers/math/compare.h"
#include "scorers/math/extract.h"
#include "scorers/math/grade.h"
#include "scorers/math/parse.h"

namespace assay::math {
namespace {

// CPU time of this thread, so that a busy machine finds nothing.
double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

Policy policy_of(std::uint8_t byte) {
  Policy p;
  p.percent = static_cast<PercentPolicy>(byte % 3);
  p.units = static_cast<UnitPolicy>(byte / 3 % 3);
  p.ordered_lists = byte % 5 == 0;
  p.degrees = static_cast<DegreePolicy>(byte / 9 % 2);
  if (byte % 7 == 0) p.precision = byte % 4;
  return p;
}

void one_side(std::string_view text, const Policy& policy) {
  const Found found = extract(text, PredictionKind::response, policy, true);
  CHECK_THAT_HOLDS(found.begin <= found.end && found.end <= text.size(), "the span lies in the response");
  Tree tree;
  const Parsed parsed = parse(text, tree);
  CHECK_THAT_HOLDS(tree.size() <= kMaxNodes, "a tree keeps to its limit");
  if (parsed.root == 0) return;
  Comparer comparer(tree, policy);
  comparer.compare(parsed.root, parsed.root);
  CHECK_THAT_HOLDS(comparer.work() <= kMaxWork + 1, "a comparison keeps to its limit of work");
}

void run(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return;
  const Policy policy = policy_of(data[0]);
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t middle = std::min(rest.find('\0'), rest.size());
  const std::string_view gold = rest.substr(0, middle);
  const std::string_view pred = rest.substr(std::min(middle + 1, rest.size()));
  one_side(gold, policy);
  one_side(pred, policy);
  const double begin = cpu_seconds();
  const Verdict v = grade(gold, pred, policy);
  const double took = cpu_seconds() - begin;
  // 50 ms is the promise without sanitizers; with them everything is some twenty times slower.
  CHECK_THAT_HOLDS(took < 1.0, "a verdict comes soon");
  CHECK_THAT_HOLDS(v.begin <= v.end && v.end <= pred.size(), "the span lies in the prediction");
  CHECK_THAT_HOLDS(v.extracted.size() <= kMaxAnswerBytes, "what was extracted is bounded");
  const Equal there = grade(gold, pred, policy, PredictionKind::answer).equal;
  const Equal back = grade(pred, gold, policy, PredictionKind::answer).equal;
  // Sides that are looked at as responses need not be symmetric; plain answers are.
  constexpr std::string_view kMarks = "\n$\\\"'*`";
  const bool plain =
      gold.find_first_of(kMarks) == std::string_view::npos && pred.find_first_of(kMarks) == std::string_view::npos;
  if (plain && !is_prose(gold) && !is_prose(pred)) {
    CHECK_THAT_HOLDS((there == Equal::yes) == (back == Equal::yes), "equality is symmetric");
  }
}

}  // namespace
}  // namespace assay::math

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  assay::math::run(data, size);
  return 0;
}
