#include "scorers/trace/claims/claims.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <unordered_set>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "scorers/trace/claims/context.h"
#include "scorers/trace/claims/groups.h"
#include "scorers/trace/claims/items.h"
#include "scorers/trace/markers.h"

namespace assay::trace {
namespace {

constexpr std::size_t kMaxMember = 400;  // tokens; what is longer is no arithmetic that a reader follows

// What a decimal that was rounded before may be off by.
class Roundings {
 public:
  void note(double value) { rounded_.insert(value); }
  double slack(double value, int decimals, bool rough) const {
    if (decimals == 0 && !rough) return 0;
    const double place = std::pow(10.0, -decimals);
    return rough || decimals >= 3 || looks_rounded(value, decimals) || rounded_.count(value) > 0 ? place : 0;
  }

 private:
  // "33.33", "0.67", "16.7", "14.29": thirds, sixths, sevenths and ninths.
  static bool looks_rounded(double value, int decimals) {
    if (decimals != 2) return false;
    const long last = std::lround(std::abs(value) * 100) % 100;
    for (const long tail : {33, 67, 66, 17, 83, 14, 43, 57, 29, 71, 86, 11, 22, 44, 56, 78, 89}) {
      if (last == tail) return true;
    }
    return false;
  }
  std::unordered_set<double> rounded_;
};

struct Run {
  Side side;
  Span span;
  bool ok = false;
  bool parted = false;  // other words of its member stand before it
  bool whole = false;   // it is all of its member
};

class Reader {
 public:
  Reader(std::string_view text, std::size_t offset, std::string_view whole, Roundings& roundings, bool other,
         std::vector<Claim>& out)
      : text_(text), offset_(offset), whole_(whole), roundings_(roundings), other_(other), out_(out) {}

  void run() {
    tokens_ = lex_claims(text_);
    groups_ = match_groups(tokens_);
    open_.push_back({});
    for (std::uint32_t i = 0; i < tokens_.size(); ++i) take(i);
    while (!open_.empty()) finish();
  }

 private:
  struct Clause {
    std::vector<std::uint32_t> tokens;
    int depth = 0;
  };

  void take(std::uint32_t i) {
    const Token& token = tokens_[i];
    Clause& clause = open_.back();
    switch (token.kind) {
      case Tok::open:
        if (groups_[i].match == kNoMatch) return restart();
        if (groups_[i].relation) {
          open_.push_back({});
          return;
        }
        ++clause.depth;
        break;
      case Tok::close:
        if (groups_[i].match == kNoMatch) return restart();
        if (groups_[groups_[i].match].relation) {
          if (open_.size() > 1) finish();
          return;
        }
        --clause.depth;
        break;
      case Tok::stop:
        if (clause.depth == 0) return restart();
        break;
      case Tok::line:
        if (clause.depth == 0 && !goes_on(i)) restart();
        return;
      default:
        break;
    }
    clause.tokens.push_back(i);
  }

  // A chain goes on over the end of a line that ends in a relation, or before one that starts with it.
  bool goes_on(std::uint32_t i) const {
    const auto& tokens = open_.back().tokens;
    if (!tokens.empty()) {
      const Tok last = tokens_[tokens.back()].kind;
      if (is_relation(last) || last == Tok::op) return true;
    }
    while (i < tokens_.size() && tokens_[i].kind == Tok::line) ++i;
    if (i == tokens_.size()) return false;
    return is_relation(tokens_[i].kind) || (tokens_[i].kind == Tok::op && tokens_[i].sign != '-');
  }

  void restart() {
    evaluate(open_.back());
    open_.back().tokens.clear();
    open_.back().depth = 0;
  }
  void finish() {
    evaluate(open_.back());
    open_.pop_back();
  }

  void evaluate(const Clause& clause) {
    if (!has_relation(clause)) return;
    members_.clear();
    starts_.assign(1, 0);
    relations_.clear();
    std::optional<std::int64_t> modulus;
    bool has_modulus = false;
    for (std::size_t i = 0; i < clause.tokens.size(); ++i) {
      const std::uint32_t t = clause.tokens[i];
      if (is_relation(tokens_[t].kind)) {
        relations_.push_back(t);
        starts_.push_back(members_.size());
      } else if (tokens_[t].kind == Tok::modulo || groups_[t].modulo) {
        has_modulus = true;
        modulus = take_modulus(clause, i);
      } else {
        members_.push_back(t);
      }
    }
    if (has_modulus && !modulus) return;
    starts_.push_back(members_.size());
    Run left = read(items_of(member(0), false), false);
    for (std::size_t j = 0; j < relations_.size(); ++j) {
      const bool last = j + 1 == relations_.size();
      const Tok relation = tokens_[relations_[j]].kind;
      if (!left.ok && last) break;
      const Items items = items_of(member(j + 1), left.ok);
      Run right;
      if (left.ok) right = read(items, true);
      if (left.ok && right.ok) {
        if (has_modulus) {
          congruence(left, right, *modulus);
        } else if (relation != Tok::congruent) {
          equality(left, right, relation);
        }
      } else if (left.ok && !has_modulus) {
        remainder(left, member(j + 1));
      }
      if (!last) left = right.whole ? right : read(items, false);
    }
  }

  // At "mod 7", "(mod 7)" or "\pmod{7}": its number; `i` is left at its last token.
  std::optional<std::int64_t> take_modulus(const Clause& clause, std::size_t& i) const {
    std::uint32_t t = clause.tokens[i];
    std::uint32_t last = groups_[t].modulo && groups_[t].match != kNoMatch ? groups_[t].match : t;
    if (groups_[t].modulo) ++t;
    ++t;
    if (t < tokens_.size() && tokens_[t].kind == Tok::open && groups_[t].match != kNoMatch) {
      last = std::max(last, groups_[t].match);
      ++t;
    }
    if (t >= tokens_.size() || tokens_[t].kind != Tok::number || tokens_[t].decimals > 0) return std::nullopt;
    last = std::max(last, t);
    while (i + 1 < clause.tokens.size() && clause.tokens[i + 1] <= last) ++i;
    return integer_of(tokens_[t]);
  }

  std::optional<std::int64_t> integer_of(const Token& t) const {
    std::int64_t out = 0;
    for (std::uint32_t i = t.begin; i < t.end; ++i) {
      const char c = text_[i];
      if (c < '0' || c > '9') continue;
      if (out > 100'000'000'000'000) return std::nullopt;
      out = out * 10 + (c - '0');
    }
    return out;
  }

  bool has_relation(const Clause& clause) const {
    return std::any_of(clause.tokens.begin(), clause.tokens.end(),
                       [&](std::uint32_t t) { return is_relation(tokens_[t].kind); });
  }

  std::span<const std::uint32_t> member(std::size_t i) const {
    return std::span(members_).subspan(starts_[i], starts_[i + 1] - starts_[i]);
  }

  Items items_of(std::span<const std::uint32_t> part, bool from_start) const {
    if (part.size() > kMaxMember) part = from_start ? part.first(kMaxMember) : part.last(kMaxMember);
    return make_items(text_, tokens_, groups_, part);
  }

  // The first or the last run of a member, where it can be read from end to end.
  Run read(const Items& items, bool first) const {
    std::size_t begin = 0;
    std::size_t end = items.tokens.size();
    int depth = 0;
    for (std::size_t i = 0; i < items.tokens.size(); ++i) {
      const Tok kind = items.tokens[i].kind;
      if (kind == Tok::open) ++depth;
      if (kind == Tok::close) --depth;
      if (kind != Tok::stop || depth != 0) continue;
      if (first) {
        end = i;
        break;
      }
      begin = i + 1;
    }
    Run run;
    run.parted = begin > 0;
    run.whole = begin == 0 && end == items.tokens.size();
    if (begin >= end) return run;
    const std::span<const Token> tokens(items.tokens.data() + begin, end - begin);
    run.side.readings[0] = parse_run(text_, tokens, PercentIs::hundredth, slack_);
    if (!run.side.readings[0]) return run;
    run.side.readings[1] = run.side.readings[0]->percent ? parse_run(text_, tokens, PercentIs::number, slack_)
                                                         : run.side.readings[0];
    run.side.units = items.units;
    run.side.money = items.money;
    run.side.convertible = items.convertible;
    run.side.mixed = items.mixed;
    run.span = {offset_ + tokens.front().begin, offset_ + tokens.back().end};
    run.ok = true;
    return run;
  }

  // "Rows of 5 stars = 40 / 5", "1/2 inch = 20 miles", "48 = 120% of it": a name or a scale, no computation.
  static bool is_name(const Run& left, const Run& right) {
    const Parsed& l = *left.side.readings[0];
    const Parsed& r = *right.side.readings[0];
    if (l.operations == 0)
      return left.parted || left.side.units || left.side.money || (r.percent && !l.percent);
    const bool part = l.operations == 1 && l.dividend && std::abs(l.value.approx) < 1;
    return part && r.operations == 0 && left.side.units && right.side.units;
  }

  void equality(const Run& left, const Run& right, Tok relation) {
    const Parsed& l = *left.side.readings[0];
    const Parsed& r = *right.side.readings[0];
    if (l.operations + r.operations == 0 || is_name(left, right)) return;
    const auto verdict = compare_sides(left.side, right.side, relation);
    if (!verdict || (*verdict == ClaimVerdict::wrong && other_)) return;
    if (*verdict == ClaimVerdict::rounded && r.literal) roundings_.note(std::abs(r.value.approx));
    add_claim(left, right, *verdict, l.value, r.value);
  }

  void congruence(const Run& left, const Run& right, std::int64_t modulus) {
    const Value& l = left.side.readings[0]->value;
    const Value& r = right.side.readings[0]->value;
    if (!l.is_integer() || !r.is_integer() || modulus < 1) return;
    const bool holds = (l.exact->numerator() % modulus - r.exact->numerator() % modulus) % modulus == 0;
    add_claim(left, right, holds ? ClaimVerdict::right : ClaimVerdict::wrong, l, r, modulus);
  }

  // "17 / 5 = 3 remainder 2"
  void remainder(const Run& left, std::span<const std::uint32_t> member) {
    const Parsed& l = *left.side.readings[0];
    if (!l.dividend || !l.dividend->is_integer() || !l.divisor->is_integer()) return;
    if (member.empty() || tokens_[member[0]].kind != Tok::number || tokens_[member[0]].decimals > 0) return;
    bool named = false;
    for (std::size_t i = 1; i < member.size() && i < 9; ++i) {
      const Token& t = tokens_[member[i]];
      const std::string_view word = text_.substr(t.begin, t.end - t.begin);
      if (t.kind == Tok::word) {
        named = named || word == "remainder" || word == "R" || word == "r";
      } else if (t.kind == Tok::number && t.decimals == 0 && named) {
        const auto quotient = integer_of(tokens_[member[0]]);
        const auto rest = integer_of(t);
        if (!quotient || !rest) return;
        const Value back = add(multiply(integer(*quotient), *l.divisor), integer(*rest));
        Run right;
        right.span = {offset_ + tokens_[member[0]].begin, offset_ + t.end};
        const bool holds = same(back, *l.dividend);
        add_claim(left, right, holds ? ClaimVerdict::right : ClaimVerdict::wrong, *l.dividend, back);
        if (!holds)
          out_.back().detail =
              format("quotient and remainder make {}, not {}", number_text(back), number_text(*l.dividend));
        return;
      } else {
        return;
      }
    }
  }

  static std::string number_text(const Value& v) {
    if (v.exact && v.exact->denominator() <= 1000) return v.exact->text();
    return format("{:.10g}", v.approx);
  }

  void add_claim(const Run& left, const Run& right, ClaimVerdict verdict, const Value& l, const Value& r,
                 std::int64_t modulus = 0) {
    Claim claim;
    claim.span = {left.span.begin, right.span.end};
    claim.verdict = verdict;
    if (verdict != ClaimVerdict::right && verdict != ClaimVerdict::rounded) {
      const std::string_view said = whole_.substr(left.span.begin, left.span.end - left.span.begin);
      claim.detail =
          format("{} is {}, not {}", printable(truncate_utf8(said, 120)), number_text(l), number_text(r));
      if (modulus != 0) claim.detail += format(" mod {}", modulus);
      claim.refuted = is_refuted(whole_, claim.span);
      claim.self_corrected = backtrack_follows(whole_, claim.span.end);
    }
    out_.push_back(std::move(claim));
  }

  std::string_view text_;
  std::size_t offset_;
  std::string_view whole_;
  Roundings& roundings_;
  bool other_;
  std::vector<Claim>& out_;
  SlackOf slack_ = [this](double v, int d, bool rough) { return roundings_.slack(v, d, rough); };
  std::vector<Token> tokens_;
  std::vector<Group> groups_;
  std::vector<Clause> open_;
  // Of the clause that is evaluated: its tokens but relations, where each member starts, the relations.
  std::vector<std::uint32_t> members_;
  std::vector<std::size_t> starts_;
  std::vector<std::uint32_t> relations_;
};

bool may_claim(std::string_view text) {
  for (const std::string_view sign : {"=", "≈", "≡", "\\approx", "\\equiv", "~"}) {
    if (text.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

std::vector<Claim> check_claims(std::string_view text) {
  std::vector<Claim> out;
  Roundings roundings;
  const bool other = other_arithmetic(text);
  // Paragraph by paragraph: most have no relation. A long one is cut at an end of line.
  constexpr std::size_t kMost = std::size_t{1} << 20;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = text.find("\n\n", at);
    end = end == std::string_view::npos ? text.size() : end + 2;
    if (end - at > kMost) end = std::min(text.find('\n', at + kMost - 1), text.size() - 1) + 1;
    const std::string_view paragraph = text.substr(at, end - at);
    if (may_claim(paragraph)) Reader(paragraph, at, text, roundings, other, out).run();
    at = end;
  }
  return out;
}

}  // namespace assay::trace
