// Draws small Python functions with a call whose result is worth asking for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/rng.h"
#include "harness/puzzle/python.h"

namespace assay::procedural {

struct ProgramStyle {
  int statements = 3;        // at the top level, beside set-up and return
  int nesting = 1;           // blocks within blocks
  int expression_depth = 1;
  bool loops = false;
  bool while_loops = false;  // also break, continue and item assignment
  bool advanced = false;     // comprehensions, conditional expressions, and/or/not
  bool aliases = false;      // a second name for the list it is given
  std::size_t fewest_steps = 0;  // statements that the call executes
};

struct MadeProgram {
  puzzle::python::Program program;
  std::vector<puzzle::python::Value> arguments;
  puzzle::python::Value result;
};

// One draw. nullopt when it raises, runs too long, or its result is dull: too long to write down,
// empty, or the same whatever the arguments are.
std::optional<MadeProgram> draw_program(Rng& rng, const ProgramStyle& style);

}  // namespace assay::procedural
