// Import: recorded answers of another harness become a run, scored like any other.
//
//   ImportOptions options;
//   options.files = {"gsm/small.jsonl.gz", "gsm/large.jsonl.gz"};
//   options.task = "math/gsm8k";
//   auto outcome = import_files(options, *store, plugins);
//
// One run, one entry a file. A row belongs to the task's sample of the same id, if its prompt holds that
// sample's question; else to the sample whose question its prompt holds (white space aside); else it brings its
// own sample, from its prompt and its expected answer. Later rows about the same sample are further epochs.
//
// What is stored: the call's request holds the recorded prompt, the sampling as far as it is known, and under
// "recorded" the file, the line, the rule that found the answer, and every field that is not otherwise used. The
// response's text is the output as recorded, its reasoning the output's `reasoning`, its answer the output's
// `answer`. Token counts, times, costs and finish reasons are unknown.
//
// A bad row is named and counted. Where its id is that of a sample it is an attempt with Outcome::error;
// otherwise it is missing from the planned attempts.
//
// Errors: Code::invalid before anything is written: an unknown format or task, two files for one model, a file
//   that cannot be read or holds no good row, data of the task that is not as it should be. What the store reports otherwise.
// Threads: any; one call at a time a store. Starts its own scoring threads and has joined them at return.
// Memory: some bytes a row and a sample, whatever the length of the rows.
// Comparability: the same files give the same attempts and scores for every number of threads.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/api/outcome.h"
#include "harness/run/plugins.h"
#include "harness/store/store.h"

namespace assay {

// Known formats, for messages and completion.
std::vector<std::string> import_formats();

struct ImportOptions {
  std::vector<std::filesystem::path> files;  // plain or gzip
  std::string format = "zeroeval";
  std::string task;
  std::string model;                    // empty: each file's name without ".jsonl" and ".gz"
  std::vector<std::filesystem::path> data_dirs;
  std::uint64_t seed = 0;               // of a procedural task's samples
  unsigned scoring_threads = 0;         // 0: one a core
  std::string program;                  // "assay 0.1.0"
  std::string command;                  // as typed, secrets redacted
  // Called now and then from the calling thread with the rows scored and the rows there are.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

struct ImportedFile {
  std::string path;
  std::string model;
  std::uint64_t rows = 0;               // good ones
  std::uint64_t by_id = 0;              // how they found their sample
  std::uint64_t by_question = 0;
  std::uint64_t from_row = 0;
  std::uint64_t bad = 0;
  std::uint32_t epochs = 1;             // most rows about one sample
  std::array<std::uint64_t, 5> rules{};  // rows by AnswerRule's value
  std::array<std::uint64_t, kOutcomeCount + 1> outcomes{};
};

struct ImportOutcome {
  std::string run_id;
  std::vector<ImportedFile> files;      // in the order given
  std::vector<std::string> bad_rows;    // "file:line: reason", the first kMaxBadRowsNamed
  std::string data_note;                // why the task's own samples were not used, or empty
  double plan_s = 0;                    // reading and matching
  double score_s = 0;                   // reading again, scoring and storing
  double commit_s = 0;                  // waiting for the store at the end
};
inline constexpr std::size_t kMaxBadRowsNamed = 100;

Result<ImportOutcome> import_files(const ImportOptions&, Store&, const Plugins&);

}  // namespace assay
