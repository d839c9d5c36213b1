// What a "tracking shuffled objects" question says: who takes part, who has what at first, who moves.
//
// Read from "Alice has a green ball, Bob has a blue ball ... First, Bob and Claire swap balls." with any
// nouns and verbs, and from numbered moves, also such of three or more holders ("All at once, A gives to B, B
// gives to A"). Threads: pure functions.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/puzzle/tracking.h"
#include "scorers/trace/verify/text.h"

namespace assay::verify {

inline constexpr std::size_t kMaxHolders = 26;

using Words = std::vector<std::string>;

struct TrackingQuestion {
  std::vector<std::string> names;           // lower case
  std::vector<std::vector<Words>> objects;  // of each object the ways to say it, longest first
  std::vector<puzzle::Move> moves;          // holders and objects are numbers; at first holder h has object h
  std::optional<std::size_t> asked;
  std::vector<std::optional<std::size_t>> options;  // object of option A, B, ...
  std::array<bool, 256> name_begins{};  // the first bytes of names, so that most words are passed over
  std::array<bool, 256> object_begins{};
};

std::optional<TrackingQuestion> read_tracking_question(std::string_view prompt);

// Is token i a holder? Also its first letter, when that is no other's. `initials` says whether letters count.
std::optional<std::size_t> holder_at(const TrackingQuestion& q, const Tokens& t, std::size_t i,
                                     bool initials);
struct ObjectAt {
  std::size_t object = 0;
  std::size_t end = 0;  // the token after it
};
std::optional<ObjectAt> object_at(const TrackingQuestion& q, const Tokens& t, std::size_t i);
// A move that starts at token i: "X and Y swap", "swap X and Y", "X swaps with Y", "X gives to Y, Y gives to
// X".
struct MoveAt {
  puzzle::Move move;
  std::size_t end = 0;
};
std::optional<MoveAt> move_at(const TrackingQuestion& q, const Tokens& t, std::size_t i, bool initials);

}  // namespace assay::verify
