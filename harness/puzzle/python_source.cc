#include "harness/puzzle/python.h"

#include "harness/base/format.h"

namespace assay::puzzle::python {
namespace {

// Python's grammar, loosest first.
enum Strength { kConditional, kOr, kAnd, kNot, kCompare, kSum, kProduct, kUnary, kPostfix, kAtom };

Strength strength(const Expr& e) {
  switch (e.kind) {
    case Expr::Kind::conditional: return kConditional;
    case Expr::Kind::logical_or: return kOr;
    case Expr::Kind::logical_and: return kAnd;
    case Expr::Kind::logical_not: return kNot;
    case Expr::Kind::negative: return kUnary;
    case Expr::Kind::binary:
      if (e.op >= Op::eq) return kCompare;
      return e.op <= Op::subtract ? kSum : kProduct;
    case Expr::Kind::literal: return e.value.integer() && *e.value.integer() < 0 ? kUnary : kAtom;
    case Expr::Kind::index:
    case Expr::Kind::slice:
    case Expr::Kind::method:
    case Expr::Kind::call: return kPostfix;
    default: return kAtom;
  }
}

std::string_view spelled(Op op) {
  constexpr std::string_view kSpelled[] = {"+", "-", "*", "//", "%", "==", "!=", "<", "<=", ">", ">=", "in"};
  return kSpelled[static_cast<std::size_t>(op)];
}

// The text of `e`, in brackets when it binds less than `least`.
std::string within(const Expr& e, Strength least) {
  return strength(e) < least ? format("({})", source(e)) : source(e);
}

std::string listed(const std::vector<Expr>& args, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < args.size(); ++i) out += format("{}{}", i > from ? ", " : "", source(args[i]));
  return out;
}

std::string binary(const Expr& e) {
  const Strength own = strength(e);
  const auto tighter = static_cast<Strength>(own + 1);
  // Comparisons chain in Python, so that neither side may be one without brackets.
  const std::string left = within(e.args[0], own == kCompare ? tighter : own);
  return format("{} {} {}", left, spelled(e.op), within(e.args[1], tighter));
}

std::string sliced(const Expr& e) {
  const auto bound = [&](std::size_t i) { return e.args[i].kind == Expr::Kind::absent ? "" : source(e.args[i]); };
  const std::string step = e.args[3].kind == Expr::Kind::absent ? "" : format(":{}", bound(3));
  return format("{}[{}:{}{}]", within(e.args[0], kPostfix), bound(1), bound(2), step);
}

void put(const std::vector<Stmt>& body, std::size_t depth, std::string& out);

void put(const Stmt& s, std::size_t depth, std::string& out) {
  const std::string indent(4 * depth, ' ');
  const auto expr = [&](std::size_t i) { return source(s.exprs[i]); };
  out += indent;
  switch (s.kind) {
    case Stmt::Kind::assign: out += format("{} = {}\n", s.name, expr(0)); return;
    case Stmt::Kind::augment: out += format("{} {}= {}\n", s.name, spelled(s.op), expr(0)); return;
    case Stmt::Kind::set_item: out += format("{}[{}] = {}\n", s.name, expr(0), expr(1)); return;
    case Stmt::Kind::append: out += format("{}.append({})\n", s.name, expr(0)); return;
    case Stmt::Kind::leave: out += "break\n"; return;
    case Stmt::Kind::skip: out += "continue\n"; return;
    case Stmt::Kind::give: out += format("return {}\n", expr(0)); return;
    case Stmt::Kind::for_each: out += format("for {} in {}:\n", s.name, expr(0)); break;
    case Stmt::Kind::loop: out += format("while {}:\n", expr(0)); break;
    case Stmt::Kind::branch: out += format("if {}:\n", expr(0)); break;
  }
  put(s.body, depth + 1, out);
  if (s.kind != Stmt::Kind::branch || s.orelse.empty()) return;
  out += indent + "else:\n";
  put(s.orelse, depth + 1, out);
}

void put(const std::vector<Stmt>& body, std::size_t depth, std::string& out) {
  if (body.empty()) out += std::string(4 * depth, ' ') + "pass\n";
  for (const Stmt& s : body) put(s, depth, out);
}

}  // namespace

std::string source(const Expr& e) {
  const auto part = [&](std::size_t i, Strength least) { return within(e.args[i], least); };
  switch (e.kind) {
    case Expr::Kind::literal: return repr(e.value);
    case Expr::Kind::name: return e.text;
    case Expr::Kind::list: return format("[{}]", listed(e.args, 0));
    case Expr::Kind::negative: return format("-{}", part(0, kUnary));
    case Expr::Kind::logical_not: return format("not {}", part(0, kNot));
    case Expr::Kind::logical_and: return format("{} and {}", part(0, kAnd), part(1, kNot));
    case Expr::Kind::logical_or: return format("{} or {}", part(0, kOr), part(1, kAnd));
    case Expr::Kind::binary: return binary(e);
    case Expr::Kind::call: return format("{}({})", e.text, listed(e.args, 0));
    case Expr::Kind::method: return format("{}.{}({})", part(0, kPostfix), e.text, listed(e.args, 1));
    case Expr::Kind::index: return format("{}[{}]", part(0, kPostfix), source(e.args[1]));
    case Expr::Kind::slice: return sliced(e);
    case Expr::Kind::absent: return "";
    case Expr::Kind::conditional:
      return format("{} if {} else {}", part(0, kOr), part(1, kOr), source(e.args[2]));
    case Expr::Kind::comprehension: {
      const std::string condition = e.args.size() > 2 ? format(" if {}", part(2, kOr)) : "";
      return format("[{} for {} in {}{}]", source(e.args[0]), e.text, part(1, kOr), condition);
    }
  }
  return {};
}

std::string source(const Program& program) {
  std::string parameters;
  for (const std::string& p : program.parameters) parameters += format("{}{}", parameters.empty() ? "" : ", ", p);
  std::string out = format("def {}({}):\n", program.name, parameters);
  put(program.body, 1, out);
  return out;
}

}  // namespace assay::puzzle::python
