// Short names for making Python trees (harness/puzzle/python.h).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/puzzle/python.h"

namespace assay::procedural::py {

using puzzle::python::Expr;
using puzzle::python::Op;
using puzzle::python::Stmt;
using puzzle::python::Value;

inline Expr make(Expr::Kind kind, std::vector<Expr> args, std::string text = {}) {
  Expr e;
  e.kind = kind;
  e.args = std::move(args);
  e.text = std::move(text);
  return e;
}
inline Expr literal(Value value) {
  Expr e;
  e.value = std::move(value);
  return e;
}
inline Expr integer(std::int64_t n) { return literal(Value::of(n)); }
inline Expr text(std::string s) { return literal(Value::of(std::move(s))); }
inline Expr name(std::string n) { return make(Expr::Kind::name, {}, std::move(n)); }
inline Expr absent() { return make(Expr::Kind::absent, {}); }
inline Expr binary(Op op, Expr a, Expr b) {
  Expr e = make(Expr::Kind::binary, {});
  e.op = op;
  e.args.push_back(std::move(a));
  e.args.push_back(std::move(b));
  return e;
}
inline Expr call(std::string function, Expr argument) {
  return make(Expr::Kind::call, {std::move(argument)}, std::move(function));
}
inline Expr method(Expr object, std::string called, std::vector<Expr> arguments) {
  arguments.insert(arguments.begin(), std::move(object));
  return make(Expr::Kind::method, std::move(arguments), std::move(called));
}
inline Expr slice(Expr object, Expr start, Expr stop, Expr step) {
  return make(Expr::Kind::slice, {std::move(object), std::move(start), std::move(stop), std::move(step)});
}
inline Stmt statement(Stmt::Kind kind, std::string target, std::vector<Expr> exprs) {
  Stmt s;
  s.kind = kind;
  s.name = std::move(target);
  s.exprs = std::move(exprs);
  return s;
}

}  // namespace assay::procedural::py
