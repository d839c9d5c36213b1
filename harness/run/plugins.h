// Plugins: where the engine gets tasks, scorers and backends from. catalog_plugins() gives those of the
// catalogs; a test gives its own.
//
// Threads: the functions are called from one thread, before the run starts.
// Errors: Code::invalid for an unknown id, with the nearest known one.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/api/backend.h"
#include "harness/api/program_runner.h"
#include "harness/api/scorer.h"
#include "harness/api/task.h"

namespace assay {

struct Plugins {
  std::function<Result<std::unique_ptr<Task>>(const std::string& id)> task;
  std::function<Result<std::unique_ptr<Scorer>>(const ScorerSpec&)> scorer;
  std::function<Result<std::unique_ptr<Backend>>(const std::string& id, const BackendOptions&)> backend;
  ProgramRunner* programs = nullptr;  // borrowed; without one, what needs a program run is unscored
};

// The catalogs, and the tasks of these task files before them. A task file that cannot be read is an error.
Result<Plugins> catalog_plugins(const std::vector<std::filesystem::path>& task_files = {});

}  // namespace assay
