// Zebra grids: what a trace says of houses and what belongs together, against the one grid that fits the
// clues.
//
// A clause names items and houses. "House 2: Ada, tea" and "Ada lives in house 2" place them; two items of
// different groups without a house belong together ("Ada drinks tea"); words like "left of" relate them. What
// is supposed is checked as supposed (scope.h).
#include <algorithm>

#include "harness/base/format.h"
#include "scorers/trace/verify/grid_question.h"
#include "scorers/trace/verify/report.h"
#include "scorers/trace/verify/scope.h"
#include "scorers/trace/verify/text.h"

namespace assay::verify {
namespace {

using Kind = puzzle::Constraint::Kind;

struct Mark {
  bool house = false;
  std::size_t item = 0;
  int number = 0;
  std::size_t token = 0;
  std::size_t end = 0;
};

bool parts(std::string_view w) {
  return is_one_of(w, {";", "so", "but", "because", "since", "while", "whereas", "which", "therefore", "thus",
                       "hence", "then", "means", "leaving", "as"});
}

class GridReader {
 public:
  GridReader(const GridQuestion& q, const puzzle::Placement& solution) : q_(q), solution_(solution) {}

  std::vector<Asserted> operator()(const Tokens& t) {
    out_.clear();
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= t.size(); ++i) {
      if (i < t.size() && !parts(t.at(i))) continue;
      clause(t, begin, i);
      begin = i + 1;
    }
    return std::move(out_);
  }

 private:
  std::size_t group(std::size_t item) const { return item / q_.puzzle.places; }

  void clause(const Tokens& t, std::size_t begin, std::size_t end) {
    std::vector<Mark> marks;
    std::size_t houses = 0;
    for (std::size_t i = begin; i < end;) {
      if (is_one_of(t.at(i), {"or", "either", "neither", "nor", "any", "only", "all", "remaining"})) return;
      if (const auto h = house_at(t, i)) {
        marks.push_back({true, 0, h->house, i, h->end});
        ++houses;
        i = h->end;
        if (is_one_of(t.at(i), {"and", ","}) && cardinal(t.at(i + 1)) && !house_at(t, i + 1))
          return;  // "houses 1 and 2"
      } else {
        if (const auto item = item_at(q_, t, i)) marks.push_back({false, *item, 0, i, i + 1});
        ++i;
      }
    }
    if (marks.empty()) return;
    const std::size_t items = marks.size() - houses;
    if (const auto relation = grid_relation(t, begin, end)) {
      if (items == 2 && houses == 0) relate(t, marks, *relation, negated_in(t, begin, end));
      return;
    }
    if (houses > 0) return place(t, marks, begin, end);
    together(t, marks, begin, end);
  }

  void say(const Tokens& t, const Mark& from, const Mark& to, bool holds, int about, int value,
           std::string detail) {
    const std::size_t a = std::min(from.token, to.token);
    const std::size_t b = std::max(from.end, to.end);
    out_.push_back({t[a].begin, t[b - 1].end, holds, about, value, std::move(detail)});
  }

  // Items before a house belong to it when the clause opens with an item, else those after it.
  void place(const Tokens& t, const std::vector<Mark>& marks, std::size_t begin, std::size_t end) {
    const bool house_first = marks[0].house;
    const bool no = negated_in(t, begin, end);
    std::optional<Mark> house;
    std::vector<Mark> waiting;
    for (const Mark& m : marks) {
      if (m.house) {
        for (const Mark& w : waiting) at(t, w, m, no);
        waiting.clear();
        house = m;
      } else if (house_first) {
        if (house) at(t, m, *house, no);
      } else {
        waiting.push_back(m);
      }
    }
    // "Ada is in house 2 and drinks tea": what is left belongs to the last house.
    if (house && !no) {
      for (const Mark& w : waiting) at(t, w, *house, no);
    }
  }

  void at(const Tokens& t, const Mark& item, const Mark& house, bool no) {
    const int is = solution_[item.item] + 1;
    const bool holds = (is == house.number) != no;
    say(t, item, house, holds, no ? -1 : static_cast<int>(item.item), house.number,
        holds ? std::string() : format("{} belongs to house {}", t.at(item.token), is));
  }

  void together(const Tokens& t, const std::vector<Mark>& marks, std::size_t begin, std::size_t end) {
    if (marks.size() < 2) return;
    const bool no = negated_in(t, begin, end);
    std::vector<bool> seen(q_.puzzle.groups, false);
    for (const Mark& m : marks) {
      if (seen[group(m.item)]) return;  // "tea, coffee and milk"
      seen[group(m.item)] = true;
    }
    for (std::size_t i = 1; i < marks.size(); ++i) {
      const bool is = solution_[marks[0].item] == solution_[marks[i].item];
      const std::string_view joint = is ? "goes" : "does not go";
      say(t, marks[0], marks[i], is != no, -1, 0,
          is != no ? std::string()
                   : format("{} {} with {}", t.at(marks[0].token), joint, t.at(marks[i].token)));
    }
  }

  void relate(const Tokens& t, const std::vector<Mark>& marks, const GridRelation& r, bool no) {
    puzzle::Constraint c{r.kind, static_cast<std::uint8_t>(marks[r.turned ? 1 : 0].item),
                         static_cast<std::uint8_t>(marks[r.turned ? 0 : 1].item), r.k};
    if (c.a == c.b) return;
    say(t, marks[0], marks[1], puzzle::holds(c, solution_) != no, -1, 0, "the houses do not lie so");
  }

  const GridQuestion& q_;
  const puzzle::Placement& solution_;
  std::vector<Asserted> out_;
};

}  // namespace

StateVerdict verify_zebra(const Input& input) {
  const auto question = read_grid_question(input.prompt);
  if (!question) return Report::unparsed("the question names no houses, groups and clues");
  const auto found = puzzle::solve(question->puzzle, 2);
  if (found.size() != 1)
    return Report::unparsed(found.empty() ? "no grid fits the clues as they were read"
                                          : "more than one grid fits the clues as they were read");
  Report report(input);
  ScopedCheck check(report);
  GridReader reader(*question, found[0]);
  for (std::size_t i = 0; i < input.steps.size() && !report.full(); ++i) {
    check.read(i, input.steps[i].text, [&](std::string_view, const Tokens& t) { return reader(t); });
  }
  if (check.statements() == 0) return Report::unparsed("no step places anything");
  return report.verdict("no step places anything");
}

}  // namespace assay::verify
