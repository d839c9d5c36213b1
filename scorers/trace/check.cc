#include "scorers/trace/check.h"

#include <algorithm>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "scorers/trace/claims/claims.h"
#include "scorers/trace/conclusions.h"
#include "scorers/trace/form.h"
#include "scorers/trace/language.h"
#include "scorers/trace/loops.h"
#include "scorers/trace/markers.h"
#include "scorers/trace/steps.h"
#include "scorers/trace/verify/verifier.h"
#include "scorers/trace/words.h"

namespace assay::trace {
namespace {

constexpr std::size_t kMaxFindings = 256;  // of one trace

class Checker {
 public:
  explicit Checker(const TraceCase& input) : in_(input) {}

  TraceCheck run() {
    set_text();
    form();
    language();
    const Words words = split_words(trace_);
    loops(words);
    markers(words);
    answers(words);
    mistakes();
    std::stable_sort(out_.findings.begin(), out_.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.span.begin < b.span.begin; });
    return std::move(out_);
  }

 private:
  // The text that spans count in, its steps, and the trace within it.
  void set_text() {
    if (in_.steps.empty()) {
      text_ = in_.trace;
    } else {
      for (const std::string& step : in_.steps) {
        steps_.push_back({{joined_.size(), joined_.size() + step.size()}, StepKind::paragraph});
        joined_ += step;
        joined_ += "\n\n";
      }
      text_ = joined_;
    }
    FormOptions options;
    options.opens_think = in_.opens_think;
    options.cut_by_length = in_.cut_by_length;
    options.has_answer = !in_.answer.empty();
    form_ = form_of(text_, options);
    trace_ = text_.substr(form_.trace.begin, form_.trace.end - form_.trace.begin);
    answer_ = in_.answer;
    if (answer_.empty()) answer_ = text_.substr(form_.answer.begin, form_.answer.end - form_.answer.begin);
    if (!in_.steps.empty()) return;
    steps_ = split_steps(trace_);
    for (TextStep& step : steps_) {
      step.span.begin += form_.trace.begin;
      step.span.end += form_.trace.begin;
    }
  }

  void metric(const char* name, std::optional<double> value) { out_.metrics.push_back({name, value}); }
  void flag(const char* name, std::optional<bool> value) {
    metric(name, value ? std::optional<double>(*value ? 1 : 0) : std::nullopt);
  }
  static std::optional<double> count(std::size_t n) { return static_cast<double>(n); }

  // `span`: of the trace.
  void find(const char* kind, Span span, std::string detail, Severity severity) {
    if (out_.findings.size() >= kMaxFindings) return;
    span.begin += form_.trace.begin;
    span.end += form_.trace.begin;
    const auto step = steps_.empty() ? std::nullopt : std::optional(step_at(steps_, span.begin));
    out_.findings.push_back({kind, step, span, std::move(detail), severity});
  }
  void find_in_text(const char* kind, Span span, std::string detail, Severity severity) {
    const auto step = steps_.empty() ? std::nullopt : std::optional(step_at(steps_, span.begin));
    out_.findings.push_back({kind, step, span, std::move(detail), severity});
  }

  void form() {
    const bool tagged = form_.tagged;
    metric("steps", count(steps_.size()));
    flag("think_closed", tagged ? std::optional(form_.closed) : std::nullopt);
    flag("empty_think", tagged ? std::optional(form_.empty) : std::nullopt);
    metric("think_blocks", tagged ? count(form_.blocks) : std::nullopt);
    flag("nested_think", tagged ? std::optional(form_.nested) : std::nullopt);
    flag("text_before_think", tagged ? std::optional(form_.text_before) : std::nullopt);
    flag("answer_empty", tagged && in_.answer.empty() ? std::optional(form_.answer_empty) : std::nullopt);
    flag("format_strict", tagged ? std::optional(form_.format_strict) : std::nullopt);
    metric("tag_count", tagged ? std::optional(form_.tag_count) : std::nullopt);
    flag("truncated", form_.cut != Cut::none);
    const Span all{0, text_.size()};
    if (form_.cut != Cut::none) {
      find_in_text("truncated", {std::min(form_.cut_at, text_.size()), text_.size()}, name(form_.cut),
                   Severity::warning);
    }
    if (!tagged) return;
    if (form_.empty) find_in_text("empty_think", all, "nothing in the think block", Severity::warning);
    if (form_.nested) find_in_text("nested_think", all, "a think block within another", Severity::warning);
    if (form_.blocks > 1) {
      find_in_text("several_think_blocks", all, format("{} think blocks", form_.blocks), Severity::warning);
    }
    if (form_.text_before) find_in_text("text_before_think", {0, form_.trace.begin}, "", Severity::info);
  }

  void language() {
    const Language l = language_of(trace_, in_.prompt, in_.language);
    metric("language_share", l.raw);
    metric("language_share_noquote", l.noquote);
    flag("language_mixed", l.noquote ? std::optional(*l.noquote < kMixedShare) : std::nullopt);
    metric("script_switches", l.words == 0 ? std::nullopt : count(l.switches));
    if (l.noquote && *l.noquote < kForeignShare) {
      find("mixed_language", l.first_foreign,
           format("{} of {} words are not {}", l.foreign_own, l.words, l.target), Severity::warning);
    }
  }

  void loops(const Words& words) {
    metric("words", count(words.size()));
    const Repetitions repeated = repetitions_of(words);
    metric("repetition_3gram", repeated.of_3);
    metric("repetition_20gram", repeated.of_20);
    const std::optional<Loop>& tail = repeated.tail;
    const std::vector<Loop>& all = repeated.loops;
    metric("tail_loop", tail ? count(tail->period) : std::optional<double>(0));
    metric("loop_start", tail ? count(tail->span.begin + form_.trace.begin) : std::nullopt);
    flag("looped", tail.has_value() || !all.empty());
    const auto say = [](const Loop& l) { return format("{} words, {} times", l.period, l.repeats); };
    if (tail) find("tail_loop", tail->span, say(*tail), Severity::warning);
    for (const Loop& loop : all) {
      if (!tail || loop.span.end < tail->span.begin) find("loop", loop.span, say(loop), Severity::warning);
    }
  }

  void markers(const Words& words) {
    const std::vector<MarkerHit> hits = find_markers(trace_);
    const auto backtracks = static_cast<std::size_t>(std::count_if(
        hits.begin(), hits.end(), [](const MarkerHit& h) { return h.kind == Marker::backtrack; }));
    metric("markers_version", kMarkersVersion);
    metric("backtracks", count(backtracks));
    metric("backtracks_per_1k", words.size() == 0 ? std::nullopt
                                                  : std::optional(1000.0 * static_cast<double>(backtracks) /
                                                                  static_cast<double>(words.size())));
    metric("thought_switches", count(hits.size() - backtracks));
  }

  bool is_mathematical() const {
    return in_.task.empty() || in_.task.find("math") != std::string::npos ||
           in_.task.find("gsm") != std::string::npos || in_.task.find("arithmetic") != std::string::npos ||
           in_.task.find("aime") != std::string::npos;
  }

  void answers(const Words& words) {
    // Of an answer with words around it, what it concludes.
    std::string_view answer = answer_;
    const std::vector<Conclusion> within = find_conclusions(answer);
    for (const Conclusion& c : within) {
      if (c.strong) answer = answer_.substr(c.span.begin, c.span.end - c.span.begin);
    }
    const AnswerFigures f =
        answer_figures(trace_, words, answer, in_.gold, is_mathematical() ? same_mathematics : same_text);
    const auto number = [](const auto& v) {
      return v ? std::optional(static_cast<double>(*v)) : std::nullopt;
    };
    metric("n_solution_rounds", count(f.rounds));
    metric("conclusion_switches", count(f.switches));
    flag("trace_answer_match", f.match);
    flag("had_right_then_lost", f.had_right_then_lost);
    metric("first_right_tokens", number(f.first_right_tokens));
    metric("outcome_efficiency", f.outcome_efficiency);
    metric("overthinking_share", f.overthinking_share);
    metric("underthinking", f.underthinking);
    if (f.match && !*f.match) {
      find("answer_not_of_trace", {trace_.size(), trace_.size()}, "the trace concludes something else",
           Severity::warning);
    }
  }

  void mistakes() {
    const std::vector<Claim> claims = check_claims(trace_);
    std::size_t wrong = 0;
    std::size_t corrected = 0;
    std::optional<std::uint32_t> first;
    const verify::Verifier verifier = verify::verifier_for(in_.task);
    for (const Claim& claim : claims) {
      if (claim.verdict != ClaimVerdict::wrong || claim.refuted) continue;
      claim.self_corrected ? ++corrected : ++wrong;
      if (!claim.self_corrected && !first && !steps_.empty()) {
        first = step_at(steps_, claim.span.begin + form_.trace.begin);
      }
      if (verifier != nullptr) continue;
      if (claim.self_corrected) {
        find("self_corrected", claim.span, claim.detail, Severity::info);
      } else {
        find("false_claim", claim.span, claim.detail, Severity::error);
      }
    }
    metric("arith_claims", count(claims.size()));
    metric("false_claims", count(wrong));
    metric("false_claim_rate",
           claims.empty() ? std::nullopt
                          : std::optional(static_cast<double>(wrong) / static_cast<double>(claims.size())));
    metric("first_false_step", first ? std::optional<double>(*first) : std::nullopt);
    metric("self_corrected", count(corrected));
    if (verifier != nullptr) return by_state(verifier);
    out_.checker = "claims";
    out_.first_mistake = first;
    if (claims.empty()) {
      out_.unparsed = true;
      out_.reason = "no arithmetic that could be checked";
    }
  }

  void by_state(verify::Verifier verifier) {
    out_.checker = "state";
    std::vector<verify::Step> steps;
    for (const TextStep& step : steps_) {
      steps.push_back({text_.substr(step.span.begin, step.span.end - step.span.begin), step.span.begin});
    }
    verify::Input input;
    input.prompt = in_.prompt;
    input.steps = steps;
    input.answer = answer_;
    verify::StateVerdict verdict = verifier(input);
    out_.first_mistake = verdict.first_mistake;
    out_.unparsed = verdict.outcome == verify::Outcome::unparsed;
    out_.reason = std::move(verdict.reason);
    for (Finding& finding : verdict.findings) out_.findings.push_back(std::move(finding));
  }

  const TraceCase& in_;
  std::string joined_;
  std::string_view text_;
  std::string_view trace_;
  std::string_view answer_;
  std::vector<TextStep> steps_;
  Form form_;
  TraceCheck out_;
};

}  // namespace

TraceCheck check(const TraceCase& input) { return Checker(input).run(); }

}  // namespace assay::trace
