#include <algorithm>
#include <map>
#include <optional>
#include <span>

#include "harness/base/format.h"
#include "harness/puzzle/python.h"
#include "harness/puzzle/python_builtins.h"

namespace assay::puzzle::python {
namespace {

using Variables = std::map<std::string, Value, std::less<>>;

enum class Flow { next, leave, skip, give };

// Lists in lists stay this shallow, so that walking over a value needs no deep stack.
constexpr std::size_t kDeepest = 8;

std::size_t depth(const Value& value) {
  const List* items = value.list();
  if (items == nullptr) return 0;
  std::size_t deepest = 0;
  for (const Value& item : *items) deepest = std::max(deepest, depth(item));
  return deepest + 1;
}

class Interpreter {
 public:
  Interpreter(const Limits& limits, Variables variables) : limits_(limits), variables_(std::move(variables)) {}

  Result<Outcome> run(const std::vector<Stmt>& body) {
    const auto flow = execute(body);
    if (!flow) return flow.error();
    return Outcome{std::move(given_), statements_};
  }

 private:
  Result<void> tick() {
    if (++steps_ > limits_.steps) return Error{Code::exhausted, "the program takes too many steps"};
    return {};
  }

  Result<Value> bounded(Result<Value> value) const {
    if (!value) return value;
    if (depth(*value) > kDeepest) return Error{Code::exhausted, "lists nest too deep"};
    const std::size_t size = value->text() ? value->text()->size() : (value->list() ? value->list()->size() : 0);
    if (size > limits_.length) return Error{Code::exhausted, "a string or list grows too long"};
    return value;
  }

  Result<Value> lookup(const std::string& name) const {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return invalid(format("NameError: {}", name));
    return found->second;
  }

  Result<List> evaluate_all(const std::vector<Expr>& exprs) {
    List out;
    for (const Expr& e : exprs) {
      auto value = evaluate(e);
      if (!value) return value.error();
      out.push_back(*std::move(value));
    }
    return out;
  }

  Result<Value> evaluate(const Expr& e) {
    if (auto ok = tick(); !ok) return ok.error();
    switch (e.kind) {
      case Expr::Kind::literal: return e.value;
      case Expr::Kind::name: return lookup(e.text);
      case Expr::Kind::logical_and:
      case Expr::Kind::logical_or: {
        auto left = evaluate(e.args[0]);
        if (!left || truthy(*left) == (e.kind == Expr::Kind::logical_or)) return left;
        return evaluate(e.args[1]);
      }
      case Expr::Kind::conditional: {
        const auto condition = evaluate(e.args[1]);
        if (!condition) return condition;
        return evaluate(truthy(*condition) ? e.args[0] : e.args[2]);
      }
      case Expr::Kind::comprehension: return comprehension(e);
      case Expr::Kind::slice: return sliced(e);
      case Expr::Kind::absent: return invalid("an absent bound outside a slice");
      default: break;
    }
    auto args = evaluate_all(e.args);
    if (!args) return args.error();
    return bounded(combine(e, *std::move(args)));
  }

  static Result<Value> combine(const Expr& e, List args) {
    switch (e.kind) {
      case Expr::Kind::list: return Value::of(std::move(args));
      case Expr::Kind::negative: return negate(args[0]);
      case Expr::Kind::logical_not: return Value::truth(!truthy(args[0]));
      case Expr::Kind::binary: return apply(e.op, args[0], args[1]);
      case Expr::Kind::call: return call(e.text, args);
      case Expr::Kind::method: return call_method(e.text, args[0], std::span(args).subspan(1));
      case Expr::Kind::index: return item_at(args[0], args[1]);
      default: return invalid("an expression outside the subset");
    }
  }

  Result<Value> sliced(const Expr& e) {
    const auto object = evaluate(e.args[0]);
    if (!object) return object;
    std::optional<std::int64_t> bounds[3];
    for (std::size_t i = 0; i < 3; ++i) {
      if (e.args[i + 1].kind == Expr::Kind::absent) continue;
      const auto bound = evaluate(e.args[i + 1]);
      if (!bound) return bound;
      if (!bound->integer()) return invalid("TypeError: a slice bound that is no integer");
      bounds[i] = *bound->integer();
    }
    return slice(*object, bounds[0], bounds[1], bounds[2]);
  }

  // The comprehension's variable is its own: an outer one of the same name comes back after it.
  Result<Value> comprehension(const Expr& e) {
    const auto iterable = evaluate(e.args[1]);
    if (!iterable) return iterable;
    const auto outer = variables_.find(e.text);
    const std::optional<Value> saved = outer == variables_.end() ? std::nullopt : std::optional(outer->second);
    auto items = collect(e, *iterable);
    if (saved) variables_[e.text] = *saved;
    else variables_.erase(e.text);
    return bounded(std::move(items));
  }

  Result<Value> collect(const Expr& e, const Value& iterable) {
    List out;
    for (std::size_t i = 0;; ++i) {
      const auto item = item_of(iterable, i);
      if (!item) return item.error();
      if (!*item) return Value::of(std::move(out));
      variables_[e.text] = **item;
      if (e.args.size() > 2) {
        const auto condition = evaluate(e.args[2]);
        if (!condition) return condition;
        if (!truthy(*condition)) continue;
      }
      auto value = evaluate(e.args[0]);
      if (!value) return value;
      out.push_back(*std::move(value));
    }
  }

  Result<Flow> execute(const std::vector<Stmt>& body) {
    for (const Stmt& s : body) {
      const auto flow = execute(s);
      if (!flow || *flow != Flow::next) return flow;
    }
    return Flow::next;
  }

  Result<Flow> execute(const Stmt& s) {
    if (auto ok = tick(); !ok) return ok.error();
    ++statements_;
    switch (s.kind) {
      case Stmt::Kind::leave: return Flow::leave;
      case Stmt::Kind::skip: return Flow::skip;
      case Stmt::Kind::loop: return loop(s);
      case Stmt::Kind::for_each: return for_each(s);
      case Stmt::Kind::set_item: return store_item(s);
      default: break;
    }
    auto value = evaluate(s.exprs[0]);
    if (!value) return value.error();
    switch (s.kind) {
      case Stmt::Kind::branch: return execute(truthy(*value) ? s.body : s.orelse);
      case Stmt::Kind::give:
        given_ = *std::move(value);
        return Flow::give;
      case Stmt::Kind::assign:
        variables_[s.name] = *std::move(value);
        return Flow::next;
      default: return change(s, *std::move(value));
    }
  }

  // Augmented assignment and append. Both change a list in place, for every name it has.
  Result<Flow> change(const Stmt& s, Value value) {
    auto old = lookup(s.name);
    if (!old) return old.error();
    if (s.kind == Stmt::Kind::append) {
      if (!old->list() || value.list()) return invalid("TypeError: append outside the subset");
      value = Value::of(List{std::move(value)});
    }
    if (old->list() && (s.kind == Stmt::Kind::append || s.op == Op::add)) {
      if (!value.list()) return invalid("TypeError: += outside the subset");
      const List added = *value.list();  // a copy: x += x
      for (const Value& item : added) {  // x += [x] would hold itself
        if (item.list()) return invalid("TypeError: += of lists outside the subset");
      }
      old->list()->insert(old->list()->end(), added.begin(), added.end());
      if (auto ok = bounded(*old); !ok) return ok.error();
      return Flow::next;
    }
    auto combined = bounded(apply(s.op, *old, value));
    if (!combined) return combined.error();
    variables_[s.name] = *std::move(combined);
    return Flow::next;
  }

  // Python evaluates the value first, then the index.
  Result<Flow> store_item(const Stmt& s) {
    auto value = evaluate(s.exprs[1]);
    if (!value) return value.error();
    const auto object = lookup(s.name);
    if (!object) return object.error();
    const auto index = evaluate(s.exprs[0]);
    if (!index) return index.error();
    if (auto stored = set_item(*object, *index, *std::move(value)); !stored) return stored.error();
    return Flow::next;
  }

  Result<Flow> loop(const Stmt& s) {
    while (true) {
      const auto condition = evaluate(s.exprs[0]);
      if (!condition) return condition.error();
      if (!truthy(*condition)) return Flow::next;
      const auto flow = execute(s.body);
      if (!flow || *flow == Flow::give) return flow;
      if (*flow == Flow::leave) return Flow::next;
    }
  }

  // By index, as Python does: what the body appends to the list is visited too.
  Result<Flow> for_each(const Stmt& s) {
    const auto iterable = evaluate(s.exprs[0]);
    if (!iterable) return iterable.error();
    for (std::size_t i = 0;; ++i) {
      const auto item = item_of(*iterable, i);
      if (!item) return item.error();
      if (!*item) return Flow::next;
      variables_[s.name] = **item;
      const auto flow = execute(s.body);
      if (!flow || *flow == Flow::give) return flow;
      if (*flow == Flow::leave) return Flow::next;
    }
  }

  const Limits limits_;
  Variables variables_;
  Value given_;
  std::size_t steps_ = 0;
  std::size_t statements_ = 0;
};

}  // namespace

Result<Outcome> run(const Program& program, const std::vector<Value>& arguments, const Limits& limits) {
  if (arguments.size() != program.parameters.size()) {
    return invalid(format("TypeError: {} takes {} arguments, {} given", program.name, program.parameters.size(),
                          arguments.size()));
  }
  Variables variables;
  for (std::size_t i = 0; i < arguments.size(); ++i) variables[program.parameters[i]] = deep_copy(arguments[i]);
  return Interpreter(limits, std::move(variables)).run(program.body);
}

}  // namespace assay::puzzle::python
