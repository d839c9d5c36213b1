// One sentence about an order of things, atom by atom. Used by OrderReader alone.
#pragma once

#include <optional>
#include <vector>

#include "scorers/trace/verify/order_claim.h"
#include "scorers/trace/verify/ordering_lexer.h"

namespace assay::verify {

class SentenceReader {
 public:
  SentenceReader(std::size_t size, bool low_first) : size_(size), low_first_(low_first) {}
  bool low_first() const { return low_first_; }
  // The statements of atoms [begin, end).
  std::vector<OrderClaim> read(const std::vector<Atom>& atoms, std::size_t begin, std::size_t end);

 private:
  struct Places {
    std::vector<int> each;  // from 1; may lie past the end
    bool either = false;    // joined by "or"
    std::size_t next = 0;   // the atom after them
  };

  bool within(std::size_t i) const { return i < end_; }
  const Atom& at(std::size_t i) const { return (*atoms_)[i]; }
  bool word(std::size_t i, std::string_view w) const { return within(i) && at(i).is(w); }
  bool is_place(std::size_t i) const;
  int number_of(const Atom& a) const;
  Places places_at(std::size_t i) const;
  std::uint32_t mask(const std::vector<int>& each) const;

  // Lists (order_list.cc).
  std::optional<std::size_t> header_at(std::size_t i);
  std::size_t list_at(std::size_t i);
  std::size_t list_value(std::size_t i, const Places& places);
  void list_things(const Places& places, const std::vector<std::size_t>& things, bool in_order,
                   std::size_t from, std::size_t to);
  std::size_t sequence_at(std::size_t i);

  // Clauses (order_sentence.cc).
  std::size_t clause_at(std::size_t i);
  std::size_t on_thing(std::size_t i);
  std::size_t on_place(std::size_t i);
  void on_relation(std::size_t i);
  void on_word(std::size_t i);
  void relate(std::size_t object, std::size_t i);
  void start_subject(std::size_t thing, std::size_t i);
  void emit(OrderClaim claim, std::size_t from, std::size_t to);

  const std::size_t size_;
  bool low_first_;
  const std::vector<Atom>* atoms_ = nullptr;
  std::size_t end_ = 0;
  std::vector<OrderClaim> out_;

  // Of the list being read.
  std::uint32_t listed_ = 0;     // things placed in it
  std::vector<OrderClaim> any_;  // looked at when the list is over
  // Of the clause being read.
  std::vector<std::size_t> subject_;
  std::vector<std::size_t> last_subject_;  // what a pronoun means
  std::size_t subject_at_ = 0;
  std::optional<Places> place_subject_;
  std::optional<int> count_;  // "two fruits that are ..."
  std::optional<Relation> relation_;
  std::optional<Relation> used_relation_;
  bool verb_ = false;
  bool negated_ = false;
  bool possible_ = false;
  bool only_ = false;
};

}  // namespace assay::verify
