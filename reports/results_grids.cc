#include <algorithm>
#include <functional>
#include <set>

#include "harness/base/format.h"
#include "harness/base/units.h"
#include "reports/cells.h"
#include "reports/grid.h"

namespace assay {
namespace {

// A column and how it fills its cell.
template <typename View>
struct Filler {
  GridColumn column;
  std::function<GridCell(const View&)> fill;
};

template <typename View>
void fill_grid(const std::vector<Filler<View>>& fillers, const std::vector<View>& lines, Grid& grid) {
  for (const auto& filler : fillers) grid.columns.push_back(filler.column);
  for (const View& line : lines) {
    std::vector<GridCell> cells;
    cells.reserve(fillers.size());
    for (const auto& filler : fillers) cells.push_back(filler.fill(line));
    grid.rows.push_back(std::move(cells));
  }
}

GridColumn words(const char* title) { return {title, false, true}; }
GridColumn figures(const char* title) { return {title, true, false}; }

std::string outcome_title(Outcome o) {
  std::string title(name(o));
  std::replace(title.begin(), title.end(), '_', ' ');
  return title;
}

// Which columns say something somewhere in the report; the same for all its sections.
struct Shown {
  bool bounds = false;
  bool epochs = false;
  bool input = false;
  bool output = false;
  bool reasoning = false;
  bool cost = false;
  bool wall = false;
  std::array<bool, kOutcomeCount + 1> outcomes{};
};

Shown shown_in(const ResultsView& view) {
  Shown shown;
  for (const EntryView& e : view.entries()) {
    const LeaderboardRow& r = *e.row;
    shown.bounds = shown.bounds || e.accuracy.missing > 0;
    shown.epochs = shown.epochs || r.epochs > 1;
    shown.input = shown.input || r.input_tokens.known > 0;
    shown.output = shown.output || r.output_tokens.known > 0;
    shown.reasoning = shown.reasoning || r.reasoning_tokens.known > 0;
    shown.cost = shown.cost || r.cost_pico.known > 0;
    shown.wall = shown.wall || r.wall_seconds > 0;
    for (std::size_t i = 1; i <= kOutcomeCount; ++i) {
      shown.outcomes[i] = shown.outcomes[i] || r.outcomes[i] > 0;
    }
  }
  return shown;
}

bool shows(const Shown& shown, Outcome o) { return shown.outcomes[static_cast<std::size_t>(o)]; }

std::string accuracy_title(const Shown& shown) {
  return shows(shown, Outcome::partial) ? "points/scored" : "correct/scored";
}

template <typename View>
void add_call_columns(const Shown& shown, std::vector<Filler<View>>& out) {
  using Pick = KnownSum CallTotals::*;
  const auto tokens = [&out](const char* title, Pick pick) {
    out.push_back({figures(title),
                   [pick](const View& v) { return tokens_cell(v.totals.*pick, v.totals.calls); }});
  };
  if (shown.input) tokens("in tok", &CallTotals::input_tokens);
  if (shown.output) tokens("out tok", &CallTotals::output_tokens);
  if (shown.reasoning) tokens("reasoning tok", &CallTotals::reasoning_tokens);
  if (!shown.cost) return;
  out.push_back({figures("cost USD"),
                 [](const View& v) { return cost_cell(v.totals.cost_pico, v.totals.calls); }});
}

void add_accuracy_columns(const Shown& shown, std::vector<Filler<EntryView>>& out) {
  out.push_back({figures("accuracy"), [](const EntryView& e) {
                   return accuracy_cell(e.headline, e.accuracy.value, e.accuracy.bounds);
                 }});
  out.push_back({figures("95 % interval"),
                 [](const EntryView& e) { return interval_cell(e.headline, e.accuracy.interval); }});
  out.push_back({figures(accuracy_title(shown).c_str()),
                 [](const EntryView& e) { return fraction_cell(e.accuracy.value_sum, e.accuracy.scored); }});
  if (shown.bounds) {
    out.push_back({figures("planned"), [](const EntryView& e) { return count_cell(e.accuracy.planned); }});
    out.push_back({figures("bounds"),
                   [](const EntryView& e) { return bounds_cell(e.accuracy.bounds, e.accuracy.incomplete); }});
  }
  if (shown.epochs) {
    out.push_back({figures("epochs"), [](const EntryView& e) { return count_cell(e.row->epochs); }});
  }
  for (std::size_t i = 1; i <= kOutcomeCount; ++i) {
    const Outcome outcome = static_cast<Outcome>(i);
    // The numerator says how many are correct, unless partial values are in it.
    if (!shown.outcomes[i] || (outcome == Outcome::correct && !shows(shown, Outcome::partial))) continue;
    out.push_back({figures(outcome_title(outcome).c_str()),
                   [i](const EntryView& e) { return count_cell(e.row->outcomes[i]); }});
  }
}

const LeaderboardRow& named(const EntryView& e) { return *e.row; }
const OverallView& named(const OverallView& o) { return o; }

GridCell said(const std::string& untrusted) { return {untrusted, true, Tone::plain}; }

template <typename View>
void add_name_columns(const ResultsView& view, std::vector<Filler<View>>& out) {
  out.push_back({words("model"), [](const View& v) { return said(named(v).model); }});
  if (view.several_variants()) {
    out.push_back({words("variant"), [](const View& v) {
                     return named(v).variant.empty() ? GridCell{kNone} : said(named(v).variant);
                   }});
  }
  if (view.several_strategies()) {
    out.push_back({words("strategy"), [](const View& v) { return said(named(v).strategy); }});
  }
}

Grid section_grid(const ResultsView& view, const SectionView& section, const Shown& shown) {
  using F = Filler<EntryView>;
  std::vector<F> fillers;
  add_name_columns(view, fillers);
  if (section.show_run) {
    fillers.push_back(
        F{words("run"), [&view](const EntryView& e) { return said(view.short_run_id(e.row->run_id)); }});
  }
  add_accuracy_columns(shown, fillers);
  add_call_columns(shown, fillers);
  if (shown.wall) {
    fillers.push_back(F{figures("wall time"),
                        [](const EntryView& e) { return GridCell{duration_text(e.row->wall_seconds)}; }});
  }
  Grid grid;
  grid.title = format("{}@{}, scored by {}@{}{}", section.task, section.task_version, section.scorer,
                      section.scorer_version, section.primary ? "" : " (not the task's primary scorer)");
  fill_grid(fillers, section.entries, grid);
  return grid;
}

Grid overall_grid(const ResultsView& view, const Shown& shown) {
  using F = Filler<OverallView>;
  std::vector<F> fillers;
  add_name_columns(view, fillers);
  fillers.push_back(F{figures("mean accuracy"),
                      [](const OverallView& o) { return accuracy_cell(o.headline, o.accuracy, o.bounds); }});
  fillers.push_back(F{figures("95 % interval"),
                      [](const OverallView& o) { return interval_cell(o.headline, o.interval); }});
  if (shown.bounds) {
    fillers.push_back(
        F{figures("bounds"), [](const OverallView& o) { return bounds_cell(o.bounds, o.incomplete); }});
  }
  fillers.push_back(F{figures("tasks"), [](const OverallView& o) {
                        return GridCell{format("{} of {}", o.tasks, o.tasks_total), false,
                                        o.tasks < o.tasks_total ? Tone::warning : Tone::plain};
                      }});
  fillers.push_back(F{figures("scored/planned"), [](const OverallView& o) {
                        return GridCell{format("{}/{}", o.scored, o.planned)};
                      }});
  add_call_columns(shown, fillers);
  Grid grid;
  grid.title = format("overall: mean over {} tasks, each counted once", view.overall().front().tasks_total);
  fill_grid(fillers, view.overall_best_first(), grid);
  return grid;
}

std::string interval_note(const ResultsView& view) {
  std::set<IntervalMethod> methods;
  for (const EntryView& e : view.entries()) {
    if (e.headline && e.accuracy.interval) methods.insert(e.accuracy.method);
  }
  std::string list;
  for (const IntervalMethod m : methods) list += format("{}{}", list.empty() ? "" : "; ", description(m));
  return list.empty() ? list : format("95 % interval: {}.", list);
}

std::string unknown_note(const Shown& shown) {
  std::string list;
  const auto add = [&list](bool known, const char* what) {
    if (!known) list += format("{}{}", list.empty() ? "" : ", ", what);
  };
  add(shown.input, "input tokens");
  add(shown.output, "output tokens");
  add(shown.reasoning, "reasoning tokens");
  add(shown.cost, "cost");
  return list.empty() ? list : format("Not known for any line: {}.", list);
}

bool any_lower_bound(const ResultsView& view) {
  const auto partly = [](const KnownSum& s, std::uint64_t calls) { return s.known > 0 && s.known < calls; };
  return std::any_of(view.entries().begin(), view.entries().end(), [&partly](const EntryView& e) {
    const CallTotals& t = e.totals;
    return partly(t.input_tokens, t.calls) || partly(t.output_tokens, t.calls) ||
           partly(t.reasoning_tokens, t.calls) || partly(t.cost_pico, t.calls);
  });
}

}  // namespace

std::vector<Grid> results_grids(const ResultsView& view) {
  std::vector<Grid> grids;
  const Shown shown = shown_in(view);
  for (const SectionView& section : view.sections()) grids.push_back(section_grid(view, section, shown));
  if (!view.overall().empty() && view.overall().front().tasks_total > 1) {
    grids.push_back(overall_grid(view, shown));
  }
  return grids;
}

std::vector<std::string> results_notes(const ResultsView& view) {
  std::vector<std::string> notes;
  const Shown shown = shown_in(view);
  const auto add = [&notes](std::string note) {
    if (!note.empty()) notes.push_back(std::move(note));
  };
  add(shows(shown, Outcome::partial)
          ? "Accuracy = points / scored attempts; a partial answer adds its value. Errors and unscored are not "
            "scored."
          : "Accuracy = correct / scored attempts. Errors and unscored are not scored.");
  add(interval_note(view));
  if (!shown.bounds) {
    add("Every planned attempt is scored, so that bounds over planned attempts equal the accuracy.");
  } else {
    add("Bounds = over planned attempts: every missing one wrong \xE2\x80\x93 every missing one right.");
  }
  if (view.incomplete()) {
    add("Incomplete: where bounds are more than one point apart they stand in place of an accuracy.");
  }
  if (any_lower_bound(view)) add("\xE2\x89\xA5 = a lower bound: some calls did not say.");
  add(unknown_note(shown));
  if (view.superseded_runs() && view.overall().front().tasks_total > 1) {
    add("Overall takes the latest run of each model and task.");
  }
  return notes;
}

}  // namespace assay
