// Brackets, shuffled objects and countdown, written out.
#include <algorithm>

#include "harness/base/format.h"
#include "harness/puzzle/tracking.h"
#include "tests/scorers/trace/verify/written_trace.h"

namespace assay::test {

std::string phrase(Rng& rng, std::vector<std::string> ways, const std::vector<std::string>& with) {
  std::string out = rng.pick(ways);
  for (std::size_t i = 0; i < with.size(); ++i) {
    const std::string hole = format("{{{}}}", i);
    for (std::size_t at = out.find(hole); at != std::string::npos; at = out.find(hole, at + with[i].size()))
      out.replace(at, hole.size(), with[i]);
  }
  return out;
}

std::vector<std::string> some_names(Rng& rng, std::size_t count) {
  std::vector<std::string> names = {"Ada",  "Bela", "Cleo", "Dora", "Emil", "Finn",
                                    "Gita", "Hugo", "Ines", "Jon",  "Kira", "Liam"};
  rng.shuffle(names);
  names.resize(count);
  return names;
}

std::string joined(const std::vector<std::string>& words, const std::string& joint) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out += format("{}{}", i == 0 ? std::string() : joint, words[i]);
  return out;
}

namespace {

std::string spaced(const std::string& brackets) {
  std::string out;
  for (const char c : brackets) out += format("{}{}", out.empty() ? "" : " ", c);
  return out.empty() ? "empty" : out;
}

std::string spoil_stack(Rng& rng, std::string stack) {
  const std::string open = "([{<";
  if (!stack.empty() && rng.chance(0.5)) {
    if (rng.chance(0.5)) {
      stack.pop_back();
    } else {
      const char old = stack.back();
      while (stack.back() == old) stack.back() = open[static_cast<std::size_t>(rng.uniform(0, 3))];
    }
  } else {
    stack.insert(stack.begin(), open[static_cast<std::size_t>(rng.uniform(0, 3))]);
  }
  return stack;
}

}  // namespace

WrittenTrace write_dyck(Rng& rng, bool plant) {
  const std::string open = "([{<";
  const std::string close = ")]}>";
  std::string sequence;
  std::string stack;
  std::vector<std::string> states;
  const auto length = static_cast<std::size_t>(rng.uniform(6, 16));
  while (sequence.size() < length || stack.empty()) {
    if (!stack.empty() && rng.chance(0.45) && !(stack.size() == 1 && sequence.size() + 1 >= length)) {
      sequence += close[open.find(stack.back())];
      stack.pop_back();
    } else {
      stack += open[static_cast<std::size_t>(rng.uniform(0, 3))];
      sequence += stack.back();
    }
    states.push_back(stack);
  }
  WrittenTrace out;
  out.prompt =
      format("Complete this sequence with closing brackets only, so that every bracket is closed.\n\n{}",
             spaced(sequence));
  out.steps.push_back("I keep a stack of what is open.");
  const std::vector<std::string> ways = {"{0} ; stack: {1}",
                                         "Read {0}. The stack is now {1}.",
                                         "Symbol {0}: the stack becomes {1}",
                                         "- after {0} the stack is {1}",
                                         "Next comes `{0}`, so the stack = {1}",
                                         "{2}: {0} ; stack: {1}"};
  std::vector<std::string> style = {ways[static_cast<std::size_t>(rng.uniform(0, 5))]};
  const auto bad = static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(sequence.size())));
  for (std::size_t i = 0; i < sequence.size(); ++i) {
    std::string shown = states[i];
    if (plant && i == bad) {
      shown = spoil_stack(rng, shown);
      out.planted = static_cast<std::uint32_t>(out.steps.size());
    }
    out.steps.push_back(
        phrase(rng, style, {std::string(1, sequence[i]), spaced(shown), format("{}", i + 1)}));
  }
  std::string answer;
  for (std::size_t i = stack.size(); i > 0; --i) answer += close[open.find(stack[i - 1])];
  if (plant && bad == sequence.size()) {
    answer += close[static_cast<std::size_t>(rng.uniform(0, 3))];
    out.planted = static_cast<std::uint32_t>(out.steps.size());
  }
  out.steps.push_back(
      phrase(rng, {"So the answer is {0}", "Answer: {0}", "We have reached the end, so the answer is {0}."},
             {spaced(answer)}));
  return out;
}

WrittenTrace write_tracking(Rng& rng, bool plant) {
  const auto people = static_cast<std::size_t>(rng.uniform(3, 6));
  const auto names = some_names(rng, people);
  std::vector<std::string> objects = {"apple", "ball", "book", "candle", "coin", "cup", "drum", "kite"};
  rng.shuffle(objects);
  puzzle::Holdings now;
  std::vector<std::string> start;
  for (std::size_t h = 0; h < people; ++h) {
    now.push_back(static_cast<std::uint8_t>(h));
    start.push_back(format("{} holds the {}", names[h], objects[h]));
  }
  WrittenTrace out;
  std::string story;
  const auto count = static_cast<std::size_t>(rng.uniform(3, 7));
  const auto bad = static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(count) - 1));
  const bool apart = rng.chance(0.3);  // the state in a step of its own
  const bool opening = rng.chance(0.5);
  if (opening) out.steps.push_back(format("At first {}.", joined(start, ", ")));
  for (std::size_t m = 0; m < count; ++m) {
    std::vector<std::uint8_t> who(people);
    for (std::size_t h = 0; h < people; ++h) who[h] = static_cast<std::uint8_t>(h);
    rng.shuffle(who);
    const bool ring = rng.chance(0.25);
    who.resize(ring ? 3 : 2);
    const puzzle::Move move{ring ? puzzle::Move::Kind::rotate : puzzle::Move::Kind::swap, who};
    puzzle::apply(move, now);
    const std::string a = names[who[0]];
    const std::string b = names[who[1]];
    const std::string circle =
        ring ? format("{0} gives to {1}, {1} gives to {2}, {2} gives to {0}", a, b, names[who[2]])
             : std::string();
    story += ring ? format("{}. All at once, {} what they hold.\n", m + 1, circle)
                  : format("{}. {} and {} swap what they hold.\n", m + 1, a, b);
    std::string step =
        ring ? circle
             : phrase(rng,
                      {"{0} and {1} swap", "{1} and {0} exchange their things", "{0} swaps with {1}",
                       "Then {1} trades objects with {0}", "In move {2} {0} and {1} now switch"},
                      {a, b, format("{}", m + 1)});
    std::vector<std::string> said;
    const bool spoil = plant && m == bad;
    for (std::size_t h = 0; h < people; ++h) {
      const bool moved = std::find(who.begin(), who.end(), h) != who.end();
      if (!moved && rng.chance(0.5)) continue;
      std::size_t object = now[h];
      if (spoil && h == who[0]) object = now[who[1]];
      said.push_back(
          phrase(rng, {"{0} has the {1}", "{0}: {1}", "{0} now holds the {1}", "{0} ends up with the {1}"},
                 {names[h], objects[object]}));
    }
    const std::string state = joined(said, rng.chance(0.5) ? ", " : " and ");
    if (apart) {
      out.steps.push_back(step + ".");
      step.clear();
    }
    if (spoil) out.planted = static_cast<std::uint32_t>(out.steps.size());
    out.steps.push_back(apart ? format("Now {}.", state)
                              : format("{}{} {}.", step, rng.chance(0.5) ? ":" : ", so", state));
  }
  const auto asked = static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(people) - 1));
  out.prompt = format(
      "At the start, {}. Then this happens, in order:\n\n{}\nWhat does {} hold at the end? Answer with one "
      "word.",
      joined(start, ", "), story, names[asked]);
  out.steps.push_back(format("Answer: {}", objects[now[asked]]));
  return out;
}

WrittenTrace write_countdown(Rng& rng, bool plant) {
  std::vector<std::int64_t> numbers;
  for (int i = 0; i < 4; ++i) numbers.push_back(rng.uniform(2, 25));
  const std::int64_t x = numbers[0] * numbers[1];
  const std::int64_t y = x + numbers[2];
  const std::int64_t target = y - numbers[3];
  WrittenTrace out;
  out.prompt = format(
      "Using the numbers {}, {}, {}, {} and the operations + - * /, write an expression whose value is "
      "exactly {}. Each number may be used at most as often as it is listed.",
      numbers[3], numbers[1], numbers[0], numbers[2], target);
  const auto tries = static_cast<std::size_t>(rng.uniform(0, 3));
  const auto bad = static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(tries) + 3));
  std::size_t equation = 0;
  const auto value = [&](std::int64_t right) {
    if (!plant || equation++ != bad) return right;
    out.planted = static_cast<std::uint32_t>(out.steps.size());
    return right + (rng.chance(0.5) ? 1 : -rng.uniform(1, 9));
  };
  for (std::size_t i = 0; i < tries; ++i) {
    const std::int64_t a = rng.pick(numbers);
    const std::int64_t b = rng.pick(numbers);
    const std::int64_t v = value(a + b);
    out.steps.push_back(
        phrase(rng,
               {"Try {0} + {1} = {2}, which is no help.", "- {0} + {1} = {2} (too far from the target)",
                "What about {0} + {1}? That is {0} + {1} = {2}."},
               {format("{}", a), format("{}", b), format("{}", v)}));
  }
  std::int64_t v = value(x);
  out.steps.push_back(phrase(rng,
                             {"{0} * {1} = {2}.", "First {0} × {1} = {2}", "Multiply: ({0}) * ({1}) = {2}"},
                             {format("{}", numbers[0]), format("{}", numbers[1]), format("{}", v)}));
  v = value(y);
  out.steps.push_back(phrase(rng, {"Then {0} + {1} = {2}.", "Add {1}: {0} + {1} = {2}"},
                             {format("{}", x), format("{}", numbers[2]), format("{}", v)}));
  v = value(target);
  out.steps.push_back(phrase(rng, {"Now {0} - {1} = {2}, as wanted.", "Take {1} away: {0} − {1} = {2}"},
                             {format("{}", y), format("{}", numbers[3]), format("{}", v)}));
  const bool wrong = plant && !out.planted;
  if (wrong) out.planted = static_cast<std::uint32_t>(out.steps.size());
  out.steps.push_back(format("Answer: {} * {} + {} - {}", numbers[0], numbers[1], numbers[2],
                             wrong ? numbers[3] + 1 : numbers[3]));
  return out;
}

}  // namespace assay::test
