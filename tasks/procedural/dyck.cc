// logic/dyck: the closing brackets that complete a sequence.
//
// level  kinds of bracket  length    missing
//   1          2            8-14      2-3
//   2          3           10-16      2-4
//   3          4           18-28      3-6
//   4          4           30-50      4-8
//   5          4           60-100     6-12
#include "harness/base/format.h"
#include "harness/puzzle/brackets.h"
#include "tasks/procedural/family.h"

namespace assay::procedural {
namespace {

struct Level {
  std::size_t kinds;
  std::int64_t shortest, longest, fewest, most;
};
constexpr Level kLevels[] = {
    {2, 8, 14, 2, 3}, {3, 10, 16, 2, 4}, {4, 18, 28, 3, 6}, {4, 30, 50, 4, 8}, {4, 60, 100, 6, 12},
};
constexpr std::string_view kOpening = "([{<";

std::string spaced(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!out.empty()) out += ' ';
    out += c;
  }
  return out;
}

// A walk of `length` steps that ends with `missing` brackets open.
std::string draw(Rng& rng, std::size_t kinds, std::int64_t length, std::int64_t missing) {
  puzzle::BracketStack stack;
  std::string text;
  for (std::int64_t left = length; left > 0; --left) {
    const auto depth = static_cast<std::int64_t>(stack.open().size());
    const bool may_open = depth + 1 - (left - 1) <= missing;
    const bool may_close = depth > 0 && depth - 1 + (left - 1) >= missing;
    const bool opens = may_open && (!may_close || rng.uniform(0, 1) == 1);
    const std::string_view kinds_of = kOpening.substr(0, kinds);
    const char c = opens ? rng.pick(kinds_of) : puzzle::closing_of(stack.open().back());
    CHECK_THAT_HOLDS(stack.feed(c), "the walk opens, or closes what is open");
    text += c;
  }
  return text;
}

Item make(Rng& rng, int level) {
  const Level& l = kLevels[level_index(level)];
  const std::int64_t missing = rng.uniform(l.fewest, l.most);
  const std::int64_t pairs = rng.uniform((l.shortest - missing + 1) / 2, (l.longest - missing) / 2);
  const std::string text = draw(rng, l.kinds, 2 * pairs + missing, missing);
  puzzle::BracketStack stack;
  CHECK_THAT_HOLDS(!stack.feed_all(text), "the sequence is the start of a balanced one");
  Item item;
  item.question = format(
      "Complete this sequence with closing brackets only, so that every bracket is closed and brackets are "
      "properly nested. Give only the brackets that are missing at the end, separated by spaces.\n\n{}",
      spaced(text));
  const std::string closing = stack.closing();
  item.targets = {spaced(closing)};
  item.metadata["sequence"] = text;
  return item;
}

}  // namespace

const Family& dyck() {
  static const Family family{.id = "logic/dyck",
                             .version = 1,
                             .summary = "Complete a sequence of nested brackets",
                             .scorers = {{"exact", Json{{"space", "ignore"}}}},
                             .ending = "End with a line of the form \"Answer: <brackets>\".",
                             .make = make};
  return family;
}

}  // namespace assay::procedural
