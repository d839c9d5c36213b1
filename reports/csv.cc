#include <cmath>
#include <ostream>

#include "harness/base/format.h"
#include "harness/base/units.h"
#include "harness/base/utf8.h"
#include "reports/formats.h"
#include "reports/results_view.h"

namespace assay {
namespace {

// Control characters and invalid bytes written out, so that neither a terminal nor a parser trips;
// tabs and line feeds stay, since a quoted field may hold them.
std::string readable(std::string_view text) {
  std::string out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != '\n' && text[i] != '\t') continue;
    out += printable(text.substr(begin, i - begin));
    if (i < text.size()) out += text[i];
    begin = i + 1;
  }
  return out;
}

// Would a spreadsheet take this for a formula? The full-width forms count for some of them.
bool looks_like_formula(std::string_view text) {
  static constexpr std::string_view kStarts[] = {"=",  "+",  "-", "@", "\t", "\n", "\xEF\xBC\x9D",
                                                 "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
  for (const std::string_view start : kStarts) {
    if (text.substr(0, start.size()) == start) return true;
  }
  return false;
}

// Writes one record of RFC 4180. Numbers and words of ours go through field(), untrusted text
// through said().
class Record {
 public:
  explicit Record(std::ostream& out) : out_(out) {}
  ~Record() { out_ << "\r\n"; }
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  Record& field(std::string_view text) {
    if (!first_) out_ << ',';
    first_ = false;
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
      out_ << text;
      return *this;
    }
    out_ << '"';
    for (const char c : text) {
      if (c == '"') out_ << '"';
      out_ << c;
    }
    out_ << '"';
    return *this;
  }
  Record& field(std::uint64_t value) { return field(format("{}", value)); }
  Record& field(bool value) { return field(std::string_view(value ? "true" : "false")); }
  Record& field(double value) { return field(std::isfinite(value) ? format("{}", value) : std::string()); }
  Record& field(const std::optional<double>& value) {
    return value ? field(*value) : field(std::string_view());
  }

  Record& said(std::string_view untrusted) {
    const std::string text = readable(untrusted);
    return field(looks_like_formula(text) ? "'" + text : text);
  }

 private:
  std::ostream& out_;
  bool first_ = true;
};

void tokens(Record& record, const KnownSum& sum) {
  record.field(sum.known > 0 ? format("{}", sum.sum) : std::string()).field(sum.known);
}

void results_header(std::ostream& out) {
  Record record(out);
  for (const char* title : {"run_id", "model", "task", "task_version", "variant", "strategy", "scorer",
                            "scorer_version", "primary", "n", "planned", "points", "accuracy", "interval_low",
                            "interval_high", "interval_level", "interval_method", "bounds_low", "bounds_high",
                            "incomplete"}) {
    record.field(std::string_view(title));
  }
  for (std::size_t i = 1; i <= kOutcomeCount; ++i) record.field(name(static_cast<Outcome>(i)));
  for (const char* title : {"epochs", "questions", "calls", "input_tokens", "input_tokens_known_calls",
                            "output_tokens", "output_tokens_known_calls", "reasoning_tokens",
                            "reasoning_tokens_known_calls", "cost_usd", "cost_known_calls", "cost_complete",
                            "wall_seconds", "call_seconds"}) {
    record.field(std::string_view(title));
  }
}

void results_record(const EntryView& entry, std::ostream& out) {
  const LeaderboardRow& r = *entry.row;
  const Accuracy& a = entry.accuracy;
  Record record(out);
  record.said(r.run_id).said(r.model).said(r.task).field(std::uint64_t{r.task_version}).said(r.variant);
  record.said(r.strategy).said(r.scorer).field(std::uint64_t{r.scorer_version}).field(r.primary);
  record.field(a.scored).field(a.planned).field(a.value_sum);
  record.field(entry.headline ? a.value : std::nullopt);
  if (entry.headline && a.interval) {
    record.field(a.interval->low).field(a.interval->high).field(kDefaultLevel).field(name(a.method));
  } else {
    for (int i = 0; i < 4; ++i) record.field(std::string_view());
  }
  record.field(a.bounds ? std::optional<double>(a.bounds->low) : std::nullopt);
  record.field(a.bounds ? std::optional<double>(a.bounds->high) : std::nullopt);
  record.field(a.incomplete);
  for (std::size_t i = 1; i <= kOutcomeCount; ++i) record.field(r.outcomes[i]);
  record.field(std::uint64_t{r.epochs}).field(r.questions).field(r.calls);
  tokens(record, r.input_tokens);
  tokens(record, r.output_tokens);
  tokens(record, r.reasoning_tokens);
  record.field(r.cost_pico.known > 0 ? usd_exact(r.cost_pico.sum) : std::string()).field(r.cost_pico.known);
  record.field(r.calls > 0 && r.cost_pico.known >= r.calls);
  record.field(r.wall_seconds).field(r.call_seconds);
}

void items_header(std::ostream& out) {
  Record record(out);
  for (const char* title : {"run_id", "model", "task", "variant", "sample", "identity", "occurrence", "epoch",
                            "scorer", "scorer_version", "outcome", "value", "extracted", "rule",
                            "explanation", "output_tokens", "cost_usd"}) {
    record.field(std::string_view(title));
  }
}

void item_record(const ItemRow& r, std::ostream& out) {
  Record record(out);
  record.said(r.run_id).said(r.model).said(r.task).said(r.variant).said(r.sample_key).field(r.identity);
  record.field(std::uint64_t{r.occurrence}).field(std::uint64_t{r.epoch});
  record.said(r.scorer).field(std::uint64_t{r.scorer_version}).field(name(r.outcome));
  record.field(is_scored(r.outcome) ? std::optional<double>(r.value) : std::nullopt);
  record.said(r.extracted).said(r.rule).said(r.explanation);
  record.field(r.output_tokens ? format("{}", *r.output_tokens) : std::string());
  record.field(r.cost_pico ? usd_exact(*r.cost_pico) : std::string());
}

class CsvReport final : public Report {
 public:
  Result<void> write(const ReportInput& input, std::ostream& out) const override {
    if (const auto* results = std::get_if<ResultsInput>(&input)) {
      const ResultsView view(*results);
      results_header(out);
      for (const EntryView& entry : view.entries()) results_record(entry, out);
      return written(out);
    }
    items_header(out);
    Result<void> read = for_each_page(std::get<ItemsInput>(input), [&out](const std::vector<ItemRow>& page) {
      for (const ItemRow& row : page) item_record(row, out);
    });
    if (!read) return read;
    return written(out);
  }
};

}  // namespace

std::unique_ptr<Report> make_csv_report(const ReportOptions&) { return std::make_unique<CsvReport>(); }

}  // namespace assay
