#include "scorers/trace/verify/expression.h"

#include <cstdint>
#include <vector>

#include "scorers/trace/verify/text.h"

namespace assay::verify {
namespace {

using puzzle::Rational;

struct Sign {
  std::string_view bytes;
  char as;
};
constexpr Sign kSigns[] = {{"×", '*'}, {"·", '*'}, {"⋅", '*'}, {"∗", '*'},
                           {"÷", '/'}, {"−", '-'}, {"–", '-'}};

bool capital(char c) { return c >= 'A' && c <= 'Z'; }

// The operator or bracket at `at` and its length; '\0' when there is none.
std::pair<char, std::size_t> sign_at(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == '[' || c == '{') return {'(', 1};
  if (c == ']' || c == '}') return {')', 1};
  if (std::string_view("+-*/()").find(c) != std::string_view::npos) return {c, 1};
  if ((c & 0x80) == 0) return {'\0', 0};
  for (const Sign& s : kSigns) {
    if (text.substr(at).starts_with(s.bytes)) return {s.as, s.bytes.size()};
  }
  return {'\0', 0};
}

// 12, 12.5: the exact value, and where it ends.
std::optional<Rational> number_at(std::string_view text, std::size_t& at) {
  std::int64_t value = 0;
  std::int64_t scale = 1;
  bool point = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point && at + 1 < text.size() && is_digit(text[at + 1])) {
      point = true;
      continue;
    }
    if (c == ',' && !point && at + 3 < text.size() && is_digit(text[at + 1]) && is_digit(text[at + 2]) &&
        is_digit(text[at + 3])) {
      continue;
    }
    if (!is_digit(c)) break;
    if (value > INT64_MAX / 10 - 1 || scale > INT64_MAX / 10) return std::nullopt;
    value = value * 10 + (c - '0');
    if (point) scale *= 10;
  }
  return Rational::make(value, scale);
}

int strength(char op) { return op == '~' ? 3 : op == '*' || op == '/' ? 2 : op == '(' ? 0 : 1; }

class Machine {
 public:
  bool operand(std::optional<Rational> value) {
    if (!value) return false;
    values_.push_back(*value);
    return true;
  }
  bool binary(char op) {
    while (!ops_.empty() && strength(ops_.back()) >= strength(op)) {
      if (!reduce()) return false;
    }
    ops_.push_back(op);
    return true;
  }
  void push(char op) { ops_.push_back(op); }
  bool close() {
    while (!ops_.empty() && ops_.back() != '(') {
      if (!reduce()) return false;
    }
    if (ops_.empty()) return false;
    ops_.pop_back();
    return true;
  }
  std::optional<Rational> finish() {
    while (!ops_.empty()) {
      if (ops_.back() == '(' || !reduce()) return std::nullopt;
    }
    return values_.size() == 1 ? std::optional<Rational>(values_[0]) : std::nullopt;
  }

 private:
  bool reduce() {
    const char op = ops_.back();
    ops_.pop_back();
    if (values_.empty()) return false;
    const Rational right = values_.back();
    values_.pop_back();
    if (op == '~') return operand(Rational::negate(right));
    if (values_.empty()) return false;
    const Rational left = values_.back();
    values_.pop_back();
    return operand(op == '+'   ? Rational::add(left, right)
                   : op == '-' ? Rational::subtract(left, right)
                   : op == '*' ? Rational::multiply(left, right)
                               : Rational::divide(left, right));
  }

  std::vector<Rational> values_;
  std::vector<char> ops_;
};

}  // namespace

Expression evaluate_expression(std::string_view text, const Variables& variables) {
  Expression out;
  Machine machine;
  bool expect_operand = true;
  bool good = true;
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (is_blank(text[i])) {
      ++i;
      continue;
    }
    if (++tokens > kMaxExpressionTokens) good = false;
    const bool number = is_digit(text[i]);
    if (number || capital(text[i])) {
      std::optional<Rational> value;
      if (number) {
        value = number_at(text, i);
        out.numbers = true;
      } else {
        value = variables[static_cast<std::size_t>(text[i++] - 'A')];
        out.variables = true;
      }
      good = good && expect_operand && machine.operand(value);
      expect_operand = false;
      continue;
    }
    const auto [sign, length] = sign_at(text, i);
    if (sign == '\0') return {};
    i += length;
    if (sign == '(') {
      if (!expect_operand) good = good && machine.binary('*');
      machine.push('(');
      expect_operand = true;
    } else if (sign == ')') {
      good = good && !expect_operand && machine.close();
      expect_operand = false;
    } else if (expect_operand) {
      if (sign == '-') machine.push('~');
      if (sign == '*' || sign == '/') good = false;
    } else {
      out.operators = true;
      good = good && machine.binary(sign);
      expect_operand = true;
    }
  }
  if (good && !expect_operand) out.value = machine.finish();
  return out;
}

std::size_t expression_end(std::string_view text, std::size_t begin) {
  std::size_t i = begin;
  std::size_t end = begin;
  while (i < text.size()) {
    const char c = text[i];
    if (is_blank(c)) {
      ++i;
      continue;
    }
    const auto plain = [&](std::size_t at) {
      return at < text.size() && (is_letter(text[at]) || is_digit(text[at]));
    };
    if (is_digit(c)) {
      number_at(text, i);
      if (plain(i)) break;  // "2nd"
    } else if (capital(c)) {
      if (plain(i + 1) || (i > 0 && (is_letter(text[i - 1]) || text[i - 1] == '\''))) break;
      ++i;
    } else {
      const std::size_t length = sign_at(text, i).second;
      if (length == 0) break;
      i += length;
    }
    end = i;
  }
  return end;
}

namespace {

// Without the brackets of the prose around it ("7) so", "(3 + 4", "25 (too far") and without operators at its
// end.
std::string_view balanced(std::string_view part) {
  part = trimmed(part);
  std::ptrdiff_t depth = 0;
  for (const char c : part)
    depth += c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
  const auto last_is = [&](std::string_view set) {
    return !part.empty() && set.find(part.back()) != std::string_view::npos;
  };
  while (last_is("([{+-*/ ") || (depth < 0 && last_is(")]}"))) {
    if (last_is("([{")) --depth;
    if (last_is(")]}")) ++depth;
    part.remove_suffix(1);
  }
  while (depth > 0 && !part.empty() &&
         std::string_view("([{ ").find(part.front()) != std::string_view::npos) {
    if (part.front() != ' ') --depth;
    part.remove_prefix(1);
  }
  return part;
}

// "- " that opens a line is the mark of a list.
bool list_mark(std::string_view text, std::size_t at) {
  if ((text[at] != '-' && text[at] != '*' && text[at] != '+') || at + 1 >= text.size() ||
      !is_blank(text[at + 1]))
    return false;
  while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t')) --at;
  return at == 0 || text[at - 1] == '\n';
}

}  // namespace

std::vector<std::vector<Member>> equation_chains(std::string_view text) {
  std::vector<std::vector<Member>> out;
  bool joined = false;
  for (std::size_t i = 0; i < text.size();) {
    if (is_blank(text[i])) {
      ++i;
      continue;
    }
    if (list_mark(text, i)) {
      ++i;
      continue;
    }
    const std::size_t end = expression_end(text, i);
    const std::string_view part = balanced(text.substr(i, end - i));
    if (!part.empty()) {
      const auto begin = static_cast<std::size_t>(part.data() - text.data());
      if (!joined) out.emplace_back();
      out.back().push_back({part, begin, begin + part.size()});
      joined = false;
      i = end;
      continue;
    }
    if (end > i) {  // brackets alone
      joined = false;
      i = end;
      continue;
    }
    const char c = text[i];
    if (c == '=' && !out.empty() && !(i + 1 < text.size() && text[i + 1] == '>')) {
      const std::string_view gap = text.substr(out.back().back().end, i - out.back().back().end);
      joined = trimmed(gap).empty();
    } else {
      joined = false;
      while (i + 1 < text.size() && is_letter(c) && is_letter(text[i + 1])) ++i;
    }
    ++i;
  }
  return out;
}

}  // namespace assay::verify
