// assay trace FILE.jsonl
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/trace_checker.h"
#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/line_reader.h"
#include "harness/base/parallel.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"

namespace assay {
namespace {

constexpr std::size_t kBatch = 512;                         // traces in memory at once,
constexpr std::size_t kBatchBytes = std::size_t{64} << 20;  // of about so many bytes

struct TraceArgs {
  std::string file;
  std::string task;
  std::string language;
  bool opens_think = false;
  unsigned jobs = 0;
};

struct Row {
  Json id;
  TraceCase input;
  TraceCheck check;
  bool labelled = false;
  std::optional<std::int64_t> label;  // the first wrong step by the file; nullopt: none
};

// A string under one of two names. Error: there, but no string.
Result<std::optional<std::string>> text_of(const JsonlReader& reader, const Json& row,
                                           std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const Json* value = json_find(row, key);
    if (value == nullptr || value->is_null()) continue;
    if (value->is_string()) return std::optional(value->get<std::string>());
    if (value->is_number()) return std::optional(dump_json(*value));
    return reader.error(format("\"{}\": expected a string", key));
  }
  return std::optional<std::string>();
}

Result<void> read_steps(const JsonlReader& reader, const Json& row, TraceCase& out) {
  const Json* steps = json_find(row, "steps");
  if (steps == nullptr || steps->is_null()) {
    const auto trace = text_of(reader, row, {"trace"});
    if (!trace) return trace.error();
    if (!*trace) return reader.error("expected \"trace\" (a string) or \"steps\" (an array of strings)");
    out.trace = **trace;
    return {};
  }
  if (!steps->is_array() || steps->empty())
    return reader.error("\"steps\": expected an array of strings, not empty");
  for (const Json& step : *steps) {
    if (!step.is_string()) return reader.error("\"steps\": expected an array of strings");
    out.steps.push_back(step.get<std::string>());
  }
  return {};
}

// ProcessBench names the first wrong step "label" (-1: none), BIG-Bench-Mistake "mistake_index" (null: none).
Result<void> read_label(const JsonlReader& reader, const Json& row, Row& out) {
  for (const char* key : {"label", "mistake_index"}) {
    if (!row.contains(key)) continue;
    const Json& value = row[key];
    if (!value.is_null() && !value.is_number_integer())
      return reader.error(format("\"{}\": expected a step or null", key));
    out.labelled = true;
    if (value.is_number_integer() && value.get<std::int64_t>() >= 0) out.label = value.get<std::int64_t>();
    return {};
  }
  return {};
}

Result<Row> read_row(const JsonlReader& reader, const Json& json, const TraceArgs& args) {
  if (!json.is_object()) return reader.error("expected an object");
  Row row;
  const Json* id = json_find(json, "id");
  if (id == nullptr) id = json_find(json, "index");
  row.id = id != nullptr ? *id : Json(reader.line());
  if (auto read = read_steps(reader, json, row.input); !read) return read.error();
  if (auto read = read_label(reader, json, row); !read) return read.error();
  const auto take = [&](std::initializer_list<const char*> keys, std::string& into) -> Result<void> {
    auto text = text_of(reader, json, keys);
    if (!text) return text.error();
    if (*text) into = std::move(**text);
    return {};
  };
  row.input.task = args.task;
  row.input.language = args.language;
  row.input.opens_think = args.opens_think;
  if (auto read = take({"task"}, row.input.task); !read) return read.error();
  if (auto read = take({"prompt", "input", "problem", "question"}, row.input.prompt); !read)
    return read.error();
  if (auto read = take({"answer"}, row.input.answer); !read) return read.error();
  auto gold = text_of(reader, json, {"gold"});
  if (!gold) return gold.error();
  row.input.gold = std::move(*gold);
  row.input.cut_by_length = json_string(json, "finish_reason").value_or("") == "length";
  return row;
}

const char* name_of(Severity severity) {
  return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "info";
}

Json as_json(const Row& row) {
  Json out = {{"id", row.id},
              {"checker", row.check.checker},
              {"findings", Json::array()},
              {"metrics", Json::object()}};
  out["first_mistake"] = row.check.unparsed        ? Json("unparsed")
                         : row.check.first_mistake ? Json(*row.check.first_mistake)
                                                   : Json(nullptr);
  if (row.check.unparsed) out["reason"] = row.check.reason;
  for (const Finding& f : row.check.findings) {
    out["findings"].push_back({{"kind", f.kind},
                               {"step", f.step ? Json(*f.step) : Json(nullptr)},
                               {"span", {f.span.begin, f.span.end}},
                               {"detail", f.detail},
                               {"severity", name_of(f.severity)}});
  }
  for (const Metric& m : row.check.metrics) out["metrics"][m.name] = m.value ? Json(*m.value) : Json(nullptr);
  return out;
}

// Agreement with the file's own labels.
class Agreement {
 public:
  void add(const Row& row) {
    if (!row.labelled) return;
    const bool has = row.label.has_value();
    ++total_[has];
    unparsed_ += row.check.unparsed;
    const auto& found = row.check.first_mistake;
    right_[has] +=
        has ? found && static_cast<std::int64_t>(*found) == *row.label : !found && !row.check.unparsed;
    silent_ += !has && row.check.unparsed;
  }
  // ProcessBench's F1 counts a trace in which nothing was found as one called right; what is unparsed is told
  // apart.
  void print() const {
    if (total_[0] + total_[1] == 0) return;
    const double on_wrong = share(right_[1], total_[1]);
    const double on_right = share(right_[0] + silent_, total_[0]);
    const double f1 = on_wrong + on_right > 0 ? 2 * on_wrong * on_right / (on_wrong + on_right) : 0;
    std::fputs(
        format(
            "exact first mistake, or none: {} of {} with a mistake ({:.1f} %), {} of {} without ({:.1f} %); "
            "{} unparsed of {}; F1 {:.1f}, with unparsed counted as none\n",
            right_[1], total_[1], 100 * on_wrong, right_[0], total_[0], 100 * share(right_[0], total_[0]),
            unparsed_, total_[0] + total_[1], 100 * f1)
            .c_str(),
        stderr);
  }

 private:
  static double share(std::uint64_t part, std::uint64_t all) {
    return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
  }
  std::uint64_t total_[2] = {0, 0};
  std::uint64_t right_[2] = {0, 0};
  std::uint64_t unparsed_ = 0;
  std::uint64_t silent_ = 0;  // unparsed and without a mistake
};

// False at the end of the file. A bad line's error comes after the rows before it.
Result<bool> read_batch(JsonlReader& reader, const TraceArgs& args, std::vector<Row>& batch) {
  batch.clear();
  for (std::size_t bytes = 0; batch.size() < kBatch && bytes < kBatchBytes;) {
    auto json = reader.next();
    if (!json) return json.error();
    if (!json->has_value()) return false;
    bytes += reader.text().size();
    auto row = read_row(reader, **json, args);
    if (!row) return row.error();
    batch.push_back(std::move(*row));
  }
  return true;
}

int trace_command(const TraceArgs& args) {
  auto reader = JsonlReader::open(args.file);
  if (!reader) return fail(reader.error());
  Pool pool(args.jobs);
  Agreement agreement;
  std::vector<Row> batch;
  for (bool more = true; more;) {
    const auto got = read_batch(*reader, args, batch);
    pool.parallel_for(batch.size(), [&](std::size_t i) { batch[i].check = check_trace(batch[i].input); });
    for (const Row& row : batch) {
      agreement.add(row);
      std::puts(dump_json(as_json(row)).c_str());
    }
    std::fflush(stdout);
    if (!got) return fail(got.error());
    more = *got;
  }
  agreement.print();
  return kExitOk;
}

}  // namespace

void add_trace(CLI::App& app, int& exit_code) {
  auto args = std::make_shared<TraceArgs>();
  app.add_option(
         "file", args->file,
         "JSON Lines, plain or gzip: id, task, prompt, trace or steps (an array), answer, optional gold")
      ->required();
  app.add_option("--task", args->task,
                 "The task of lines that name none; one with a state verifier is checked by it");
  app.add_option("--language", args->language,
                 "Script of the target language, as Latin (default: the trace's own)");
  app.add_flag("--opens-think", args->opens_think, "The prompt ended in an opening think tag");
  app.add_option("--jobs", args->jobs, "Threads (default: one a core)");
  app.footer(
      "Output, a JSON line each: id, first_mistake (a step from 0, null for none, or \"unparsed\"), "
      "findings,\n"
      "metrics. Files of ProcessBench and BIG-Bench-Mistake are read as they are.\n\n"
      "Examples:\n  assay trace processbench/gsm8k.jsonl > checked.jsonl\n"
      "  assay trace traces.jsonl.gz --task dyck_languages");
  app.callback([args, &exit_code] { exit_code = trace_command(*args); });
}

}  // namespace assay
