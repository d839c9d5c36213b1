// Statements.
#include "harness/base/format.h"
#include "harness/text/jinja/access.h"
#include "harness/text/jinja/evaluator_impl.h"
#include "harness/text/jinja/show.h"

namespace assay::jinja {

Evaluator::Evaluator(Machine& machine, std::vector<std::pair<std::string, Value>> variables)
    : machine_(machine) {
  auto given = std::make_shared<Scope>();
  given->variables = std::move(variables);
  scope_ = std::make_shared<Scope>();
  scope_->parent = std::move(given);
}

std::string Evaluator::run(const Block& block) {
  std::string out;
  out_ = &out;
  execute(block);
  return out;
}

Evaluator::Flow Evaluator::execute(const Block& block) {
  for (const Node& node : block) {
    const Flow flow = execute(node);
    if (machine_.failed()) return Flow::break_;
    if (flow != Flow::next) return flow;
  }
  return Flow::next;
}

Evaluator::Flow Evaluator::execute(const Node& node) {
  const Deeper deeper(*this);
  machine_.at(node.at);
  if (!machine_.charge(1)) return Flow::break_;
  switch (node.kind) {
    case NodeKind::text:
      write(node.text);
      return Flow::next;
    case NodeKind::print:
      print(node);
      return Flow::next;
    case NodeKind::if_:
      return if_statement(node);
    case NodeKind::for_:
      return for_statement(node);
    case NodeKind::set:
      assign(node.target, evaluate(*node.expressions[0]));
      return Flow::next;
    case NodeKind::set_block:
    case NodeKind::filter_block:
      return captured(node);
    case NodeKind::macro:
      define(node);
      return Flow::next;
    case NodeKind::call_block:
      call_block(node);
      return Flow::next;
    case NodeKind::scope:
      return with_scope(node);
    case NodeKind::break_:
      return Flow::break_;
    case NodeKind::continue_:
      return Flow::continue_;
  }
  return Flow::next;
}

void Evaluator::write(std::string_view text) {
  if (!machine_.charge_text(text.size())) return;
  if (out_->size() + text.size() > kMaxTextBytes) {
    machine_.fail(format("the output grows beyond {} bytes", kMaxTextBytes));
    return;
  }
  *out_ += text;
}

void Evaluator::print(const Node& node) {
  const Value value = evaluate(*node.expressions[0]);
  machine_.at(node.at);
  if (value.is(Kind::string))
    write(value.text());
  else
    write(show(machine_, value));
}

void Evaluator::set(std::string_view name, Value value) {
  for (auto& [known, old] : scope_->variables) {
    if (known != name) continue;
    old = std::move(value);
    return;
  }
  scope_->variables.emplace_back(std::string(name), std::move(value));
}

void Evaluator::assign(const Target& target, const Value& value) {
  if (machine_.failed()) return;
  machine_.at(target.at);
  if (target.is_tuple) {
    const auto items = iterate(machine_, value);
    if (!items) return;
    if (items->size() != target.several.size()) {
      machine_.fail(format("cannot unpack {} values to {} names", items->size(), target.several.size()));
      return;
    }
    for (std::size_t i = 0; i < items->size(); ++i) assign(target.several[i], (*items)[i]);
    return;
  }
  if (target.attribute.empty()) return set(target.name, value);
  Expr holder;
  holder.name = target.name;
  const Value space = name(holder);
  if (!space.is(Kind::name_space)) {
    machine_.fail(format("'{}' is no namespace, so that its attributes cannot be set", target.name));
    return;
  }
  Dict& attributes = space.name_space().attributes;
  for (auto& [key, old] : attributes) {
    if (key.text() != target.attribute) continue;
    old = value;
    return;
  }
  attributes.emplace_back(Value::string(target.attribute), value);
}

Evaluator::Flow Evaluator::if_statement(const Node& node) {
  for (std::size_t i = 0; i < node.expressions.size(); ++i) {
    if (truth(evaluate(*node.expressions[i]))) return execute(node.blocks[i]);
  }
  return node.blocks.size() > node.expressions.size() ? execute(node.blocks.back()) : Flow::next;
}

Evaluator::Flow Evaluator::for_statement(const Node& node) {
  const Value over = evaluate(*node.expressions[0]);
  machine_.at(node.at);
  auto items = iterate(machine_, over);
  if (items && node.expressions[1]) items = wanted(node, std::move(items));
  if (!items || machine_.failed()) return Flow::break_;
  if (!items->empty()) return iterate_over(node, std::move(items));
  if (node.blocks.size() < 2) return Flow::next;
  const Inner inner(*this);
  return execute(node.blocks[1]);
}

// The items that pass the loop's own condition.
std::shared_ptr<const List> Evaluator::wanted(const Node& node, std::shared_ptr<const List> items) {
  auto out = std::make_shared<List>();
  for (const Value& item : *items) {
    if (!machine_.charge(1)) break;
    const Inner inner(*this);
    assign(node.target, item);
    if (truth(evaluate(*node.expressions[1]))) out->push_back(item);
  }
  return out;
}

Evaluator::Flow Evaluator::iterate_over(const Node& node, std::shared_ptr<const List> items) {
  auto state = std::make_shared<LoopState>();
  state->items = items;
  const Value loop = Value::loop(state);
  Flow flow = Flow::next;
  for (std::size_t i = 0; i < items->size() && flow != Flow::break_ && machine_.charge(1); ++i) {
    state->index = i;
    const Inner inner(*this);
    set("loop", loop);
    assign(node.target, (*items)[i]);
    flow = execute(node.blocks[0]);
  }
  state->last_changed.reset();  // which may hold the loop itself
  return Flow::next;
}

// {% set x %}...{% endset %} and {% filter f %}...{% endfilter %}.
Evaluator::Flow Evaluator::captured(const Node& node) {
  Flow flow = Flow::next;
  Value text;
  {
    Capture capture(*this);
    const Inner inner(*this);
    flow = execute(node.blocks[0]);
    text = machine_.text(capture.take());
  }
  if (flow != Flow::next || machine_.failed()) return flow;
  std::swap(captured_, text);
  const Value value = evaluate(*node.expressions[0]);
  std::swap(captured_, text);
  if (node.kind == NodeKind::set_block)
    assign(node.target, value);
  else
    write(show(machine_, value));
  return flow;
}

Evaluator::Flow Evaluator::with_scope(const Node& node) {
  std::vector<Value> values;
  for (const Parameter& parameter : node.parameters) values.push_back(evaluate(*parameter.otherwise));
  const Inner inner(*this);
  for (std::size_t i = 0; i < values.size(); ++i) set(node.parameters[i].name, values[i]);
  return execute(node.blocks[0]);
}

void Evaluator::define(const Node& node) {
  set(node.target.name, Value::macro(std::make_shared<const MacroValue>(MacroValue{&node, scope_})));
}

void Evaluator::call_block(const Node& node) {
  caller_ = Value::macro(std::make_shared<const MacroValue>(MacroValue{&node, scope_}));
  const Value value = call(*node.expressions[0]);
  machine_.at(node.at);
  write(show(machine_, value));
}

}  // namespace assay::jinja
