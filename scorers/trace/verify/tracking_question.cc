#include "scorers/trace/verify/tracking_question.h"

#include <algorithm>

namespace assay::verify {
namespace {

bool swap_verb(std::string_view w) {
  return w.starts_with("swap") || w.starts_with("trad") || w.starts_with("switch") ||
         w.starts_with("exchang");
}

bool gives(std::string_view w) { return w == "gives" || w == "passes" || w == "hands"; }

// Words between a holder and what it holds.
bool linking(std::string_view w) {
  return is_one_of(w, {"has", "have", "holds", "holding", "is", "gets", "got", "get", "a", "an", "the",
                       "with", "dancing", "playing", "plays", "receives", "takes", "buys"});
}

std::size_t find_name(const std::vector<std::string>& names, std::string_view word) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), word) - names.begin());
}

void add_name(TrackingQuestion& q, std::string_view word) {
  if (find_name(q.names, word) == q.names.size() && q.names.size() <= kMaxHolders) q.names.emplace_back(word);
}

// Who takes part: the words beside "and" before a swap, and before and after "gives to".
void read_names(TrackingQuestion& q, const Tokens& t) {
  for (std::size_t i = 0; i + 3 < t.size(); ++i) {
    if (t.at(i + 1) == "and" && swap_verb(t.at(i + 3)) && t[i].is_word() && t[i + 2].is_word()) {
      add_name(q, t.at(i));
      add_name(q, t.at(i + 2));
    }
    if (gives(t.at(i + 1)) && t.at(i + 2) == "to") {
      add_name(q, t.at(i));
      add_name(q, t.at(i + 3));
    }
  }
}

// Holders that never move are found as "NAME LINK" like the others, in the sentence of the start.
std::vector<Words> phrases_from(const Tokens& t, std::vector<std::string>& names, std::size_t end) {
  std::vector<Words> out(names.size());
  for (std::size_t i = 0; i < end; ++i) {
    const bool opens = i > 0 && (is_one_of(t.at(i - 1), {",", "and", ":", "start", "each"}));
    const bool verb =
        is_one_of(t.at(i + 1), {"has", "holds", "is", "gets", "got", "receives", "takes", "buys"});
    if (!opens || !verb || !t[i].is_word() || is_one_of(t.at(i), {"they", "each", "this", "it", "he", "she"}))
      continue;
    std::size_t who = find_name(names, t.at(i));
    if (who == names.size()) {
      if (names.size() >= kMaxHolders) continue;
      names.emplace_back(t.at(i));
      out.emplace_back();
    }
    std::size_t j = i + 1;
    while (j < end && linking(t.at(j))) ++j;
    Words words;
    while (j < end && !is_one_of(t.at(j), {",", ".", ";", "\n", "and"}) && words.size() < 8)
      words.emplace_back(t.at(j++));
    if (out[who].empty()) out[who] = std::move(words);
  }
  return out;
}

// Of each phrase the ways to say it: whole, and without a last word that others share ("green ball" ->
// "green").
void name_objects(TrackingQuestion& q, const std::vector<Words>& phrases) {
  for (const Words& phrase : phrases) {
    std::vector<Words> ways{phrase};
    if (phrase.size() > 1) {
      const Words shorter(phrase.begin(), phrase.end() - 1);
      const bool only = std::none_of(phrases.begin(), phrases.end(), [&](const Words& other) {
        return &other != &phrase && other.size() >= shorter.size() &&
               std::equal(shorter.begin(), shorter.end(), other.begin());
      });
      if (only) ways.push_back(shorter);
    }
    q.objects.push_back(std::move(ways));
  }
}

void read_moves(TrackingQuestion& q, const Tokens& t, std::size_t from) {
  for (std::size_t i = from; i < t.size();) {
    const auto move = move_at(q, t, i, false);
    if (move && puzzle::well_formed(move->move, q.names.size())) {
      q.moves.push_back(move->move);
      i = move->end;
    } else {
      ++i;
    }
  }
}

void read_options(TrackingQuestion& q, const Tokens& t, std::size_t from) {
  for (std::size_t i = from; i + 3 < t.size(); ++i) {
    if (!t.reads(i, {"options"})) continue;
    for (std::size_t j = i; j + 3 < t.size(); ++j) {
      if (t.at(j) != "(" || t.at(j + 2) != ")" || t.at(j + 1).size() != 1) continue;
      if (t.at(j + 1)[0] != static_cast<char>('a' + q.options.size())) continue;
      const auto object = object_at(q, t, j + 3);
      q.options.push_back(object ? std::optional<std::size_t>(object->object) : std::nullopt);
    }
    return;
  }
}

// The holder asked about: the first name after the last "end of", or after the last "does".
void read_asked(TrackingQuestion& q, const Tokens& t, std::size_t from) {
  for (std::size_t i = from; i + 1 < t.size(); ++i) {
    if (!t.reads(i, {"end", "of"}) && !t.reads(i, {"what", "does"})) continue;
    for (std::size_t j = i + 1; j < t.size() && j < i + 9; ++j) {
      if (const auto who = holder_at(q, t, j, false)) {
        q.asked = *who;
        break;
      }
    }
  }
}

}  // namespace

std::optional<std::size_t> holder_at(const TrackingQuestion& q, const Tokens& t, std::size_t i,
                                     bool initials) {
  const std::string_view word = t.at(i);
  if (word.empty() || !q.name_begins[static_cast<unsigned char>(word[0])]) return std::nullopt;
  const std::size_t found = find_name(q.names, word);
  if (found < q.names.size()) return found;
  if (word.ends_with("'s")) {
    const std::size_t owner = find_name(q.names, word.substr(0, word.size() - 2));
    if (owner < q.names.size()) return owner;
  }
  if (!initials || word.size() != 1) return std::nullopt;
  std::optional<std::size_t> out;
  for (std::size_t n = 0; n < q.names.size(); ++n) {
    if (q.names[n][0] != word[0]) continue;
    if (out) return std::nullopt;
    out = n;
  }
  return out;
}

std::optional<ObjectAt> object_at(const TrackingQuestion& q, const Tokens& t, std::size_t i) {
  std::optional<ObjectAt> best;
  if (t.at(i).empty() || !q.object_begins[static_cast<unsigned char>(t.at(i)[0])]) return best;
  std::size_t length = 0;
  for (std::size_t o = 0; o < q.objects.size(); ++o) {
    for (const Words& way : q.objects[o]) {
      std::size_t n = 0;
      while (n < way.size() && t.at(i + n) == way[n]) ++n;
      if (n == way.size() && n > length) {
        best = ObjectAt{o, i + n};
        length = n;
      }
    }
  }
  return best;
}

std::optional<MoveAt> move_at(const TrackingQuestion& q, const Tokens& t, std::size_t i, bool initials) {
  const auto pair = [&](std::size_t a, std::size_t b, std::size_t end) -> std::optional<MoveAt> {
    const auto x = holder_at(q, t, a, initials);
    const auto y = holder_at(q, t, b, initials);
    if (!x || !y || *x == *y) return std::nullopt;
    return MoveAt{{puzzle::Move::Kind::swap, {static_cast<std::uint8_t>(*x), static_cast<std::uint8_t>(*y)}},
                  end};
  };
  if (swap_verb(t.at(i)) && is_one_of(t.at(i + 2), {"and", "with", "<->"})) return pair(i + 1, i + 3, i + 4);
  const auto first = holder_at(q, t, i, initials);
  if (!first) return std::nullopt;
  if (t.at(i + 2) == ":" && holder_at(q, t, i + 1, initials)) return pair(i, i + 1, i + 2);  // "Eve Bob: ..."
  if (is_one_of(t.at(i + 1), {"and", "&", "<->", "/"})) {
    for (std::size_t j = i + 3; j < i + 6; ++j) {  // "X and Y then both swap"
      if (swap_verb(t.at(j))) return pair(i, i + 2, j + 1);
      if (!is_one_of(t.at(j), {"both", "then", "now", "will", "next", "also", "to", "do", "a"})) break;
    }
    if (t.at(i + 1) == "<->") return pair(i, i + 2, i + 3);
  }
  if (swap_verb(t.at(i + 1))) {
    for (std::size_t j = i + 2; j < i + 8 && j < t.size() && !is_one_of(t.at(j), {".", ",", ";"}); ++j) {
      if (t.at(j) == "with") return pair(i, j + 1, j + 2);
    }
  }
  if (!gives(t.at(i + 1))) return std::nullopt;
  puzzle::Move chain{puzzle::Move::Kind::rotate, {static_cast<std::uint8_t>(*first)}};
  std::size_t at = i;
  while (gives(t.at(at + 1)) && chain.holders.size() <= q.names.size()) {
    std::size_t to = at + 2;
    while (to < at + 8 && to < t.size() && t.at(to) != "to") ++to;
    const auto taker = holder_at(q, t, to + 1, initials);
    if (!taker) return std::nullopt;
    std::size_t next = to + 2;
    while (is_one_of(t.at(next), {",", "and", "then", "while"})) ++next;
    if (*taker == *first)
      return chain.holders.size() < 2 ? std::nullopt : std::optional<MoveAt>(MoveAt{chain, to + 2});
    chain.holders.push_back(static_cast<std::uint8_t>(*taker));
    if (holder_at(q, t, next, initials) != taker) return std::nullopt;
    at = next;
  }
  return std::nullopt;
}

std::optional<TrackingQuestion> read_tracking_question(std::string_view prompt) {
  const Tokens t(prompt);
  TrackingQuestion q;
  read_names(q, t);
  if (q.names.size() < 2 || q.names.size() > kMaxHolders) return std::nullopt;
  const auto note_names = [&] {
    for (const std::string& name : q.names) q.name_begins[static_cast<unsigned char>(name[0])] = true;
  };
  note_names();
  // The start ends where the first move begins.
  std::size_t first_move = 0;
  while (first_move < t.size() && !move_at(q, t, first_move, false)) ++first_move;
  const auto phrases = phrases_from(t, q.names, first_move);
  if (phrases.size() != q.names.size()) return std::nullopt;
  if (std::any_of(phrases.begin(), phrases.end(), [](const Words& w) { return w.empty(); }))
    return std::nullopt;
  note_names();
  name_objects(q, phrases);
  for (const Words& phrase : phrases) q.object_begins[static_cast<unsigned char>(phrase[0][0])] = true;
  read_moves(q, t, first_move);
  read_options(q, t, first_move);
  read_asked(q, t, first_move);
  return q.moves.empty() ? std::nullopt : std::optional<TrackingQuestion>(std::move(q));
}

}  // namespace assay::verify
