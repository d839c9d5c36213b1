#include "scorers/trace/claims/items.h"

#include <algorithm>
#include <iterator>

#include "scorers/trace/claims/units.h"

namespace assay::trace {
namespace {

// Before an operand they change what it is: "twice 5 + 4".
constexpr std::string_view kChanges[] = {
    "twice",   "thrice",  "half",     "double",  "triple",  "quarter",    "third",     "thirds",  "fourth",
    "fifth",   "tenth",   "root",     "square",  "cube",    "minus",      "negative",  "plus",    "times",
    "sin",     "cos",     "tan",      "log",     "ln",      "gcd",        "lcm",       "max",     "min",
    "sqrt",    "base",    "exp",      "arcsin",  "arctan",  "cot",        "sec",       "csc",     "lg",
    "det",     "floor",   "ceil",     "abs",     "divided", "multiplied", "dozen",     "hundred", "thousand",
    "million", "billion", "quarters", "percent", "digit",   "digits",     "factorial", "choose",  "modulo"};
// Behind an operand they multiply it.
constexpr std::string_view kScales[] = {
    "dozen", "hundred",   "thousand", "million",   "billion", "trillion", "percent", "squared",
    "cubed", "halves",    "thirds",   "factorial", "choose",  "pm",       "am",      "PM",
    "AM",    "remainder", "st",       "nd",        "rd",      "th",       "dozens",  "o'clock",
    "mod",   "noon",      "midnight", "R",         "over",    "less",     "half",    "quarters",
    "pairs", "pair",      "i",        "more",      "fewer",   "noon"};
constexpr std::string_view kClauses[] = {
    "and",  "is",   "are",   "was",     "has",  "have", "then",  "so", "gives", "give", "we",  "that", "but",
    "from", "with", "which", "because", "when", "if",   "since", "to", "by",    "than", "get", "or"};
constexpr std::string_view kLabels[] = {"day",     "step",     "year",   "week",   "month", "case",
                                        "part",    "hour",     "group",  "level",  "round", "problem",
                                        "example", "method",   "stage",  "option", "phase", "equation",
                                        "grade",   "question", "attempt"};

template <typename Table>
bool holds(const Table& table, std::string_view name) {
  return std::find(std::begin(table), std::end(table), name) != std::end(table);
}

std::string lower(std::string_view word) {
  std::string out(word);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

class Builder {
 public:
  Builder(std::string_view text, const std::vector<Token>& tokens, const std::vector<Group>& groups,
          std::span<const std::uint32_t> member)
      : text_(text), tokens_(tokens), groups_(groups), member_(member) {}

  Items run() {
    out_.tokens.reserve(member_.size());
    while (at_ < member_.size()) {
      const Token& token = tokens_[member_[at_]];
      if (token.kind == Tok::word) {
        phrase();
      } else if (token.kind == Tok::open && remark()) {
        skip_group();
      } else if (token.kind == Tok::op && dash_before_words(token)) {
        push(token, Tok::stop);
        ++at_;
      } else {
        if (token.money) out_.money = true;
        out_.tokens.push_back(token);
        ++at_;
      }
    }
    return std::move(out_);
  }

 private:
  std::string_view word(std::size_t i) const {
    const Token& t = tokens_[member_[i]];
    return text_.substr(t.begin, t.end - t.begin);
  }
  Tok kind(std::size_t i) const { return i < member_.size() ? tokens_[member_[i]].kind : Tok::stop; }
  Tok last() const { return out_.tokens.empty() ? Tok::stop : out_.tokens.back().kind; }
  void push(Token token, Tok kind, char sign = 0) {
    token.kind = kind;
    token.sign = sign;
    out_.tokens.push_back(token);
  }

  // "16 oz (1 pound)", "(blue)": said beside the arithmetic.
  bool remark() const {
    const Group& group = groups_[member_[at_]];
    if (group.match == kNoMatch) return false;
    if (group.modulo) return true;
    if (tokens_[member_[at_]].sign == '{') return false;
    if (!group.words) return false;
    if (group.numbers && group.signs) return false;
    return !group.numbers || ends_operand(last());
  }

  void skip_group() {
    const std::uint32_t end = groups_[member_[at_]].match;
    while (at_ < member_.size() && member_[at_] <= end) ++at_;
  }

  // "= 7 - that is": a dash of punctuation.
  bool dash_before_words(const Token& token) const {
    if (token.sign != '-' || !token.spaced || kind(at_ + 1) != Tok::word) return false;
    const Token& next = tokens_[member_[at_ + 1]];
    return next.spaced && !next.math && (ends_operand(last()));
  }

  // Words of operation between operands: "3 plus 4", "12 divided by 3", "20% of 50".
  bool operation() {
    if (!ends_operand(last())) return false;
    const std::string_view first = word(at_);
    char sign = 0;
    std::size_t size = 1;
    if (first == "plus") sign = '+';
    if (first == "minus") sign = '-';
    if (first == "times") sign = '*';
    if ((first == "divided" || first == "multiplied") && kind(at_ + 1) == Tok::word &&
        word(at_ + 1) == "by") {
      sign = first == "divided" ? '/' : '*';
      size = 2;
    }
    if (first == "of") {
      const bool part = last() == Tok::percent || part_before();
      if (part) sign = '*';
    }
    if (sign == 0 || !starts_operand(kind(at_ + size))) return false;
    push(tokens_[member_[at_]], Tok::op, sign);
    at_ += size;
    return true;
  }

  // Does "a/b" or a fraction end here?
  bool part_before() const {
    const auto& t = out_.tokens;
    const std::size_t n = t.size();
    if (n >= 3 && t[n - 1].kind == Tok::number && t[n - 2].kind == Tok::op && t[n - 2].sign == '/')
      return true;
    if (n < 2 || t[n - 1].kind != Tok::close) return false;
    for (std::size_t i = n; i-- > 0 && n - i < 16;) {
      if (t[i].kind == Tok::fraction) return true;
    }
    return false;
  }

  // Past the words from at_ on, with "/" between them and powers of units: "miles/hour", "cm^2".
  std::size_t phrase_end() const {
    std::size_t end = at_;
    while (end < member_.size()) {
      if (kind(end) == Tok::word) {
        ++end;
      } else if (end > at_ && kind(end) == Tok::op && tokens_[member_[end]].sign == '/' &&
                 kind(end + 1) == Tok::word && !tokens_[member_[end + 1]].math) {
        ++end;
      } else if (end > at_ && kind(end) == Tok::power) {
        ++end;
      } else if (end > at_ && kind(end) == Tok::op && tokens_[member_[end]].sign == '^' &&
                 !tokens_[member_[end - 1]].math && kind(end + 1) == Tok::number) {
        end += 2;
      } else {
        return end;
      }
    }
    return end;
  }

  void phrase() {
    if (operation()) return;
    const Token& token = tokens_[member_[at_]];
    const std::size_t begin = at_;
    const std::size_t end = phrase_end();
    at_ = end;
    bool variable = false;
    bool scale = false;
    bool clause = false;
    for (std::size_t i = begin; i < end; ++i) {
      if (kind(i) != Tok::word) continue;
      const std::string_view w = word(i);
      variable |= tokens_[member_[i]].math;
      scale |= holds(kScales, w);
      clause |= holds(kClauses, w);
    }
    if (ends_operand(last())) note_unit(word(begin));
    const bool attached = last() == Tok::op;  // "3 + books"
    const bool behind = ends_operand(last());
    if (attached && !variable && !scale && !clause && end - begin <= 2 && kind(end) == Tok::number &&
        !holds(kChanges, lower(word(end - 1)))) {
      return;  // "3 + another 4"
    }
    if (attached || (behind && (tokens_[member_[begin]].math || scale))) push(token, Tok::unknown);
    if (attached && starts_operand(kind(end))) return;
    const Token& final = tokens_[member_[end - 1]];
    if (starts_operand(kind(end))) return before_operand(final, begin, end);
    const bool at_end = end >= member_.size() || is_relation(kind(end)) || kind(end) == Tok::close;
    if (behind && !variable && (at_end || !clause)) {
      out_.units = true;
    } else if (behind && at_end) {
      push(token, Tok::stop);
    } else if (!attached) {
      push(token, Tok::unknown);
    }
  }

  void note_unit(std::string_view name) {
    const UnitName unit = unit_of(name);
    if (unit.kind == 0) return;
    if (seen_.kind == unit.kind && seen_.unit != unit.unit) out_.mixed = true;
    seen_ = unit;
    out_.convertible = true;
  }

  // Words before an operand part, but for those that belong to it.
  void before_operand(const Token& final, std::size_t begin, std::size_t end) {
    const std::string_view name = text_.substr(final.begin, final.end - final.begin);
    const std::string small = lower(name);
    const Token& next = tokens_[member_[end]];
    const bool called = next.kind == Tok::open && !next.spaced && next.sign == '(';  // f(2)
    if (final.math || final.kind != Tok::word || called || holds(kChanges, small))
      return push(final, Tok::unknown);
    if (small == "of" && end - begin >= 2 && kind(end - 2) == Tok::word &&
        holds(kChanges, lower(word(end - 2)))) {
      return push(final, Tok::unknown);
    }
    if (small == "of" && end - begin == 1 && ends_operand(last()))
      return push(final, Tok::unknown);  // "3 of 5"
    push(final, Tok::stop);
    if (next.kind == Tok::number && next.decimals == 0 && holds(kLabels, small)) {
      at_ = end + 1;  // "Day 1 - 3 + 4"
      if (kind(at_) == Tok::op && tokens_[member_[at_]].sign == '-') ++at_;
    }
  }

  std::string_view text_;
  const std::vector<Token>& tokens_;
  const std::vector<Group>& groups_;
  std::span<const std::uint32_t> member_;
  std::size_t at_ = 0;
  UnitName seen_;
  Items out_;
};

}  // namespace

Items make_items(std::string_view text, const std::vector<Token>& tokens, const std::vector<Group>& groups,
                 std::span<const std::uint32_t> member) {
  return Builder(text, tokens, groups, member).run();
}

}  // namespace assay::trace
