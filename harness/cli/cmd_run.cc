// assay run: plans, answers, scores and prints the leaderboard.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/cli/command.h"
#include "harness/cli/command_line.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/new_store.h"
#include "harness/cli/output.h"
#include "harness/cli/ranges.h"
#include "harness/cli/selection.h"
#include "harness/cli/suite_args.h"
#include "harness/cli/version.h"
#include "harness/run/datasets.h"
#include "harness/run/interrupt.h"
#include "harness/run/progress.h"
#include "harness/run/run.h"
#include "harness/run/run_lock.h"
#include "harness/store/selector.h"

namespace assay {
namespace {

struct RunArgs {
  SuiteArgs suite;
  std::string db = kDefaultDb;
  std::vector<std::string> data_dirs;
  std::vector<std::string> task_files;
  std::string resume;
  std::string suite_option;  // the first option given that makes or changes a suite
  bool resume_wanted = false;
  bool dry_run = false;
  bool quiet = false;
  std::string format = "table";
  std::string output;
  RunOptions options;
};

std::string bound_text(const std::optional<std::int64_t>& count) {
  return count ? format("{}", *count) : std::string("unknown");
}

int print_plan(const Plan& plan) {
  std::printf("suite %s: %llu attempts, at most %llu calls, at most %s, tries of failed calls apart\n\n", printable(plan.suite).c_str(),
              static_cast<unsigned long long>(plan.attempts), static_cast<unsigned long long>(plan.calls),
              plan.cost_pico ? dollars(*plan.cost_pico).c_str() : "unknown cost");
  for (const PlanEntry& entry : plan.entries) {
    std::string variant = entry.variant.empty() ? "" : format(" [{}]", entry.variant);
    std::printf("%s\n", printable(format("{}  {}{}  {}  {} samples x {} epochs = {} attempts, input tokens <= {}, "
                                         "output tokens <= {}, cost <= {}",
                                         entry.model, entry.task, variant, entry.strategy, entry.samples,
                                         entry.epochs, entry.attempts, bound_text(entry.input_tokens),
                                         bound_text(entry.output_tokens),
                                         entry.cost_pico ? dollars(*entry.cost_pico) : std::string("unknown")))
                            .c_str());
  }
  std::printf("\nNothing was sent.\n");
  return kExitOk;
}

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

int run_command(const RunArgs& args) {
  RunOptions options = args.options;
  options.data_dirs = default_data_dirs(args.data_dirs);
  options.program = kProgram;
  options.command = command_line();
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
    auto plan = plan_suite(*suite, *plugins, options);
    return plan ? print_plan(*plan) : fail(plan.error());
  }
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
  auto* resume_option =
      app.add_option("--resume", args->resume, "Go on with this run, or with the newest unfinished one")->expected(0, 1);
  app.add_flag("--cache", args->options.use_cache, "Answer from equal calls of earlier runs in the same store");
  app.add_flag("--dry-run", args->dry_run, "Say what would be done and what it costs at most; send nothing");
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
