// A titled table of texts: what `table` and `markdown` have in common. Each escapes the untrusted
// cells for its own medium.
#pragma once

#include <string>
#include <vector>

#include "harness/api/report.h"
#include "reports/results_view.h"

namespace assay {

enum class Tone : std::uint8_t { plain, strong, faint, warning };

struct GridCell {
  std::string text;
  bool untrusted = false;   // a model, a server or a data file may have written it
  Tone tone = Tone::plain;
};

struct GridColumn {
  std::string title;
  bool right = false;       // numbers align right, and are never cut
  bool key = false;         // says what the line is about; repeated where a wide table is split
};

struct Grid {
  std::string title;        // untrusted
  std::vector<GridColumn> columns;
  std::vector<std::vector<GridCell>> rows;  // each as long as `columns`
};

// A section a task and scorer, then the overall section if there are several tasks.
std::vector<Grid> results_grids(const ResultsView&);
// What the figures are: denominators, bounds, interval methods, what was left out. One line each.
std::vector<std::string> results_notes(const ResultsView&);

Grid items_grid(const std::vector<ItemRow>& page);

}  // namespace assay
