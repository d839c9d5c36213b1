// The task that a YAML task file defines.
#pragma once

#include <memory>

#include "harness/api/task.h"
#include "tasks/task_file.h"

namespace assay {

// `spec` is shared with the sample sets that the task opens, which may outlive it.
std::unique_ptr<Task> make_yaml_task(std::shared_ptr<const TaskSpec> spec);

}  // namespace assay
