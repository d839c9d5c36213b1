// assay list tasks|scorers|backends|reports|models|runs
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harness/api/catalog.h"
#include "harness/base/clock.h"
#include "harness/base/utf8.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/listing.h"
#include "harness/cli/selection.h"
#include "harness/store/store.h"

namespace assay {
namespace {

struct ListArgs {
  std::string kind;
  std::string db = kDefaultDb;
  std::vector<std::string> task_files;
  bool names = false;
  bool json = false;
};

template <typename Span>
void add_entries(Listing& listing, const Span& entries) {
  for (const auto& entry : entries) listing.rows.push_back({entry.id, entry.summary});
}

Result<Listing> list_tasks(const ListArgs& args) {
  Listing out{{"task", "summary"}, {}};
  add_entries(out, task_catalog());
  for (const std::string& file : args.task_files) {
    auto tasks = tasks_from_file(file);
    if (!tasks) return tasks.error();
    add_entries(out, *tasks);
  }
  std::sort(out.rows.begin(), out.rows.end());
  return out;
}

Result<Listing> list_runs(const ListArgs& args) {
  auto store = Store::open(args.db, StoreMode::read_only);
  if (!store) return store.error();
  auto runs = (*store)->runs();
  if (!runs) return runs.error();
  Listing out{{"run", "suite", "state", "finished", "planned", "started"}, {}};
  for (const RunInfo& run : *runs) {
    out.rows.push_back({run.run_id, run.suite, run.state, std::to_string(run.attempts), std::to_string(run.planned),
                        utc_time(run.started)});
  }
  return out;
}

Result<Listing> list_models(const ListArgs& args) {
  auto store = Store::open(args.db, StoreMode::read_only);
  if (!store) return store.error();
  auto runs = (*store)->runs();
  if (!runs) return runs.error();
  std::set<std::vector<std::string>> rows;
  for (const RunInfo& run : *runs) {
    auto entries = (*store)->entries(run.run_id);
    if (!entries) return entries.error();
    for (const EntrySummary& entry : *entries) {
      const ModelRecord& model = entry.record.model;
      rows.insert({model.name, model.backend, model.revision, model.base_url});
    }
  }
  return Listing{{"model", "backend", "revision", "base url"}, {rows.begin(), rows.end()}};
}

Result<Listing> make_listing(const ListArgs& args) {
  if (args.kind == "tasks") return list_tasks(args);
  if (args.kind == "runs") return list_runs(args);
  if (args.kind == "models") return list_models(args);
  Listing out{{args.kind.substr(0, args.kind.size() - 1), "summary"}, {}};
  if (args.kind == "scorers") add_entries(out, scorer_catalog());
  if (args.kind == "backends") add_entries(out, backend_catalog());
  if (args.kind == "reports") add_entries(out, report_catalog());
  return out;
}

int list_command(const ListArgs& args) {
  auto listing = make_listing(args);
  if (!listing) return fail(listing.error());
  if (args.names) {
    for (const auto& row : listing->rows) std::puts(printable(row.front()).c_str());
  } else if (args.json) {
    print_json(*listing);
  } else {
    print_table(*listing);
  }
  return kExitOk;
}

}  // namespace

void add_list(CLI::App& app, int& exit_code) {
  auto args = std::make_shared<ListArgs>();
  app.add_option("kind", args->kind, "tasks, scorers, backends, reports, models or runs")
      ->required()
      ->check(CLI::IsMember({"tasks", "scorers", "backends", "reports", "models", "runs"}));
  app.add_option("--db", args->db, "The store, for models and runs")->capture_default_str();
  app.add_option("--task-file", args->task_files, "Also the tasks of this YAML file");
  app.add_flag("--names", args->names, "Names alone, one a line");
  app.add_flag("--json", args->json, "As JSON");
  app.footer("Examples:\n  assay list tasks\n  assay list runs --db assay.db --json");
  app.callback([args, &exit_code] { exit_code = list_command(*args); });
}

}  // namespace assay
