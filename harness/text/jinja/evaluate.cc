// Expressions and macro calls.
#include <algorithm>

#include "harness/base/format.h"
#include "harness/text/jinja/access.h"
#include "harness/text/jinja/evaluator_impl.h"
#include "harness/text/jinja/show.h"

namespace assay::jinja {

Value Evaluator::evaluate(const Expr& expr) {
  const Deeper deeper(*this);
  machine_.at(expr.at);
  if (!machine_.charge(1)) return {};
  return evaluate_kind(expr);
}

Value Evaluator::evaluate_kind(const Expr& expr) {
  const auto part = [&](std::size_t i) { return evaluate(*expr.parts[i]); };
  switch (expr.kind) {
    case ExprKind::constant:
      return expr.value;
    case ExprKind::name:
      return name(expr);
    case ExprKind::list:
    case ExprKind::tuple:
    case ExprKind::dict:
      return collection(expr);
    case ExprKind::not_:
      return Value::boolean(!truth(part(0)));
    case ExprKind::negate:
    case ExprKind::plus: {
      const Value value = part(0);
      machine_.at(expr.at);
      if (expr.kind == ExprKind::negate) return negate(machine_, value);
      return value.is(Kind::boolean) ? Value::integer(value.integer())
                                     : negate(machine_, negate(machine_, value));
    }
    case ExprKind::and_:
    case ExprKind::or_: {
      Value left = part(0);
      return truth(left) == (expr.kind == ExprKind::and_) ? part(1) : left;
    }
    case ExprKind::arithmetic: {
      const Value left = part(0);
      const Value right = part(1);
      machine_.at(expr.at);
      return arithmetic(machine_, expr.ops[0], left, right);
    }
    case ExprKind::compare:
      return comparison(expr);
    case ExprKind::concat:
      return concatenation(expr);
    case ExprKind::conditional:
      return conditional(expr);
    case ExprKind::attribute: {
      const Value object = part(0);
      machine_.at(expr.at);
      return attribute(machine_, object, expr.name);
    }
    case ExprKind::item: {
      const Value object = part(0);
      const Value key = part(1);
      machine_.at(expr.at);
      return item(machine_, object, key);
    }
    case ExprKind::slice:
      return slice_of(expr);
    case ExprKind::call:
      return call(expr);
    case ExprKind::filter:
      return filtered(expr);
    case ExprKind::test:
      return tested(expr);
  }
  return {};
}

Value Evaluator::name(const Expr& expr) {
  if (expr.name == kCaptured) return captured_;
  for (const Scope* scope = scope_.get(); scope != nullptr; scope = scope->parent.get()) {
    for (const auto& [known, value] : scope->variables) {
      if (known == expr.name) return value;
    }
  }
  if (const Function* function = find_function(expr.name)) return Value::function(function);
  return Value::undefined(format("'{}' is undefined", expr.name));
}

Value Evaluator::collection(const Expr& expr) {
  List items;
  for (const ExprPtr& part : expr.parts) items.push_back(evaluate(*part));
  machine_.at(expr.at);
  if (expr.kind == ExprKind::list) return machine_.list(std::move(items));
  if (expr.kind == ExprKind::tuple) return machine_.tuple(std::move(items));
  Dict dict;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (!machine_.charge(1 + dict.size() / 16)) return {};
    if (!can_be_key(items[i]))
      return machine_.fail(format("a value of type {} cannot be a key", assay::jinja::name(items[i].kind())));
    if (const Value* known = find(dict, items[i]))
      *const_cast<Value*>(known) = items[i + 1];
    else
      dict.emplace_back(items[i], items[i + 1]);
  }
  return machine_.dict(std::move(dict));
}

Value Evaluator::comparison(const Expr& expr) {
  Value left = evaluate(*expr.parts[0]);
  for (std::size_t i = 0; i < expr.ops.size(); ++i) {
    Value right = evaluate(*expr.parts[i + 1]);
    machine_.at(expr.at);
    if (!compare(machine_, expr.ops[i], left, right)) return Value::boolean(false);
    left = std::move(right);
  }
  return Value::boolean(true);
}

Value Evaluator::concatenation(const Expr& expr) {
  std::string out;
  for (const ExprPtr& part : expr.parts) {
    const Value value = evaluate(*part);
    machine_.at(expr.at);
    out += show(machine_, value);
    if (out.size() > kMaxTextBytes || machine_.failed()) break;
  }
  return machine_.text(std::move(out));
}

Value Evaluator::conditional(const Expr& expr) {
  if (truth(evaluate(*expr.parts[1]))) return evaluate(*expr.parts[0]);
  if (expr.parts.size() > 2) return evaluate(*expr.parts[2]);
  return Value::undefined("the condition does not hold and there is no else, so that the value is undefined");
}

Value Evaluator::slice_of(const Expr& expr) {
  const Value object = evaluate(*expr.parts[0]);
  const auto bound = [&](std::size_t i) { return expr.parts[i] ? evaluate(*expr.parts[i]) : Value::none(); };
  const Value start = bound(1);
  const Value stop = bound(2);
  const Value step = bound(3);
  machine_.at(expr.at);
  return slice(machine_, object, start, stop, step);
}

Arguments Evaluator::arguments(const Expr& expr) {
  Arguments out;
  for (std::size_t i = 1; i < expr.parts.size(); ++i) out.positional.push_back(evaluate(*expr.parts[i]));
  for (const auto& [key, part] : expr.named) out.named.emplace_back(key, evaluate(*part));
  return out;
}

Value Evaluator::call(const Expr& expr) {
  const Value caller = std::exchange(caller_, Value());
  const Value callee = evaluate(*expr.parts[0]);
  Arguments given = arguments(expr);
  if (caller.is_defined()) given.named.emplace_back("caller", caller);
  machine_.at(expr.at);
  return call_value(callee, given);
}

Value Evaluator::call_value(const Value& callee, const Arguments& given) {
  if (machine_.failed()) return {};
  switch (callee.kind()) {
    case Kind::function:
      return callee.function().run(machine_, given);
    case Kind::method:
      return run_method(machine_, callee.method(), given);
    case Kind::macro:
      return call_macro(*callee.macro(), given);
    case Kind::undefined:
      return machine_.fail(callee.what());
    default:
      return machine_.fail(format("a value of type {} cannot be called", assay::jinja::name(callee.kind())));
  }
}

Value Evaluator::call_macro(const MacroValue& macro, const Arguments& given) {
  std::shared_ptr<Scope> defined_in = macro.scope.lock();
  if (!defined_in) return machine_.fail("a macro is called after the end of the block that defines it");
  if (calls_ >= kMaxCallDepth)
    return machine_.fail(format("macros call each other deeper than {} levels", kMaxCallDepth));
  ++calls_;
  const Position at = machine_.position();
  Capture capture(*this);
  {
    const Inner inner(*this, std::move(defined_in));
    if (bind_parameters(*macro.node, given)) execute(macro.node->blocks[0]);
  }
  --calls_;
  machine_.at(at);
  return machine_.text(capture.take());
}

bool Evaluator::bind_parameters(const Node& node, const Arguments& given) {
  const std::string macro = node.target.name.empty() ? "caller" : node.target.name;
  const std::size_t count = node.parameters.size();
  std::vector<bool> used(given.named.size(), false);
  for (std::size_t i = 0; i < count; ++i) {
    const Parameter& parameter = node.parameters[i];
    Value value = Value::undefined(format("the parameter '{}' of '{}' was not given", parameter.name, macro));
    bool have = i < given.positional.size();
    if (have) value = given.positional[i];
    for (std::size_t n = 0; n < given.named.size(); ++n) {
      if (given.named[n].first != parameter.name) continue;
      if (have) machine_.fail(format("'{}' is given '{}' twice", macro, parameter.name));
      value = given.named[n].second;
      used[n] = have = true;
    }
    if (!have && parameter.otherwise) value = evaluate(*parameter.otherwise);
    set(parameter.name, std::move(value));
  }
  List extra;
  for (std::size_t i = count; i < given.positional.size(); ++i) extra.push_back(given.positional[i]);
  if (!extra.empty() && !node.uses_varargs)
    machine_.fail(format("'{}' takes at most {} arguments", macro, count));
  Dict more;
  for (std::size_t n = 0; n < given.named.size(); ++n) {
    const auto& [key, value] = given.named[n];
    if (used[n]) continue;
    if (key == "caller" && node.uses_caller)
      set(key, value);
    else if (node.uses_kwargs)
      more.emplace_back(Value::string(key), value);
    else
      machine_.fail(format("'{}' has no parameter '{}'", macro, key));
  }
  if (node.uses_varargs) set("varargs", machine_.tuple(std::move(extra)));
  if (node.uses_kwargs) set("kwargs", machine_.dict(std::move(more)));
  return !machine_.failed();
}

Value Evaluator::filtered(const Expr& expr) {
  const Value self = evaluate(*expr.parts[0]);
  const Arguments given = arguments(expr);
  machine_.at(expr.at);
  return run_filter(machine_, *expr.filter, self, given);
}

Value Evaluator::tested(const Expr& expr) {
  const Value self = evaluate(*expr.parts[0]);
  const Arguments given = arguments(expr);
  machine_.at(expr.at);
  return Value::boolean(run_test(machine_, *expr.test, self, given.positional) != expr.negated);
}

}  // namespace assay::jinja
