#include "harness/run/scoring.h"

#include <algorithm>
#include <cmath>

#include "harness/base/utf8.h"

namespace assay {
namespace {

bool declined(const Response& r) { return !r.refusal.empty() || r.finish == FinishReason::content_filter; }

bool cut(const Response& r) {
  return r.finish == FinishReason::length || r.finish == FinishReason::deadline ||
         r.finish == FinishReason::cancelled || r.split.verdict == SplitVerdict::truncated_in_trace ||
         r.split.verdict == SplitVerdict::truncated_in_answer;
}

std::string because(const Response& r) {
  if (r.finish == FinishReason::deadline) return "cut by the deadline";
  if (r.split.verdict == SplitVerdict::truncated_in_trace) return "cut within its trace";
  return "cut by the token limit";
}

}  // namespace

Score adjusted(Score score, const Response& response) {
  if (score.outcome == Outcome::incorrect || score.outcome == Outcome::no_answer) {
    std::string reason;
    if (declined(response)) {
      score.outcome = Outcome::refused;
      reason = response.refusal.empty() ? "stopped by a content filter" : "the model declined";
    } else if (cut(response)) {
      score.outcome = Outcome::truncated;
      reason = because(response);
    }
    if (!reason.empty())
      score.explanation = score.explanation.empty() ? reason : reason + "; " + score.explanation;
  }
  if (score.outcome == Outcome::correct)
    score.value = 1;
  else if (score.outcome != Outcome::partial || !std::isfinite(score.value))
    score.value = 0;
  score.value = std::clamp(score.value, 0.0, 1.0);
  if (score.extracted.size() > kMaxExtracted) {
    score.extracted = std::string(truncate_utf8(score.extracted, kMaxExtracted));
  }
  const std::size_t size = response.split.answer.size();
  if (score.span && (score.span->begin > score.span->end || score.span->end > size)) score.span.reset();
  return score;
}

Score unscored(std::string reason) {
  Score out;
  out.outcome = Outcome::unscored;
  out.explanation = std::move(reason);
  return out;
}

}  // namespace assay
