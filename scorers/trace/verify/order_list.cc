// Lists of places: "from left to right: first is the owl, then second and third can be any bird".
#include <algorithm>

#include "scorers/trace/verify/order_sentence.h"

namespace assay::verify {
namespace {

using Kind = OrderClaim::Kind;

std::optional<End> end_of(const Atom& a) {
  if (a.kind == Atom::Kind::place) return a.number == 1 ? std::optional<End>(a.end) : std::nullopt;
  if (a.kind == Atom::Kind::ordinal) return a.number == 1 ? std::optional<End>(End::low) : std::nullopt;
  if (a.kind != Atom::Kind::word) return std::nullopt;
  if (is_one_of(a.text, {"left", "top", "front", "beginning", "start", "least"})) return End::low;
  if (is_one_of(a.text, {"right", "bottom", "back", "end", "rear", "most"})) return End::high;
  return std::nullopt;
}

bool joint(const Atom& a) {
  return a.is(",") || a.is("and") || a.is("then") || a.is("the") || a.is(":") || a.is("but") || a.is("next");
}

bool list_verb(const Atom& a) {
  return a.kind == Atom::Kind::word && is_one_of(a.text, {"is", "are", "can", "be", "must", "could", "may",
                                                          "might", "will", "=", ":", "->"});
}

bool open_word(const Atom& a) {
  return a.kind == Atom::Kind::word &&
         is_one_of(a.text, {"any", "anything", "anyone", "a", "an", "unknown", "remaining", "empty",
                            "undetermined", "one", "not", "still", "open", "some", "either"});
}

}  // namespace

// "from X to Y": sets the direction; gives the atom after it.
std::optional<std::size_t> SentenceReader::header_at(std::size_t i) {
  if (!word(i, "from")) return std::nullopt;
  std::size_t j = word(i + 1, "the") ? i + 2 : i + 1;
  if (!within(j)) return std::nullopt;
  const auto first = end_of(at(j));
  if (!first || !word(j + 1, "to")) return std::nullopt;
  j = word(j + 2, "the") ? j + 3 : j + 2;
  if (!within(j)) return std::nullopt;
  const auto second = end_of(at(j));
  if (!second || *first == *second) return std::nullopt;
  low_first_ = *first == End::low;
  return j + 1;
}

std::size_t SentenceReader::list_at(std::size_t i) {
  listed_ = 0;
  any_.clear();
  bool first = true;
  while (within(i)) {
    if (joint(at(i))) {
      ++i;
      continue;
    }
    if (first && at(i).kind == Atom::Kind::thing) {
      i = sequence_at(i);
      break;
    }
    first = false;
    if (!is_place(i)) break;
    const Places places = places_at(i);
    i = places.next;
    std::size_t j = i;  // "the fifth vehicle must be"
    while (within(j) && j < i + 4 && !list_verb(at(j)) && at(j).kind == Atom::Kind::word && !joint(at(j)))
      ++j;
    if (!within(j) || !list_verb(at(j))) {
      // "second, third, and fourth is X" and the like are read; a bare place says nothing.
      continue;
    }
    while (within(j) && (list_verb(at(j)) || at(j).is("the") || at(j).is("only") || at(j).is("also"))) ++j;
    i = list_value(j, places);
  }
  for (OrderClaim c : any_) {
    c.things |= listed_;
    out_.push_back(c);
  }
  subject_.clear();
  place_subject_.reset();
  verb_ = negated_ = possible_ = false;
  return i;
}

std::size_t SentenceReader::list_value(std::size_t i, const Places& places) {
  if (!within(i)) return i;
  if (at(i).kind == Atom::Kind::place) {  // "seventh is the rightmost bird"
    OrderClaim c;
    const int p = number_of(at(i));
    if (places.each.back() != p) c.kind = Kind::no_place;
    if (c.kind == Kind::no_place) emit(c, i, i);
    ++i;
    while (within(i) && at(i).kind == Atom::Kind::word && !joint(at(i))) ++i;
    return i;
  }
  const bool any = at(i).kind == Atom::Kind::word && is_one_of(at(i).text, {"any", "anything", "anyone"});
  const bool open = open_word(at(i));
  const std::size_t from = i;
  std::vector<std::size_t> things;
  std::size_t last = i;
  bool except = false;
  while (within(i)) {
    const Atom& a = at(i);
    if (is_place(i)) break;
    if (a.is("then") || a.is("but")) break;
    // ", and Joe is above Ada": what follows is a clause of its own.
    if (a.kind == Atom::Kind::relation) break;
    if (a.kind == Atom::Kind::thing) {
      const bool clause = within(i + 1) && (list_verb(at(i + 1)) || at(i + 1).is("finished") ||
                                            at(i + 1).kind == Atom::Kind::relation);
      if (clause && !things.empty()) break;
      if (clause && (any || open)) break;
      things.push_back(a.thing);
      last = i;
    }
    except = except || a.is("except");
    ++i;
  }
  const bool in_order = word(i - 1, "order") || word(i - 1, "respectively");
  if (any) {
    OrderClaim c;
    c.kind = Kind::any;
    c.places = mask(places.each);
    const bool past = std::any_of(places.each.begin(), places.each.end(),
                                  [&](int p) { return p < 1 || p > static_cast<int>(size_); });
    if (past) c.kind = Kind::no_place;
    for (const std::size_t t : things) c.things |= 1U << t;
    c.listed = true;
    c.begin = at(from).begin;
    c.end = at(from).finish;
    any_.push_back(c);
    for (const std::size_t t : things) {
      if (!except) break;
      OrderClaim n;
      n.a = static_cast<std::uint8_t>(t);
      n.places = c.places;
      n.negated = true;
      n.listed = true;
      emit(n, from, last);
    }
    return i;
  }
  if (!things.empty()) {
    for (const std::size_t t : things) listed_ |= 1U << t;
    list_things(places, things, in_order, from, last);
    return i;
  }
  if (open && places.each.back() > static_cast<int>(size_)) {
    OrderClaim c;
    c.kind = Kind::no_place;
    emit(c, from, from);
  }
  return i;
}

void SentenceReader::list_things(const Places& places, const std::vector<std::size_t>& things, bool in_order,
                                 std::size_t from, std::size_t to) {
  OrderClaim c;
  c.listed = true;
  const int n = static_cast<int>(size_);
  if (std::any_of(places.each.begin(), places.each.end(), [&](int p) { return p < 1 || p > n; })) {
    c.kind = Kind::no_place;
    return emit(c, from, to);
  }
  if (things.size() == 1) {
    c.a = static_cast<std::uint8_t>(things[0]);
    // "second or third is X"; of "second, third and fourth is X" the last is meant.
    c.places = places.either ? mask(places.each) : mask({places.each.back()});
    return emit(c, from, to);
  }
  if (places.each.size() == 1) {
    c.kind = Kind::holder;
    c.k = static_cast<std::uint8_t>(places.each[0] - 1);
    for (const std::size_t t : things) c.things |= 1U << t;
    return emit(c, from, to);
  }
  for (std::size_t i = 0; i < things.size(); ++i) {
    c.a = static_cast<std::uint8_t>(things[i]);
    const bool own = in_order && things.size() == places.each.size();
    c.places = own ? mask({places.each[i]}) : mask(places.each);
    emit(c, from, to);
  }
}

// Things in a row after the header: all of them take the places in turn; fewer only follow each other.
std::size_t SentenceReader::sequence_at(std::size_t i) {
  std::vector<std::size_t> things;
  std::vector<std::size_t> where;
  while (within(i)) {
    if (at(i).kind == Atom::Kind::thing) {
      things.push_back(at(i).thing);
      where.push_back(i);
    } else if (!joint(at(i)) && !at(i).is("<") && !at(i).is(">") && !at(i).is("->") && !at(i).is("-")) {
      break;
    }
    ++i;
  }
  const bool clause = within(i) && at(i).kind != Atom::Kind::word;
  if (things.size() < 2 || clause || (within(i) && list_verb(at(i)))) return where.empty() ? i : where[0];
  std::vector<std::size_t> distinct = things;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  for (std::size_t k = 0; k < things.size(); ++k) {
    OrderClaim c;
    c.listed = true;
    if (distinct.size() == size_ && things.size() == size_) {
      c.a = static_cast<std::uint8_t>(things[k]);
      const int p = low_first_ ? static_cast<int>(k) + 1 : static_cast<int>(size_ - k);
      c.places = mask({p});
      emit(c, where[k], where[k]);
    } else if (k > 0 && things[k] != things[k - 1]) {
      c.kind = Kind::before;
      c.a = static_cast<std::uint8_t>(low_first_ ? things[k - 1] : things[k]);
      c.b = static_cast<std::uint8_t>(low_first_ ? things[k] : things[k - 1]);
      emit(c, where[k - 1], where[k]);
    }
  }
  return i;
}

}  // namespace assay::verify
