// A YAML task file as plain values. docs/task-files.md describes the format for its authors.
//
// Threads: a TaskSpec is const once parsed. Errors: Code::invalid, "file:line:column: ...".
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/api/task.h"
#include "harness/base/digest.h"
#include "harness/base/yaml.h"
#include "tasks/field_rule.h"
#include "tasks/row_store.h"

namespace assay {

struct DataFile {
  std::string name;                 // of a known data set; empty for the author's own file
  std::string path;                 // below a data directory, or beside the task file
  std::optional<Digest> sha256;
  DataLayout layout;
};

struct FieldRules {
  FieldRule question;
  std::vector<FieldRule> target;    // one text each; all are accepted
  FieldRule targets;                // a field that holds the list of accepted answers
  FieldRule choices;                // a field that holds the list of options
  FieldRule lettered;               // or a field whose text lists them as "(A) ..." lines
  FieldRule key;                    // empty: "<data set>-<index>"
  FieldRule cluster;                // may be empty
  std::vector<std::string> metadata;  // fields that scorers need
};

struct FewShotSpec {
  std::uint32_t count = 0;          // by default; a variant may ask for another
  std::vector<Json> examples;       // written in the task file: the row's fields and `answer`
  std::optional<DataFile> data;     // or rows of another file, drawn by the run's seed
  std::string answer;               // then: what the assistant says, over the row's fields, {question} and {target}
};

struct TaskSpec {
  TaskInfo info;
  DataFile data;
  FieldRules fields;
  std::string prompt;
  std::string system;               // empty: none
  FewShotSpec fewshot;
  std::filesystem::path folder;     // of the task file; empty for the shipped ones
};

// All tasks that the file defines: one, or one a subset. Never empty.
Result<std::vector<TaskSpec>> parse_task_file(std::string_view text, const std::string& filename);

}  // namespace assay
