#include "harness/run/show.h"

#include <ostream>
#include <string>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/units.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr std::size_t kHeadingWidth = 72;  // where the terminal's is not known
constexpr std::size_t kShortText = 200;    // columns of an extracted answer or a target, unless full

class Page {
 public:
  Page(const AttemptDetail& attempt, std::ostream& out, const ShowOptions& options)
      : attempt_(attempt), out_(out), options_(options) {}

  void write() {
    facts();
    prompt();
    rendered_prompt();
    responses();
    calls();
    scores();
    if (options_.full) metadata();
  }

 private:
  void heading(const std::string& title) {
    const std::size_t width = options_.width == 0 ? kHeadingWidth : options_.width;
    std::string line = "\xE2\x94\x80\xE2\x94\x80 " + title + " ";
    for (std::size_t used = display_width(line); used < width; ++used) line += "\xE2\x94\x80";
    out_ << '\n' << (options_.color ? "\x1b[1m" : "") << line << (options_.color ? "\x1b[0m" : "") << '\n';
  }

  void fact(std::string_view name, const std::string& safe) { out_ << format("{:<9} {}\n", name, safe); }

  std::string brief(std::string_view untrusted) const {
    const std::string safe = printable(untrusted);
    return options_.full ? safe : fit_columns(safe, kShortText);
  }

  void facts() {
    const ItemRow& item = attempt_.item;
    fact("task", printable(item.task));
    fact("sample", format("{}, epoch {}", printable(item.sample_key), item.epoch));
    fact("model", printable(item.model));
    if (!item.variant.empty()) fact("variant", printable(item.variant));
    fact("strategy", printable(attempt_.strategy));
    fact("run", printable(item.run_id));
    fact("outcome", outcome_text(item.outcome, item.value));
    if (!attempt_.error.empty()) fact("error", printable(attempt_.error));
    for (const std::string& target : attempt_.sample.targets) fact("expected", brief(target));
  }

  static std::string outcome_text(Outcome outcome, double value) {
    if (outcome == Outcome::partial) return format("{}, value {:.4f}", name(outcome), value);
    return std::string(name(outcome)) + (is_scored(outcome) ? "" : " (not counted as wrong)");
  }

  void prompt() {
    for (const Message& message : attempt_.sample.messages) {
      heading(format("prompt: {}", name(message.role)));
      show_text(message.content, std::nullopt, out_, options_);
    }
  }

  // Where the backend renders prompts itself: what the model read, special tokens and all.
  void rendered_prompt() {
    const CallRecord* call = scored_call();
    if (call == nullptr || call->response.prompt.empty()) return;
    const std::string& by = call->response.prompt_template;
    heading(by.empty() ? std::string("prompt as rendered") : format("prompt as rendered by template {}", by.substr(0, 12)));
    show_text(call->response.prompt, std::nullopt, out_, options_);
  }

  bool is_chosen(const CallRecord& call) const {
    return call.status != CallStatus::failed && attempt_.chosen_step == call.step &&
           attempt_.chosen_draw == call.draw;
  }

  // The call whose response was scored; else the last one that brought a response.
  const CallRecord* scored_call() const {
    const CallRecord* last = nullptr;
    for (const StoredCall& stored : attempt_.calls) {
      if (stored.call.status == CallStatus::failed || stored.call.kind == CallKind::work) continue;
      last = &stored.call;
      if (is_chosen(stored.call)) return last;
    }
    return last;
  }

  void responses() {
    const CallRecord* scored = scored_call();
    std::size_t others = 0;
    for (const StoredCall& stored : attempt_.calls) {
      if (stored.call.status == CallStatus::failed || &stored.call == scored) continue;
      ++others;
      if (!options_.full) continue;
      response(stored.call, format(" of step {} draw {}", stored.call.step, stored.call.draw), {});
    }
    if (scored == nullptr) {
      heading("answer");
      out_ << "  (no response)\n";
      return;
    }
    std::optional<Span> mark;
    for (const ScoreRecord& record : attempt_.scores) {
      if (record.primary) mark = record.score.span;
    }
    response(*scored, others == 0 ? "" : ", scored", mark);
    if (others > 0 && !options_.full) {
      out_ << format("  [further responses: {}; --full shows them]\n", others);
    }
  }

  void response(const CallRecord& call, const std::string& which, const std::optional<Span>& mark) {
    const Split& split = call.response.split;
    if (!split.trace.empty() || split.trace_kind != TraceKind::none) {
      const char* forced = split.budget_forced ? ", closed by a thinking budget" : "";
      heading(format("trace{} ({}{}, {} bytes)", which, name(split.trace_kind), forced,
                     grouped_text(split.trace.size())));
      if (split.trace.empty()) {
        out_ << "  (its text is not known)\n";
      } else {
        show_text(split.trace, std::nullopt, out_, options_);
      }
    }
    heading(format("answer{} ({})", which, name(split.verdict)));
    if (split.answer.empty()) {
      out_ << "  (empty)\n";
    } else {
      show_text(split.answer, mark, out_, options_);
    }
    if (!call.response.refusal.empty()) {
      heading("refusal");
      show_text(call.response.refusal, std::nullopt, out_, options_);
    }
  }

  static std::string tokens(const std::optional<std::int64_t>& count) {
    return count ? format("{}", *count) : "?";
  }

  // Everything of the prompt, when all that is said of it adds up to a figure.
  static std::optional<std::int64_t> input_tokens(const Usage& u) {
    if (!u.input && !u.cached_input && !u.cache_write) return std::nullopt;
    return u.input.value_or(0) + u.cached_input.value_or(0) + u.cache_write.value_or(0);
  }

  void calls() {
    heading(format("calls ({})", attempt_.calls.size()));
    for (const StoredCall& stored : attempt_.calls) call_line(stored.call);
    if (attempt_.calls.empty()) out_ << "  (none)\n";
  }

  void call_line(const CallRecord& call) {
    out_ << format("  step {} draw {} try {}: {} {}", call.step, call.draw, call.attempt_try, name(call.kind),
                   name(call.status));
    if (call.status == CallStatus::failed) {
      out_ << ", " << printable(call.error_code);
      if (call.http_status != 0) out_ << format(", HTTP {}", call.http_status);
      out_ << ": " << brief(call.error_message);
    } else {
      const Response& r = call.response;
      out_ << ", finish " << name(r.finish);
      if (!r.finish_raw.empty() && r.finish_raw != name(r.finish)) out_ << " (" << brief(r.finish_raw) << ')';
      out_ << format(", tokens {} in / {} out / {} reasoning", tokens(input_tokens(r.usage)),
                     tokens(r.usage.output), tokens(r.usage.reasoning));
    }
    out_ << ", cost " << (call.cost_pico ? usd_text(*call.cost_pico) + " USD" : "unknown");
    if (call.response.timing.total > 0) out_ << ", " << duration_text(call.response.timing.total);
    if (&call == scored_call()) out_ << " (scored)";
    out_ << '\n';
    if (options_.calls || options_.full) exchange(call);
  }

  // One line a fact that is there.
  void exchange(const CallRecord& call) {
    const auto line = [this](std::string_view name, const std::string& untrusted) {
      if (!untrusted.empty()) out_ << format("    {:<9} {}\n", name, brief(untrusted));
    };
    line("asked", call.asked);
    line("endpoint", call.endpoint);
    line("request", call.response.request_id);
    line("served by", call.response.server_model +
                          (call.response.fingerprint.empty() ? "" : " (" + call.response.fingerprint + ")"));
    line("price", call.price_row);
    if (call.response.provider_cost_pico) line("reported", usd_text(*call.response.provider_cost_pico) + " USD by the provider");
    if (call.bound_tokens || call.bound_cost_pico) {
      line("at most", format("{} tokens, {} USD: what it took is not known", tokens(call.bound_tokens),
                             call.bound_cost_pico ? usd_text(*call.bound_cost_pico) : "?"));
    }
    line("batch", call.batch_id);
    line("started", call.started > 0 ? utc_time(call.started) : std::string());
    const std::size_t received = call.status == CallStatus::failed ? call.received.size() : call.response.raw.size();
    if (!call.sent.empty() || received > 0) line("bytes", format("{} sent, {} received (--raw shows them)", call.sent.size(), received));
  }

  void scores() {
    heading("scores");
    for (const ScoreRecord& record : attempt_.scores) {
      const Score& score = record.score;
      out_ << format("  {}@{}{}: {}\n", printable(record.scorer), record.scorer_version,
                     record.primary ? " (decides)" : "", outcome_text(score.outcome, score.value));
      if (!score.extracted.empty()) out_ << "    found  " << brief(score.extracted) << '\n';
      if (!score.rule.empty()) out_ << "    rule   " << brief(score.rule) << '\n';
      if (!score.explanation.empty()) out_ << "    why    " << brief(score.explanation) << '\n';
    }
    if (attempt_.scores.empty()) out_ << "  (none)\n";
  }

  void metadata() {
    const Json& metadata = attempt_.sample.metadata;
    if (metadata.empty()) return;
    heading("metadata");
    show_text(dump_json_pretty(metadata), std::nullopt, out_, options_);
  }

  const AttemptDetail& attempt_;
  std::ostream& out_;
  const ShowOptions options_;
};

}  // namespace

void show_attempt(const AttemptDetail& attempt, std::ostream& out, const ShowOptions& options) {
  Page(attempt, out, options).write();
}

void show_raw(const AttemptDetail& attempt, std::ostream& out) {
  for (const StoredCall& stored : attempt.calls) {
    const CallRecord& call = stored.call;
    const std::string which = format("== step {} draw {} try {}", call.step, call.draw, call.attempt_try);
    out << which << format(" sent {} bytes to {}\n", call.sent.size(), printable(call.endpoint)) << call.sent << '\n';
    const std::string& received = call.status == CallStatus::failed ? call.received : call.response.raw;
    out << which << format(" received {} bytes\n", received.size()) << received << '\n';
  }
}

}  // namespace assay
