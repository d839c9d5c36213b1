#include "scorers/trace/verify/grid_question.h"

#include <algorithm>
#include <vector>

namespace assay::verify {
namespace {

using Kind = puzzle::Constraint::Kind;

// Words after the colon at token i, up to the full stop.
std::vector<std::string> list_after(const Tokens& t, std::size_t i) {
  std::vector<std::string> out;
  for (std::size_t j = i + 1; j < t.size() && t.at(j) != "." && out.size() <= puzzle::kMaxPlaces; ++j) {
    if (t[j].is_word() && t.at(j) != "and") out.emplace_back(t.at(j));
  }
  return out;
}

std::optional<puzzle::Constraint> clue_in(const GridQuestion& q, const Tokens& t, std::size_t begin,
                                          std::size_t end) {
  std::vector<std::size_t> items;
  std::optional<int> house;
  for (std::size_t i = begin; i < end; ++i) {
    if (const auto item = item_at(q, t, i)) items.push_back(*item);
    if (const auto h = house_at(t, i)) house = h->house;
  }
  puzzle::Constraint c;
  const bool no = negated_in(t, begin, end);
  if (items.size() == 1 && house && *house >= 1 && *house <= static_cast<int>(q.puzzle.places)) {
    c.kind = no ? Kind::not_at : Kind::at;
    c.a = static_cast<std::uint8_t>(items[0]);
    c.k = static_cast<std::uint8_t>(*house - 1);
    return c;
  }
  if (items.size() != 2 || items[0] == items[1]) return std::nullopt;
  c.a = static_cast<std::uint8_t>(items[0]);
  c.b = static_cast<std::uint8_t>(items[1]);
  const auto relation = grid_relation(t, begin, end);
  c.kind = no ? Kind::apart : Kind::together;
  if (relation) {
    c.kind = relation->kind == Kind::beside && no ? Kind::not_beside : relation->kind;
    c.k = relation->k;
    if (relation->turned) std::swap(c.a, c.b);
  }
  return c;
}

}  // namespace

std::optional<std::size_t> item_at(const GridQuestion& q, const Tokens& t, std::size_t i) {
  std::string_view w = t.at(i);
  auto found = q.items.find(w);
  if (found != q.items.end()) return found->second;
  if (w.ends_with("'s")) {
    found = q.items.find(w.substr(0, w.size() - 2));
    if (found != q.items.end()) return found->second;
  }
  if (w.size() > 3 && w.ends_with('s')) {
    found = q.items.find(w.substr(0, w.size() - 1));
    if (found != q.items.end()) return found->second;
  }
  return std::nullopt;
}

std::optional<HouseAt> house_at(const Tokens& t, std::size_t i) {
  if (is_one_of(t.at(i), {"house", "h", "position", "#"})) {
    const std::size_t j = is_one_of(t.at(i + 1), {"number", "no", "#"}) ? i + 2 : i + 1;
    const auto n = cardinal(t.at(j));
    return n && *n >= 1 ? std::optional<HouseAt>(HouseAt{*n, j + 1}) : std::nullopt;
  }
  if (t.at(i + 1) == "house") {
    const auto n = ordinal(t.at(i));
    if (n) return HouseAt{*n, i + 2};
  }
  const std::string_view w = t.at(i);
  if (w.size() >= 2 && w.size() <= 3 && w[0] == 'h' && is_digit(w[1])) {  // "h1"
    const auto short_form = cardinal(w.substr(1));
    if (short_form) return HouseAt{*short_form, i + 1};
  }
  return std::nullopt;
}

std::optional<GridRelation> grid_relation(const Tokens& t, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    const std::string_view w = t.at(i);
    const bool side = (w == "left" || w == "right") && (t.at(i + 1) == "of" || (t.at(i + 1) == "neighbor"));
    if (side) {
      bool directly = false;
      for (std::size_t j = i >= 4 ? i - 4 : 0; j < i; ++j)
        directly = directly || is_one_of(t.at(j), {"directly", "immediately", "just", "immediate", "right"});
      return GridRelation{directly ? Kind::directly_before : Kind::before, w == "right", 0};
    }
    if ((is_one_of(w, {"next", "adjacent"}) && (t.at(i + 1) == "to" || t.at(i + 1) == "door")) ||
        is_one_of(w, {"beside", "neighbours", "neighbors", "neighbour", "neighbor"})) {
      return GridRelation{Kind::beside, false, 0};
    }
    if (w == "between") {
      for (std::size_t j = begin; j < i; ++j) {
        const auto n = cardinal(t.at(j));
        if (n && !(j > begin && t.at(j - 1) == "house") && *n < static_cast<int>(puzzle::kMaxPlaces))
          return GridRelation{Kind::gap, false, static_cast<std::uint8_t>(*n)};
      }
      return std::nullopt;
    }
  }
  return std::nullopt;
}

bool negated_in(const Tokens& t, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    if (is_one_of(t.at(i), {"not", "cannot", "can't", "never"}) || t.at(i).ends_with("n't")) return true;
  }
  return false;
}

std::optional<GridQuestion> read_grid_question(std::string_view prompt) {
  const Tokens t(prompt);
  GridQuestion q;
  std::size_t i = 0;
  std::size_t last_list = 0;
  for (; i < t.size(); ++i) {
    if (t.at(i) != ":" || i == 0 || is_one_of(t.at(i - 1), {"answer", "form"})) continue;
    const auto words = list_after(t, i);
    if (words.size() < 2 || words.size() > puzzle::kMaxPlaces) continue;
    if (q.puzzle.places == 0) q.puzzle.places = words.size();
    if (words.size() != q.puzzle.places) continue;
    for (std::size_t k = 0; k < words.size(); ++k) q.items.emplace(words[k], q.items.size());
    last_list = i;
  }
  if (q.puzzle.places == 0 || q.items.size() % q.puzzle.places != 0) return std::nullopt;
  q.puzzle.groups = q.items.size() / q.puzzle.places;
  if (q.puzzle.groups > puzzle::kMaxGroups) return std::nullopt;
  while (last_list < t.size() && t.at(last_list) != ".") ++last_list;
  std::size_t begin = last_list + 1;
  for (i = begin; i < t.size(); ++i) {
    if (t.at(i) == "?") begin = i + 1;
    if (t.at(i) != "." || (i > 0 && t[i - 1].kind == Token::Kind::number && i <= begin + 1))
      continue;  // "1." opens a clue
    if (const auto clue = clue_in(q, t, begin, i)) q.puzzle.constraints.push_back(*clue);
    begin = i + 1;
  }
  return puzzle::well_formed(q.puzzle) && !q.puzzle.constraints.empty() ? std::optional(std::move(q))
                                                                        : std::nullopt;
}

}  // namespace assay::verify
