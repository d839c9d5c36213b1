#include "reports/text_layout.h"

#include <algorithm>
#include <numeric>
#include <ostream>

#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kKeepIfPossible = 20;  // columns of words that a cut leaves before splitting
constexpr std::size_t kKeepAlways = 8;

using Widths = std::vector<std::size_t>;

std::string_view code_of(Tone tone) {
  switch (tone) {
    case Tone::plain: return "";
    case Tone::strong: return "\x1b[1m";
    case Tone::faint: return "\x1b[2m";
    case Tone::warning: return "\x1b[33m";
  }
  return "";
}

void put(std::string_view text, Tone tone, bool color, std::ostream& out) {
  const std::string_view code = color ? code_of(tone) : std::string_view();
  out << code << text;
  if (!code.empty()) out << "\x1b[0m";
}

std::size_t line_width(const Widths& widths, const std::vector<std::size_t>& columns) {
  std::size_t sum = 0;
  for (const std::size_t c : columns) sum += widths[c] + kGap;
  return sum == 0 ? 0 : sum - kGap;
}

// Takes columns off the widest words until the line fits or all are down to `floor`.
void shrink(const Grid& grid, const std::vector<std::size_t>& columns, std::size_t limit, std::size_t floor,
            Widths& widths) {
  for (std::size_t now = line_width(widths, columns); now > limit; --now) {
    std::size_t* widest = nullptr;
    for (const std::size_t c : columns) {
      if (grid.columns[c].right || widths[c] <= floor) continue;
      if (widest == nullptr || widths[c] > *widest) widest = &widths[c];
    }
    if (widest == nullptr) return;
    --*widest;
  }
}

Widths natural_widths(const Grid& grid) {
  Widths widths;
  for (const GridColumn& column : grid.columns) widths.push_back(display_width(column.title));
  for (const auto& row : grid.rows) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], display_width(row[c].text));
  }
  return widths;
}

// Which columns stand together: all of them if they fit, else the keys with as many others as fit.
std::vector<std::vector<std::size_t>> blocks_of(const Grid& grid, std::size_t limit, Widths& widths) {
  std::vector<std::size_t> all(grid.columns.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  if (limit == 0 || line_width(widths, all) <= limit) return {all};
  Widths shrunk = widths;
  shrink(grid, all, limit, kKeepIfPossible, shrunk);
  if (line_width(shrunk, all) <= limit) {
    widths = shrunk;
    return {all};
  }
  std::vector<std::size_t> keys;
  for (const std::size_t c : all) {
    if (grid.columns[c].key) keys.push_back(c);
  }
  shrink(grid, keys, limit / 2, kKeepAlways, widths);
  std::vector<std::vector<std::size_t>> blocks;
  std::vector<std::size_t> block = keys;
  for (const std::size_t c : all) {
    if (grid.columns[c].key) continue;
    const std::size_t taken = line_width(widths, keys) + kGap;
    const std::size_t room = limit > taken ? limit - taken : 0;
    if (!grid.columns[c].right) widths[c] = std::min(widths[c], std::max(room, kKeepAlways));
    block.push_back(c);
    if (line_width(widths, block) <= limit || block.size() == keys.size() + 1) continue;
    block.pop_back();
    blocks.push_back(block);
    block = keys;
    block.push_back(c);
  }
  blocks.push_back(block);
  return blocks;
}

void write_line(const Grid& grid, const std::vector<GridCell>& cells, const std::vector<std::size_t>& block,
                const Widths& widths, bool color, std::ostream& out) {
  std::size_t pending = 0;  // blanks owed before the next text, so that no line ends in blanks
  for (const std::size_t c : block) {
    const std::string text = fit_columns(cells[c].text, widths[c]);
    const std::size_t used = display_width(text);
    const std::size_t fill = widths[c] > used ? widths[c] - used : 0;
    if (grid.columns[c].right) pending += fill;
    if (!text.empty()) {
      out << std::string(pending, ' ');
      put(text, cells[c].tone, color, out);
      pending = 0;
    }
    pending += kGap + (grid.columns[c].right ? 0 : fill);
  }
  out << '\n';
}

}  // namespace

void write_text(const Grid& untrusted, const ReportOptions& options, std::ostream& out) {
  Grid grid = untrusted;
  grid.title = printable(grid.title);
  for (auto& row : grid.rows) {
    for (GridCell& cell : row) {
      if (cell.untrusted) cell.text = printable(cell.text);
    }
  }
  std::vector<GridCell> header;
  for (const GridColumn& column : grid.columns) header.push_back({column.title, false, Tone::faint});
  Widths widths = natural_widths(grid);
  const auto blocks = blocks_of(grid, options.width, widths);
  if (!grid.title.empty()) {
    put(grid.title, Tone::strong, options.color, out);
    out << '\n';
  }
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    if (b > 0) out << '\n';
    write_line(grid, header, blocks[b], widths, options.color, out);
    for (const auto& row : grid.rows) write_line(grid, row, blocks[b], widths, options.color, out);
  }
}

}  // namespace assay
