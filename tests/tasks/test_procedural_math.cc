// The targets of the math families, checked by other means than they were made with.
#include <array>
#include <numeric>

#include "tests/tasks/procedural_support.h"

using namespace assay;
using namespace assay::testing;

namespace {

using Int = std::int64_t;

struct Fraction {
  Int top = 0;
  Int bottom = 1;
};

Fraction reduced(Int top, Int bottom) {
  const Int divisor = std::gcd(top, bottom) * (bottom < 0 ? -1 : 1);
  return {top / divisor, bottom / divisor};
}

std::string text_of(const Fraction& f) {
  std::string out = std::to_string(f.top);
  if (f.bottom != 1) out.append("/").append(std::to_string(f.bottom));
  return out;
}

// A recursive descent over our own small expressions.
class Reader {
 public:
  explicit Reader(const std::string& text) {
    for (const char c : text) {
      if (c != ' ') text_ += c;
    }
  }
  Fraction sum() {
    Fraction left = product();
    while (peek() == '+' || peek() == '-') {
      const Int sign = text_[at_++] == '+' ? 1 : -1;
      const Fraction right = product();
      left = reduced(left.top * right.bottom + sign * right.top * left.bottom, left.bottom * right.bottom);
    }
    return left;
  }
  std::vector<Int> used;

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : 0; }
  Fraction product() {
    Fraction left = atom();
    while (peek() == '*' || peek() == '/') {
      const bool times = text_[at_++] == '*';
      const Fraction right = atom();
      left = times ? reduced(left.top * right.top, left.bottom * right.bottom)
                   : reduced(left.top * right.bottom, left.bottom * right.top);
    }
    return left;
  }
  Fraction atom() {
    if (peek() == '(') {
      ++at_;
      const Fraction inner = sum();
      ++at_;
      return inner;
    }
    Int n = 0;
    while (peek() >= '0' && peek() <= '9') n = n * 10 + (text_[at_++] - '0');
    used.push_back(n);
    return {n, 1};
  }
  std::string text_;
  std::size_t at_ = 0;
};

// "3x - y + 2w" as coefficients of x, y, z, w.
std::array<Int, 4> linear(const std::string& text) {
  std::array<Int, 4> out{};
  Int sign = 1;
  Int n = 0;
  bool digits = false;
  for (const char c : text) {
    const std::size_t unknown = std::string("xyzw").find(c);
    if (unknown != std::string::npos) {
      out[unknown] = sign * (digits ? n : 1);
      n = 0;
      digits = false;
      sign = 1;
    } else if (c >= '0' && c <= '9') {
      n = n * 10 + (c - '0');
      digits = true;
    } else if (c == '-') {
      sign = -1;
    }
  }
  return out;
}

using Matrix = std::vector<std::vector<Int>>;

Int determinant(const Matrix& m) {
  if (m.empty()) return 1;
  Int sum = 0;
  for (std::size_t c = 0; c < m.size(); ++c) {
    Matrix minor;
    for (std::size_t r = 1; r < m.size(); ++r) {
      minor.push_back(m[r]);
      minor.back().erase(minor.back().begin() + static_cast<std::ptrdiff_t>(c));
    }
    sum += (c % 2 == 0 ? 1 : -1) * m[0][c] * determinant(minor);
  }
  return sum;
}

// By Cramer's rule. Empty when there is no unique solution.
std::string cramer(const std::string& question) {
  Matrix m;
  std::vector<Int> right;
  for (const std::string& line : split_text(question, "\n")) {
    const std::size_t equals = line.find(" = ");
    if (equals == std::string::npos) continue;
    const auto row = linear(line.substr(0, equals));
    m.emplace_back(row.begin(), row.end());
    right.push_back(std::stoll(line.substr(equals + 3)));
  }
  for (auto& row : m) row.resize(m.size());
  const Int whole = determinant(m);
  if (whole == 0) return "";
  const auto asked = linear(between(question, "What is the value of ", "?"));
  Int top = 0;
  for (std::size_t c = 0; c < m.size(); ++c) {
    Matrix replaced = m;
    for (std::size_t r = 0; r < m.size(); ++r) replaced[r][c] = right[r];
    top += asked[c] * determinant(replaced);
  }
  return text_of(reduced(top, whole));
}

// base^exponent by walking, with a shortcut once the powers repeat.
Int slow_power(Int base, Int exponent, Int modulus) {
  std::vector<Int> seen = {1 % modulus};
  std::vector<Int> first(static_cast<std::size_t>(modulus), -1);
  first[static_cast<std::size_t>(seen[0])] = 0;
  for (Int i = 1; i <= exponent; ++i) {
    const Int value = seen.back() * base % modulus;
    const Int before = first[static_cast<std::size_t>(value)];
    if (before >= 0) return seen[static_cast<std::size_t>(before + (exponent - before) % (i - before))];
    first[static_cast<std::size_t>(value)] = i;
    seen.push_back(value);
  }
  return seen.back();
}

Int count_if_up_to(Int n, bool (*good)(Int, Int)) {
  Int count = 0;
  for (Int i = 1; i <= n; ++i) count += good(i, n) ? 1 : 0;
  return count;
}

bool is_right(const std::string& question, Int answer) {
  std::vector<Int> n = numbers_in(question);
  if (has_text(question, "greatest common divisor")) {
    Int best = 0;
    for (Int d = 1; d <= n[0]; ++d) {
      if (std::all_of(n.begin(), n.end(), [&](Int x) { return x % d == 0; })) best = d;
    }
    return answer == best;
  }
  if (has_text(question, "least common multiple")) {
    Int multiple = n[0];
    while (multiple % n[1] != 0) multiple += n[0];
    return answer == multiple;
  }
  if (has_text(question, "^")) return answer == slow_power(n[0], n[1], n[2]);
  if (has_text(question, "What is the remainder when")) return answer == n[0] - n[0] / n[1] * n[1];
  if (has_text(question, "How many positive divisors")) {
    return answer == count_if_up_to(n[0], [](Int i, Int x) { return x % i == 0; });
  }
  if (has_text(question, "have no common divisor")) {
    return answer == count_if_up_to(n[1], [](Int i, Int x) { return std::gcd(i, x) == 1; });
  }
  if (has_text(question, "smallest positive integer x")) {
    Int x = 1;
    while (x * n[0] % n[2] != 1) ++x;
    return answer == x;
  }
  REQUIRE(has_text(question, "smallest non-negative integer that leaves"));
  Int x = 0;
  const auto fits = [&] {
    for (std::size_t i = 0; i < n.size(); i += 2) {
      if (x % n[i + 1] != n[i]) return false;
    }
    return true;
  };
  while (!fits()) ++x;
  return answer == x;
}

}  // namespace

TEST_CASE("arithmetic: targets are the expression's value in lowest terms") {
  for (int level = 1; level <= 5; ++level) {
    std::size_t fractions = 0;
    for (const Sample& s : samples_of("math/arithmetic", level, 200)) {
      CAPTURE(s.question);
      const std::string expression = split_text(s.question, "\n\n")[1];
      REQUIRE(s.targets == std::vector{text_of(Reader(expression).sum())});
      fractions += has_text(s.targets[0], "/") ? 1 : 0;
    }
    CAPTURE(level);
    CHECK((level >= 4 ? fractions > 50 : fractions == 0));
  }
}

TEST_CASE("linear systems have one solution, and the target follows from it") {
  for (int level = 1; level <= 5; ++level) {
    for (const Sample& s : samples_of("math/linear-systems", level, 200)) {
      CAPTURE(s.question);
      REQUIRE(s.targets == std::vector{cramer(s.question)});
    }
  }
}

TEST_CASE("number theory: targets agree with counting and walking") {
  for (int level = 1; level <= 5; ++level) {
    for (const Sample& s : samples_of("math/number-theory", level, 200)) {
      CAPTURE(s.question, s.targets[0]);
      REQUIRE(is_right(s.question, std::stoll(s.targets[0])));
    }
  }
}

TEST_CASE("countdown: the solution uses the given numbers and reaches the target, which is not given") {
  for (int level = 1; level <= 5; ++level) {
    for (const Sample& s : samples_of("math/countdown", level, 200)) {
      CAPTURE(s.question, s.targets[0]);
      const auto given = s.metadata["numbers"].get<std::vector<Int>>();
      const Int target = s.metadata["target"].get<Int>();
      Reader reader(s.targets[0]);
      REQUIRE(text_of(reader.sum()) == std::to_string(target));
      std::vector<Int> left = given;
      for (const Int n : reader.used) {
        const auto found = std::find(left.begin(), left.end(), n);
        REQUIRE(found != left.end());
        left.erase(found);
      }
      REQUIRE(reader.used.size() >= 2);
      REQUIRE(std::find(given.begin(), given.end(), target) == given.end());
      std::vector<Int> told = given;
      told.push_back(target);
      REQUIRE(numbers_in(s.question) == told);
    }
  }
}
