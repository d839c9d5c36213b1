// Every task there is: the shipped task files, then the procedural families.
#include "harness/api/catalog.h"

#include <algorithm>

#include "harness/base/check.h"
#include "harness/base/embedded.h"
#include "harness/base/yaml.h"
#include "tasks/procedural/procedural.h"
#include "tasks/task_file.h"
#include "tasks/yaml_task.h"

namespace assay {
namespace {

constexpr std::string_view kNotTasks = "datasets.yaml";

TaskEntry entry_of(TaskSpec spec) {
  auto shared = std::make_shared<const TaskSpec>(std::move(spec));
  return {shared->info.id, shared->info.summary,
          [shared]() -> Result<std::unique_ptr<Task>> { return make_yaml_task(shared); }};
}

std::vector<TaskEntry> shipped() {
  std::vector<TaskEntry> out;
  for (const EmbeddedFile& file : embedded_tasks()) {
    if (file.path == kNotTasks) continue;
    auto specs = parse_task_file(file.text, "tasks/" + std::string(file.path));
    CHECK_THAT_HOLDS(specs.ok(), specs.ok() ? "" : specs.error().message.c_str());
    for (TaskSpec& spec : *specs) out.push_back(entry_of(std::move(spec)));
  }
  for (const TaskEntry& entry : procedural_tasks()) out.push_back(entry);
  std::sort(out.begin(), out.end(), [](const TaskEntry& a, const TaskEntry& b) { return a.id < b.id; });
  return out;
}

}  // namespace

std::span<const TaskEntry> task_catalog() {
  static const std::vector<TaskEntry> entries = shipped();
  return entries;
}

Result<std::vector<TaskEntry>> tasks_from_file(const std::filesystem::path& path) {
  auto text = read_yaml_text(path);
  if (!text) return text.error();
  auto specs = parse_task_file(*text, path.string());
  if (!specs) return specs.error();
  std::vector<TaskEntry> out;
  for (TaskSpec& spec : *specs) {
    std::error_code ec;
    spec.folder = std::filesystem::absolute(path, ec).parent_path();
    out.push_back(entry_of(std::move(spec)));
  }
  return out;
}

}  // namespace assay
