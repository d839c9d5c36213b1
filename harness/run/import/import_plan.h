// The first of an import's two passes: which sample and epoch each recorded row is about. Internal to harness/run.
//
// Threads: one. Nothing is written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/base/line_reader.h"
#include "harness/run/import/import.h"
#include "harness/run/import/question_index.h"
#include "harness/run/import/zeroeval.h"
#include "harness/store/records.h"

namespace assay {

enum class RowPlace : std::uint8_t {
  task,    // a sample of the task
  row,     // the sample that the row itself brings
  error,   // a bad row about a sample of the task
  none,    // a bad row about nothing known
};

struct PlannedRow {
  std::uint64_t sample = 0;  // index; rows' own samples come after the task's
  std::uint64_t line = 0;    // in the file, from 1
  std::uint32_t epoch = 0;
  RowPlace place = RowPlace::none;
};

struct PlannedFile {
  std::filesystem::path path;
  ImportedFile report;
  std::vector<PlannedRow> rows;   // in the file's order
  std::uint64_t samples = 0;      // distinct
  bool even = true;               // every sample has equally many epochs, and no row was lost
  Digest digest;                  // of the file's text
  Digest prompt;                  // of the recorded prompt's template
  Sampling sampling;              // of the first good row
  std::string generator;          // likewise
};

struct ImportPlan {
  TaskInfo task;
  std::unique_ptr<SampleSet> set;     // null where the task's data could not be opened
  TaskFactors factors;
  std::vector<PlannedFile> files;
  std::vector<std::string> bad_rows;
  std::string data_note;
};

Result<ImportPlan> plan_import(const ImportOptions&, const Plugins&);

// The sample that a row brings. REQUIRES: row.gold.
Sample sample_of_row(const ZeroEvalRow& row);
// What is known of how the answer was sampled.
Sampling sampling_of_row(const ZeroEvalRow& row);

}  // namespace assay
