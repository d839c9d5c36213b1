// Objects that change hands: the trace names the moves one after the other and says who then has what.
//
// The k-th move that the trace names must be the k-th of the question; whatever is said to be held must be so
// after the moves named until then, and may be left out; where the trace never names a move, every line of
// holdings after the first stands for one more move; the answer comes when all moves are done.
#include <algorithm>

#include "harness/base/format.h"
#include "harness/puzzle/tracking.h"
#include "scorers/trace/verify/report.h"
#include "scorers/trace/verify/text.h"
#include "scorers/trace/verify/tracking_question.h"

namespace assay::verify {
namespace {

struct Holding {
  std::size_t holder = 0;
  std::size_t object = 0;
  std::size_t begin = 0;  // bytes of the step
  std::size_t end = 0;
};

struct Event {
  enum class Kind { move, holding, looks_back } kind;
  puzzle::Move move;
  Holding holding;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t moves = 0;  // looks_back: "after step 2" is 2, "at the start" 0
};

// "after step 2", "after the second swap", "at the start" at token i: after how many moves.
std::optional<std::size_t> looks_back(const Tokens& t, std::size_t i) {
  if (t.reads(i, {"at", "the", "start"}) || t.reads(i, {"at", "the", "beginning"}) || t.at(i) == "initially")
    return 0;
  if (t.at(i) != "after") return std::nullopt;
  const std::size_t j = t.at(i + 1) == "the" ? i + 2 : i + 1;
  const auto names_move = [&](std::size_t k) {
    return is_one_of(t.at(k), {"step", "swap", "move", "event", "trade", "round", "exchange"});
  };
  const auto n = names_move(j) ? cardinal(t.at(j + 1)) : names_move(j + 1) ? ordinal(t.at(j)) : std::nullopt;
  return n && *n >= 0 ? std::optional<std::size_t>(static_cast<std::size_t>(*n)) : std::nullopt;
}

bool between(std::string_view w) {
  return is_one_of(
      w, {":",       "->",       "=",         "has",     "have", "holds",  "hold",  "is",   "gets",
          "got",     "now",      "with",      "a",       "an",   "the",    "still", "then", "dancing",
          "playing", "holding",  "\"",        "*",       "ends", "up",     "ended", "will", "be",
          "partner", "position", "partnered", "keeps",   "(",    "-",      "plays", "at",   "in",
          "as",      "takes",    "receives",  "having",  "book", "ball",   "back",  "left", "therefore",
          "finally", "new",      "gift",      "present", "|",    "becomes"});
}

bool same_move(const puzzle::Move& a, const puzzle::Move& b) {
  if (a.holders.size() != b.holders.size()) return false;
  // As a set for a swap; as a ring for a rotation.
  auto turned = b.holders;
  const auto first = std::find(turned.begin(), turned.end(), a.holders[0]);
  if (first == turned.end()) return false;
  std::rotate(turned.begin(), first, turned.end());
  return turned == a.holders;
}

class Replay {
 public:
  Replay(const Input& input, const TrackingQuestion& q) : input_(input), q_(q), report_(input) {
    for (std::size_t h = 0; h < q.names.size(); ++h) start_.push_back(static_cast<std::uint8_t>(h));
    states_.push_back(start_);
    for (const auto& move : q.moves) {
      states_.push_back(states_.back());
      puzzle::apply(move, states_.back());
    }
  }

  StateVerdict run() {
    std::size_t named = 0;
    std::vector<std::vector<Event>> said;
    for (const Step& s : input_.steps) {
      said.push_back(events(s.text));
      for (const Event& e : said.back()) named += e.kind == Event::Kind::move ? 1 : 0;
    }
    names_moves_ = named > 0;
    for (step_ = 0; step_ < input_.steps.size() && !report_.full(); ++step_) {
      read(input_.steps[step_].text, said[step_]);
    }
    if (statements_ == 0) return Report::unparsed("no step says who has what");
    return report_.verdict("no step says who has what");
  }

 private:
  std::vector<Event> events(std::string_view text) const {
    const Tokens t(text);
    std::vector<Event> out;
    for (std::size_t i = 0; i < t.size();) {
      if (const auto moves = looks_back(t, i)) {
        out.push_back({Event::Kind::looks_back, {}, {}, t[i].begin, t[i].end, *moves});
        i += 2;
        continue;
      }
      const bool option = i > 0 && t.at(i - 1) == "(" && t.at(i + 1) == ")";
      if (auto move = option ? std::nullopt : move_at(q_, t, i, true)) {
        out.push_back({Event::Kind::move, std::move(move->move), {}, t[i].begin, t[move->end - 1].end, 0});
        i = move->end;
        continue;
      }
      const auto who = option ? std::nullopt : holder_at(q_, t, i, true);
      if (!who || t.at(i) == "a") {
        // "a" is an article unless a colon follows ("A: pink").
        if (!who || !is_one_of(t.at(i + 1), {":", "->", "=", "has"})) {
          ++i;
          continue;
        }
      }
      std::size_t j = i + 1;
      while (j < i + 9 && between(t.at(j)) && !object_at(q_, t, j)) ++j;
      const auto what = object_at(q_, t, j);
      if (what) {
        Event e{Event::Kind::holding, {}, {*who, what->object, t[i].begin, t[what->end - 1].end}, t[i].begin,
                t[what->end - 1].end, 0};
        out.push_back(std::move(e));
      }
      i = what ? what->end : i + 1;
    }
    return out;
  }

  bool holds(const Holding& h, std::size_t k) const { return states_[k][h.holder] == h.object; }

  static bool all_hold(const std::vector<Holding>& hs, const puzzle::Holdings& state) {
    return std::all_of(hs.begin(), hs.end(), [&](const Holding& h) { return state[h.holder] == h.object; });
  }

  void read(std::string_view text, const std::vector<Event>& all) {
    std::vector<Holding> before;  // what is said before the step's first move
    std::size_t moves = 0;
    for (const Event& e : all) moves += e.kind == Event::Kind::move ? 1 : 0;
    bool any_move = false;
    constexpr std::size_t kNow = static_cast<std::size_t>(-1);
    std::size_t back = kNow;  // an earlier state that is gone over again
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].kind == Event::Kind::looks_back) {
        back = all[i].moves <= done_ && state_seen_ ? all[i].moves : kNow;
      } else if (all[i].kind == Event::Kind::holding && back != kNow) {
        check(all[i].holding, back);
      } else if (all[i].kind == Event::Kind::move) {
        back = kNow;
        moved(all[i]);
        any_move = true;
      } else if (moves == 0) {
        before.push_back(all[i].holding);
      } else {
        // "Alice: pink, Bob: blue after they swap" and "Alice has red and Bob blue; they swap" are both read.
        const bool either = !any_move && done_ < q_.moves.size() && holds(all[i].holding, done_ + 1);
        if (either) {
          counted();
        } else {
          check(all[i].holding, done_);
        }
      }
    }
    if (moves == 0 && !before.empty()) state_line(text, before);
    answer(text);
  }

  void counted() {
    ++statements_;
    fresh_ = false;
    report_.checked();
  }

  void check(const Holding& h, std::size_t moves) {
    if (holds(h, moves)) return counted();
    ++statements_;
    fresh_ = false;
    report_.wrong(step_, h.begin, h.end, "state_mismatch",
                  format("after {} moves {} has {}, not {}", moves, q_.names[h.holder],
                         object(states_[moves][h.holder]), object(h.object)));
  }

  std::string object(std::size_t o) const {
    std::string out;
    for (const std::string& w : q_.objects[o].front()) out += format("{}{}", out.empty() ? "" : " ", w);
    return out;
  }

  void moved(const Event& e) {
    const bool again = done_ > 0 && same_move(e.move, q_.moves[done_ - 1]) && last_move_step_ == step_;
    // When all are done, the first move again goes through the whole once more.
    if (done_ == q_.moves.size() && !again && same_move(e.move, q_.moves[0])) done_ = 0;
    if (done_ < q_.moves.size() && same_move(e.move, q_.moves[done_])) {
      ++done_;
      report_.checked();
    } else if (!again) {
      report_.wrong(step_, e.begin, e.end, "wrong_move",
                    done_ < q_.moves.size() ? format("move {} of the question is another", done_ + 1)
                                            : std::string("all moves of the question are done"));
      if (done_ < q_.moves.size()) ++done_;
    }
    last_move_step_ = step_;
    fresh_ = true;
    state_seen_ = true;
  }

  // Holdings in a step that names no move.
  void state_line(std::string_view text, const std::vector<Holding>& said) {
    const bool ends = closing(text);
    if (!state_seen_ && done_ == 0 && all_hold(said, states_[0]) && !ends) {
      state_seen_ = true;  // the beginning
      for (std::size_t i = 0; i < said.size(); ++i) counted();
      return;
    }
    const bool more = done_ < q_.moves.size();
    if (!fresh_ && more && !ends) {
      const bool next_fits = all_hold(said, states_[done_ + 1]);
      if (!names_moves_ || (!all_hold(said, states_[done_]) && next_fits)) ++done_;
    } else if (!names_moves_ && more && said.size() > 1) {
      ++done_;
    }
    state_seen_ = true;
    if (ends && !said.empty()) all_done(said.front().begin, said.back().end);
    for (const Holding& h : said) check(h, done_);
  }

  static bool closing(std::string_view text) {
    const std::string low = lowered(text);
    return low.find("at the end") != std::string::npos || low.find("in the end") != std::string::npos ||
           low.find("finally") == 0 || low.find("at the final") != std::string::npos;
  }

  void all_done(std::size_t begin, std::size_t end) {
    if (done_ == q_.moves.size()) return;
    report_.wrong(step_, begin, end, "moves_left_out",
                  format("{} moves are left out", q_.moves.size() - done_));
    done_ = q_.moves.size();
  }

  void answer(std::string_view text) {
    const auto part = stated_answer(text);
    if (!part || !q_.asked || statements_ == 0) return;
    const std::size_t end = part->begin + part->text.size();
    std::optional<std::size_t> said;
    if (!q_.options.empty()) {
      const auto letter = option_letter(part->text);
      if (letter && static_cast<std::size_t>(*letter - 'A') < q_.options.size())
        said = q_.options[static_cast<std::size_t>(*letter - 'A')];
    } else {
      const Tokens t(part->text);
      for (std::size_t i = 0; i < t.size() && !said; ++i) {
        if (const auto what = object_at(q_, t, i)) said = what->object;
      }
    }
    if (!said) return;
    all_done(part->begin, end);
    if (states_.back()[*q_.asked] == *said) return report_.checked();
    report_.wrong(step_, part->begin, end, "wrong_answer",
                  format("{} has {} at the end", q_.names[*q_.asked], object(states_.back()[*q_.asked])));
  }

  const Input& input_;
  const TrackingQuestion& q_;
  Report report_;
  puzzle::Holdings start_;
  std::vector<puzzle::Holdings> states_;  // after 0, 1, ... moves
  std::size_t done_ = 0;
  std::size_t step_ = 0;
  std::size_t last_move_step_ = 0;
  std::size_t statements_ = 0;
  bool names_moves_ = false;
  bool fresh_ = false;       // a move was named and no holding stated since
  bool state_seen_ = false;  // a move or a state was stated
};

}  // namespace

StateVerdict verify_tracking(const Input& input) {
  const auto question = read_tracking_question(input.prompt);
  if (!question) return Report::unparsed("the question names no holders, objects and moves");
  return Replay(input, *question).run();
}

}  // namespace assay::verify
