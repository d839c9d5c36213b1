// One statement about an order of things, and what a set of clues says of it.
//
// Threads: a Knowledge is used by one thread. Bounds: at most puzzle::kMaxPlaces things, whose orders are all
// looked at once a set of clues; every answer is kept, so that asking again costs nothing.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "harness/puzzle/placement.h"

namespace assay::verify {

struct OrderClaim {
  enum class Kind : std::uint8_t {
    in_places,        // thing a stands at one of `places`
    holder,           // at place k (from 0) stands one of `things`
    before,           // a before b
    directly_before,  // a directly before b
    beside,           // a and b have neighbouring places
    gap,              // exactly k things stand between a and b
    before_place,     // a stands before place k
    after_place,      // a stands after place k
    any,              // at each of `places` can stand whatever is not in `things`
    no_place,         // a place past the end of the row
  };
  Kind kind = Kind::in_places;
  bool negated = false;
  std::uint8_t a = 0;
  std::uint8_t b = 0;
  std::uint8_t k = 0;
  std::uint32_t places = 0;  // bit p: place p, from 0
  std::uint32_t things = 0;
  bool listed = false;  // from a list of places, which quotes no clue
  std::size_t sentence = 0;
  std::size_t begin = 0;  // bytes of the step
  std::size_t end = 0;
  bool says_same(const OrderClaim& o) const {
    return kind == o.kind && negated == o.negated && a == o.a && b == o.b && k == o.k && places == o.places &&
           things == o.things;
  }
};

// REQUIRES: not Kind::any or no_place.
bool claim_holds(const OrderClaim& claim, const puzzle::Placement& order);

class Knowledge {
 public:
  // Of the orders of `all` those in which every clue holds.
  Knowledge(const std::vector<puzzle::Placement>& all, const std::vector<OrderClaim>& clues);
  std::size_t orders() const { return orders_.size(); }
  bool entails(const OrderClaim& claim);
  bool possible(std::size_t thing, std::size_t place) const { return (places_[thing] >> place & 1U) != 0; }

 private:
  std::vector<const puzzle::Placement*> orders_;
  std::vector<std::uint32_t> places_;  // of each thing the places that it can have
  std::map<std::uint64_t, bool> asked_;
};

std::vector<puzzle::Placement> all_orders(std::size_t things);

}  // namespace assay::verify
