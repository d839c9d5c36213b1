#include "scorers/trace/claims/parse.h"

#include <cmath>
#include <cstdlib>
#include <numbers>
#include <string>

#include "scorers/trace/claims/groups.h"

namespace assay::trace {
namespace {

constexpr int kMaxDepth = 48;

class RunParser {
 public:
  RunParser(std::string_view text, std::span<const Token> run, PercentIs percent, const SlackOf& slack)
      : text_(text), run_(run), percent_is_(percent), slack_(slack) {}

  std::optional<Parsed> run() {
    const auto value = sum(0);
    if (!value || at_ != run_.size() || !seen_) return std::nullopt;
    out_.value = *value;
    if (out_.operations != 1) out_.dividend.reset();
    out_.literal = out_.operations == 0 && literals_ == 1 && primaries_ == 1;
    return out_;
  }

 private:
  using Maybe = std::optional<Value>;

  Tok kind(std::size_t ahead = 0) const {
    return at_ + ahead < run_.size() ? run_[at_ + ahead].kind : Tok::stop;
  }
  bool is_op(char sign) const { return kind() == Tok::op && run_[at_].sign == sign; }

  Maybe sum(int depth) {
    if (depth > kMaxDepth) return std::nullopt;
    Maybe left = product(depth);
    while (left && (is_op('+') || is_op('-'))) {
      const bool plus = is_op('+');
      ++at_;
      const Maybe right = product(depth);
      if (!right) return std::nullopt;
      ++out_.operations;
      mixed_percent();
      left = plus ? add(*left, *right) : subtract(*left, *right);
    }
    return left;
  }

  // "100 - 20%": of what is the percentage? Both readings are usual.
  void mixed_percent() {
    if (out_.percent) out_.ambiguous = out_.ambiguous || percents_ != literals_;
  }

  Maybe product(int depth) {
    Maybe left = signed_factor(depth);
    bool divided = false;
    while (left) {
      const std::size_t start = at_;
      if (is_op('*') || is_op('/')) {
        const bool times = is_op('*');
        ++at_;
        const Maybe right = signed_factor(depth);
        if (!right) return std::nullopt;
        ++out_.operations;
        if (depth == 0 && !times) {
          out_.dividend = out_.operations == 1 ? left : std::nullopt;
          out_.divisor = out_.dividend ? right : std::nullopt;
        }
        left = times ? multiply(*left, *right) : divide(*left, *right);
        out_.ambiguous = out_.ambiguous || (divided && !times);  // "1/2 / 1/2"
        divided = divided || !times;
      } else if (beside()) {
        // "2(3 + 4)"; behind a division it could be below the line.
        out_.ambiguous = out_.ambiguous || divided || run_[start].spaced || kind() == Tok::fraction;
        const Maybe right = factor(depth);
        if (!right) return std::nullopt;
        ++out_.operations;
        left = multiply(*left, *right);
      } else {
        return left;
      }
    }
    return left;
  }

  bool beside() const {
    const Tok next = kind();
    if (next == Tok::open) return run_[at_].sign == '(' || run_[at_].sign == '{';
    if (next == Tok::fraction || next == Tok::root || next == Tok::pi || next == Tok::binomial) return true;
    return next == Tok::number && at_ > 0 && run_[at_ - 1].kind == Tok::close && run_[at_ - 1].sign == '(';
  }

  Maybe signed_factor(int depth) {
    if (is_op('-') || is_op('+')) {
      if (depth > kMaxDepth) return std::nullopt;
      const bool minus = is_op('-');
      ++at_;
      const Maybe value = signed_factor(depth + 1);
      if (!value || !minus) return value;
      return subtract(integer(0), *value);
    }
    return factor(depth);
  }

  Maybe factor(int depth) {
    const std::size_t start = at_;
    Maybe value = primary(depth);
    while (value) {
      if (is_op('^')) {
        ++at_;
        const Maybe exponent = is_op('-') ? signed_factor(depth + 1) : exponent_of(depth);
        if (!exponent) return std::nullopt;
        ++out_.operations;
        value = power(*value, *exponent);
      } else if (kind() == Tok::power) {
        ++out_.operations;
        value = power(*value, integer(superscript(run_[at_++])));
      } else if (kind() == Tok::percent) {
        ++at_;
        out_.percent = true;
        ++percents_;
        if (percent_is_ == PercentIs::hundredth) value = divide(*value, integer(100));
      } else if (kind() == Tok::factorial) {
        ++at_;
        ++out_.operations;
        if (at_ == run_.size()) out_.ambiguous = true;  // or the end of an exclamation
        value = factorial(*value);
      } else {
        break;
      }
    }
    if (value) {
      if (start == 0 || !seen_) out_.first = *value;
      seen_ = true;
      out_.last = *value;
    }
    return value;
  }

  Maybe exponent_of(int depth) {
    if (depth > kMaxDepth) return std::nullopt;
    const Maybe base = primary(depth + 1);
    if (!base || !is_op('^')) return base;
    ++at_;
    const Maybe exponent = exponent_of(depth + 1);
    return exponent ? power(*base, *exponent) : std::nullopt;
  }

  std::int64_t superscript(const Token& t) const {
    const std::string_view s = text_.substr(t.begin, t.end - t.begin);
    if (s == "²") return 2;
    if (s == "³") return 3;
    if (s == "¹") return 1;
    return s == "⁴" ? 4 : s == "⁵" ? 5 : 6;
  }

  Maybe primary(int depth) {
    if (depth > kMaxDepth || at_ >= run_.size()) return std::nullopt;
    ++primaries_;
    const Token& token = run_[at_];
    switch (token.kind) {
      case Tok::number:
        return number();
      case Tok::open: {
        ++at_;
        const Maybe value = sum(depth + 1);
        if (!value || kind() != Tok::close) return std::nullopt;
        ++at_;
        return value;
      }
      case Tok::fraction:
        return fraction(depth);
      case Tok::binomial: {
        ++at_;
        const Maybe n = primary(depth + 1);
        const Maybe k = n ? primary(depth + 1) : std::nullopt;
        if (!k) return std::nullopt;
        ++out_.operations;
        return binomial(*n, *k);
      }
      case Tok::root:
        return rooted(depth);
      case Tok::pi:
        ++at_;
        out_.has_pi = true;
        return real(std::numbers::pi);
      default:
        return std::nullopt;
    }
  }

  Maybe fraction(int depth) {
    ++at_;
    if (kind() == Tok::number && kind(1) != Tok::open) {  // \frac12
      const Token& t = run_[at_];
      if (t.end - t.begin != 2) return std::nullopt;
      ++at_;
      ++out_.operations;
      return divide(integer(text_[t.begin] - '0'), integer(text_[t.begin + 1] - '0'));
    }
    const bool outermost = depth == 0 && out_.operations == 0;
    const Maybe top = primary(depth + 1);
    const Maybe bottom = top ? primary(depth + 1) : std::nullopt;
    if (!bottom) return std::nullopt;
    ++out_.operations;
    if (outermost) {
      out_.dividend = top;
      out_.divisor = bottom;
    }
    return divide(*top, *bottom);
  }

  Maybe rooted(int depth) {
    ++at_;
    Value degree = integer(2);
    if (kind() == Tok::open && text_[run_[at_].begin] == '[') {
      const Maybe n = primary(depth + 1);
      if (!n) return std::nullopt;
      degree = *n;
    }
    const Maybe under = primary(depth + 1);
    if (!under) return std::nullopt;
    ++out_.operations;
    return root(*under, degree);
  }

  Maybe number() {
    const Token& token = run_[at_++];
    ++literals_;
    const std::string digits = plain_digits(token);
    const double approx = std::strtod(digits.c_str(), nullptr);
    Value value = real(approx);
    if (digits.size() <= 18 && token.decimals <= 15 && !token.rough)
      value.exact = exact_of(digits, token.decimals);
    if (value.exact) value.approx = approx;
    value.slack = slack_(approx, token.decimals, token.rough);
    out_.decimals = token.decimals;
    out_.any_decimals = out_.any_decimals || token.decimals > 0;
    return mixed(value);
  }

  // "1 3/4"
  Maybe mixed(const Value& whole) {
    const bool plain = kind() == Tok::number && run_[at_].spaced && kind(1) == Tok::op &&
                       run_[at_ + 1].sign == '/' && !run_[at_ + 1].spaced && kind(2) == Tok::number &&
                       !run_[at_ + 2].spaced;
    if (plain) {
      const double top = std::strtod(plain_digits(run_[at_]).c_str(), nullptr);
      const double bottom = std::strtod(plain_digits(run_[at_ + 2]).c_str(), nullptr);
      if (!(top < bottom) || bottom > 1000) return std::nullopt;
      at_ += 3;
      ++out_.operations;
      const auto part =
          divide(integer(static_cast<std::int64_t>(top)), integer(static_cast<std::int64_t>(bottom)));
      return part ? Maybe(add(whole, *part)) : std::nullopt;
    }
    if (kind() == Tok::fraction && whole.is_integer()) {
      out_.ambiguous = true;
      ++primaries_;
      const auto part = fraction(1);
      return part ? Maybe(add(whole, *part)) : std::nullopt;
    }
    return whole;
  }

  std::string plain_digits(const Token& token) const {
    std::string out;
    for (std::uint32_t i = token.begin; i < token.end; ++i) {
      const char c = text_[i];
      if ((c >= '0' && c <= '9') || c == '.') out += c;
    }
    return out;
  }

  static std::optional<puzzle::Rational> exact_of(const std::string& digits, int decimals) {
    std::int64_t whole = 0;
    for (const char c : digits) {
      if (c != '.') whole = whole * 10 + (c - '0');
    }
    std::int64_t below = 1;
    for (int i = 0; i < decimals; ++i) below *= 10;
    return puzzle::Rational::make(whole, below);
  }

  std::string_view text_;
  std::span<const Token> run_;
  PercentIs percent_is_;
  const SlackOf& slack_;
  std::size_t at_ = 0;
  int literals_ = 0;
  int primaries_ = 0;
  int percents_ = 0;
  bool seen_ = false;
  Parsed out_;
};

}  // namespace

std::optional<Parsed> parse_run(std::string_view text, std::span<const Token> run, PercentIs percent,
                                const SlackOf& slack) {
  if (run.empty()) return std::nullopt;
  return RunParser(text, run, percent, slack).run();
}

}  // namespace assay::trace
