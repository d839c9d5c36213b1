#include "harness/puzzle/countdown.h"

#include <algorithm>
#include <optional>
#include <string>

#include "harness/base/format.h"

namespace assay::puzzle {
namespace {

enum class Kind : std::uint8_t { number, plus, minus, times, over, open, close, negative, end };

struct Token {
  Kind kind = Kind::end;
  char bracket = 0;  // which one closes an open bracket, or the closing one itself
  std::int64_t number = 0;
  std::size_t at = 0;
};

struct Spelling {
  std::string_view text;
  Kind kind;
  char bracket = 0;
};
constexpr Spelling kSpellings[] = {
    {"+", Kind::plus},       {"-", Kind::minus},         {"\xE2\x88\x92", Kind::minus},
    {"\xE2\x80\x93", Kind::minus}, {"*", Kind::times},   {"\xC3\x97", Kind::times},
    {"\xC2\xB7", Kind::times},     {"\xE2\x8B\x85", Kind::times}, {"\xE2\x88\x97", Kind::times},
    {"\\times", Kind::times},      {"\\cdot", Kind::times},       {"/", Kind::over},
    {"\xC3\xB7", Kind::over},      {"\\div", Kind::over},         {"(", Kind::open, ')'},
    {"[", Kind::open, ']'},        {")", Kind::close, ')'},       {"]", Kind::close, ']'},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<Token> next() {
    skip_space();
    Token token;
    token.at = at_;
    if (at_ == text_.size()) return token;
    if (is_digit(text_[at_])) return number();
    const std::string_view rest = text_.substr(at_);
    for (const Spelling& s : kSpellings) {
      if (rest.substr(0, s.text.size()) != s.text) continue;
      token.kind = s.kind;
      token.bracket = s.bracket;
      at_ += s.text.size();
      return token;
    }
    return invalid(format("expression, byte {}: expected a number, an operator or a bracket", at_));
  }

 private:
  void skip_space() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++at_;
      } else if (text_.substr(at_, 2) == "\xC2\xA0") {
        at_ += 2;
      } else {
        return;
      }
    }
  }

  Result<Token> number() {
    Token token;
    token.kind = Kind::number;
    token.at = at_;
    for (; at_ < text_.size() && is_digit(text_[at_]); ++at_) {
      if (__builtin_mul_overflow(token.number, 10, &token.number) ||
          __builtin_add_overflow(token.number, text_[at_] - '0', &token.number)) {
        return invalid(format("expression, byte {}: expected a number below 2^63", token.at));
      }
    }
    return token;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

int precedence(Kind kind) {
  switch (kind) {
    case Kind::plus:
    case Kind::minus: return 1;
    case Kind::times:
    case Kind::over: return 2;
    case Kind::negative: return 3;
    default: return 0;  // brackets hold everything back
  }
}

// Dijkstra's shunting yard: two explicit stacks instead of recursion.
class Machine {
 public:
  Result<void> read(const Token& token) {
    return expect_operand_ ? operand(token) : operation(token);
  }

  Result<Evaluation> finish(const Token& end) {
    if (expect_operand_) return invalid(format("expression, byte {}: expected a number", end.at));
    while (!pending_.empty()) {
      if (pending_.back().kind == Kind::open) {
        return invalid(format("expression, byte {}: expected a closing bracket", end.at));
      }
      if (auto applied = apply(); !applied) return applied.error();
    }
    out_.value = values_.back();
    return std::move(out_);
  }

 private:
  Result<void> operand(const Token& token) {
    switch (token.kind) {
      case Kind::number:
        values_.push_back(Rational(token.number));
        out_.numbers.push_back(token.number);
        expect_operand_ = false;
        return {};
      case Kind::plus: return {};  // a unary plus changes nothing
      case Kind::minus: {
        Token negative = token;
        negative.kind = Kind::negative;
        pending_.push_back(negative);
        return {};
      }
      case Kind::open:
        if (++depth_ > kMaxExpressionDepth) {
          return invalid(format("expression, byte {}: expected at most {} open brackets", token.at,
                                kMaxExpressionDepth));
        }
        pending_.push_back(token);
        return {};
      default: return invalid(format("expression, byte {}: expected a number", token.at));
    }
  }

  Result<void> operation(const Token& token) {
    if (token.kind == Kind::close) return close(token);
    if (token.kind == Kind::number || token.kind == Kind::open) {
      return invalid(format("expression, byte {}: expected an operator", token.at));
    }
    while (!pending_.empty() && precedence(pending_.back().kind) >= precedence(token.kind)) {
      if (auto applied = apply(); !applied) return applied;
    }
    pending_.push_back(token);
    expect_operand_ = true;
    return {};
  }

  Result<void> close(const Token& token) {
    while (!pending_.empty() && pending_.back().kind != Kind::open) {
      if (auto applied = apply(); !applied) return applied;
    }
    if (pending_.empty() || pending_.back().bracket != token.bracket) {
      return invalid(format("expression, byte {}: expected no '{}' here", token.at, token.bracket));
    }
    pending_.pop_back();
    --depth_;
    return {};
  }

  Result<void> apply() {
    const Token token = pending_.back();
    pending_.pop_back();
    const Rational right = values_.back();
    values_.pop_back();
    std::optional<Rational> value;
    if (token.kind == Kind::negative) {
      value = Rational::negate(right);
    } else {
      const Rational left = values_.back();
      values_.pop_back();
      if (token.kind == Kind::over && right.is_zero()) {
        return invalid(format("expression, byte {}: expected a divisor other than 0", token.at));
      }
      switch (token.kind) {
        case Kind::plus: value = Rational::add(left, right); break;
        case Kind::minus: value = Rational::subtract(left, right); break;
        case Kind::times: value = Rational::multiply(left, right); break;
        default: value = Rational::divide(left, right); break;
      }
    }
    if (!value) return invalid(format("expression, byte {}: expected a value within 64 bits", token.at));
    values_.push_back(*value);
    return {};
  }

  bool expect_operand_ = true;
  std::size_t depth_ = 0;
  std::vector<Rational> values_;
  std::vector<Token> pending_;
  Evaluation out_;
};

}  // namespace

Result<Evaluation> evaluate(std::string_view expression) {
  if (expression.size() > kMaxExpressionBytes) {
    return invalid(format("expression: expected at most {} bytes, found {}", kMaxExpressionBytes, expression.size()));
  }
  Lexer lexer(expression);
  Machine machine;
  while (true) {
    const auto token = lexer.next();
    if (!token) return token.error();
    if (token->kind == Kind::end) return machine.finish(*token);
    if (auto read = machine.read(*token); !read) return read.error();
  }
}

bool drawn_from(std::span<const std::int64_t> used, std::span<const std::int64_t> given) {
  std::vector<std::int64_t> a(used.begin(), used.end());
  std::vector<std::int64_t> b(given.begin(), given.end());
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return std::includes(b.begin(), b.end(), a.begin(), a.end());
}

}  // namespace assay::puzzle
