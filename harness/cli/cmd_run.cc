// assay run: plans, answers, scores and prints the leaderboard.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/cli/budget_args.h"
#include "harness/cli/command.h"
#include "harness/cli/command_line.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/new_store.h"
#include "harness/cli/output.h"
#include "harness/cli/plan_output.h"
#include "harness/cli/ranges.h"
#include "harness/cli/selection.h"
#include "harness/cli/suite_args.h"
#include "harness/cli/version.h"
#include "harness/run/datasets.h"
#include "harness/run/interrupt.h"
#include "harness/run/prices/price_table.h"
#include "harness/run/progress.h"
#include "harness/run/run.h"
#include "harness/run/run_lock.h"
#include "harness/store/prices.h"
#include "harness/store/selector.h"

namespace assay {
namespace {

struct RunArgs {
  SuiteArgs suite;
  BudgetArgs budget;
  std::string db = kDefaultDb;
  std::vector<std::string> data_dirs;
  std::vector<std::string> task_files;
  std::string resume;
  std::string suite_option;  // the first option given that makes or changes a suite
  bool resume_wanted = false;
  bool dry_run = false;
  std::optional<std::uint64_t> pilot;
  bool quiet = false;
  std::string format = "table";
  std::string output;
  RunOptions options;
};

// The run that --resume means: the one named, or the newest that is neither complete nor running.
Result<std::string> run_to_resume(Store& store, const RunArgs& args) {
  auto runs = store.runs();
  if (!runs) return runs.error();
  if (!args.resume.empty()) {
    auto selector = parse_selector(args.resume);
    if (!selector) return selector.error();
    if (!selector->file.empty()) return invalid("--resume: expected a run; name its store with --db");
    if (!selector->model.empty()) return invalid("--resume: expected a run without a model; all its models go on");
    auto found = find_run(*selector, *runs, args.db);
    if (!found) return found;
    for (const RunInfo& run : *runs) {
      if (run.run_id == *found && run.imported) {
        return invalid(format("--resume: run {} is an import; import its files again instead", run.run_id));
      }
    }
    return found;
  }
  for (const RunInfo& run : *runs) {
    if (run.state != "complete" && !run.imported && !run_is_locked(args.db, run.run_id)) return run.run_id;
  }
  return invalid(format("--resume: no unfinished run in '{}'", args.db));
}

Result<RunOutcome> run_or_resume(const RunArgs& args, Store& store, const Plugins& plugins, const RunOptions& options,
                                 Progress& progress) {
  if (args.resume_wanted) {
    auto run_id = run_to_resume(store, args);
    if (!run_id) return run_id.error();
    auto resumed = resume(*run_id, store, plugins, options, progress);
    if (!resumed && args.task_files.empty() && resumed.error().message.find("unknown task") != std::string::npos) {
      return Error{resumed.error().code, resumed.error().message + "; a run with --task-file is resumed with it too"};
    }
    return resumed;
  }
  auto suite = suite_from_args(args.suite);
  if (!suite) return suite.error();
  return execute(*suite, store, plugins, options, progress);
}

Result<void> print_results(const RunArgs& args, const Report& report, Store& store, const std::string& run_id) {
  Selection selection;
  selection.run_ids = {run_id};
  auto rows = store.leaderboard(selection);
  if (!rows) return rows.error();
  auto runs = store.runs();
  if (!runs) return runs.error();
  ResultsInput input{{}, *rows, args.options.allow_incomplete};
  for (const RunInfo& run : *runs) {
    if (run.run_id == run_id) input.runs.push_back(run);
  }
  return write_report(report, input, args.output);
}

// The store's own price rows beside the shipped ones; a store that is not there yet has none.
Result<std::shared_ptr<const PriceTable>> prices_of(const std::string& db) {
  auto own = PriceBook::read(db);
  if (!own) return own.error();
  auto table = PriceTable::with(std::move(*own));
  if (!table) return table.error();
  return std::shared_ptr<const PriceTable>(std::make_shared<PriceTable>(std::move(*table)));
}

// Answers k samples of each task, so that there is something to estimate from. What it costs is kept like any run's.
Result<void> run_pilot(const RunArgs& args, Suite suite, const Plugins& plugins, const RunOptions& options) {
  suite.name += " (pilot)";
  suite.epochs = 1;
  for (SuiteTask& task : suite.tasks) {
    task.limit = std::min<std::uint64_t>(task.limit.value_or(*args.pilot), *args.pilot);
    task.epochs.reset();
  }
  auto store = NewStore::open(args.db);
  if (!store) return store.error();
  ConsoleOptions console = console_options(stderr);
  console.quiet = args.quiet;
  auto progress = console_progress(stderr, console);
  InterruptGuard interrupt;
  RunOptions piloting = options;
  piloting.use_cache = true;  // a second dry run pays for nothing again
  piloting.stop_requested = [] { return interrupt_count() > 0; };
  auto outcome = execute(suite, ***store, plugins, piloting, *progress);
  if (!outcome) return outcome.error();
  if (outcome->interrupted) return Error{Code::cancelled, "the pilot was interrupted"};
  return {};
}

int dry_run(const RunArgs& args, const Suite& suite, const Plugins& plugins, const RunOptions& options) {
  if (args.format != "table" && args.format != "json") return fail(invalid("--dry-run: --format is table or json"));
  if (args.pilot) {
    if (auto piloted = run_pilot(args, suite, plugins, options); !piloted) return fail(piloted.error());
  }
  std::error_code ignored;
  std::unique_ptr<Store> history;
  if (std::filesystem::exists(args.db, ignored)) {
    // An older or damaged file is no reason not to say what a run would do.
    if (auto opened = Store::open(args.db, StoreMode::read_only)) history = std::move(*opened);
  }
  auto plan = plan_suite(suite, plugins, options, 20000, history.get());
  if (!plan) return fail(plan.error());
  const std::string text = args.format == "json" ? plan_json(*plan) : plan_text(*plan, args.pilot.has_value());
  if (args.output.empty()) {
    std::cout << text;
    return kExitOk;
  }
  std::ofstream file(args.output);
  if (!(file << text)) return fail(invalid(format("{}: cannot be written", args.output)));
  return kExitOk;
}

int run_command(const RunArgs& args) {
  RunOptions options = args.options;
  options.data_dirs = default_data_dirs(args.data_dirs);
  options.program = kProgram;
  options.command = command_line();
  auto prices = prices_of(args.db);
  if (!prices) return fail(prices.error());
  options.prices = std::move(*prices);
  auto budget = budget_from_args(args.budget);
  if (!budget) return fail(budget.error());
  options.budget = std::move(*budget);
  if (args.resume_wanted && args.dry_run) return fail(invalid("--dry-run: goes with a suite, not with --resume"));
  if (args.resume_wanted && !args.suite_option.empty()) {
    return fail(invalid(format("--resume goes on with the stored suite; '{}' cannot change it", args.suite_option)));
  }
  if (auto writable = check_output(args.output); !writable) return fail(writable.error());
  auto report = make_report(args.format, args.output.empty() && isatty(STDOUT_FILENO) != 0);
  if (!report) return fail(report.error());
  auto plugins = catalog_plugins({args.task_files.begin(), args.task_files.end()});
  if (!plugins) return fail(plugins.error());

  if (args.dry_run) {
    auto suite = suite_from_args(args.suite);
    if (!suite) return fail(suite.error());
    return dry_run(args, *suite, *plugins, options);
  }
  if (args.pilot) return fail(invalid("--pilot goes with --dry-run, which estimates from it"));
  std::error_code ignored;
  if (args.resume_wanted && !std::filesystem::exists(args.db, ignored)) {
    return fail(invalid(format("--resume: there is no store '{}'", args.db)));
  }
  auto store = NewStore::open(args.db);
  if (!store) return fail(store.error());
  ConsoleOptions console = console_options(stderr);
  console.quiet = args.quiet;
  auto progress = console_progress(stderr, console);
  InterruptGuard interrupt;
  options.stop_requested = [] { return interrupt_count() > 0; };
  auto outcome = run_or_resume(args, ***store, *plugins, options, *progress);
  if (!outcome) return fail(outcome.error());
  auto printed = print_results(args, **report, ***store, outcome->run_id);
  if (!printed) return fail(printed.error());
  return outcome->exit_code;
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  auto args = std::make_shared<RunArgs>();
  const std::vector<CLI::Option*> suite_options = add_suite_options(app, args->suite);
  app.add_option("--db", args->db, "The store; made if it does not exist")->capture_default_str();
  app.add_option("--data-dir", args->data_dirs, "Folder with data sets (also ASSAY_DATA); may be repeated");
  app.add_option("--task-file", args->task_files, "Also the tasks of this YAML file; may be repeated");
  app.add_option("--model-table", args->options.model_tables,
                 "Also the facts about models of this YAML file (docs/models.md); may be repeated");
  auto* resume_option =
      app.add_option("--resume", args->resume, "Go on with this run, or with the newest unfinished one")->expected(0, 1);
  add_budget_options(app, args->budget);
  app.add_flag("--batch", args->options.batch, "By the provider's batch endpoint: within a day, at its batch price");
  app.add_option("--batch-poll", args->options.batch_poll_s, "Seconds between two looks at a batch")
      ->check(positive_number())
      ->capture_default_str();
  app.add_flag("--cache", args->options.use_cache, "Answer from equal calls of earlier runs in the same store");
  app.add_flag("--dry-run", args->dry_run, "Say what would be done, and what it costs probably and at most; send nothing");
  app.add_option("--pilot", args->pilot, "With --dry-run: answer K samples of each task first, to estimate from")
      ->check(CLI::Range(5, 1000000));
  app.add_option("--max-connections", args->options.max_connections,
                 "Requests in flight a model (default: 16; of a local model twice its batch)")
      ->check(CLI::Range(1, 100000));
  app.add_option("--max-tries", args->options.retry.max_tries, "Tries of one call")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--attempt-deadline", args->options.attempt_deadline_s, "Seconds for one attempt, tries included")
      ->check(positive_number())
      ->capture_default_str();
  app.add_option("--scoring-threads", args->options.scoring_threads, "Threads that score; 0: one a core")
      ->capture_default_str();
  app.add_option("--max-error-rate", args->options.max_error_rate, "Share of attempts that may end in an error")
      ->check(number_between(0, 1))
      ->capture_default_str();
  app.add_flag("--allow-incomplete", args->options.allow_incomplete, "Exit 0 and print a headline with attempts missing");
  app.add_flag("--quiet,-q", args->quiet, "No progress line");
  app.add_option("--format,-f", args->format, "Of the closing report: table, markdown, csv or json")
      ->capture_default_str();
  app.add_option("--output,-o", args->output, "Write the closing report to this file");
  app.footer(
      "Examples:\n"
      "  assay run suites/scripted.yaml\n"
      "  assay run suites/scripted.yaml --dry-run\n"
      "  DEEPSEEK_API_KEY=... assay run --tasks math/gsm8k,math/aime24 --model deepseek-reasoner \\\n"
      "      --base-url https://api.deepseek.com --max-tokens 32768 --max-connections 64\n"
      "  assay run --tasks math/arithmetic --backend local --model smollm2-135m --device cpu\n"
      "  assay run --resume");
  app.callback([args, resume_option, suite_options, &exit_code] {
    args->resume_wanted = resume_option->count() > 0;
    for (const CLI::Option* option : suite_options) {
      if (option->count() > 0 && args->suite_option.empty()) args->suite_option = option->get_name();
    }
    exit_code = run_command(*args);
  });
}

}  // namespace assay
