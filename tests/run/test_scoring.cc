#include "harness/run/scoring.h"

#include "tests/support/catch.h"

using namespace assay;

TEST_CASE("a response that was cut or declined changes a wrong verdict and no other") {
  struct Row {
    Outcome given;
    FinishReason finish;
    SplitVerdict verdict;
    const char* refusal;
    Outcome kept;
  };
  using F = FinishReason;
  using V = SplitVerdict;
  using O = Outcome;
  const Row rows[] = {
      {O::incorrect, F::stop, V::closed, "", O::incorrect},
      {O::no_answer, F::stop, V::empty_answer, "", O::no_answer},
      {O::incorrect, F::length, V::closed, "", O::truncated},
      {O::no_answer, F::deadline, V::no_trace, "", O::truncated},
      {O::no_answer, F::unknown, V::truncated_in_trace, "", O::truncated},
      {O::incorrect, F::unknown, V::truncated_in_answer, "", O::truncated},
      {O::correct, F::length, V::truncated_in_answer, "", O::correct},
      {O::partial, F::length, V::truncated_in_answer, "", O::partial},
      {O::unscored, F::length, V::truncated_in_answer, "", O::unscored},
      {O::incorrect, F::content_filter, V::closed, "", O::refused},
      {O::no_answer, F::length, V::no_trace, "no", O::refused},
      {O::correct, F::stop, V::closed, "no", O::correct},
      {O::incorrect, F::tool_call, V::no_trace, "", O::incorrect},
  };
  for (const Row& row : rows) {
    Score s;
    s.outcome = row.given;
    s.value = 0.5;
    s.explanation = "why";
    Response r;
    r.finish = row.finish;
    r.split.verdict = row.verdict;
    r.refusal = row.refusal;
    const Score kept = adjusted(s, r);
    CHECK(kept.outcome == row.kept);
    CHECK(kept.value == (row.kept == O::correct ? 1 : row.kept == O::partial ? 0.5 : 0));
    CHECK(kept.explanation.find("why") != std::string::npos);
    CHECK((kept.explanation == "why") == (row.given == row.kept));
  }
}

TEST_CASE("a kept score is sound whatever the scorer said") {
  Score s;
  s.outcome = Outcome::partial;
  s.value = 7;
  s.extracted = std::string(kMaxExtracted - 1, 'a') + "\u00e9\u00e9";
  s.span = Span{3, 900};
  Response r;
  r.split.answer = "short";
  Score kept = adjusted(s, r);
  CHECK(kept.value == 1);
  CHECK(kept.extracted.size() == kMaxExtracted - 1);  // no half of a character
  CHECK_FALSE(kept.span);
  s.value = std::nan("");
  s.span = Span{1, 5};
  kept = adjusted(s, r);
  CHECK(kept.value == 0);
  CHECK(kept.span == Span{1, 5});
}
