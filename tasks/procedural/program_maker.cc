#include "tasks/procedural/program_maker.h"

#include <algorithm>

#include "harness/base/format.h"
#include "tasks/procedural/expression_maker.h"
#include "tasks/procedural/python_tree.h"

namespace assay::procedural {
namespace {

using namespace puzzle::python;  // NOLINT: a file about nothing else

const std::vector<std::string> kNumberLoops = {"i", "j", "x", "y", "z"};
const std::vector<std::string> kLetterLoops = {"c", "d", "e", "g", "h"};
constexpr std::size_t kLongestResult = 80;  // characters of its repr
constexpr std::int64_t kLargestNumber = 1000000;
// What takes longer is nothing to follow by hand; a short limit also ends endless loops soon.
constexpr Limits kLimits{.steps = 1500, .length = 60};

class ProgramMaker {
 public:
  ProgramMaker(Rng& rng, const ProgramStyle& style) : rng_(rng), style_(style), make_(rng, style.advanced) {}

  MadeProgram draw() {
    MadeProgram out;
    arguments(out);
    set_up(out.program.body);
    for (int i = 0; i < style_.statements; ++i) {
      // The first one is a loop where there may be loops, or many programs would have none.
      out.program.body.push_back(i == 0 && style_.loops ? for_each(style_.nesting) : statement(style_.nesting));
    }
    out.program.body.push_back(give());
    return out;
  }

 private:
  std::int64_t roll(std::int64_t sides) { return rng_.uniform(0, sides - 1); }

  void parameter(MadeProgram& out, const std::string& name, PyType type, Value value) {
    out.program.parameters.push_back(name);
    out.arguments.push_back(std::move(value));
    make_.variables.push_back({name, type, type != PyType::list});
  }

  void arguments(MadeProgram& out) {
    const bool with_text = roll(3) == 0;
    const bool with_list = !with_text || roll(2) == 0;
    if (with_list) {
      List items;
      const std::int64_t n = rng_.uniform(4, 6);
      for (std::int64_t i = 0; i < n; ++i) items.push_back(Value::of(rng_.uniform(style_.advanced ? -9 : 0, 12)));
      parameter(out, "nums", PyType::list, Value::of(std::move(items)));
    }
    if (with_text) {
      std::string text;
      const std::int64_t n = rng_.uniform(4, 7);
      for (std::int64_t i = 0; i < n; ++i) text += static_cast<char>('a' + roll(5));
      parameter(out, "text", PyType::text, Value::of(text));
    }
    parameter(out, "k", PyType::integer, Value::of(rng_.uniform(2, 7)));
  }

  // The variables that the rest changes and the end returns.
  void set_up(std::vector<Stmt>& body) {
    start(body, "total", PyType::integer, py::integer(roll(4)));
    if (style_.while_loops) start(body, "count", PyType::integer, py::integer(rng_.uniform(5, 40)));
    if (!make_.of_type(PyType::list, false).empty() || roll(2) == 0) {
      start(body, "out", PyType::list, py::make(Expr::Kind::list, {}));
    }
    if (!make_.of_type(PyType::text, false).empty()) start(body, "word", PyType::text, py::text(""));
    if (style_.aliases && make_.of_type(PyType::list, false).size() > 1 && roll(2) == 0) {
      start(body, "other", PyType::list, py::name("nums"));
    }
  }

  void start(std::vector<Stmt>& body, const std::string& name, PyType type, Expr value) {
    body.push_back(py::statement(Stmt::Kind::assign, name, {std::move(value)}));
    make_.variables.push_back({name, type, false});
    changing_.push_back(name);
  }

  Stmt statement(int nesting) {
    const std::int64_t kind = roll(12);
    if (nesting > 0) {
      if (kind < 3) return branch(nesting);
      if (kind < 5 && style_.loops) return for_each(nesting);
      // One number has to stay assignable within the loop, which keeps its own.
      if (kind == 5 && style_.while_loops && make_.of_type(PyType::integer, true).size() > 1) return loop(nesting);
    }
    if (kind < 8) return change_list();
    if (kind < 10) return change_text();
    return change_number();
  }

  const std::string* assignable(PyType type) {
    const auto names = make_.of_type(type, true);
    return names.empty() ? nullptr : &rng_.pick(names)->name;
  }

  Stmt change_number() {
    const std::string target = *assignable(PyType::integer);
    constexpr Op kOps[] = {Op::add, Op::add, Op::add, Op::subtract, Op::multiply};
    const Op op = kOps[roll(5)];
    if (roll(4) == 0) {
      return py::statement(Stmt::Kind::assign, target, {make_.integer(style_.expression_depth + 1)});
    }
    Stmt s = py::statement(Stmt::Kind::augment, target, {make_.integer(style_.expression_depth)});
    s.op = op;
    return s;
  }

  Stmt change_list() {
    const std::string* name = assignable(PyType::list);
    if (name == nullptr) return change_number();
    const std::string target = *name;  // the pointer is into what the makers below may move
    const std::int64_t kind = roll(8);
    if (kind == 0) return py::statement(Stmt::Kind::assign, target, {make_.list(style_.expression_depth)});
    if (kind == 1 && style_.while_loops) {
      Expr size = py::call("len", py::name(target));
      Expr index = py::binary(Op::modulo, make_.integer(0), std::move(size));
      return py::statement(Stmt::Kind::set_item, target, {std::move(index), make_.integer(style_.expression_depth)});
    }
    return py::statement(Stmt::Kind::append, target, {make_.integer(style_.expression_depth)});
  }

  Stmt change_text() {
    const std::string* name = assignable(PyType::text);
    if (name == nullptr) return change_number();
    const std::string target = *name;
    if (roll(4) == 0) return py::statement(Stmt::Kind::assign, target, {make_.text(style_.expression_depth)});
    return py::statement(Stmt::Kind::augment, target, {make_.text(style_.expression_depth)});
  }

  std::vector<Stmt> block(int nesting) {
    std::vector<Stmt> body;
    const std::int64_t n = rng_.uniform(1, 2);
    for (std::int64_t i = 0; i < n; ++i) body.push_back(statement(nesting));
    return body;
  }

  Stmt branch(int nesting) {
    Stmt s = py::statement(Stmt::Kind::branch, {}, {make_.condition(1)});
    s.body = block(nesting - 1);
    if (in_loop_ && style_.while_loops && roll(4) == 0) {
      s.body.push_back(py::statement(roll(2) == 0 ? Stmt::Kind::leave : Stmt::Kind::skip, {}, {}));
    } else if (roll(2) == 0) {
      s.orelse = block(nesting - 1);
    }
    return s;
  }

  Stmt for_each(int nesting) {
    const bool lists = !make_.of_type(PyType::list, false).empty();
    const bool texts = !make_.of_type(PyType::text, false).empty();
    const std::int64_t kind = roll(4);
    PyType type = PyType::integer;
    Expr over;
    if (kind == 0 && texts) {
      type = PyType::text;
      over = make_.text(roll(2) == 0 ? 1 : 0);
    } else if (kind < 3 && lists) {
      // Not `out`, which is empty to begin with, where there is another.
      over = py::name(make_.of_type(PyType::list, false).front()->name);
      if (roll(4) == 0) over = make_.list(1);
    } else {
      over = py::call("range", roll(2) == 0 ? py::name("k") : py::integer(rng_.uniform(2, 5)));
    }
    const std::string name = make_.fresh(type == PyType::text ? kLetterLoops : kNumberLoops);
    Stmt s = py::statement(Stmt::Kind::for_each, name, {std::move(over)});
    make_.variables.push_back({name, type, true});
    s.body = looped(nesting);
    make_.variables.pop_back();
    return s;
  }

  // while total < bound, or down from a number: the step stands first so that `continue` cannot
  // jump over it.
  Stmt loop(int nesting) {
    const std::string name = *assignable(PyType::integer);
    const auto variable = std::find_if(make_.variables.begin(), make_.variables.end(),
                                       [&](const PyVariable& v) { return v.name == name; });
    const std::size_t at = static_cast<std::size_t>(variable - make_.variables.begin());
    const bool up = roll(2) == 0;
    Expr bound = py::integer(up ? rng_.uniform(10, 30) : rng_.uniform(1, 3));
    Stmt s = py::statement(Stmt::Kind::loop, {}, {py::binary(up ? Op::lt : Op::gt, py::name(name), std::move(bound))});
    Stmt step = py::statement(Stmt::Kind::augment, name, {py::integer(rng_.uniform(2, 5))});
    step.op = up ? Op::add : (roll(2) == 0 ? Op::floor_divide : Op::subtract);
    make_.variables[at].fixed = true;
    s.body = looped(nesting);
    make_.variables[at].fixed = false;
    s.body.insert(s.body.begin(), std::move(step));
    return s;
  }

  std::vector<Stmt> looped(int nesting) {
    const bool outer = in_loop_;
    in_loop_ = true;
    std::vector<Stmt> body = block(nesting - 1);
    in_loop_ = outer;
    return body;
  }

  Stmt give() {
    std::vector<std::string> names = changing_;
    rng_.shuffle(names);
    names.resize(std::min<std::size_t>(names.size(), static_cast<std::size_t>(rng_.uniform(1, 2))));
    std::vector<Expr> values;
    for (const std::string& n : names) values.push_back(py::name(n));
    if (values.size() == 1) return py::statement(Stmt::Kind::give, {}, std::move(values));
    return py::statement(Stmt::Kind::give, {}, {py::make(Expr::Kind::list, std::move(values))});
  }

  Rng& rng_;
  const ProgramStyle& style_;
  ExpressionMaker make_;
  std::vector<std::string> changing_;
  bool in_loop_ = false;
};

bool moderate(const Value& value) {
  if (const auto* n = value.integer()) return *n >= -kLargestNumber && *n <= kLargestNumber;
  if (const auto* s = value.text()) return !s->empty();
  const List* items = value.list();
  return items != nullptr && !items->empty() && std::all_of(items->begin(), items->end(), moderate);
}

// Some other argument gives some other result (or none at all).
bool depends_on_arguments(const MadeProgram& made, const std::string& result) {
  for (std::size_t i = 0; i < made.arguments.size(); ++i) {
    std::vector<Value> other;
    for (const Value& v : made.arguments) other.push_back(deep_copy(v));
    if (const auto* n = other[i].integer()) other[i] = Value::of(*n + 1);
    else if (const auto* s = other[i].text()) other[i] = Value::of(format("b{}d", s->substr(1)));
    else (*other[i].list())[0] = Value::of(7);
    const auto out = run(made.program, other, kLimits);
    if (!out || repr(out->value) != result) return true;
  }
  return false;
}

}  // namespace

std::optional<MadeProgram> draw_program(Rng& rng, const ProgramStyle& style) {
  MadeProgram made = ProgramMaker(rng, style).draw();
  const auto out = run(made.program, made.arguments, kLimits);
  if (!out || out->steps < style.fewest_steps || !moderate(out->value)) return std::nullopt;
  const std::string text = repr(out->value);
  if (text.size() > kLongestResult || !depends_on_arguments(made, text)) return std::nullopt;
  made.result = out->value;
  return made;
}

}  // namespace assay::procedural
