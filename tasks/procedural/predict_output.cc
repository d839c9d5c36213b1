// coding/predict-output: what a call of a small Python function returns. The function is run here,
// exactly (harness/puzzle/python.h), so that the target is right by construction.
//
// level  statements  nesting  what comes up
//   1        3          1     assignments, if
//   2        2          2     + for loops
//   3        3          2     + comprehensions, conditional expressions, and/or/not
//   4        4          3     + while, break, continue, item assignment
//   5        6          3     + two names of one list; longer runs
#include "harness/base/format.h"
#include "tasks/procedural/family.h"
#include "tasks/procedural/program_maker.h"

namespace assay::procedural {
namespace {

constexpr ProgramStyle kLevels[] = {
    {.statements = 3, .nesting = 1, .expression_depth = 1, .loops = false, .while_loops = false,
     .advanced = false, .aliases = false, .fewest_steps = 5},
    {.statements = 2, .nesting = 2, .expression_depth = 1, .loops = true, .while_loops = false,
     .advanced = false, .aliases = false, .fewest_steps = 10},
    {.statements = 3, .nesting = 2, .expression_depth = 2, .loops = true, .while_loops = false,
     .advanced = true, .aliases = false, .fewest_steps = 16},
    {.statements = 4, .nesting = 3, .expression_depth = 2, .loops = true, .while_loops = true,
     .advanced = true, .aliases = false, .fewest_steps = 24},
    {.statements = 6, .nesting = 3, .expression_depth = 2, .loops = true, .while_loops = true,
     .advanced = true, .aliases = true, .fewest_steps = 40},
};

Item make(Rng& rng, int level) {
  const MadeProgram made = redraw([&] { return draw_program(rng, kLevels[level_index(level)]); });
  std::string call = made.program.name + "(";
  for (std::size_t i = 0; i < made.arguments.size(); ++i) {
    call += format("{}{}", i > 0 ? ", " : "", puzzle::python::repr(made.arguments[i]));
  }
  call += ")";
  const std::string source = puzzle::python::source(made.program);
  Item item;
  item.question = format(
      "Here is a Python function.\n\n```python\n{}```\n\nWhat does `{}` return? Give the value as a Python literal.",
      source, call);
  item.targets = {puzzle::python::repr(made.result)};
  item.metadata["source"] = source;
  item.metadata["call"] = call;
  return item;
}

}  // namespace

const Family& predict_output() {
  static const Family family{.id = "coding/predict-output",
                             .version = 1,
                             .summary = "What a call of a small generated Python function returns",
                             .scorers = {{"pyliteral", Json::object()}},
                             .ending = "End with a line of the form \"Answer: <literal>\".",
                             .make = make};
  return family;
}

}  // namespace assay::procedural
