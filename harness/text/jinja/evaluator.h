// Evaluator: runs a parsed template once. Variables live in scopes: a for statement's iteration, a macro's
// call, a with statement and a captured block have one each; what is set within does not leave it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/text/jinja/ast.h"
#include "harness/text/jinja/machine.h"

namespace assay::jinja {

struct Scope {
  std::vector<std::pair<std::string, Value>> variables;
  std::shared_ptr<Scope> parent;
};

struct MacroValue {
  const Node* node = nullptr;
  // Where it was defined. Weak, because that scope may hold the macro: no cycle, and a macro that is called
  // after its scope's end is an error.
  std::weak_ptr<Scope> scope;
};

class Evaluator {
 public:
  Evaluator(Machine& machine, std::vector<std::pair<std::string, Value>> variables);
  std::string run(const Block& block);  // what was rendered; look at the machine for failure

 private:
  enum class Flow { next, break_, continue_ };
  class Deeper;   // counts the depth of nested calls
  class Capture;  // output into another string for a while
  class Inner;    // a scope for a while

  // Expressions (evaluate.cc).
  Value evaluate(const Expr& expr);
  Value evaluate_kind(const Expr& expr);
  Value name(const Expr& expr);
  Value collection(const Expr& expr);
  Value comparison(const Expr& expr);
  Value concatenation(const Expr& expr);
  Value conditional(const Expr& expr);
  Value slice_of(const Expr& expr);
  Value call(const Expr& expr);
  Value filtered(const Expr& expr);
  Value tested(const Expr& expr);
  Arguments arguments(const Expr& expr);
  Value call_value(const Value& callee, const Arguments& given);
  Value call_macro(const MacroValue& macro, const Arguments& given);
  bool bind_parameters(const Node& node, const Arguments& given);

  // Statements (execute.cc).
  Flow execute(const Block& block);
  Flow execute(const Node& node);
  Flow if_statement(const Node& node);
  Flow for_statement(const Node& node);
  Flow iterate_over(const Node& node, std::shared_ptr<const List> items);
  std::shared_ptr<const List> wanted(const Node& node, std::shared_ptr<const List> items);
  Flow captured(const Node& node);
  Flow with_scope(const Node& node);
  void print(const Node& node);
  void define(const Node& node);
  void call_block(const Node& node);
  void assign(const Target& target, const Value& value);
  void write(std::string_view text);
  void set(std::string_view name, Value value);

  Machine& machine_;
  std::shared_ptr<Scope> scope_;
  std::string* out_ = nullptr;
  Value captured_;  // what set and filter blocks have captured, for their filters
  Value caller_;    // for the next macro call of a call block
  std::uint32_t depth_ = 0;
  std::uint32_t calls_ = 0;
};

}  // namespace assay::jinja
