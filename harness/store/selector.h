// Selectors: how every command names results.
//
//   RUN[:MODEL]            a run id of the default database, or a prefix that only one run has
//   latest[~n][:MODEL]     the newest run, or the n-th before it
//   FILE.db[#RUN][:MODEL]  the same in another file; without #RUN its newest run
//
// A model's name may hold colons and slashes: all after the separating colon is the name. A
// selector is a file where it names an existing file, or where its file part ends in ".db".
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/api/rows.h"
#include "harness/base/result.h"
#include "harness/store/store.h"

namespace assay {

struct Selector {
  std::filesystem::path file;  // empty: the default database
  std::string run;             // a run id or a prefix of one, upper case; empty: see `back`
  std::uint32_t back = 0;      // how many runs before the newest
  std::string model;           // empty: all
};

// Error: Code::invalid, saying what a selector looks like.
Result<Selector> parse_selector(std::string_view text);

// The run that the selector means among `runs` (newest first, as Store::runs gives them).
// Error: Code::invalid for none or several, with the near ones. `where` is the database's name.
Result<std::string> find_run(const Selector&, const std::vector<RunInfo>& runs, const std::string& where);

struct Resolved {
  std::filesystem::path file;
  Selection selection;         // one run, and the model if one was named
};
// Opens the selector's file for reading (the default one where it names none), finds run and model.
// Error: Code::invalid naming the selector, also for a model that the run does not have.
Result<Resolved> resolve_selector(std::string_view text, const std::filesystem::path& default_file);

}  // namespace assay
