// assay report [SELECTOR...]: leaderboards, or every attempt with --items.
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/output.h"
#include "harness/cli/selection.h"

namespace assay {
namespace {

struct ReportArgs {
  std::vector<std::string> selectors;
  std::string db = kDefaultDb;
  std::string format = "table";
  std::string output;
  std::vector<std::string> tasks;
  std::vector<std::string> models;
  bool items = false;
  bool all_scorers = false;
  bool all_runs = false;
  bool allow_incomplete = false;
};

Result<ItemsInput> items_of(const std::vector<Selected>& selected, const ReportArgs& args) {
  if (selected.size() != 1) return invalid("--items reads one database; name selectors of one file only");
  Selection selection = selected.front().selection;
  for (const std::string& task : args.tasks) selection.tasks.push_back(task);
  for (const std::string& model : args.models) selection.models.push_back(model);
  selection.all_scorers = args.all_scorers;
  return selected.front().store->items(selection);
}

int report_command(const ReportArgs& args) {
  const bool to_terminal = args.output.empty() && isatty(STDOUT_FILENO) != 0;
  auto report = make_report(args.format, to_terminal);
  if (!report) return fail(report.error());
  auto selected = select_results(args.db, args.selectors);
  if (!selected) return fail(selected.error());

  if (args.items) {
    auto items = items_of(*selected, args);
    if (!items) return fail(items.error());
    auto written = write_report(**report, *items, args.output);
    return written ? static_cast<int>(kExitOk) : fail(written.error());
  }
  auto read = read_leaderboard(*selected, args.tasks, args.models, args.all_scorers, args.all_runs);
  if (!read) return fail(read.error());
  if (read->rows.empty()) return fail(invalid("no results match; `assay list runs` shows what is stored"));
  const ResultsInput input{read->runs, read->rows, args.allow_incomplete};
  auto written = write_report(**report, input, args.output);
  if (!written) return fail(written.error());
  if (read->older > 0) {
    std::fprintf(stderr, "assay: %zu results of older runs are not shown; --all-runs shows them\n", read->older);
  }
  return exit_code_for(input);
}

}  // namespace

void add_report(CLI::App& app, int& exit_code) {
  auto args = std::make_shared<ReportArgs>();
  app.add_option("selector", args->selectors,
                 "RUN[:MODEL], latest[~n][:MODEL] or FILE.db[#RUN][:MODEL]; without one, the newest results of each");
  app.add_option("--db", args->db, "The store")->capture_default_str();
  app.add_option("--format,-f", args->format, "table, markdown, csv or json")->capture_default_str();
  app.add_option("--output,-o", args->output, "Write to this file instead of standard output");
  app.add_option("--tasks,--task", args->tasks, "Only these tasks (comma-separated)")->delimiter(',');
  app.add_option("--model", args->models, "Only these models");
  app.add_flag("--items", args->items, "Every attempt, a row each, instead of leaderboards");
  app.add_flag("--all-scorers", args->all_scorers, "Also scorers that are not their task's first");
  app.add_flag("--all-runs", args->all_runs, "Also older runs of the same model and task");
  app.add_flag("--allow-incomplete", args->allow_incomplete, "Print a headline where attempts are missing, exit 0");
  app.footer(
      "Examples:\n  assay report\n  assay report latest --format json --output results.json\n"
      "  assay report --items --format csv > attempts.csv");
  app.callback([args, &exit_code] { exit_code = report_command(*args); });
}

}  // namespace assay
