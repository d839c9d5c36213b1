// A small part of Python, exact: programs as trees, their source text, and what they return.
//
// One function over integers, strings, booleans and lists; assignments, if, for, while, break,
// continue, return; comprehensions, slices and the built-ins named at Call and Method below. What runs here
// returns what Python 3 returns; what could differ (an integer beyond 64 bits, a list inside itself)
// is an error instead. Strings are ASCII.
//
//   Program p = ...;
//   std::string text = source(p);           // "def f(nums, k):\n    ..."
//   Result<Value> out = run(p, {arguments}, {});
//
// Threads: plain values and pure functions. Recursion is as deep as the tree, which its maker bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/base/result.h"

namespace assay::puzzle::python {

struct Value;
using List = std::vector<Value>;

// Lists are shared because they are references in Python: after b = a, b.append(1) changes a too.
struct Value {
  std::variant<std::monostate, bool, std::int64_t, std::string, std::shared_ptr<List>> is;

  static Value of(std::int64_t n) { return {n}; }
  static Value of(std::string s) { return {std::move(s)}; }
  static Value of(List items) { return {std::make_shared<List>(std::move(items))}; }
  static Value truth(bool b) { return {b}; }

  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&is); }
  const std::string* text() const { return std::get_if<std::string>(&is); }
  List* list() const {
    const auto* shared = std::get_if<std::shared_ptr<List>>(&is);
    return shared ? shared->get() : nullptr;
  }
};

std::string repr(const Value& value);  // as Python's repr()
bool equal(const Value& a, const Value& b);
bool truthy(const Value& value);
Value deep_copy(const Value& value);   // shares nothing with `value`

enum class Op : std::uint8_t { add, subtract, multiply, floor_divide, modulo, eq, ne, lt, le, gt, ge, in };

struct Expr {
  enum class Kind : std::uint8_t {
    literal,        // value: an integer, boolean or string
    name,           // text
    list,           // args
    negative,       // args[0]
    logical_not,    // args[0]
    logical_and,    // args[0], args[1]
    logical_or,     // args[0], args[1]
    binary,         // op; args[0], args[1]
    call,           // text of len, sum, max, min, sorted, abs, str, list, range; args
    method,         // args[0].text(args[1..]); count, upper, lower, replace, join
    index,          // args[0][args[1]]
    slice,          // args[0][args[1]:args[2]:args[3]], each of the three may be `absent`
    absent,         // a bound that a slice leaves out
    comprehension,  // [args[0] for text in args[1] if args[2]]; args[2] may be missing
    conditional,    // args[0] if args[1] else args[2]
  };
  Kind kind = Kind::literal;
  Op op = Op::add;
  Value value;
  std::string text;
  std::vector<Expr> args;
};

struct Stmt {
  enum class Kind : std::uint8_t {
    assign,      // name = exprs[0]
    augment,     // name op= exprs[0]
    set_item,    // name[exprs[0]] = exprs[1]
    append,      // name.append(exprs[0])
    branch,      // if exprs[0]: body else: orelse
    for_each,    // for name in exprs[0]: body
    loop,        // while exprs[0]: body
    leave,       // break
    skip,        // continue
    give,        // return exprs[0]
  };
  Kind kind = Kind::assign;
  Op op = Op::add;
  std::string name;
  std::vector<Expr> exprs;
  std::vector<Stmt> body;
  std::vector<Stmt> orelse;
};

struct Program {
  std::string name = "f";
  std::vector<std::string> parameters;
  std::vector<Stmt> body;
};

std::string source(const Expr& expr);
std::string source(const Program& program);  // four spaces an indent, a newline at the end

struct Limits {
  std::size_t steps = 20000;   // statements and expressions evaluated
  std::size_t length = 2000;   // characters of a string, items of a list
};

struct Outcome {
  Value value;                 // None when the function ends without a return
  std::size_t steps = 0;       // statements executed
};

// Calls the program; the arguments are copied first. Error: Code::invalid for whatever raises in
// Python and for what this subset leaves out; Code::exhausted when a limit is reached.
Result<Outcome> run(const Program& program, const std::vector<Value>& arguments, const Limits& limits = {});

}  // namespace assay::puzzle::python
