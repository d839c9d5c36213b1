// The report formats, for catalog.cc and tests.
#pragma once

#include <iosfwd>
#include <memory>

#include "harness/api/report.h"

namespace assay {

std::unique_ptr<Report> make_table_report(const ReportOptions&);
std::unique_ptr<Report> make_markdown_report(const ReportOptions&);
std::unique_ptr<Report> make_csv_report(const ReportOptions&);
std::unique_ptr<Report> make_json_report(const ReportOptions&);

// Calls fn(page) for each non-empty page until the last. Stops at the first error.
using OnPage = std::function<void(const std::vector<ItemRow>&)>;
Result<void> for_each_page(const ItemsInput&, const OnPage& fn);

// Ok while the stream is good; else an error, since a report that was not written whole is none.
Result<void> written(const std::ostream&);

}  // namespace assay
