#include "harness/cli/output.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <vector>

#include "harness/api/catalog.h"
#include "harness/base/format.h"
#include "harness/base/suggest.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/terminal.h"
#include "harness/stats/accuracy.h"

namespace assay {
Result<std::unique_ptr<Report>> make_report(const std::string& format_name, bool to_terminal) {
  ReportOptions options;
  if (to_terminal) {
    options.color = terminal_color();
    options.width = terminal_width();
  }
  std::vector<std::string_view> names;
  for (const ReportEntry& entry : report_catalog()) {
    if (entry.id == format_name) return entry.make(options);
    names.push_back(entry.id);
  }
  return invalid(format("--format: unknown format '{}'{}", format_name, did_you_mean(format_name, names)));
}

Result<void> write_report(const Report& report, const ReportInput& input, const std::string& path) {
  if (path.empty()) {
    auto written = report.write(input, std::cout);
    if (!written) return written;
    std::cout.flush();
    if (!std::cout) return invalid("standard output: cannot be written");
    return {};
  }
  const std::string part = path + ".part";
  {
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    if (!out) return invalid(format("--output: cannot create '{}'", part));
    auto written = report.write(input, out);
    out.flush();
    if (written && !out) written = invalid(format("--output: cannot write '{}'", part));
    if (!written) {
      std::remove(part.c_str());
      return written;
    }
  }
  std::error_code moved;
  std::filesystem::rename(part, path, moved);
  if (moved) {
    std::remove(part.c_str());
    return invalid(format("--output: cannot write '{}': {}", path, moved.message()));
  }
  return {};
}

Result<void> check_output(const std::string& path) {
  if (path.empty()) return {};
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const std::string where = folder.empty() ? "." : folder.string();
  std::error_code ignored;
  if (!std::filesystem::is_directory(where, ignored) || access(where.c_str(), W_OK) != 0) {
    return invalid(format("--output: cannot write into '{}'", where));
  }
  if (std::filesystem::is_directory(path, ignored)) return invalid(format("--output: '{}' is a folder", path));
  return {};
}

int exit_code_for(const ResultsInput& input) {
  return !input.allow_incomplete && any_incomplete(input.rows) ? kExitIncomplete : kExitOk;
}

}  // namespace assay
