#include "harness/api/outcome.h"

namespace assay {
namespace {

template <typename Enum, std::size_t N>
std::optional<Enum> find_name(std::string_view wanted, const Enum (&values)[N]) {
  for (const Enum value : values) {
    if (name(value) == wanted) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(Outcome o) {
  switch (o) {
    case Outcome::correct: return "correct";
    case Outcome::incorrect: return "incorrect";
    case Outcome::partial: return "partial";
    case Outcome::no_answer: return "no_answer";
    case Outcome::truncated: return "truncated";
    case Outcome::refused: return "refused";
    case Outcome::error: return "error";
    case Outcome::unscored: return "unscored";
  }
  return "unknown";
}

std::string_view name(SplitVerdict v) {
  switch (v) {
    case SplitVerdict::no_trace: return "no_trace";
    case SplitVerdict::closed: return "closed";
    case SplitVerdict::orphan_close: return "orphan_close";
    case SplitVerdict::truncated_in_trace: return "truncated_in_trace";
    case SplitVerdict::truncated_in_answer: return "truncated_in_answer";
    case SplitVerdict::empty_answer: return "empty_answer";
  }
  return "unknown";
}

std::string_view name(TraceKind k) {
  switch (k) {
    case TraceKind::none: return "none";
    case TraceKind::raw: return "raw";
    case TraceKind::summary: return "summary";
    case TraceKind::encrypted: return "encrypted";
    case TraceKind::hidden: return "hidden";
  }
  return "unknown";
}

std::string_view name(FinishReason r) {
  switch (r) {
    case FinishReason::unknown: return "unknown";
    case FinishReason::stop: return "stop";
    case FinishReason::length: return "length";
    case FinishReason::content_filter: return "content_filter";
    case FinishReason::tool_call: return "tool_call";
    case FinishReason::deadline: return "deadline";
    case FinishReason::cancelled: return "cancelled";
  }
  return "unknown";
}

std::string_view name(CallKind k) {
  switch (k) {
    case CallKind::answer: return "answer";
    case CallKind::continuation: return "continuation";
    case CallKind::work: return "work";
  }
  return "unknown";
}

std::string_view name(CallStatus s) {
  switch (s) {
    case CallStatus::ok: return "ok";
    case CallStatus::failed: return "failed";
    case CallStatus::cached: return "cached";
  }
  return "unknown";
}

std::optional<Outcome> outcome_from_name(std::string_view text) {
  constexpr Outcome kAll[] = {Outcome::correct, Outcome::incorrect, Outcome::partial, Outcome::no_answer,
                              Outcome::truncated, Outcome::refused, Outcome::error, Outcome::unscored};
  return find_name(text, kAll);
}

std::optional<FinishReason> finish_from_name(std::string_view text) {
  constexpr FinishReason kAll[] = {FinishReason::unknown, FinishReason::stop, FinishReason::length,
                                   FinishReason::content_filter, FinishReason::tool_call,
                                   FinishReason::deadline, FinishReason::cancelled};
  return find_name(text, kAll);
}

std::optional<TraceKind> trace_kind_from_name(std::string_view text) {
  constexpr TraceKind kAll[] = {TraceKind::none, TraceKind::raw, TraceKind::summary, TraceKind::encrypted,
                                TraceKind::hidden};
  return find_name(text, kAll);
}

}  // namespace assay
