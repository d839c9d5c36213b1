// How a run that has come to rest is judged.
#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/run/batch/open_batches.h"
#include "harness/run/engine.h"

namespace assay {
namespace {

constexpr int kIncomplete = 4;  // docs/design.md section 5
constexpr int kInterrupted = 130;

using Outcomes = std::array<std::uint64_t, kOutcomeCount + 1>;

std::uint64_t count(const Outcomes& outcomes, Outcome o) { return outcomes[static_cast<std::size_t>(o)]; }

std::uint64_t total(const Outcomes& outcomes) {
  std::uint64_t sum = 0;
  for (const std::uint64_t n : outcomes) sum += n;
  return sum;
}

// Wider than one point: more than one in a hundred planned attempts has no verdict.
bool wide_bounds(std::uint64_t planned, std::uint64_t missing) { return missing * 100 > planned; }

std::string entry_name(const Entry& entry) {
  std::string out = printable(entry.record.model.name) + ", " + printable(entry.record.task);
  if (!entry.record.variant.empty()) out += ", " + printable(entry.record.variant);
  return out;
}

// One line for an entry whose bounds are too wide, else empty.
std::string incomplete_note(Session& session, const Entry& entry) {
  const Outcomes o = session.outcomes(entry);
  const std::uint64_t errors = count(o, Outcome::error);
  const std::uint64_t unscored = count(o, Outcome::unscored);
  const std::uint64_t missing = entry.attempts() - total(o) + errors + unscored;
  if (!wide_bounds(entry.attempts(), missing)) return {};
  return format("{}: {} of {} attempts have no verdict ({} errors, {} unscored, {} not made)",
                entry_name(entry), missing, entry.attempts(), errors, unscored, entry.attempts() - total(o));
}

}  // namespace

RunOutcome summed_up(const Suite& suite, Session& session, bool interrupted) {
  RunOutcome out;
  const Counters& c = session.counters();
  out.run_id = session.run_id;
  out.planned = session.planned();
  out.outcomes = session.outcomes();
  out.finished = total(out.outcomes);
  out.interrupted = interrupted;
  out.calls = c.calls;
  out.cached = c.cached;
  out.reused = c.reused;
  out.retries = c.retries;
  out.throttled = c.throttled;
  out.cost_pico = {c.cost_sum, c.cost_known};
  const std::uint64_t errors = count(out.outcomes, Outcome::error);
  const bool whole = out.finished == out.planned;
  std::vector<std::string> stopped = session.given_up();
  if (const std::string braked = session.braked(); !braked.empty()) stopped.push_back(braked);
  if (!whole && !stopped.empty())
    out.state = "partial";
  else if (!whole)
    out.state = "interrupted";
  else
    out.state = errors > 0 ? "partial" : "complete";
  if (interrupted && !whole) {
    out.exit_code = kInterrupted;
    if (const std::string left = left_with_providers(session); !left.empty())
      out.notes.push_back(left + "; the resume collects them");
    out.notes.push_back(format("interrupted: {} of {} attempts are done; go on with: assay run --resume {}",
                               out.finished, out.planned, out.run_id));
    return out;
  }
  for (const auto& entry : session.work.entries) {
    if (std::string note = incomplete_note(session, *entry); !note.empty())
      out.notes.push_back(std::move(note));
  }
  for (const std::string& why : stopped) out.notes.push_back(why);
  bool incomplete = !out.notes.empty();
  const double limit = suite.limits.error_rate.value_or(session.options().max_error_rate);
  if (static_cast<double>(errors) > limit * static_cast<double>(out.planned)) {
    incomplete = true;
    out.notes.push_back(format("{} of {} attempts ended in an error, more than the limit of {:g} %", errors,
                               out.planned, limit * 100));
  }
  if (const std::string error = session.commonest_error(); !error.empty())
    out.notes.push_back("the commonest error: " + error);
  if (!stopped.empty()) {
    out.notes.push_back(format("{} of {} attempts are done; go on with: assay run --resume {}", out.finished,
                               out.planned, out.run_id));
  } else if (errors > 0) {
    out.notes.push_back(
        format("attempts that ended in an error are tried again by: assay run --resume {}", out.run_id));
  }
  for (const auto& model : session.work.models) {
    const CostComparison& c = model->compared;
    if (std::string note = cost_difference(model->entry.name, c.ours, c.theirs, c.calls); !note.empty())
      out.notes.push_back(std::move(note));
  }
  if (incomplete && !session.options().allow_incomplete) out.exit_code = kIncomplete;
  return out;
}

}  // namespace assay
