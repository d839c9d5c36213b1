// Runs a program and keeps what it printed. For tests of the real `assay`.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace assay::test {

struct ProcessResult {
  int exit_code = -1;  // 128 + n when signal n ended it
  std::string out;
  std::string err;
};

// argv[0] is a path. `env` is laid over the test's own environment; an empty value unsets.
// `cwd` empty: the test's own. Standard input is `input`.
ProcessResult run_process(const std::vector<std::string>& argv, const std::map<std::string, std::string>& env = {},
                          const std::string& cwd = "", const std::string& input = "");

// The `assay` that was built with these tests.
ProcessResult assay(std::vector<std::string> arguments, const std::map<std::string, std::string>& env = {},
                    const std::string& cwd = "", const std::string& input = "");

}  // namespace assay::test
