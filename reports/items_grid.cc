#include <algorithm>

#include "harness/base/format.h"
#include "harness/base/units.h"
#include "reports/cells.h"
#include "reports/grid.h"

namespace assay {
namespace {

GridCell said(const std::string& text) { return {text, true, Tone::plain}; }

Tone tone_of(Outcome o) {
  if (o == Outcome::correct) return Tone::strong;
  return o == Outcome::error || o == Outcome::unscored ? Tone::warning : Tone::plain;
}

}  // namespace

Grid items_grid(const std::vector<ItemRow>& page) {
  const bool variants =
      std::any_of(page.begin(), page.end(), [](const ItemRow& r) { return !r.variant.empty(); });
  Grid grid;
  grid.columns = {{"task", false, true}, {"model", false, true}};
  if (variants) grid.columns.push_back({"variant", false, true});
  for (const char* title : {"sample", "epoch", "scorer", "outcome", "value", "extracted", "rule",
                            "explanation", "out tok", "cost USD"}) {
    const std::string_view t = title;
    const bool right = t == "epoch" || t == "value" || t == "out tok" || t == "cost USD";
    grid.columns.push_back({title, right, t == "sample" || t == "epoch"});
  }
  for (const ItemRow& r : page) {
    std::vector<GridCell> cells = {said(r.task), said(r.model)};
    if (variants) cells.push_back(r.variant.empty() ? GridCell{kNone} : said(r.variant));
    cells.push_back(said(r.sample_key));
    cells.push_back({format("{}", r.epoch)});
    cells.push_back(said(format("{}@{}", r.scorer, r.scorer_version)));
    cells.push_back({std::string(name(r.outcome)), false, tone_of(r.outcome)});
    cells.push_back({is_scored(r.outcome) ? sum_text(r.value) : kNone});
    cells.push_back(said(r.extracted));
    cells.push_back(said(r.rule));
    cells.push_back(said(r.explanation));
    cells.push_back({r.output_tokens ? format("{}", *r.output_tokens) : "?"});
    cells.push_back({r.cost_pico ? usd_text(*r.cost_pico) : kNone});
    grid.rows.push_back(std::move(cells));
  }
  return grid;
}

}  // namespace assay
