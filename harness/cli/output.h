// Writing reports: to standard output or, whole or not at all, to a file.
#pragma once

#include <memory>
#include <string>

#include "harness/api/report.h"
#include "harness/base/result.h"

namespace assay {

// The report of that format, fitted to the terminal when it goes to one (NO_COLOR is honoured).
Result<std::unique_ptr<Report>> make_report(const std::string& format, bool to_terminal);

// An empty path is standard output. A file appears whole under its name, or not at all.
Result<void> write_report(const Report&, const ReportInput&, const std::string& path);

// Can a report be written there? Asked before anything is paid for.
Result<void> check_output(const std::string& path);

// kExitIncomplete when a headline had to give way to bounds, else kExitOk.
int exit_code_for(const ResultsInput&);

}  // namespace assay
