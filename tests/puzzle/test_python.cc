// The Python subset: source text and results, row by row as Python 3 has them.
#include "harness/puzzle/python.h"

#include "harness/puzzle/python_builtins.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::puzzle::python;

namespace {

Value n(std::int64_t v) { return Value::of(v); }
Value s(const char* v) { return Value::of(std::string(v)); }
Value l(List v) { return Value::of(std::move(v)); }

Expr expr(Expr::Kind kind, std::vector<Expr> args = {}, std::string text = {}, Op op = Op::add) {
  Expr e;
  e.kind = kind;
  e.args = std::move(args);
  e.text = std::move(text);
  e.op = op;
  return e;
}
Expr number(std::int64_t v) {
  Expr e;
  e.value = n(v);
  return e;
}
Expr name(const char* v) { return expr(Expr::Kind::name, {}, v); }
Expr bin(Op op, Expr a, Expr b) { return expr(Expr::Kind::binary, {std::move(a), std::move(b)}, {}, op); }

Stmt stmt(Stmt::Kind kind, std::string target, std::vector<Expr> exprs, std::vector<Stmt> body = {}) {
  Stmt out;
  out.kind = kind;
  out.name = std::move(target);
  out.exprs = std::move(exprs);
  out.body = std::move(body);
  return out;
}

std::string result(const Result<Value>& value) { return value ? repr(*value) : value.error().message; }

}  // namespace

TEST_CASE("values print as Python's repr") {
  CHECK(repr(Value{}) == "None");
  CHECK(repr(Value::truth(true)) == "True");
  CHECK(repr(n(-7)) == "-7");
  CHECK(repr(s("it's")) == "\"it's\"");
  CHECK(repr(s("a'\"")) == "'a\\'\"'");
  CHECK(repr(s("a\\\n\t\x01")) == "'a\\\\\\n\\t\\x01'");
  CHECK(repr(l({n(1), s("x"), l({})})) == "[1, 'x', []]");
}

TEST_CASE("operators follow Python's rules for signs, types and order") {
  struct Row {
    Op op;
    Value a, b;
    const char* result;
  };
  const std::vector<Row> rows = {
      {Op::floor_divide, n(7), n(2), "3"},
      {Op::floor_divide, n(-7), n(2), "-4"},
      {Op::floor_divide, n(7), n(-2), "-4"},
      {Op::floor_divide, n(-7), n(-2), "3"},
      {Op::floor_divide, n(INT64_MIN), n(-1), "OverflowError: an integer beyond 64 bits"},
      {Op::modulo, n(-7), n(3), "2"},
      {Op::modulo, n(7), n(-3), "-2"},
      {Op::modulo, n(INT64_MIN), n(-1), "0"},
      {Op::modulo, n(1), n(0), "ZeroDivisionError"},
      {Op::add, n(INT64_MAX), n(1), "OverflowError: an integer beyond 64 bits"},
      {Op::add, s("a"), s("b"), "'ab'"},
      {Op::add, l({n(1)}), l({n(2)}), "[1, 2]"},
      {Op::add, s("a"), n(1), "TypeError: operand types outside the subset"},
      {Op::multiply, s("ab"), n(2), "'abab'"},
      {Op::multiply, s("ab"), n(-1), "''"},
      {Op::eq, l({n(1), s("x")}), l({n(1), s("x")}), "True"},
      {Op::eq, n(1), Value::truth(true), "True"},
      {Op::ne, n(1), s("1"), "True"},
      {Op::lt, s("Z"), s("a"), "True"},
      {Op::le, n(2), n(2), "True"},
      {Op::ge, n(1), n(2), "False"},
      {Op::gt, n(3), n(2), "True"},
      {Op::in, s("bc"), s("abcd"), "True"},
      {Op::in, n(3), l({n(1)}), "False"},
  };
  for (const Row& row : rows) {
    CAPTURE(static_cast<int>(row.op), repr(row.a), repr(row.b));
    CHECK(result(apply(row.op, row.a, row.b)) == row.result);
  }
}

TEST_CASE("built-ins, methods, indices and slices") {
  const Value list = l({n(3), n(1), n(2)});
  const Value text = s("banana");
  const auto one = [](const char* f, const Value& v) { return result(call(f, std::vector{v})); };
  CHECK(one("len", text) == "6");
  CHECK(one("sum", list) == "6");
  CHECK(one("max", list) == "3");
  CHECK(one("min", l({})) == "ValueError: max() or min() of an empty list");
  CHECK(one("sorted", list) == "[1, 2, 3]");
  CHECK(one("sorted", s("ba")) == "['a', 'b']");
  CHECK(one("str", list) == "'[3, 1, 2]'");
  CHECK(one("abs", n(-4)) == "4");
  CHECK(one("list", s("ab")) == "['a', 'b']");
  CHECK(one("range", n(3)) == "[0, 1, 2]");
  CHECK(result(call("range", std::vector{n(5), n(0), n(-2)})) == "[5, 3, 1]");
  CHECK(result(call("max", std::vector{n(2), n(9)})) == "9");
  CHECK(result(call_method("count", text, std::vector{s("an")})) == "2");
  CHECK(result(call_method("count", list, std::vector{n(1)})) == "1");
  CHECK(result(call_method("replace", text, std::vector{s("an"), s("x")})) == "'bxxa'");
  CHECK(result(call_method("replace", text, std::vector{s("a"), s("aa")})) == "'baanaanaa'");
  CHECK(result(call_method("upper", text, {})) == "'BANANA'");
  CHECK(result(call_method("join", s("-"), std::vector{l({s("a"), s("b")})})) == "'a-b'");
  CHECK(result(item_at(list, n(-1))) == "2");
  CHECK(result(item_at(list, n(3))) == "IndexError: index out of range");
  struct Slice {
    std::optional<std::int64_t> start, stop, step;
    const char* result;
  };
  for (const Slice& row : std::vector<Slice>{{{}, {}, -1, "'ananab'"},
                                             {1, {}, {}, "'anana'"},
                                             {{}, -2, {}, "'bana'"},
                                             {-100, 100, 2, "'bnn'"},
                                             {4, 1, -1, "'nan'"},
                                             {-1, {}, -2, "'aaa'"},
                                             {3, 3, {}, "''"},
                                             {{}, {}, 100, "'b'"},
                                             {{}, {}, INT64_MIN, "'a'"},
                                             {INT64_MIN, INT64_MAX, {}, "'banana'"},
                                             {{}, {}, 0, "ValueError: a slice step of 0"}}) {
    CHECK(result(slice(text, row.start, row.stop, row.step)) == row.result);
  }
}

TEST_CASE("source text has brackets where Python needs them") {
  using Kind = Expr::Kind;
  const Expr sum = bin(Op::add, name("a"), name("b"));
  const Expr less = bin(Op::lt, name("a"), name("b"));
  const Expr either = expr(Kind::conditional, {name("a"), less, name("b")});
  CHECK(source(bin(Op::multiply, sum, name("c"))) == "(a + b) * c");
  CHECK(source(bin(Op::add, name("c"), sum)) == "c + (a + b)");
  CHECK(source(bin(Op::subtract, sum, number(-1))) == "a + b - -1");
  CHECK(source(bin(Op::eq, less, name("c"))) == "(a < b) == c");
  CHECK(source(expr(Kind::logical_not, {less})) == "not a < b");
  CHECK(source(expr(Kind::logical_and, {expr(Kind::logical_or, {less, name("c")}), name("d")})) == "(a < b or c) and d");
  CHECK(source(expr(Kind::index, {sum, number(0)})) == "(a + b)[0]");
  CHECK(source(bin(Op::add, either, number(1))) == "(a if a < b else b) + 1");
  CHECK(source(expr(Kind::negative, {sum})) == "-(a + b)");
  CHECK(source(expr(Kind::comprehension, {sum, either, less}, "x")) == "[a + b for x in (a if a < b else b) if a < b]");
  CHECK(source(expr(Kind::slice, {name("a"), expr(Kind::absent), number(2), number(-1)})) == "a[:2:-1]");
}

TEST_CASE("programs run with Python's reference semantics") {
  // Two names of one list; a loop that sees what it appends; a caller's list that stays as it was.
  Program program;
  program.parameters = {"xs", "k"};
  program.body.push_back(stmt(Stmt::Kind::assign, "ys", {name("xs")}));
  Stmt stop = stmt(Stmt::Kind::branch, "", {bin(Op::gt, name("x"), name("k"))}, {stmt(Stmt::Kind::leave, "", {})});
  program.body.push_back(stmt(Stmt::Kind::for_each, "x", {name("xs")},
                              {stop, stmt(Stmt::Kind::append, "ys", {bin(Op::add, name("x"), number(2))})}));
  program.body.push_back(stmt(Stmt::Kind::give, "", {expr(Expr::Kind::list, {name("xs"), name("x")})}));
  CHECK(source(program) ==
        "def f(xs, k):\n    ys = xs\n    for x in xs:\n        if x > k:\n            break\n"
        "        ys.append(x + 2)\n    return [xs, x]\n");
  const Value argument = l({n(1)});
  const auto out = run(program, {argument, n(4)});
  REQUIRE(out);
  CHECK(repr(out->value) == "[[1, 3, 5], 5]");
  CHECK(repr(argument) == "[1]");
}

TEST_CASE("what Python raises and what runs too long are errors") {
  const auto outcome = [](std::vector<Stmt> body, Limits limits = {}) {
    Program program;
    program.parameters = {"a"};
    program.body = std::move(body);
    const auto out = run(program, {l({})}, limits);
    return out ? repr(out->value) : out.error().message;
  };
  Expr yes;
  yes.value = Value::truth(true);
  CHECK(outcome({}) == "None");
  CHECK(outcome({stmt(Stmt::Kind::give, "", {name("b")})}) == "NameError: b");
  CHECK(outcome({stmt(Stmt::Kind::loop, "", {yes})}) == "the program takes too many steps");
  CHECK(outcome({stmt(Stmt::Kind::loop, "", {yes}, {stmt(Stmt::Kind::append, "a", {number(1)})})}, {1000000, 50}) ==
        "a string or list grows too long");
  // a = [a] again and again, and a += [a]: neither may nest without end.
  CHECK(outcome({stmt(Stmt::Kind::loop, "", {yes},
                      {stmt(Stmt::Kind::assign, "a", {expr(Expr::Kind::list, {name("a")})})})}) == "lists nest too deep");
  CHECK(outcome({stmt(Stmt::Kind::augment, "a", {expr(Expr::Kind::list, {name("a")})})}) ==
        "TypeError: += of lists outside the subset");
  Program program;
  CHECK(run(program, {n(1)}).error().message == "TypeError: f takes 0 arguments, 1 given");
}
