#include "scorers/trace/verify/order_sentence.h"

#include <algorithm>

namespace assay::verify {
namespace {

using Kind = OrderClaim::Kind;

bool verb(std::string_view w) {
  return is_one_of(
      w, {"is",    "are",   "was",  "were", "be",   "must",  "finished", "finish", "finishes", "stands",
          "stand", "comes", "come", "came", "sits", "sit",   "ranks",    "placed", "goes",     "go",
          "=",     ":",     "->",   "has",  "have", "takes", "occupies", "lives",  "gets",     "will"});
}

bool negation(std::string_view w) {
  return is_one_of(w, {"not", "cannot", "can't", "isn't", "aren't", "wasn't", "weren't", "doesn't", "didn't",
                       "don't", "never", "neither", "nor", "couldn't", "won't"});
}

bool possibility(std::string_view w) {
  return is_one_of(w, {"can", "could", "may", "might", "possibly", "potentially", "probably"});
}

bool boundary(std::string_view w) {
  return is_one_of(w, {"so", "therefore", "thus", "hence", "but", "because", "since", "while", "whereas",
                       "as", "means", "implies", "then"});
}

}  // namespace

bool SentenceReader::is_place(std::size_t i) const {
  return within(i) && (at(i).kind == Atom::Kind::place || at(i).kind == Atom::Kind::ordinal);
}

int SentenceReader::number_of(const Atom& a) const {
  const bool low = a.kind == Atom::Kind::ordinal ? low_first_ : a.end == End::low;
  return low ? a.number : static_cast<int>(size_) + 1 - a.number;
}

std::uint32_t SentenceReader::mask(const std::vector<int>& each) const {
  std::uint32_t out = 0;
  for (const int p : each) {
    if (p >= 1 && p <= static_cast<int>(size_)) out |= 1U << (p - 1);
  }
  return out;
}

// "second, third and fourth", "third to seventh", "second or third".
SentenceReader::Places SentenceReader::places_at(std::size_t i) const {
  Places out;
  bool range = false;
  while (is_place(i)) {
    const int n = number_of(at(i));
    if (range && !out.each.empty()) {
      const int from = out.each.back();
      for (int p = from; p != n && out.each.size() <= 2 * size_;) {
        p += n > from ? 1 : -1;
        if (p != n) out.each.push_back(p);
      }
    }
    out.each.push_back(n);
    out.next = ++i;
    range = false;
    std::size_t j = i;
    while (within(j) && (at(j).is(",") || at(j).is("and") || at(j).is("or") || at(j).is("to") ||
                         at(j).is("through") || at(j).is("the") || at(j).is("either"))) {
      out.either = out.either || (at(j).is("or") && is_place(j + 1));
      range = range || at(j).is("to") || at(j).is("through");
      ++j;
    }
    if (j == i) break;
    i = j;
  }
  return out;
}

std::vector<OrderClaim> SentenceReader::read(const std::vector<Atom>& atoms, std::size_t begin,
                                             std::size_t end) {
  atoms_ = &atoms;
  end_ = end;
  out_.clear();
  subject_.clear();
  place_subject_.reset();
  count_.reset();
  relation_.reset();
  used_relation_.reset();
  verb_ = negated_ = possible_ = only_ = false;
  for (std::size_t i = begin; i < end; ++i) only_ = only_ || atoms[i].is("only");
  for (std::size_t i = begin; i < end;) {
    const auto list = header_at(i);
    i = list ? list_at(*list) : clause_at(i);
  }
  return std::move(out_);
}

void SentenceReader::emit(OrderClaim claim, std::size_t from, std::size_t to) {
  claim.begin = at(from).begin;
  claim.end = at(to).finish;
  out_.push_back(claim);
}

std::size_t SentenceReader::clause_at(std::size_t i) {
  switch (at(i).kind) {
    case Atom::Kind::thing:
      return on_thing(i);
    case Atom::Kind::place:
    case Atom::Kind::ordinal:
      return on_place(i);
    case Atom::Kind::relation:
      on_relation(i);
      return i + 1;
    case Atom::Kind::word:
      on_word(i);
      return i + 1;
  }
  return i + 1;
}

void SentenceReader::start_subject(std::size_t thing, std::size_t i) {
  subject_ = {thing};
  last_subject_ = subject_;
  subject_at_ = i;
  place_subject_.reset();
  count_.reset();
  relation_.reset();
  used_relation_.reset();
  verb_ = negated_ = possible_ = false;
}

void SentenceReader::relate(std::size_t object, std::size_t i) {
  used_relation_ = relation_;
  const Relation r = *relation_;
  relation_.reset();
  if (possible_ && !negated_) return;
  if (count_) {  // "two fruits are more expensive than the plums"
    const int before = r == Relation::before ? *count_ : static_cast<int>(size_) - 1 - *count_;
    OrderClaim c;
    c.a = static_cast<std::uint8_t>(object);
    if (r == Relation::before || r == Relation::after) {
      if (before < 0 || before >= static_cast<int>(size_)) c.kind = Kind::no_place;
      c.places = before >= 0 && before < 32 ? 1U << before : 0;
      emit(c, std::min(subject_at_, i), i);
    }
    count_.reset();
    return;
  }
  for (const std::size_t s : subject_) {
    if (s == object) continue;
    OrderClaim c;
    const bool turned = r == Relation::after || r == Relation::directly_after;
    c.kind = r == Relation::beside                           ? Kind::beside
             : r == Relation::before || r == Relation::after ? Kind::before
                                                             : Kind::directly_before;
    c.a = static_cast<std::uint8_t>(turned ? object : s);
    c.b = static_cast<std::uint8_t>(turned ? s : object);
    if (c.kind == Kind::beside && c.b < c.a) std::swap(c.a, c.b);
    c.negated = negated_;
    emit(c, std::min(subject_at_, i), i);
  }
}

std::size_t SentenceReader::on_thing(std::size_t i) {
  const std::size_t thing = at(i).thing;
  const bool joined =
      i > 0 && (at(i - 1).is("and") || at(i - 1).is("or") || at(i - 1).is(",") || at(i - 1).is("nor") ||
                ((at(i - 1).is("the") || at(i - 1).is("a")) && i > 1 &&
                 (at(i - 2).is("and") || at(i - 2).is("or") || at(i - 2).is(","))));
  if (relation_ && (!subject_.empty() || count_)) {
    relate(thing, i);
    return i + 1;
  }
  const bool verb_follows = within(i + 1) && at(i + 1).kind == Atom::Kind::word &&
                            (verb(at(i + 1).text) || negation(at(i + 1).text) || possibility(at(i + 1).text));
  if (used_relation_ && joined && !verb_follows && !subject_.empty()) {
    relation_ = used_relation_;
    relate(thing, i);
    return i + 1;
  }
  if (place_subject_ && verb_ && (!possible_ || only_) && !negated_) {
    const Places places = *place_subject_;
    std::vector<std::size_t> things;
    std::size_t j = i;
    std::size_t last = i;
    bool either = false;
    while (within(j)) {
      if (at(j).kind == Atom::Kind::thing) {
        things.push_back(at(j).thing);
        last = j;
      } else if (at(j).is("or")) {
        either = true;
      } else if (!at(j).is(",") && !at(j).is("and") && !at(j).is("the") && !at(j).is("either")) {
        break;
      }
      ++j;
    }
    (void)either;
    start_subject(things[0], i);
    list_things(places, things, false, i, last);
    return last + 1;
  }
  if (place_subject_ && verb_ && negated_ && place_subject_->each.size() == 1) {
    OrderClaim c;
    c.a = static_cast<std::uint8_t>(thing);
    c.places = mask(place_subject_->each);
    c.negated = true;
    emit(c, i, i);
    return i + 1;
  }
  if (joined && !subject_.empty() && !verb_ && !used_relation_) {
    subject_.push_back(thing);
    last_subject_ = subject_;
  } else {
    start_subject(thing, i);
  }
  return i + 1;
}

std::size_t SentenceReader::on_place(std::size_t i) {
  const Places places = places_at(i);
  const std::size_t last = places.next - 1;
  if (relation_ && !subject_.empty() && places.each.size() == 1) {
    const int p = places.each[0];
    const Relation r = *relation_;
    relation_.reset();
    if (p < 1 || p > static_cast<int>(size_) || r == Relation::beside || (possible_ && !negated_))
      return places.next;
    OrderClaim c;
    c.kind = r == Relation::before || r == Relation::directly_before ? Kind::before_place : Kind::after_place;
    c.a = static_cast<std::uint8_t>(subject_[0]);
    c.k = static_cast<std::uint8_t>(p - 1);
    c.negated = negated_;
    emit(c, subject_at_, last);
    return places.next;
  }
  if (!subject_.empty() && verb_) {
    if (possible_ && !negated_ && !only_) return places.next;
    for (const std::size_t s : subject_) {
      OrderClaim c;
      c.a = static_cast<std::uint8_t>(s);
      c.places = mask(places.each);
      c.negated = negated_;
      if (c.places == 0) c.kind = Kind::no_place;
      if (c.kind == Kind::no_place && negated_) continue;
      emit(c, subject_at_, last);
    }
    return places.next;
  }
  subject_.clear();
  place_subject_ = places;
  verb_ = negated_ = possible_ = false;
  return places.next;
}

void SentenceReader::on_relation(std::size_t i) {
  relation_ = at(i).relation;
  if (*relation_ == Relation::beside && word(i + 1, "each") && subject_.size() == 2) {
    const std::size_t other = subject_[1];
    subject_.pop_back();
    relate(other, i);
  }
}

void SentenceReader::on_word(std::size_t i) {
  const std::string_view w = at(i).text;
  if (boundary(w)) {
    place_subject_.reset();
    relation_.reset();
    count_.reset();
    verb_ = negated_ = possible_ = false;
  } else if (negation(w)) {
    negated_ = true;
    verb_ = true;
  } else if (possibility(w)) {
    possible_ = true;
    verb_ = true;
  } else if (verb(w)) {
    verb_ = true;
  } else if (is_one_of(w, {"it", "they", "he", "she"}) && !last_subject_.empty() && !relation_) {
    const auto keep = last_subject_;
    start_subject(keep[0], i);
    subject_ = last_subject_ = keep;
  } else if (const auto n = w == "no" ? std::optional<int>(0) : cardinal(w); n && !relation_) {
    // "one of the three vehicles older than X" counts nothing; "there are three vehicles older than X" does.
    const bool part =
        i > 0 && (at(i - 1).is("the") || at(i - 1).is("of") || at(i - 1).is("last") || is_place(i - 1));
    bool related = false;
    bool gap = false;
    for (std::size_t j = i + 1; within(j) && j < i + 8 && at(j).kind != Atom::Kind::thing; ++j) {
      related = related || at(j).kind == Atom::Kind::relation;
      gap = gap || at(j).is("between");
    }
    if (gap) {
      std::vector<std::size_t> two;
      for (std::size_t j = i + 1; within(j) && j < i + 12; ++j) {
        if (at(j).kind == Atom::Kind::thing) two.push_back(at(j).thing);
      }
      if (two.size() >= 2 && two[0] != two[1] && *n < static_cast<int>(size_)) {
        OrderClaim c;
        c.kind = Kind::gap;
        c.a = static_cast<std::uint8_t>(std::min(two[0], two[1]));
        c.b = static_cast<std::uint8_t>(std::max(two[0], two[1]));
        c.k = static_cast<std::uint8_t>(*n);
        emit(c, i, i);
      }
    } else if (related && !part && !word(i + 1, "of")) {
      count_ = n;
      subject_.clear();
      subject_at_ = i;
      place_subject_.reset();
      verb_ = negated_ = possible_ = false;
    }
  }
}

}  // namespace assay::verify
