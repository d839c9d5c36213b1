#include "harness/api/catalog.h"

#include "reports/formats.h"

namespace assay {

std::span<const ReportEntry> report_catalog() {
  static const ReportEntry kReports[] = {
      {"table", "aligned columns for a terminal", make_table_report},
      {"markdown", "GitHub-flavoured Markdown tables, for pull requests", make_markdown_report},
      {"csv", "one row a line (RFC 4180), for spreadsheets and data frames", make_csv_report},
      {"json", "the stable schema of docs/report-json.md, for programs", make_json_report},
  };
  return kReports;
}

}  // namespace assay
