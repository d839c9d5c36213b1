// Knights and knaves: what a trace says of who is what, against the one assignment that fits all statements.
//
// Quoted statements are the puzzle's, not the trace's; what is supposed is checked as supposed (scope.h).
#include <algorithm>

#include "harness/base/format.h"
#include "harness/puzzle/knights.h"
#include "scorers/trace/verify/report.h"
#include "scorers/trace/verify/scope.h"
#include "scorers/trace/verify/text.h"

namespace assay::verify {
namespace {

using puzzle::Claim;
using puzzle::RoleAtom;

using Names = std::vector<std::string>;

std::optional<std::size_t> find_name(const Names& names, std::string_view word) {
  const auto found = std::find(names.begin(), names.end(), word);
  return found == names.end() ? std::nullopt
                              : std::optional<std::size_t>(static_cast<std::size_t>(found - names.begin()));
}

// Is token i a word for a role? true: knight.
std::optional<bool> role_at(const Tokens& t, std::size_t i) {
  const std::string_view w = t.at(i);
  if (is_one_of(w, {"knight", "knights", "truthful", "honest", "truthteller", "truthtellers"})) return true;
  if (is_one_of(w, {"knave", "knaves", "liar", "liars", "lying", "lies", "lied", "dishonest"})) return false;
  if ((w == "truth" && is_one_of(t.at(i + 1), {"teller", "tellers"}))) return true;
  if (w == "truth" && i >= 2 && (t.at(i - 2) == "tells" || t.at(i - 2) == "telling" || t.at(i - 2) == "tell"))
    return true;
  return std::nullopt;
}

std::vector<RoleAtom> atoms_in(const Tokens& t, const Names& names, std::size_t speaker) {
  std::vector<RoleAtom> out;
  std::size_t who = names.size();  // nobody
  bool negated = false;
  for (std::size_t i = 0; i < t.size(); ++i) {
    const auto name = t.at(i) == "i" ? std::optional<std::size_t>(speaker) : find_name(names, t.at(i));
    if (name) {
      who = *name;
      negated = false;
    } else if (t.at(i) == "not" || t.at(i).ends_with("n't")) {
      negated = true;
    } else if (const auto role = role_at(t, i); role && who < names.size()) {
      out.push_back({static_cast<std::uint8_t>(who), *role != negated});
      who = names.size();
    }
  }
  return out;
}

// What a quoted statement says; nullopt when it is not of a known form.
std::optional<Claim> claim_in(std::string_view quoted, const Names& names, std::size_t speaker) {
  const Tokens t(quoted);
  const auto has = [&](std::string_view w) {
    for (std::size_t i = 0; i < t.size(); ++i) {
      if (t.at(i) == w) return true;
    }
    return false;
  };
  Claim c;
  if ((has("same") || has("different")) && (has("kind") || has("kinds") || has("type") || has("types"))) {
    c.kind = has("same") ? Claim::Kind::same : Claim::Kind::differ;
    for (std::size_t i = 0; i < t.size(); ++i) {
      const auto who = t.at(i) == "i" ? std::optional<std::size_t>(speaker) : find_name(names, t.at(i));
      if (who) c.atoms.push_back({static_cast<std::uint8_t>(*who), true});
    }
    return c.atoms.size() == 2 ? std::optional<Claim>(c) : std::nullopt;
  }
  c.atoms = atoms_in(t, names, speaker);
  for (std::size_t i = 0; i + 1 < t.size() && c.atoms.empty(); ++i) {
    const auto n = cardinal(t.at(i));
    if (!n || t.at(i + 1) != "of" || !(has("knight") || has("knights")) || *n > 16) continue;
    c.kind = has("least") ? Claim::Kind::at_least : Claim::Kind::count;
    c.number = static_cast<std::uint8_t>(*n);
    return c;
  }
  if (c.atoms.empty()) return std::nullopt;
  if (has("exactly")) {
    c.kind = Claim::Kind::exactly_one;
  } else if (t.at(0) == "if" && c.atoms.size() == 2) {
    c.kind = Claim::Kind::implies;
  } else if (has("or")) {
    c.kind = Claim::Kind::any_of;
  }
  return c;
}

// "Ada says: ..." at token i, and not "a knight, who says only what is true".
bool speaks(const Tokens& t, std::size_t i) {
  return is_one_of(t.at(i + 1), {"says", "said", "claims"}) && is_one_of(t.at(i + 2), {":", "\"", ","});
}

std::optional<puzzle::KnightsPuzzle> read_question(std::string_view prompt, Names& names) {
  const Tokens t(prompt);
  for (std::size_t i = 0; i + 1 < t.size(); ++i) {
    if (speaks(t, i) && !find_name(names, t.at(i))) names.emplace_back(t.at(i));
    if (t.at(i) != "meet") continue;
    for (std::size_t j = i + 1; j < t.size() && t.at(j) != "." && names.size() <= puzzle::kMaxPersons; ++j) {
      if (t[j].is_word() && t.at(j) != "and" && !find_name(names, t.at(j))) names.emplace_back(t.at(j));
    }
  }
  if (names.size() < 2 || names.size() > puzzle::kMaxPersons) return std::nullopt;
  puzzle::KnightsPuzzle out;
  out.persons = names.size();
  for (std::size_t i = 0; i + 1 < t.size(); ++i) {
    const auto speaker = find_name(names, t.at(i));
    if (!speaker || !speaks(t, i)) continue;
    const std::size_t open = prompt.find('"', t[i + 1].end);
    const std::size_t close = open == std::string_view::npos ? open : prompt.find('"', open + 1);
    if (close == std::string_view::npos) return std::nullopt;
    auto claim = claim_in(prompt.substr(open + 1, close - open - 1), names, *speaker);
    if (!claim) return std::nullopt;
    out.statements.push_back({static_cast<std::uint8_t>(*speaker), std::move(*claim)});
  }
  return out.statements.empty() || !puzzle::well_formed(out) ? std::nullopt : std::optional(std::move(out));
}

// Who is said to be what in one sentence.
class RoleReader {
 public:
  RoleReader(const Names& names, puzzle::Roles roles) : names_(names), roles_(roles) {}

  std::vector<Asserted> operator()(const Tokens& t) {
    std::vector<Asserted> out;
    subject_.clear();
    negated_ = said_ = owner_ = false;
    for (std::size_t i = 0; i < t.size(); ++i) {
      if (!name(t, i)) other(t, i, out);
    }
    return out;
  }

 private:
  bool name(const Tokens& t, std::size_t i) {
    std::string_view w = t.at(i);
    const bool possessive = w.ends_with("'s");
    if (possessive) w.remove_suffix(2);
    const auto who = find_name(names_, w);
    if (!who) return false;
    const bool joined =
        i > 0 && is_one_of(t.at(i - 1), {"and", ",", "nor", "&"}) && !said_ && !subject_.empty();
    if (!joined) {
      subject_.clear();
      negated_ = i > 0 && t.at(i - 1) == "neither";
    }
    subject_.push_back(*who);
    first_ = joined ? first_ : t[i].begin;
    said_ = false;
    owner_ = possessive;
    return true;
  }

  void other(const Tokens& t, std::size_t i, std::vector<Asserted>& out) {
    const std::string_view w = t.at(i);
    if (is_one_of(w, {"not", "cannot", "can't", "never", "neither"}) || w.ends_with("n't")) negated_ = true;
    if (is_one_of(w, {"that", "only", "who", "so", "but", "since", "because", "knight's", "knave's"}) &&
        !said_)
      subject_.clear();
    if (is_one_of(w, {"kind", "type"}) && subject_.size() == 2 && i >= 1) {
      if (t.at(i - 1) == "same") pair(t, i, true, out);
    }
    if (is_one_of(w, {"kinds", "types"}) && subject_.size() == 2 && i >= 1 && t.at(i - 1) == "different")
      pair(t, i, false, out);
    std::optional<bool> role = role_at(t, i);
    if (owner_) {  // "Ada's statement is false"
      role = w == "true"                  ? std::optional<bool>(true)
             : w == "false" || w == "lie" ? std::optional<bool>(false)
                                          : std::nullopt;
    }
    if (!role || subject_.empty() || said_) return;
    said_ = true;
    if (i > 0 && cardinal(t.at(i - 1))) return;  // "two knights"
    for (const std::size_t who : subject_) {
      const bool knight = *role != negated_;
      const bool is = puzzle::is_knight(roles_, who);
      out.push_back(
          {first_, t[i].end, knight == is, static_cast<int>(who), knight ? 1 : 0,
           knight == is ? std::string() : format("{} is a {}", names_[who], is ? "knight" : "knave")});
    }
  }

  void pair(const Tokens& t, std::size_t i, bool same, std::vector<Asserted>& out) {
    const bool is = puzzle::is_knight(roles_, subject_[0]) == puzzle::is_knight(roles_, subject_[1]);
    out.push_back({first_, t[i].end, is == (same != negated_), -1, 0,
                   format("{} and {} are of {}", names_[subject_[0]], names_[subject_[1]],
                          is ? "the same kind" : "different kinds")});
    said_ = true;
  }

  const Names& names_;
  puzzle::Roles roles_;
  std::vector<std::size_t> subject_;
  std::size_t first_ = 0;
  bool negated_ = false;
  bool said_ = false;
  bool owner_ = false;
};

}  // namespace

StateVerdict verify_knights(const Input& input) {
  Names names;
  const auto question = read_question(input.prompt, names);
  if (!question) return Report::unparsed("a statement of the question is of no known form");
  const auto found = puzzle::solutions(*question);
  if (found.size() != 1)
    return Report::unparsed(format("{} assignments fit the statements as they were read", found.size()));
  Report report(input);
  ScopedCheck check(report);
  RoleReader reader(names, found[0]);
  for (std::size_t i = 0; i < input.steps.size() && !report.full(); ++i) {
    check.read(i, input.steps[i].text, [&](std::string_view, const Tokens& t) { return reader(t); });
  }
  if (check.statements() == 0) return Report::unparsed("no step says who is what");
  return report.verdict("no step says who is what");
}

}  // namespace assay::verify
