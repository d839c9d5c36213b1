#include <ostream>

#include "reports/formats.h"
#include "reports/text_layout.h"

namespace assay {
namespace {

class TableReport final : public Report {
 public:
  explicit TableReport(const ReportOptions& options) : options_(options) {}

  Result<void> write(const ReportInput& input, std::ostream& out) const override {
    if (const auto* results = std::get_if<ResultsInput>(&input)) {
      write_results(*results, out);
      return written(out);
    }
    // Every page is a table of its own, so that columns fit what is in them and memory stays small.
    bool first = true;
    Result<void> read = for_each_page(std::get<ItemsInput>(input), [&](const std::vector<ItemRow>& page) {
      if (!first) out << '\n';
      first = false;
      write_text(items_grid(page), options_, out);
    });
    if (!read) return read;
    if (first) out << "no results\n";
    return written(out);
  }

 private:
  void write_results(const ResultsInput& input, std::ostream& out) const {
    if (input.rows.empty()) {
      out << "no results\n";
      return;
    }
    const ResultsView view(input);
    for (const Grid& grid : results_grids(view)) {
      write_text(grid, options_, out);
      out << '\n';
    }
    for (const std::string& note : results_notes(view)) out << note << '\n';
  }

  ReportOptions options_;
};

}  // namespace

std::unique_ptr<Report> make_table_report(const ReportOptions& options) {
  return std::make_unique<TableReport>(options);
}

}  // namespace assay
