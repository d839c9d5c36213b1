#include "scorers/math/program.h"

#include <algorithm>

#include "harness/base/format.h"

namespace assay::math {
namespace {

struct Bound {  // a variable of a sum that is being written out
  std::string name;
  int step;
};

class Compiler {
 public:
  Compiler(const Tree& tree, Symbols& symbols, bool natural_log)
      : tree_(tree), symbols_(symbols), natural_log_(natural_log) {}

  int value(NodeId id);
  int emit(int op, int a = 0, int b = 0) {
    if (out_.program.steps.size() >= kMaxSteps) return fail(CompileError::over_limit);
    out_.program.steps.push_back({op, a, b});
    return static_cast<int>(out_.program.steps.size()) - 1;
  }
  Compiled take() { return std::move(out_); }
  bool failed() const { return out_.error != CompileError::none; }

 private:
  int fail(CompileError e) {
    if (out_.error == CompileError::none) out_.error = e;
    return 0;
  }
  int literal(std::string digits, int places) {
    if (digits.size() > kMaxIntegerBits / 3) return fail(CompileError::over_limit);
    out_.program.literals.push_back(std::move(digits));
    return emit(EXACT_LITERAL, static_cast<int>(out_.program.literals.size()) - 1, places);
  }
  int small(long n) { return literal(std::to_string(n), 0); }

  int number(std::string_view text) {
    const Literal l = split_literal(text);
    if (l.digits.empty()) return fail(CompileError::no_value);
    const int v = literal(l.digits, l.places);
    if (l.exponent == 0) return v;
    const int power = emit(EXACT_POW, small(10), small(l.exponent));
    return emit(EXACT_MUL, v, power);
  }

  // 0.1(6) = (16 - 1) / 90
  int repeating(std::string_view text) {
    const std::size_t open = text.find('(');
    const std::string_view cycle = text.substr(open + 1, text.size() - open - 2);
    std::string head(text.substr(0, open));
    const std::size_t point = head.find('.');
    const std::size_t places = point == std::string::npos ? 0 : head.size() - point - 1;
    head.erase(std::remove(head.begin(), head.end(), '.'), head.end());
    if (head.empty()) head.push_back('0');
    if (cycle.size() > 400 || places > 400) return fail(CompileError::over_limit);
    std::string once = head;
    once.append(cycle);
    const int all = literal(std::move(once), 0);
    const int difference = emit(EXACT_SUB, all, literal(head, 0));
    std::string nines(cycle.size(), '9');
    nines.append(places, '0');
    const int below = literal(std::move(nines), 0);
    return emit(EXACT_DIV, difference, below);
  }

  int based(std::string_view text) {
    const std::size_t mark = text.find('_');
    int base = 0;
    for (const char c : text.substr(mark + 1)) base = base * 10 + (c - '0');
    if (base < 2 || base > 36 || mark > 200) return fail(CompileError::no_value);
    int v = small(0);
    const int b = small(base);
    for (const char c : text.substr(0, mark)) {
      const int digit = c - '0';
      if (digit < 0 || digit >= base) return fail(CompileError::no_value);
      v = emit(EXACT_ADD, emit(EXACT_MUL, v, b), small(digit));
    }
    return v;
  }

  int symbol(NodeId id) {
    if (tree_.kind(id) == Kind::symbol) {
      for (auto it = bound_.rbegin(); it != bound_.rend(); ++it) {
        if (it->name == tree_.text(id)) return it->step;
      }
    }
    const int index = symbols_.index(id);
    if (index < 0) return fail(CompileError::over_limit);
    return emit(EXACT_SYMBOL, index);
  }

  int chain(int op, NodeId id) {
    int v = value(tree_.kid(id, 0));
    for (std::uint32_t i = 1; i < tree_.count(id) && !failed(); ++i) v = emit(op, v, value(tree_.kid(id, i)));
    return v;
  }

  // An angle: degrees within a trigonometric function are degrees.
  int angle(NodeId id) {
    const bool degrees = tree_.kind(id) == Kind::with_unit && tree_.text(id) == "deg";
    const int v = value(degrees ? tree_.kid(id, 0) : id);
    if (!degrees) return v;
    return emit(EXACT_DIV, emit(EXACT_MUL, v, emit(EXACT_PI)), small(180));
  }

  int inverse(int v) { return emit(EXACT_DIV, small(1), v); }

  std::optional<long> small_integer(NodeId id) const {
    if (tree_.kind(id) == Kind::negate) {
      const auto v = small_integer(tree_.kid(id, 0));
      return v ? std::optional<long>(-*v) : std::nullopt;
    }
    if (tree_.kind(id) != Kind::number || tree_.text(id).size() > 8) return std::nullopt;
    long n = 0;
    for (const char c : tree_.text(id)) {
      if (c < '0' || c > '9') return std::nullopt;
      n = n * 10 + (c - '0');
    }
    return n;
  }

  // A sum or product with small bounds is written out; any other is a symbol.
  int series(NodeId id, bool product) {
    const auto from = small_integer(tree_.kid(id, 1));
    const auto to = small_integer(tree_.kid(id, 2));
    if (!from || !to) return symbol(id);
    if (*to - *from >= static_cast<long>(kMaxSumTerms)) {
      // Nothing but the index itself: a factorial, whatever its size.
      const NodeId body = tree_.kid(id, 3);
      const bool plain = tree_.kind(body) == Kind::symbol && tree_.text(body) == tree_.text(tree_.kid(id, 0));
      if (plain && product && *from == 1) return emit(EXACT_FACTORIAL, small(*to));
      return fail(CompileError::over_limit);
    }
    int v = small(product ? 1 : 0);
    for (long k = *from; k <= *to && !failed(); ++k) {
      const int step = small(k);
      bound_.push_back({std::string(tree_.text(tree_.kid(id, 0))), step});
      v = emit(product ? EXACT_MUL : EXACT_ADD, v, value(tree_.kid(id, 3)));
      bound_.pop_back();
    }
    return v;
  }

  int call(NodeId id);
  int unary(Function f, NodeId x);

  const Tree& tree_;
  Symbols& symbols_;
  bool natural_log_;
  std::vector<Bound> bound_;
  Compiled out_;
};

int Compiler::value(NodeId id) {
  if (failed()) return 0;
  switch (tree_.kind(id)) {
    case Kind::number: return number(tree_.text(id));
    case Kind::repeating: return repeating(tree_.text(id));
    case Kind::based: return based(tree_.text(id));
    case Kind::pi: return emit(EXACT_PI);
    case Kind::euler: return emit(EXACT_E);
    case Kind::imaginary: return emit(EXACT_I);
    case Kind::symbol: case Kind::opaque: case Kind::ellipsis: return symbol(id);
    case Kind::add: case Kind::mixed: return chain(EXACT_ADD, id);
    case Kind::multiply: return chain(EXACT_MUL, id);
    case Kind::divide: return chain(EXACT_DIV, id);
    case Kind::power:
      if (tree_.kind(tree_.kid(id, 0)) == Kind::euler) return emit(EXACT_EXP, value(tree_.kid(id, 1)));
      return chain(EXACT_POW, id);
    case Kind::negate: return emit(EXACT_NEG, value(tree_.kid(id, 0)));
    case Kind::percent: return emit(EXACT_DIV, value(tree_.kid(id, 0)), small(100));
    case Kind::with_unit: return value(tree_.kid(id, 0));
    case Kind::call: return call(id);
    case Kind::ratio:
      if (tree_.count(id) != 2) return fail(CompileError::no_value);
      // 2:00 is a time on the hour.
      if (tree_.text(tree_.kid(id, 1)) == "00") return value(tree_.kid(id, 0));
      return chain(EXACT_DIV, id);
    default: return fail(CompileError::no_value);
  }
}

int Compiler::unary(Function f, NodeId x) {
  switch (f) {
    case Function::sin: return emit(EXACT_SIN, angle(x));
    case Function::cos: return emit(EXACT_COS, angle(x));
    case Function::tan: return emit(EXACT_TAN, angle(x));
    case Function::cot: return inverse(emit(EXACT_TAN, angle(x)));
    case Function::sec: return inverse(emit(EXACT_COS, angle(x)));
    case Function::csc: return inverse(emit(EXACT_SIN, angle(x)));
    case Function::sech: return inverse(emit(EXACT_COSH, value(x)));
    case Function::csch: return inverse(emit(EXACT_SINH, value(x)));
    case Function::asec: return emit(EXACT_ACOS, inverse(value(x)));
    case Function::acsc: return emit(EXACT_ASIN, inverse(value(x)));
    case Function::acoth: return emit(EXACT_ATANH, inverse(value(x)));
    case Function::asech: return emit(EXACT_ACOSH, inverse(value(x)));
    case Function::acsch: return emit(EXACT_ASINH, inverse(value(x)));
    case Function::coth: return inverse(emit(EXACT_TANH, value(x)));
    case Function::acot: return emit(EXACT_ATAN, inverse(value(x)));
    case Function::log10: {
      const int v = emit(EXACT_LN, value(x));
      return natural_log_ ? v : emit(EXACT_DIV, v, emit(EXACT_LN, small(10)));
    }
    default: break;
  }
  static constexpr struct {
    Function f;
    int op;
  } kOps[] = {{Function::sqrt, EXACT_SQRT}, {Function::exp, EXACT_EXP}, {Function::ln, EXACT_LN},
              {Function::asin, EXACT_ASIN}, {Function::acos, EXACT_ACOS}, {Function::atan, EXACT_ATAN},
              {Function::sinh, EXACT_SINH}, {Function::cosh, EXACT_COSH}, {Function::tanh, EXACT_TANH},
              {Function::asinh, EXACT_ASINH}, {Function::acosh, EXACT_ACOSH}, {Function::atanh, EXACT_ATANH},
              {Function::abs, EXACT_ABS}, {Function::floor, EXACT_FLOOR}, {Function::ceil, EXACT_CEIL},
              {Function::factorial, EXACT_FACTORIAL}, {Function::re, EXACT_RE}, {Function::im, EXACT_IM},
              {Function::sign, EXACT_SIGN}};
  for (const auto& row : kOps) {
    if (row.f == f) return emit(row.op, value(x));
  }
  return fail(CompileError::no_value);
}

int Compiler::call(NodeId id) {
  const Function f = tree_.function(id);
  switch (f) {
    case Function::sum: return series(id, false);
    case Function::product: return series(id, true);
    case Function::gcd: return chain(EXACT_GCD, id);
    case Function::lcm: return chain(EXACT_LCM, id);
    case Function::max: return chain(EXACT_MAX, id);
    case Function::min: return chain(EXACT_MIN, id);
    case Function::mod: return chain(EXACT_MOD, id);
    case Function::root: return chain(EXACT_ROOT, id);
    case Function::binomial: return chain(EXACT_BINOMIAL, id);
    case Function::permutations: {
      const int n = value(tree_.kid(id, 0));
      const int k = value(tree_.kid(id, 1));
      const int below = emit(EXACT_FACTORIAL, emit(EXACT_SUB, n, k));
      return emit(EXACT_DIV, emit(EXACT_FACTORIAL, n), below);
    }
    case Function::log: {
      const int x = emit(EXACT_LN, value(tree_.kid(id, 0)));
      return emit(EXACT_DIV, x, emit(EXACT_LN, value(tree_.kid(id, 1))));
    }
    default: return unary(f, tree_.kid(id, 0));
  }
}

}  // namespace

int Symbols::index(NodeId symbol) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const NodeId other = nodes_[i];
    if (tree_.kind(other) != tree_.kind(symbol) || tree_.count(other) != tree_.count(symbol) ||
        tree_.node(other).op != tree_.node(symbol).op || tree_.text(other) != tree_.text(symbol)) {
      continue;
    }
    bool equal = true;
    for (std::uint32_t k = 0; k < tree_.count(symbol) && equal; ++k) {
      equal = same_(tree_.kid(other, k), tree_.kid(symbol, k));
    }
    if (equal) return static_cast<int>(i);
  }
  if (nodes_.size() >= EXACT_MAX_SYMBOLS) return -1;
  nodes_.push_back(symbol);
  return static_cast<int>(nodes_.size()) - 1;
}

bool Program::same_as(const Program& other) const {
  if (steps.size() != other.steps.size() || literals != other.literals) return false;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].op != other.steps[i].op || steps[i].a != other.steps[i].a || steps[i].b != other.steps[i].b) return false;
  }
  return true;
}

Compiled compile(const Tree& tree, NodeId root, Symbols& symbols, bool natural_log) {
  Compiler c(tree, symbols, natural_log);
  c.value(root);
  return c.take();
}

Compiled compile_difference(const Tree& tree, NodeId minuend, NodeId subtrahend, Symbols& symbols, bool natural_log) {
  Compiler c(tree, symbols, natural_log);
  const int a = c.value(minuend);
  const int b = c.value(subtrahend);
  if (!c.failed()) c.emit(EXACT_SUB, a, b);
  return c.take();
}

Literal split_literal(std::string_view text) {
  Literal out;
  bool point = false;
  std::size_t i = 0;
  for (; i < text.size() && text[i] != 'e'; ++i) {
    if (text[i] == '.') {
      point = true;
    } else if (text[i] >= '0' && text[i] <= '9') {
      out.digits += text[i];
      out.places += point ? 1 : 0;
    }
  }
  if (i < text.size()) {
    bool negative = false;
    for (++i; i < text.size(); ++i) {
      if (text[i] == '-') negative = true;
      if (text[i] >= '0' && text[i] <= '9' && out.exponent < 100000000) out.exponent = out.exponent * 10 + (text[i] - '0');
    }
    if (negative) out.exponent = -out.exponent;
  }
  return out;
}

}  // namespace assay::math
