// Lays a grid out in aligned columns for a terminal.
//
// Wide characters count double and combining ones nothing. Untrusted text is shown with its control
// characters written out. If the lines are longer than `width`, words are cut with an ellipsis
// first, then the columns are split over several blocks that repeat the key columns: no figure is
// ever cut or left out. Threads: any.
#pragma once

#include <iosfwd>

#include "harness/api/report.h"
#include "reports/grid.h"

namespace assay {

void write_text(const Grid&, const ReportOptions&, std::ostream&);

}  // namespace assay
