#include "harness/run/plugins.h"

#include <map>

#include "harness/api/catalog.h"
#include "harness/base/format.h"
#include "harness/base/suggest.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

template <typename Names>
Error unknown(const char* what, const std::string& name, const Names& names) {
  std::vector<std::string_view> known(names.begin(), names.end());
  return invalid(format("unknown {} '{}'{}; `assay list {}s` shows them", what, printable(name),
                        did_you_mean(name, known), what));
}

using TaskTable = std::map<std::string, TaskEntry>;

Result<std::unique_ptr<Task>> find_task(const TaskTable& table, const std::string& id) {
  const auto place = table.find(id);
  if (place != table.end()) return place->second.make();
  std::vector<std::string> names;
  for (const auto& row : table) names.push_back(row.first);
  return unknown("task", id, names);
}

Result<std::unique_ptr<Scorer>> find_scorer(const ScorerSpec& spec) {
  std::vector<std::string> names;
  for (const ScorerEntry& entry : scorer_catalog()) {
    if (entry.id == spec.id) return entry.make(spec.options);
    names.push_back(entry.id);
  }
  return unknown("scorer", spec.id, names);
}

Result<std::unique_ptr<Backend>> find_backend(const std::string& id, const BackendOptions& options) {
  std::vector<std::string> names;
  for (const BackendEntry& entry : backend_catalog()) {
    if (entry.id == id) return entry.make(options);
    names.push_back(entry.id);
  }
  return unknown("backend", id, names);
}

}  // namespace

Result<Plugins> catalog_plugins(const std::vector<std::filesystem::path>& task_files) {
  TaskTable table;
  for (const TaskEntry& entry : task_catalog()) table[entry.id] = entry;
  for (const auto& file : task_files) {
    auto entries = tasks_from_file(file);
    if (!entries) return entries.error();
    for (TaskEntry& entry : *entries) table[entry.id] = std::move(entry);
  }
  Plugins out;
  out.task = [table](const std::string& id) { return find_task(table, id); };
  out.scorer = find_scorer;
  out.backend = find_backend;
  return out;
}

}  // namespace assay
