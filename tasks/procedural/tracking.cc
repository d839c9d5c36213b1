// logic/tracking: who holds what after objects have changed hands.
//
// level  people  moves  kinds
//   1       3     2-3   swaps
//   2       4     4-6   swaps
//   3       5     7-10  swaps
//   4       6    12-16  swaps, and rings of three that pass on what they hold
//   5       8    20-28  swaps, and rings of three to five
#include "harness/puzzle/tracking.h"

#include "harness/base/format.h"
#include "tasks/procedural/family.h"
#include "tasks/procedural/words.h"

namespace assay::procedural {
namespace {

struct Level {
  std::size_t people;
  std::int64_t fewest, most;  // moves
  std::int64_t ring;          // the largest ring; 2: none
};
constexpr Level kLevels[] = {{3, 2, 3, 2}, {4, 4, 6, 2}, {5, 7, 10, 2}, {6, 12, 16, 3}, {8, 20, 28, 5}};

constexpr std::array<std::string_view, 24> kObjects = {
    "apple", "ball",   "book",  "candle", "coin",  "cup",    "drum",   "feather", "flute", "hat", "kite",   "key",
    "lamp",  "marble", "nail",  "pen",    "ring",  "ribbon", "shell",  "spoon",   "stone", "toy", "watch",  "whistle"};

puzzle::Move draw_move(Rng& rng, const Level& l) {
  puzzle::Move move;
  std::int64_t size = 2;
  if (l.ring > 2 && rng.uniform(0, 3) == 0) {
    move.kind = puzzle::Move::Kind::rotate;
    size = rng.uniform(3, l.ring);
  }
  for (std::size_t h = 0; h < l.people; ++h) move.holders.push_back(static_cast<std::uint8_t>(h));
  rng.shuffle(move.holders);
  move.holders.resize(static_cast<std::size_t>(size));
  return move;
}

std::string told(const puzzle::Move& move, const std::vector<std::string>& names) {
  if (move.kind == puzzle::Move::Kind::swap) {
    return format("{} and {} swap what they hold.", names[move.holders[0]], names[move.holders[1]]);
  }
  std::string out = "All at once, ";
  for (std::size_t i = 0; i < move.holders.size(); ++i) {
    const std::string& giver = names[move.holders[i]];
    const std::string& taker = names[move.holders[(i + 1) % move.holders.size()]];
    out += format("{}{} gives to {}", i == 0 ? "" : ", ", giver, taker);
  }
  return out + " what they hold.";
}

Item make(Rng& rng, int level) {
  const Level& l = kLevels[level_index(level)];
  const auto names = draw_words(rng, kNames, l.people);
  const auto objects = draw_words(rng, kObjects, l.people);
  puzzle::Holdings start;
  std::vector<std::string> beginning;
  for (std::size_t h = 0; h < l.people; ++h) {
    start.push_back(static_cast<std::uint8_t>(h));
    beginning.push_back(format("{} holds the {}", names[h], objects[h]));
  }
  std::vector<puzzle::Move> moves(static_cast<std::size_t>(rng.uniform(l.fewest, l.most)));
  std::string story;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    // The same exchange twice in a row would undo itself.
    do moves[i] = draw_move(rng, l);
    while (i > 0 && moves[i].kind == puzzle::Move::Kind::swap && moves[i - 1].kind == moves[i].kind &&
           puzzle::after(start, std::vector{moves[i - 1], moves[i]}) == start);
    story += format("{}. {}\n", i + 1, told(moves[i], names));
  }
  const auto asked = static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(l.people) - 1));
  const puzzle::Holdings end = puzzle::after(start, moves);
  const std::string& answer = objects[end[asked]];
  Item item;
  item.question = format("At the start, {}. Then this happens, in order:\n\n{}\nWhat does {} hold at the end? "
                         "Answer with one word.",
                         enumerate_words(beginning), story, names[asked]);
  item.targets = {answer, "the " + answer};
  item.metadata["names"] = names;
  item.metadata["objects"] = objects;
  Json told_moves = Json::array();
  for (const puzzle::Move& move : moves) told_moves.push_back(move.holders);
  item.metadata["moves"] = std::move(told_moves);
  item.metadata["asked"] = names[asked];
  return item;
}

}  // namespace

const Family& tracking() {
  static const Family family{.id = "logic/tracking",
                             .version = 1,
                             .summary = "Who holds what after objects have changed hands",
                             .scorers = {{"exact", Json{{"ignore_case", true}, {"strip_punctuation", true}}}},
                             .ending = "End with a line of the form \"Answer: <object>\".",
                             .make = make};
  return family;
}

}  // namespace assay::procedural
