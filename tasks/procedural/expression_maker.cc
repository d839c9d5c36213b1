#include "tasks/procedural/expression_maker.h"

#include <algorithm>

#include "tasks/procedural/python_tree.h"

namespace assay::procedural {

using puzzle::python::Expr;
using puzzle::python::Op;

std::vector<const PyVariable*> ExpressionMaker::of_type(PyType type, bool assignable) const {
  std::vector<const PyVariable*> out;
  for (const PyVariable& v : variables) {
    if (v.type == type && !(assignable && v.fixed)) out.push_back(&v);
  }
  return out;
}

std::string ExpressionMaker::fresh(const std::vector<std::string>& pool) const {
  for (const std::string& name : pool) {
    const bool taken = std::any_of(variables.begin(), variables.end(), [&](const auto& v) { return v.name == name; });
    if (!taken) return name;
  }
  CHECK_THAT_HOLDS(false, "there are more names than nested loops");
  return {};
}

Expr ExpressionMaker::any(PyType type) {
  const auto candidates = of_type(type, false);
  return py::name(rng_.pick(candidates)->name);
}

std::string ExpressionMaker::letter() { return std::string(1, static_cast<char>('a' + roll(4))); }

Expr ExpressionMaker::integer_leaf() {
  if (has(PyType::integer) && roll(3) > 0) return any(PyType::integer);
  return py::integer(rng_.uniform(1, 9));
}

Expr ExpressionMaker::other_than(const Expr& left) {
  Expr right = integer_leaf();
  const bool same = right.kind == Expr::Kind::name && left.kind == Expr::Kind::name && right.text == left.text;
  return same ? py::integer(rng_.uniform(2, 9)) : right;
}

Expr ExpressionMaker::of_list(int depth) {
  switch (roll(6)) {
    case 0: return py::call("len", any(PyType::list));
    case 1: return py::call("sum", list(depth - 1));
    case 2: {
      const char* function = roll(2) == 0 ? "max" : "min";
      return py::call(function, any(PyType::list));
    }
    case 3: {
      Expr counted = any(PyType::list);
      return py::method(std::move(counted), "count", {integer_leaf()});
    }
    default: {
      Expr from = any(PyType::list);
      return py::make(Expr::Kind::index, {std::move(from), py::integer(rng_.uniform(-2, 2))});
    }
  }
}

Expr ExpressionMaker::of_text() {
  Expr object = any(PyType::text);
  if (roll(2) == 0) return py::call("len", std::move(object));
  return py::method(std::move(object), "count", {py::text(letter())});
}

Expr ExpressionMaker::integer(int depth) {
  if (depth <= 0) return integer_leaf();
  const std::int64_t kind = roll(10);
  if (kind < 2 && has(PyType::list)) return of_list(depth);
  if (kind < 3 && has(PyType::text)) return of_text();
  if (kind == 3 && advanced_) {
    Expr then = integer(depth - 1);
    Expr condition_of = condition(0);
    Expr otherwise = integer_leaf();
    return py::make(Expr::Kind::conditional, {std::move(then), std::move(condition_of), std::move(otherwise)});
  }
  Expr left = integer(depth - 1);
  // Two numbers written out would be one number.
  if (left.kind == Expr::Kind::literal && has(PyType::integer)) left = any(PyType::integer);
  if (kind == 4) return py::binary(Op::modulo, std::move(left), py::integer(rng_.uniform(2, 7)));
  if (kind == 5) return py::binary(Op::floor_divide, std::move(left), py::integer(rng_.uniform(2, 4)));
  Expr right = other_than(left);
  if (kind == 6) return py::binary(Op::multiply, std::move(left), std::move(right));
  return py::binary(kind == 7 ? Op::subtract : Op::add, std::move(left), std::move(right));
}

// object[start:], object[:stop], object[::step] or object[start:stop]
Expr ExpressionMaker::cut(Expr object) {
  const std::int64_t kind = roll(4);
  const std::int64_t start = rng_.uniform(1, 2);
  const std::int64_t stop = rng_.uniform(-2, 4);
  const std::int64_t step = roll(3) == 0 ? 2 : -1;
  Expr stop_at = stop == 0 ? py::integer(3) : py::integer(stop);
  switch (kind) {
    case 0: return py::slice(std::move(object), py::integer(start), py::absent(), py::absent());
    case 1: return py::slice(std::move(object), py::absent(), std::move(stop_at), py::absent());
    case 2: return py::slice(std::move(object), py::integer(start), std::move(stop_at), py::absent());
    default: return py::slice(std::move(object), py::absent(), py::absent(), py::integer(step));
  }
}

Expr ExpressionMaker::comprehension(int depth) {
  Expr iterable = any(PyType::list);
  const std::string name = fresh({"n", "m", "q", "r"});
  variables.push_back({name, PyType::integer, true});
  const std::int64_t factor = rng_.uniform(2, 5);
  const Op op = roll(2) == 0 ? Op::multiply : Op::add;
  std::vector<Expr> args;
  args.push_back(depth > 1 ? py::binary(op, py::name(name), integer_leaf())
                           : py::binary(op, py::name(name), py::integer(factor)));
  args.push_back(std::move(iterable));
  if (roll(2) == 0) {
    const std::int64_t bound = rng_.uniform(1, 6);
    args.push_back(roll(2) == 0 ? py::binary(Op::gt, py::name(name), py::integer(bound))
                                : py::binary(Op::eq, py::binary(Op::modulo, py::name(name), py::integer(2)),
                                             py::integer(roll(2))));
  }
  variables.pop_back();
  return py::make(Expr::Kind::comprehension, std::move(args), name);
}

Expr ExpressionMaker::list(int depth) {
  if (depth <= 0) return any(PyType::list);
  switch (roll(advanced_ ? 6 : 4)) {
    case 0: return py::call("sorted", any(PyType::list));
    case 1: {
      Expr left = any(PyType::list);
      return py::binary(Op::add, std::move(left), py::make(Expr::Kind::list, {integer(depth - 1)}));
    }
    case 2:
    case 3: return cut(any(PyType::list));
    default: return comprehension(depth);
  }
}

Expr ExpressionMaker::text(int depth) {
  if (!has(PyType::text) || (depth <= 0 && roll(4) == 0)) return py::text(letter());
  if (depth <= 0) return any(PyType::text);
  switch (roll(6)) {
    case 0: return py::method(any(PyType::text), "upper", {});
    case 1: return py::call("str", integer(depth - 1));
    case 2: {
      const std::string from = letter();
      std::string to = letter();
      if (roll(2) == 0) to += "e";
      return py::method(any(PyType::text), "replace", {py::text(from), py::text(to)});
    }
    case 3: {
      Expr left = text(depth - 1);
      return py::binary(Op::add, std::move(left), text(0));
    }
    default: return cut(any(PyType::text));
  }
}

Expr ExpressionMaker::condition(int depth) {
  constexpr Op kOps[] = {Op::lt, Op::gt, Op::le, Op::ge, Op::eq, Op::ne};
  if (advanced_ && depth > 0) {
    const std::int64_t kind = roll(6);
    if (kind < 2) {
      Expr left = condition(depth - 1);
      Expr right = condition(0);
      return py::make(kind == 0 ? Expr::Kind::logical_and : Expr::Kind::logical_or,
                      {std::move(left), std::move(right)});
    }
    if (kind == 2) return py::make(Expr::Kind::logical_not, {condition(0)});
  }
  const std::int64_t kind = roll(6);
  if (kind == 0 && has(PyType::text)) {
    Expr needle = py::text(letter());
    return py::binary(Op::in, std::move(needle), any(PyType::text));
  }
  if (kind == 1 && has(PyType::list)) {
    Expr needle = has(PyType::integer) ? any(PyType::integer) : integer_leaf();
    return py::binary(Op::in, std::move(needle), any(PyType::list));
  }
  Expr left = has(PyType::integer) ? any(PyType::integer) : integer(1);
  if (kind < 4) {
    const std::int64_t modulus = rng_.uniform(2, 3);
    return py::binary(Op::eq, py::binary(Op::modulo, std::move(left), py::integer(modulus)),
                      py::integer(rng_.uniform(0, modulus - 1)));
  }
  const Op op = kOps[roll(6)];
  Expr right = depth > 0 && advanced_ ? integer(depth) : other_than(left);
  return py::binary(op, std::move(left), std::move(right));
}

}  // namespace assay::procedural
