// Where data lies, and `assay data pull`: fetch a known data set into the cache.
//
// Threads: any; two pulls of one set at the same time, in one process or two, are safe: each file
// appears whole or not at all.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/base/known_datasets.h"
#include "harness/base/result.h"

namespace assay {

// $XDG_CACHE_HOME/assay/data, else $HOME/.cache/assay/data. Empty when neither is set.
std::filesystem::path data_cache_dir();

// Where tasks look for data, in order: the --data-dir flags, then the folders of $ASSAY_DATA
// (separated by ':'), then the cache. Folders need not exist.
std::vector<std::filesystem::path> default_data_dirs(const std::vector<std::string>& flags = {});

struct PullOptions {
  std::string from;             // a mirror: a folder, file:// or http(s):// address that holds the sets as a
                                // data directory does ("FROM/gsm8k/test.jsonl"); empty: the public addresses
  std::filesystem::path into;   // empty: data_cache_dir()
  std::function<void(const std::string& line)> say;  // progress, a line at a time; may be empty
};

struct PullSummary {
  std::size_t files = 0;    // of the set
  std::size_t fetched = 0;  // the others were there already, with the right SHA-256
};

// Fetches what is missing as NAME.part, resumes a .part that an earlier pull left, checks SHA-256,
// then renames. Errors: Code::invalid for an unknown set (with the nearest name), a mirror that
// lacks a file, or a file whose SHA-256 differs (both digests; the .part is removed);
// Code::unavailable when the network fails, after which a further pull resumes.
Result<PullSummary> pull_dataset(const std::string& name, const PullOptions& options);

}  // namespace assay
