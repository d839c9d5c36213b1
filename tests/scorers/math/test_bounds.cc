// Whatever the bytes: a verdict, soon, and undecided rather than wrong where a limit is met.
#include <ctime>

#include "harness/base/format.h"
#include "scorers/math/grade.h"
#include "scorers/math/parse.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::math;

namespace {

// CPU time of this thread.
double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

std::string repeat(const std::string& s, std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += s;
  return out;
}

}  // namespace

TEST_CASE("hostile predictions are answered at once", "[math]") {
  const std::string digits = repeat("7", 100000);
  const std::vector<std::string> all = {
      repeat("{", 1000000), repeat("\\frac{", 10000), repeat("\\sqrt{", 10000) + "2" + repeat("}", 10000),
      repeat("(", 5000) + "1" + repeat(")", 5000), repeat("-", 4001) + "1", repeat("$", 100000), repeat("\\", 100000),
      "9^9^9^9", "9^{9^{9^{9}}}", "10^{10^{10}}", "1/0", "0^0", "0/0", "NaN", "inf", "\\infty-\\infty", digits,
      "\xED\xA0\x80", "\xE2\x80\xAE" "12", "\xFF\xFE\x00", std::string("\0\0", 2), "10000000!", "(10^9)!", "\\binom{10^9}{5\\cdot 10^8}",
      "\\sum_{k=1}^{1000000} \\frac{1}{k^2}", "\\prod_{k=1}^{399} \\prod_{j=1}^{399} (k+j)", "(x+y+z+w)^{60}", "(1+x)^{100000}",
      "\\sin(10^{10^{10}})", "e^{e^{e^{e^{79}}}}", "\\ln(\\ln(\\ln(10^{10^{10}})))", "\\gcd(10^{1000}, 6)",
      repeat("1,", 3000) + "1", repeat("x+", 3000) + "1", repeat("\\pm 1 ", 500), "\\int_0^1 \\sin(x^{x^x}) dx",
      repeat("|", 300), repeat("|x", 100), "\\begin{pmatrix}" + repeat("1&", 500) + "1\\end{pmatrix}",
      repeat("a", 8000), repeat("\\boxed{", 3000), repeat("\\text{", 2000), "2^{2^{2^{2^{2^2}}}}", "\\sqrt[100000]{2}",
      "1e999999999", "9999999999999999999", "1/99999999999999999999", "999,999,999,999,999,999,999", "1e-999999999", repeat("[", 100) + "1" + repeat("]", 100), "x_" + repeat("{x_", 500), "0.(" + repeat("3", 5000) + ")"};
  for (const std::string& pred : all) {
    for (const char* gold : {"1", "x^2+1", "(1,2)", "\\sqrt{2}", "\\{1,2,3\\}"}) {
      INFO(gold << " | " << pred.substr(0, 60));
      for (const auto kind : {PredictionKind::by_looks, PredictionKind::response, PredictionKind::answer}) {
        const double begin = cpu_seconds();
        const Verdict v = grade(gold, pred, {}, kind);
        const double took = cpu_seconds() - begin;
        CHECK(v.equal != Equal::yes);
        CHECK(v.reason.find('\n') == std::string::npos);
        // Twenty times what any of them takes, for builds with sanitizers; bench/math.cc measures.
        CHECK(took < 1.0);
      }
    }
    grade(pred, pred, {}, PredictionKind::answer);
  }
}

TEST_CASE("a prediction over a limit is undecided, and at fault", "[math]") {
  for (const char* pred : {"9^{9^{9^{9}}}", "10000000!!"}) {
    const Verdict v = grade("\\sqrt{2}", pred, {}, PredictionKind::answer);
    INFO(pred << " " << v.reason);
    CHECK(v.equal != Equal::yes);
  }
  const Verdict v = grade("1", "9^{9^{9^{9}}}", {}, PredictionKind::answer);
  CHECK(v.equal == Equal::undecided);
  CHECK(v.prediction_at_fault);
  CHECK(grade("1", "1/0", {}, PredictionKind::answer).equal == Equal::undecided);
  CHECK(grade("1", "1/0", {}, PredictionKind::answer).prediction_at_fault);
  CHECK(grade("1", "0^0", {}, PredictionKind::answer).equal == Equal::undecided);
  // An expected answer that cannot be evaluated is nobody's wrong answer.
  CHECK(grade("9^{9^{9^{9}}}", "2", {}, PredictionKind::answer).equal == Equal::undecided);
  CHECK_FALSE(grade("9^{9^{9^{9}}}", "2", {}, PredictionKind::answer).prediction_at_fault);
  // The same text is equal before anything is evaluated.
  CHECK(grade("9^{9^{9^{9}}}", "9^{9^{9^{9}}}", {}).equal == Equal::yes);
}

TEST_CASE("relative accuracy, never absolute", "[math]") {
  const auto equal = [](const char* a, const char* b) { return grade(a, b, {}, PredictionKind::answer).equal; };
  CHECK(equal("\\frac{1}{2004!}", "\\frac{1}{2006!}") == Equal::no);
  CHECK(equal("\\frac{1}{2^{99}}", "\\frac{1}{2^{98}}") == Equal::no);
  CHECK(equal("1-10^{-20}", "1") == Equal::no);
  CHECK(equal("\\pi^{1000}", "\\pi^{1000}+1") == Equal::no);
  CHECK(equal("\\sqrt{2}+10^{-60}", "\\sqrt{2}") == Equal::no);
  CHECK(equal("99999999999", "100000000000") == Equal::no);
}
