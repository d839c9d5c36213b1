// assay import FILE...: recorded answers become a scored run.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/suggest.h"
#include "harness/base/utf8.h"
#include "harness/cli/command.h"
#include "harness/cli/command_line.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/new_store.h"
#include "harness/cli/selection.h"
#include "harness/cli/version.h"
#include "harness/run/datasets.h"
#include "harness/run/import/import.h"

namespace assay {
namespace {

struct ImportArgs {
  ImportOptions options;
  std::vector<std::string> files;
  std::vector<std::string> data_dirs;
  std::vector<std::string> task_files;
  std::string db = kDefaultDb;
  bool quiet = false;
};

// ZeroEval keeps the answers of a task in a folder of its name.
Result<std::string> task_of_folder(const std::vector<std::string>& files) {
  static constexpr struct {
    std::string_view folder;
    const char* task;
  } kFolders[] = {{"gsm", "math/gsm8k"}, {"math-l5", "math/math-l5"}, {"crux", "coding/cruxeval-o"}};
  std::string found;
  for (const std::string& file : files) {
    const std::string folder = std::filesystem::absolute(file).parent_path().filename().string();
    std::string task;
    for (const auto& row : kFolders) {
      if (row.folder == folder) task = row.task;
    }
    if (task.empty() || (!found.empty() && task != found)) {
      return invalid(format("{}: no folder name says which task the answers are for; give --task", file));
    }
    found = task;
  }
  return found;
}

void print_file(const ImportedFile& file) {
  std::string matched = format("{} by id", file.by_id);
  if (file.by_question > 0) matched += format(", {} by question", file.by_question);
  if (file.from_row > 0) matched += format(", {} from the file itself", file.from_row);
  std::printf("%s\n", printable(format("{}: {} answers ({}), {} bad rows -> {}", file.path, file.rows, matched, file.bad,
                                       file.model))
                          .c_str());
}

int report_import(const ImportArgs& args, const ImportOutcome& outcome) {
  for (const std::string& bad : outcome.bad_rows) std::fprintf(stderr, "assay: %s\n", printable(bad).c_str());
  std::uint64_t bad = 0;
  for (const ImportedFile& file : outcome.files) {
    if (!args.quiet) print_file(file);
    bad += file.bad;
  }
  if (bad > outcome.bad_rows.size()) {
    std::fprintf(stderr, "assay: %llu more bad rows\n", static_cast<unsigned long long>(bad - outcome.bad_rows.size()));
  }
  if (!outcome.data_note.empty()) std::fprintf(stderr, "assay: %s\n", printable(outcome.data_note).c_str());
  if (!args.quiet) std::printf("run %s; `assay report` shows it\n", outcome.run_id.c_str());
  return kExitOk;
}

int import_command(ImportArgs& args) {
  ImportOptions& options = args.options;
  const std::vector<std::string> formats = import_formats();
  if (std::find(formats.begin(), formats.end(), options.format) == formats.end()) {
    const std::vector<std::string_view> known(formats.begin(), formats.end());
    return fail(invalid(format("--format: unknown format '{}'{}", options.format, did_you_mean(options.format, known))));
  }
  options.files = {args.files.begin(), args.files.end()};
  options.data_dirs = default_data_dirs(args.data_dirs);
  options.program = kProgram;
  options.command = command_line();
  for (const auto& file : options.files) {
    if (access(file.c_str(), R_OK) != 0) return fail(invalid(format("{}: cannot be read", file.string())));
  }
  if (options.task.empty()) {
    auto task = task_of_folder(args.files);
    if (!task) return fail(task.error());
    options.task = *task;
  }
  auto plugins = catalog_plugins({args.task_files.begin(), args.task_files.end()});
  if (!plugins) return fail(plugins.error());
  auto task = plugins->task(options.task);
  if (!task) return fail(task.error());
  auto store = NewStore::open(args.db);
  if (!store) return fail(store.error());
  auto outcome = import_files(options, ***store, *plugins);
  return outcome ? report_import(args, *outcome) : fail(outcome.error());
}

}  // namespace

void add_import(CLI::App& app, int& exit_code) {
  auto args = std::make_shared<ImportArgs>();
  app.add_option("file", args->files, "Recorded answers, plain or .gz; one model a file")->required();
  app.add_option("--format", args->options.format, "zeroeval")->capture_default_str();
  app.add_option("--tasks,--task", args->options.task, "The task that the answers are for (default: by the folder's name, as ZeroEval has it)");
  app.add_option("--model", args->options.model, "The model's name (default: the file's name without endings)");
  app.add_option("--db", args->db, "The store; made if it does not exist")->capture_default_str();
  app.add_option("--data-dir", args->data_dirs, "Folder with data sets (also ASSAY_DATA); may be repeated");
  app.add_option("--task-file", args->task_files, "Also the tasks of this YAML file");
  app.add_option("--seed", args->options.seed, "Seed of a generated task's samples");
  app.add_option("--scoring-threads", args->options.scoring_threads, "Threads that score; 0: one a core");
  app.add_flag("--quiet,-q", args->quiet, "Only bad rows and errors");
  app.footer("Example:\n  assay import gsm/*.jsonl.gz --format zeroeval --task math/gsm8k --data-dir DATA");
  app.callback([args, &exit_code] { exit_code = import_command(*args); });
}

}  // namespace assay
