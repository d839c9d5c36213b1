#include "scorers/trace/verify/ordering_lexer.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace assay::verify {
namespace {

std::optional<std::size_t> reads_thing(const Thing& thing, const Tokens& t, std::size_t i) {
  std::size_t best = 0;
  for (const auto& way : thing.ways) {
    std::size_t n = 0;
    while (n < way.size() && t.at(i + n) == way[n]) ++n;
    if (n == way.size()) best = std::max(best, n);
  }
  return best == 0 ? std::nullopt : std::optional<std::size_t>(best);
}

bool article(std::string_view w) { return is_one_of(w, {"a", "an", "the"}); }

// A superlative of one word.
std::optional<End> superlative(std::string_view w) {
  if (is_one_of(
          w, {"leftmost", "newest", "cheapest", "topmost", "frontmost", "highest", "youngest", "earliest"}))
    return End::low;
  if (is_one_of(w, {"rightmost", "oldest", "bottommost", "hindmost", "lowest", "priciest", "costliest",
                    "latest", "dearest"}))
    return End::high;
  return std::nullopt;
}

struct RelationAt {
  Relation relation;
  std::size_t tokens;
};

std::optional<RelationAt> plain_relation(const Tokens& t, std::size_t i) {
  const std::string_view w = t.at(i);
  const std::size_t to = w == "to" && t.at(i + 1) == "the" ? 2 : 0;
  const std::string_view side = t.at(i + to);
  if ((side == "left" || side == "right") && t.at(i + to + 1) == "of") {
    return RelationAt{side == "left" ? Relation::before : Relation::after, to + 2};
  }
  if (is_one_of(w, {"above", "before"})) return RelationAt{Relation::before, 1};
  if (is_one_of(w, {"below", "after", "behind"})) return RelationAt{Relation::after, 1};
  if (w == "ahead" && t.at(i + 1) == "of") return RelationAt{Relation::before, 2};
  if (t.reads(i, {"in", "front", "of"})) return RelationAt{Relation::before, 3};
  if (w == "next" && t.at(i + 1) == "to") return RelationAt{Relation::beside, 2};
  if (w == "adjacent" && t.at(i + 1) == "to") return RelationAt{Relation::beside, 2};
  if (w == "beside") return RelationAt{Relation::beside, 1};
  if (t.at(i + 1) == "than") {
    if (is_one_of(w, {"newer", "cheaper", "younger", "higher", "earlier", "better"}))
      return RelationAt{Relation::before, 2};
    if (is_one_of(w, {"older", "pricier", "costlier", "lower", "later", "worse"}))
      return RelationAt{Relation::after, 2};
  }
  if (t.reads(i, {"less", "expensive", "than"})) return RelationAt{Relation::before, 3};
  if (t.reads(i, {"more", "expensive", "than"})) return RelationAt{Relation::after, 3};
  return std::nullopt;
}

std::optional<RelationAt> relation_at(const Tokens& t, std::size_t i) {
  if (is_one_of(t.at(i), {"directly", "immediately", "just", "right"})) {
    auto out = plain_relation(t, i + 1);
    if (!out || out->relation == Relation::beside)
      return out ? std::optional(RelationAt{Relation::beside, out->tokens + 1}) : plain_relation(t, i);
    const bool directly = out->relation == Relation::before;
    return RelationAt{directly ? Relation::directly_before : Relation::directly_after, out->tokens + 1};
  }
  return plain_relation(t, i);
}

bool hyphen_after(std::string_view text, const Tokens& t, std::size_t i) {
  return i + 1 < t.size() && t[i + 1].begin == t[i].end + 1 && text[t[i].end] == '-';
}

Atom place(int number, End end) {
  Atom out;
  out.kind = Atom::Kind::place;
  out.number = number;
  out.end = end;
  return out;
}

// A position named at token i; `used` gets the tokens taken.
std::optional<Atom> place_at(std::string_view text, const Tokens& t, std::size_t i, std::size_t& used) {
  if (const auto s = superlative(t.at(i))) {
    used = 1;
    return place(1, *s);
  }
  if (t.at(i) == "last") {
    used = 1;
    return place(1, End::high);
  }
  if (is_one_of(t.at(i), {"most", "least"}) && t.at(i + 1) == "expensive") {
    used = 2;
    return place(1, t.at(i) == "least" ? End::low : End::high);
  }
  if (is_one_of(t.at(i), {"position", "place", "spot", "slot", "number"}) && i + 1 < t.size() &&
      t[i + 1].kind == Token::Kind::number) {
    const auto n = cardinal(t.at(i + 1));
    if (n && *n >= 1 && *n <= 99) {
      used = 2;
      Atom out = place(*n, End::low);
      out.kind = Atom::Kind::ordinal;
      return out;
    }
  }
  const auto n = ordinal(t.at(i));
  if (!n) return std::nullopt;
  if (cardinal(t.at(i + 1))) return std::nullopt;  // "the first three vehicles"
  if (const auto s = superlative(t.at(i + 1))) {
    used = 2;
    return place(*n, *s);
  }
  if (is_one_of(t.at(i + 1), {"most", "least"}) && t.at(i + 2) == "expensive") {
    used = 3;
    return place(*n, t.at(i + 1) == "least" ? End::low : End::high);
  }
  if (t.reads(i + 1, {"to", "last"}) && hyphen_after(text, t, i)) {
    used = 3;
    return place(*n, End::high);
  }
  if (t.at(i + 1) == "last") {
    used = 2;
    return place(*n, End::high);
  }
  std::size_t j = i + 1;
  while (j < i + 3 && is_one_of(t.at(j), {"one", "place", "position"})) ++j;
  if (t.at(j) == "from") {
    const std::size_t at = t.at(j + 1) == "the" ? j + 2 : j + 1;
    if (const auto end = end_at(t, at)) {
      used = at + end->tokens - i;
      return place(*n, end->end);
    }
  }
  used = 1;
  Atom out = place(*n, End::low);
  out.kind = Atom::Kind::ordinal;
  return out;
}

// "peach" for "peaches", "book" for "books", "books" for "book".
std::string other_number(const std::string& word) {
  for (const std::string_view plural : {"ches", "shes", "oes"}) {
    if (word.ends_with(plural)) return word.substr(0, word.size() - 2);
  }
  const bool plural =
      word.size() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us");
  return plural ? word.substr(0, word.size() - 1) : word + "s";
}

}  // namespace

std::optional<EndAt> end_at(const Tokens& t, std::size_t i) {
  const std::string_view w = t.at(i);
  if (is_one_of(w, {"left", "top", "front", "first", "above", "start", "beginning"}))
    return EndAt{End::low, 1};
  if (is_one_of(w, {"right", "bottom", "back", "last", "end", "below", "rear"})) return EndAt{End::high, 1};
  if (const auto s = superlative(w)) return EndAt{*s, 1};
  if (is_one_of(w, {"most", "least"}))
    return EndAt{w == "least" ? End::low : End::high, t.at(i + 1) == "expensive" ? 2u : 1u};
  return std::nullopt;
}

std::vector<Thing> things_of(std::string_view list) {
  const Tokens t(list);
  std::vector<std::vector<std::string>> names(1);
  for (std::size_t i = 0; i < t.size(); ++i) {
    if (is_one_of(t.at(i), {",", "and", ";"})) {
      if (!names.back().empty()) names.emplace_back();
    } else if (t[i].kind != Token::Kind::symbol && !article(t.at(i))) {
      names.back().emplace_back(t.at(i));
    }
  }
  if (names.back().empty()) names.pop_back();
  const bool shared = names.size() > 1 && std::all_of(names.begin(), names.end(), [&](const auto& n) {
                        return n.size() > 1 && n.back() == names[0].back();
                      });
  std::vector<Thing> out;
  for (const auto& name : names) {
    Thing thing;
    thing.ways.push_back(name);
    auto other = name;
    other.back() = other_number(name.back());
    thing.ways.push_back(other);
    if (shared) thing.ways.push_back({name.begin(), name.end() - 1});
    out.push_back(std::move(thing));
  }
  return out;
}

namespace {

// The words with which a place or a relation can begin; of the others nothing has to be tried.
bool may_begin(const Token& token) {
  static const std::unordered_set<std::string_view> kWords = {
      "to",          "left",        "right",      "above",      "before",     "below",      "after",
      "behind",      "ahead",       "in",         "next",       "adjacent",   "beside",     "newer",
      "cheaper",     "younger",     "higher",     "earlier",    "better",     "older",      "pricier",
      "costlier",    "lower",       "later",      "worse",      "less",       "more",       "directly",
      "immediately", "just",        "leftmost",   "newest",     "cheapest",   "topmost",    "frontmost",
      "highest",     "youngest",    "earliest",   "rightmost",  "oldest",     "bottommost", "hindmost",
      "lowest",      "priciest",    "costliest",  "latest",     "dearest",    "last",       "most",
      "least",       "position",    "place",      "spot",       "slot",       "number",     "first",
      "second",      "third",       "fourth",     "fifth",      "sixth",      "seventh",    "eighth",
      "ninth",       "tenth",       "eleventh",   "twelfth",    "thirteenth", "fourteenth", "fifteenth",
      "sixteenth",   "seventeenth", "eighteenth", "nineteenth", "twentieth"};
  if (token.kind == Token::Kind::symbol || token.text.empty()) return false;
  return is_digit(token.text[0]) || kWords.count(token.text) != 0;
}

}  // namespace

std::vector<Atom> atoms_of(std::string_view text, const Tokens& t, const std::vector<Thing>& things) {
  std::vector<Atom> out;
  out.reserve(t.size());
  std::array<bool, 256> begins{};  // the first bytes of things
  for (const Thing& thing : things) {
    for (const auto& way : thing.ways) begins[static_cast<unsigned char>(way[0][0])] = true;
  }
  for (std::size_t i = 0; i < t.size();) {
    Atom atom;
    std::size_t used = 1;
    bool found = false;
    const bool thing_begins = begins[static_cast<unsigned char>(t[i].text[0])];
    for (std::size_t k = 0; thing_begins && k < things.size(); ++k) {
      const auto n = reads_thing(things[k], t, i);
      if (n && (!found || *n > used)) {
        atom.kind = Atom::Kind::thing;
        atom.thing = k;
        used = *n;
        found = true;
      }
    }
    if (!found && !may_begin(t[i])) {
      atom.text = t.at(i);
    } else if (!found) {
      if (const auto r = relation_at(t, i)) {
        atom.kind = Atom::Kind::relation;
        atom.relation = r->relation;
        used = r->tokens;
      } else if (const auto p = place_at(text, t, i, used)) {
        atom = *p;
      } else {
        atom.text = t.at(i);
        used = 1;
      }
    }
    atom.begin = t[i].begin;
    atom.finish = t[std::min(i + used, t.size()) - 1].end;
    out.push_back(atom);
    i += used;
  }
  return out;
}

}  // namespace assay::verify
