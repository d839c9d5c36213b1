#include <ostream>

#include "harness/base/utf8.h"
#include "reports/formats.h"
#include "reports/grid.h"

namespace assay {
namespace {

// Text that renders as itself in GitHub-flavoured Markdown, inside a table cell too: one line, no
// markup, no HTML, no links. What is markup at the start of a line only needs no escape here. The
// three HTML characters become entities, since some renderers look for tags first.
std::string escaped(const std::string& untrusted) {
  static constexpr std::string_view kMarkup = "\\`*_[]|~$";
  const std::string text = printable(untrusted);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const std::string_view rest = std::string_view(text).substr(i);
    if (c == '<') { out += "&lt;"; continue; }
    if (c == '>') { out += "&gt;"; continue; }
    if (c == '&') { out += "&amp;"; continue; }
    // "http://" and "www." become links without any markup.
    const bool www = c == '.' && i >= 3 && text.compare(i - 3, 3, "www") == 0;
    const bool link = www || rest.substr(0, 3) == "://";
    if (link || kMarkup.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

void write_cell(const GridCell& cell, std::ostream& out) {
  const std::string text = cell.untrusted ? escaped(cell.text) : cell.text;
  const bool bold = cell.tone == Tone::strong && !text.empty();
  out << ' ' << (bold ? "**" : "") << text << (bold ? "**" : "") << " |";
}

void write_header(const Grid& grid, std::ostream& out) {
  out << '|';
  for (const GridColumn& column : grid.columns) out << ' ' << column.title << " |";
  out << "\n|";
  for (const GridColumn& column : grid.columns) out << (column.right ? " ---: |" : " --- |");
  out << '\n';
}

void write_rows(const Grid& grid, std::ostream& out) {
  for (const auto& row : grid.rows) {
    out << '|';
    for (const GridCell& cell : row) write_cell(cell, out);
    out << '\n';
  }
}

class MarkdownReport final : public Report {
 public:
  Result<void> write(const ReportInput& input, std::ostream& out) const override {
    if (const auto* results = std::get_if<ResultsInput>(&input)) {
      write_results(*results, out);
      return written(out);
    }
    bool first = true;
    Result<void> read = for_each_page(std::get<ItemsInput>(input), [&](const std::vector<ItemRow>& page) {
      const Grid grid = items_grid(page);
      if (first) write_header(grid, out);
      first = false;
      write_rows(grid, out);
    });
    if (!read) return read;
    if (first) out << "No results.\n";
    return written(out);
  }

 private:
  static void write_results(const ResultsInput& input, std::ostream& out) {
    if (input.rows.empty()) {
      out << "No results.\n";
      return;
    }
    const ResultsView view(input);
    for (const Grid& grid : results_grids(view)) {
      out << "### " << escaped(grid.title) << "\n\n";
      write_header(grid, out);
      write_rows(grid, out);
      out << '\n';
    }
    for (const std::string& note : results_notes(view)) out << "- " << note << '\n';
  }
};

}  // namespace

std::unique_ptr<Report> make_markdown_report(const ReportOptions&) {
  return std::make_unique<MarkdownReport>();
}

}  // namespace assay
