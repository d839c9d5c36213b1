// Every scorer there is. The ids are persisted with each score.
#include "harness/api/catalog.h"
#include "harness/api/trace_checker.h"
#include "scorers/answer/answer_scorers.h"
#include "scorers/math/scorer.h"
#include "scorers/trace/check.h"

namespace assay {
namespace {

const ScorerEntry kScorers[] = {
    {"choice", "the letter of the right option, or its text", answer::make_choice},
    {"countdown", "an expression that reaches the target from the given numbers", answer::make_countdown},
    {"exact", "the same text as a target, by default white space aside", answer::make_exact},
    {"math", "mathematically equal to the target: exact, by type, never by guessing", math::make_math},
    {"numeric", "a number equal to the target, in any of its spellings, exactly", answer::make_numeric},
    {"option_text", "the text of the right option, or its letter", answer::make_option_text},
    {"program", "a program that passes the sample's tests, run in a sandbox", answer::make_program},
    {"pyliteral", "a Python literal of the target's value and type", answer::make_pyliteral},
    {"regex", "what a pattern finds in the answer equals a target", answer::make_regex},
};

}  // namespace

std::span<const ScorerEntry> scorer_catalog() { return kScorers; }

Result<std::unique_ptr<Grader>> make_grader(const Json& options) { return math::make_math_grader(options); }

TraceCheck check_trace(const TraceCase& input) { return trace::check(input); }

}  // namespace assay
