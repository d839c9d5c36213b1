// The parsed template. Built by the parser, then only read, from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/text/jinja/library.h"
#include "harness/text/jinja/operators.h"

namespace assay::jinja {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

enum class ExprKind : std::uint8_t {
  constant,  // value
  name,      // name
  list,
  tuple,  // parts
  dict,   // parts: key, value, key, value
  not_,
  negate,
  plus,  // parts[0]
  and_,
  or_,          // parts[0], parts[1]
  arithmetic,   // parts[0] ops[0] parts[1]
  compare,      // parts[0] ops[0] parts[1] ops[1] parts[2] ...
  concat,       // parts joined as text
  conditional,  // parts[0] if parts[1] else parts[2], which may be absent
  attribute,    // parts[0].name
  item,         // parts[0][parts[1]]
  slice,        // parts[0][parts[1]:parts[2]:parts[3]]; the last three may be null
  call,         // parts[0](parts[1..], named)
  filter,       // parts[0]|filter(parts[1..], named)
  test,         // parts[0] is [not: negated] test(parts[1..])
};

struct Expr {
  ExprKind kind = ExprKind::constant;
  bool negated = false;
  Position at;
  std::uint32_t depth = 1;  // of nesting below; the parser bounds it
  Value value;
  std::string name;
  std::vector<ExprPtr> parts;
  std::vector<Operator> ops;
  std::vector<std::pair<std::string, ExprPtr>> named;
  const Filter* filter = nullptr;
  const Test* test = nullptr;
};

// What an assignment writes to: a name, a namespace's attribute, or several of them to unpack to.
struct Target {
  Position at;
  std::string name;
  std::string attribute;        // ns.attribute = when not empty
  std::vector<Target> several;  // for a tuple
  bool is_tuple = false;
};

struct Parameter {
  std::string name;
  ExprPtr otherwise;  // null: undefined when not given
};

struct Node;
using Block = std::vector<Node>;

enum class NodeKind : std::uint8_t {
  text,          // text
  print,         // expressions
  if_,           // expressions[i] guards blocks[i]; one block more for else
  for_,          // target in expressions[0], if expressions[1] (may be null): blocks[0], else blocks[1]
  set,           // target = expressions[0]
  set_block,     // target = blocks[0] as text, through the filters in expressions[0] (may be null)
  macro,         // target.name(parameters): blocks[0]
  call_block,    // expressions[0] is a call that gets caller(parameters): blocks[0]
  filter_block,  // blocks[0] through expressions[0]
  scope,         // blocks[0] with targets of its own: parameters hold names and values
  break_,
  continue_,
};

struct Node {
  NodeKind kind = NodeKind::text;
  Position at;
  std::string text;
  std::vector<ExprPtr> expressions;
  std::vector<Block> blocks;
  Target target;
  std::vector<Parameter> parameters;
  bool uses_varargs = false;  // of a macro's body: the extra arguments are welcome
  bool uses_kwargs = false;
  bool uses_caller = false;
};

// In set_block and filter_block the innermost filter works on the captured text, which this name stands for.
// No template can write it.
inline constexpr const char* kCaptured = "captured text";

}  // namespace assay::jinja
