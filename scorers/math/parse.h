// From tokens to a typed tree. Nothing is evaluated, and nothing is guessed: what is no mathematics is refused, and
// the caller compares it as text.
//
//   Tree tree;
//   const Parsed p = parse("3\\frac{1}{2} \\text{ cm}", tree);   // p.root: (unit:cm (mixed 3 (div 1 2)))
//
// Precedence, loosest first: lists (`,` `;` and or), relations, ratio `:`, set operations, sums, products (written and
// by juxtaposition), signs, powers, postfix. Juxtaposition binds closer than a written `/` ("a/8y" is a/(8y)) unless
// both sides of the stroke are plain integers ("1/2x" is x/2). "3 1/2" and "3\frac{1}{2}" are mixed numbers.
//
// Pure. Threads: any, with a tree each. Recursion is bounded by kMaxNesting, work by kMaxTokens.
#pragma once

#include <string_view>

#include "scorers/math/tree.h"

namespace assay::math {

struct Parsed {
  NodeId root = 0;           // 0: not read
  bool over_limit = false;   // because of a limit
  const char* reason = "";   // why not; a literal
};

Parsed parse(std::string_view text, Tree& tree);

}  // namespace assay::math
