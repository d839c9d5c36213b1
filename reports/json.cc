#include <cmath>
#include <map>
#include <ostream>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/utf8.h"
#include "reports/formats.h"
#include "reports/results_view.h"

namespace assay {
namespace {

// Rises when a key is removed or changes its meaning; a new key does not raise it.
// docs/report-json.md documents every key.
constexpr int kSchemaVersion = 1;
constexpr double kPicoPerDollar = 1e12;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
Json number(const std::optional<double>& value) { return value ? number(*value) : Json(nullptr); }

// JSON text is pure but for what stands in strings. There, escapes replace what a terminal or an
// editor could act upon: the control characters above ASCII, direction changes, invisible ones.
std::string harmless(const std::string& json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t i = 0; i < json.size();) {
    const CodePoint p = decode_utf8(json, i);
    const std::string_view bytes = std::string_view(json).substr(i, p.size);
    i += p.size;
    if (p.value < 0x7F || printable(bytes) == bytes) {
      out += bytes;
    } else if (p.value < 0x10000) {
      out += format("\\u{:04x}", static_cast<std::uint32_t>(p.value));
    } else {
      const std::uint32_t rest = static_cast<std::uint32_t>(p.value) - 0x10000;
      out += format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
    }
  }
  return out;
}

Json usd_json(std::int64_t pico) { return static_cast<double>(pico) / kPicoPerDollar; }

Json interval_json(bool headline, const std::optional<ConfidenceInterval>& interval, IntervalMethod method) {
  if (!headline || !interval) return nullptr;
  return {{"low", number(interval->low)},
          {"high", number(interval->high)},
          {"level", kDefaultLevel},
          {"method", std::string(name(method))}};
}

Json bounds_json(const std::optional<AttemptBounds>& bounds) {
  if (!bounds) return nullptr;
  return {{"low", number(bounds->low)}, {"high", number(bounds->high)}};
}

Json tokens_json(const KnownSum& tokens) {
  if (tokens.known == 0) return nullptr;
  return {{"sum", tokens.sum}, {"known_calls", tokens.known}};
}

void add_totals(const CallTotals& totals, Json& out) {
  out["calls"] = totals.calls;
  out["tokens"] = {{"input", tokens_json(totals.input_tokens)},
                   {"output", tokens_json(totals.output_tokens)},
                   {"reasoning", tokens_json(totals.reasoning_tokens)}};
  out["cost_usd"] = totals.cost_pico.known > 0 ? usd_json(totals.cost_pico.sum) : Json(nullptr);
  out["cost_complete"] = totals.calls > 0 && totals.cost_pico.known >= totals.calls;
}

Json row_json(const EntryView& entry, std::size_t runs) {
  const LeaderboardRow& r = *entry.row;
  const Accuracy& a = entry.accuracy;
  Json out = {{"model", r.model},
              {"task", r.task},
              {"task_version", r.task_version},
              {"variant", r.variant},
              {"strategy", r.strategy},
              {"scorer", {{"id", r.scorer}, {"version", r.scorer_version}}},
              {"primary", r.primary},
              {"n", a.scored},
              {"planned", a.planned},
              {"correct", r.outcomes[static_cast<std::size_t>(Outcome::correct)]},
              {"points", number(a.value_sum)},
              {"accuracy", entry.headline ? number(a.value) : Json(nullptr)},
              {"interval", interval_json(entry.headline, a.interval, a.method)},
              {"bounds", bounds_json(a.bounds)},
              {"incomplete", a.incomplete},
              {"epochs", r.epochs},
              {"questions", r.questions}};
  Json outcomes = Json::object();
  for (std::size_t i = 1; i <= kOutcomeCount; ++i) {
    outcomes[std::string(name(static_cast<Outcome>(i)))] = r.outcomes[i];
  }
  out["outcomes"] = std::move(outcomes);
  out["run"] = entry.run_index < runs ? Json(entry.run_index) : Json(nullptr);
  add_totals(entry.totals, out);
  return out;
}

Json overall_json(const OverallView& o) {
  Json out = {{"model", o.model},
              {"variant", o.variant},
              {"strategy", o.strategy},
              {"tasks", o.tasks},
              {"tasks_total", o.tasks_total},
              {"n", o.scored},
              {"planned", o.planned},
              {"accuracy", o.headline ? number(o.accuracy) : Json(nullptr)},
              {"interval", interval_json(o.headline, o.interval, IntervalMethod::square_and_add)},
              {"bounds", bounds_json(o.bounds)},
              {"incomplete", o.incomplete}};
  add_totals(o.totals, out);
  return out;
}

Json results_json(const ResultsInput& input) {
  const ResultsView view(input);
  Json rows = Json::array();
  Json row_info = Json::array();
  for (const EntryView& entry : view.entries()) {
    rows.push_back(row_json(entry, input.runs.size()));
    row_info.push_back({{"run_id", entry.row->run_id},
                        {"wall_seconds", number(entry.row->wall_seconds)},
                        {"call_seconds", number(entry.row->call_seconds)}});
  }
  Json runs = Json::array();
  Json run_info = Json::array();
  for (const RunInfo& run : input.runs) {
    runs.push_back({{"suite", run.suite},
                    {"seed", run.seed},
                    {"state", run.state},
                    {"program", run.program},
                    {"attempts", run.attempts},
                    {"planned", run.planned}});
    run_info.push_back({{"run_id", run.run_id},
                        {"started", utc_time(run.started)},
                        {"finished", run.finished ? Json(utc_time(*run.finished)) : Json(nullptr)},
                        {"host", run.host},
                        {"command", run.command}});
  }
  Json overall = Json::array();
  for (const OverallView& o : view.overall()) overall.push_back(overall_json(o));
  return {{"schema_version", kSchemaVersion},
          {"kind", "results"},
          {"incomplete", view.incomplete()},
          {"runs", std::move(runs)},
          {"rows", std::move(rows)},
          {"overall", std::move(overall)},
          {"run_info", {{"runs", std::move(run_info)}, {"rows", std::move(row_info)}}}};
}

// Run ids in order of first appearance: items name them by their place.
class RunPlaces {
 public:
  std::size_t place(const std::string& run_id) {
    const auto [it, added] = places_.emplace(run_id, ids_.size());
    if (added) ids_.push_back(run_id);
    return it->second;
  }
  const std::vector<std::string>& ids() const { return ids_; }

 private:
  std::map<std::string, std::size_t> places_;
  std::vector<std::string> ids_;
};

Json item_json(const ItemRow& r, RunPlaces& runs) {
  return {{"run", runs.place(r.run_id)},
          {"model", r.model},
          {"task", r.task},
          {"variant", r.variant},
          {"sample", r.sample_key},
          {"identity", r.identity},
          {"occurrence", r.occurrence},
          {"epoch", r.epoch},
          {"scorer", {{"id", r.scorer}, {"version", r.scorer_version}}},
          {"outcome", std::string(name(r.outcome))},
          {"value", is_scored(r.outcome) ? number(r.value) : Json(nullptr)},
          {"extracted", r.extracted},
          {"rule", r.rule},
          {"explanation", r.explanation},
          {"output_tokens", r.output_tokens ? Json(*r.output_tokens) : Json(nullptr)},
          {"cost_usd", r.cost_pico ? usd_json(*r.cost_pico) : Json(nullptr)}};
}

class JsonReport final : public Report {
 public:
  Result<void> write(const ReportInput& input, std::ostream& out) const override {
    if (const auto* results = std::get_if<ResultsInput>(&input)) {
      out << harmless(dump_json_pretty(results_json(*results))) << '\n';
      return written(out);
    }
    return write_items(std::get<ItemsInput>(input), out);
  }

 private:
  // One item a line, written as it is read, so that a report of any size fits in memory.
  static Result<void> write_items(const ItemsInput& input, std::ostream& out) {
    RunPlaces runs;
    bool first = true;
    out << "{\"kind\":\"items\",\"schema_version\":" << kSchemaVersion << ",\"items\":[";
    Result<void> read = for_each_page(input, [&](const std::vector<ItemRow>& page) {
      for (const ItemRow& row : page) {
        out << (first ? "\n" : ",\n") << harmless(dump_json(item_json(row, runs)));
        first = false;
      }
    });
    if (!read) return read;
    Json infos = Json::array();
    for (const std::string& id : runs.ids()) infos.push_back({{"run_id", id}});
    out << "\n],\n\"run_info\":" << dump_json(Json{{"runs", std::move(infos)}}) << "}\n";
    return written(out);
  }
};

}  // namespace

std::unique_ptr<Report> make_json_report(const ReportOptions&) { return std::make_unique<JsonReport>(); }

}  // namespace assay
