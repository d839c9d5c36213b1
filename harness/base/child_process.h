// Runs a program and waits for it, without a shell. What it prints on both outputs is kept from its end.
//
// The child has no standard input and this process's environment, but for variables whose names speak of
// secrets (KEY, TOKEN, SECRET, PASSWORD) and do not begin with one of `keep`.
// Threads: any. Blocks until the child has ended.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/result.h"

namespace assay {

struct ChildOutput {
  int exit_code = 0;   // 128 + n when signal n ended it
  std::string output;  // untrusted; its last bytes
};

struct ChildOptions {
  std::vector<std::string> keep;                   // prefixes of names that may speak of secrets: "PIP_"
  std::vector<std::pair<std::string, std::string>> defaults;  // variables to set where they are not set
  std::size_t max_output = std::size_t{1} << 16;
};

// argv[0] is looked for in PATH. Error: Code::invalid when it is not there or cannot be started.
Result<ChildOutput> run_child(const std::vector<std::string>& argv, const ChildOptions& options = {});

}  // namespace assay
