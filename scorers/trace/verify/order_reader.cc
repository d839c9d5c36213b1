#include "scorers/trace/verify/order_reader.h"

#include <algorithm>

#include "scorers/trace/verify/order_sentence.h"

namespace assay::verify {
namespace {

// Sentences that state nothing; those that suppose something count as such unless `supposed` is wanted.
bool states_nothing(const std::vector<Atom>& atoms, std::size_t begin, std::size_t end, bool supposed) {
  for (std::size_t i = begin; i < end; ++i) {
    if (atoms[i].kind != Atom::Kind::word) continue;
    const std::string_view w = atoms[i].text;
    if (is_one_of(w, {"question", "whether", "asks", "asked", "perhaps", "maybe", "need", "should", "options",
                      "option"})) {
      return true;
    }
    if (!supposed && is_one_of(w, {"if", "suppose", "assume", "assuming", "would", "say", "try", "case"}))
      return true;
  }
  return false;
}

bool ends(const Atom& a) { return a.is(".") || a.is("?") || a.is("!") || a.is(";"); }

// "(above) ? Amy ? Eli (below)" in quotes: the things in it, in order.
struct Pattern {
  std::size_t begin;
  std::size_t end;
  bool low_first;
};

std::vector<Pattern> patterns_in(std::string_view text) {
  std::vector<Pattern> out;
  for (std::size_t i = 0; i + 2 < text.size();) {
    if (text[i] != '"' || text[i + 1] != '(') {
      ++i;
      continue;
    }
    const std::size_t end = text.find('"', i + 1);
    if (end == std::string_view::npos) break;
    const std::string_view inside = text.substr(i + 1, end - i - 1);
    if (inside.ends_with(')')) {
      const Tokens t(inside.substr(1, std::min(inside.find(')'), inside.size()) - 1));
      const auto first = end_at(t, 0);
      out.push_back({i, end + 1, !first || first->end == End::low});
    }
    i = end + 1;
  }
  return out;
}

std::string without(std::string_view text, const std::vector<Pattern>& patterns) {
  std::string out(text);
  for (const Pattern& p : patterns)
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(p.begin),
              out.begin() + static_cast<std::ptrdiff_t>(p.end), ' ');
  return out;
}

}  // namespace

std::vector<OrderClaim> OrderReader::read(std::string_view text, const Tokens& tokens) {
  const std::vector<Atom> atoms = atoms_of(text, tokens, things_);
  std::vector<OrderClaim> out;
  SentenceReader reader(things_.size(), low_first_);
  std::size_t sentence = 0;
  for (std::size_t i = 0; i < atoms.size(); ++sentence) {
    std::size_t end = i;
    while (end < atoms.size() && !ends(atoms[end])) ++end;
    const bool asks = end < atoms.size() && atoms[end].is("?");
    if (!asks && !states_nothing(atoms, i, end, supposed_)) {
      for (OrderClaim& c : reader.read(atoms, i, end)) {
        c.sentence = sentence;
        out.push_back(c);
      }
    }
    i = end + 1;
  }
  low_first_ = reader.low_first();
  return out;
}

std::vector<OrderClaim> OrderReader::read(std::string_view original) {
  const std::vector<Pattern> patterns = patterns_in(original);
  if (patterns.empty()) return read(original, Tokens(original));
  const std::string text = without(original, patterns);
  std::vector<OrderClaim> out = read(text, Tokens(text));
  const std::size_t sentence = out.empty() ? 0 : out.back().sentence + 1;
  for (const Pattern& p : patterns) {
    const Tokens t(original.substr(p.begin, p.end - p.begin));
    std::optional<std::size_t> last;
    for (const Atom& a : atoms_of(original.substr(p.begin, p.end - p.begin), t, things_)) {
      if (a.kind != Atom::Kind::thing) continue;
      if (last && *last != a.thing) {
        OrderClaim c;
        c.kind = OrderClaim::Kind::before;
        c.a = static_cast<std::uint8_t>(p.low_first ? *last : a.thing);
        c.b = static_cast<std::uint8_t>(p.low_first ? a.thing : *last);
        c.listed = true;
        c.sentence = sentence;
        c.begin = p.begin;
        c.end = p.end;
        out.push_back(c);
      }
      last = a.thing;
    }
  }
  return out;
}

std::vector<OrderClaim> OrderReader::whole_order(std::string_view text) {
  const Tokens tokens(text);
  std::vector<OrderClaim> out;
  std::uint32_t seen = 0;
  for (const Atom& a : atoms_of(text, tokens, things_)) {
    if (a.kind == Atom::Kind::word &&
        is_one_of(a.text, {",", "and", "then", "->", "<", ">", "-", ".", "*", "\"", "$", "`"}))
      continue;
    if (a.kind != Atom::Kind::thing || (seen >> a.thing & 1U) != 0) break;
    seen |= 1U << a.thing;
    OrderClaim c;
    c.a = static_cast<std::uint8_t>(a.thing);
    c.places = 1U << out.size();
    c.listed = true;
    c.begin = a.begin;
    c.end = a.finish;
    out.push_back(c);
  }
  if (out.size() != things_.size()) out.clear();
  return out;
}

}  // namespace assay::verify
