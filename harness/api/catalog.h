// The catalogs: every plugin there is, as one readable list a kind. Each plugin folder defines its
// own function in its catalog.cc; there is no self-registration, and harness/ never includes a
// plugin folder.
//
// Threads: any. The spans live as long as the program.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "harness/api/backend.h"
#include "harness/api/report.h"
#include "harness/api/scorer.h"
#include "harness/api/task.h"

namespace assay {

struct TaskEntry {
  std::string id;
  std::string summary;
  std::function<Result<std::unique_ptr<Task>>()> make;
};
std::span<const TaskEntry> task_catalog();
// Tasks of a user's own YAML task file; errors name file, line and column.
Result<std::vector<TaskEntry>> tasks_from_file(const std::filesystem::path&);

struct ScorerEntry {
  std::string id;
  std::string summary;
  Result<std::unique_ptr<Scorer>> (*make)(const Json& options);  // unknown options are errors
};
std::span<const ScorerEntry> scorer_catalog();

struct BackendEntry {
  std::string id;
  std::string summary;
  Result<std::unique_ptr<Backend>> (*make)(const BackendOptions&);
  // What stands in the way on this machine, or empty. For `assay doctor`.
  std::string (*unavailable)();
  // Versions of the libraries it runs on, for `assay doctor`; may load them. Optional.
  std::string (*libraries)() = nullptr;
};
std::span<const BackendEntry> backend_catalog();

struct ReportEntry {
  std::string id;         // the format's name: "table", "markdown", "csv", "json"
  std::string summary;
  std::unique_ptr<Report> (*make)(const ReportOptions&);
};
std::span<const ReportEntry> report_catalog();

}  // namespace assay
