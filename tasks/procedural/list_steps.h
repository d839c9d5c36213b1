// Steps of a list transformation: what each does, in words, in Python and here.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/base/rng.h"

namespace assay::procedural {

using Numbers = std::vector<std::int64_t>;

struct ListStep {
  std::string words;       // "Reverse the list."
  std::string python;      // a statement that changes xs: "xs = xs[::-1]"
  std::function<Numbers(const Numbers&)> apply;
  std::size_t kind = 0;    // equal for the same step with other numbers
};

// A random step. Values stay far from 64 bits as long as few steps follow each other.
ListStep draw_list_step(Rng& rng);

}  // namespace assay::procedural
