// coding/list-transform: write a Python function for a described transformation of a list.
//
// level 1: 1-2 steps; 2: 2-3; 3: 3-4; 4: 4-5; 5: 6-7.
//
// The tests' results come from the steps' own implementation (list_steps.cc), and no step is idle:
// without any one of them some test has another result. metadata: {"entry_point": "transform",
// "tests": [{"input": [argument, ...], "expected": value}, ...]}; targets holds one right program.
#include <algorithm>

#include "harness/base/format.h"
#include "tasks/procedural/family.h"
#include "tasks/procedural/list_steps.h"

namespace assay::procedural {
namespace {

struct Level {
  std::int64_t fewest, most;  // steps
};
constexpr Level kLevels[] = {{1, 2}, {2, 3}, {3, 4}, {4, 5}, {6, 7}};
constexpr std::size_t kTests = 12;
constexpr std::size_t kShown = 2;  // the test that the question gives as its example
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

Numbers transformed(Numbers xs, const std::vector<ListStep>& steps, std::size_t without) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i != without) xs = steps[i].apply(xs);
  }
  return xs;
}

std::vector<Numbers> draw_inputs(Rng& rng) {
  std::vector<Numbers> inputs = {{}, {rng.uniform(-9, 20)}};
  while (inputs.size() < kTests) {
    Numbers xs(static_cast<std::size_t>(rng.uniform(5, 10)));
    for (std::int64_t& x : xs) x = rng.uniform(-9, 20);
    // A repeated element, or steps about equal ones would rarely show.
    xs.back() = xs.front();
    rng.shuffle(xs);
    inputs.push_back(std::move(xs));
  }
  return inputs;
}

std::optional<std::vector<ListStep>> draw_steps(Rng& rng, const Level& l, const std::vector<Numbers>& inputs) {
  const auto count = static_cast<std::size_t>(rng.uniform(l.fewest, l.most));
  std::vector<ListStep> steps;
  while (steps.size() < count) {
    ListStep step = draw_list_step(rng);
    const bool again = std::any_of(steps.begin(), steps.end(), [&](const ListStep& s) { return s.kind == step.kind; });
    if (!again) steps.push_back(std::move(step));
  }
  if (transformed(inputs[kShown], steps, kNone).size() < 2) return std::nullopt;
  std::size_t longer = 0;
  for (const Numbers& xs : inputs) longer += transformed(xs, steps, kNone).size() > 1 ? 1 : 0;
  if (longer < kTests / 2) return std::nullopt;
  for (std::size_t without = 0; without < count; ++without) {
    const bool idle = std::all_of(inputs.begin(), inputs.end(), [&](const Numbers& xs) {
      return transformed(xs, steps, kNone) == transformed(xs, steps, without);
    });
    if (idle) return std::nullopt;
  }
  return steps;
}

std::string reference(const std::vector<ListStep>& steps) {
  std::string out = "def transform(numbers):\n    xs = list(numbers)\n";
  for (const ListStep& step : steps) out += format("    {}\n", step.python);
  return out + "    return xs\n";
}

Item make(Rng& rng, int level) {
  const std::vector<Numbers> inputs = draw_inputs(rng);
  const auto steps = redraw([&] { return draw_steps(rng, kLevels[level_index(level)], inputs); });
  Item item;
  item.question =
      "Write a Python function `transform(numbers)` that takes a list of integers, which may be empty, and returns "
      "a new list made by these steps, in this order:\n\n";
  for (std::size_t i = 0; i < steps.size(); ++i) item.question += format("{}. {}\n", i + 1, steps[i].words);
  const Json shown = inputs[kShown];
  const Json result = transformed(inputs[kShown], steps, kNone);
  const auto spaced = [](const Json& list) {
    std::string out;
    for (const Json& x : list) out += format("{}{}", out.empty() ? "" : ", ", dump_json(x));
    return format("[{}]", out);
  };
  item.question += format("\nFor example, `transform({})` returns `{}`.", spaced(shown), spaced(result));
  item.targets = {reference(steps)};
  item.worked = "```python\n" + item.targets.front() + "```";
  item.metadata["entry_point"] = "transform";
  Json& tests = item.metadata["tests"] = Json::array();
  for (const Numbers& xs : inputs) {
    tests.push_back({{"input", Json::array({Json(xs)})}, {"expected", transformed(xs, steps, kNone)}});
  }
  return item;
}

}  // namespace

const Family& list_transform() {
  static const Family family{.id = "coding/list-transform",
                             .version = 1,
                             .summary = "Write a Python function for a described list transformation",
                             .scorers = {{"program", Json::object()}},
                             .ending = "End with one Python code block that holds the whole function.",
                             .make = make};
  return family;
}

}  // namespace assay::procedural
