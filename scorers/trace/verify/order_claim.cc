#include "scorers/trace/verify/order_claim.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace assay::verify {

bool claim_holds(const OrderClaim& c, const puzzle::Placement& order) {
  using Kind = OrderClaim::Kind;
  const int a = order[c.a];
  const int b = order[c.b];
  bool out = false;
  switch (c.kind) {
    case Kind::in_places:
      out = (c.places >> a & 1U) != 0;
      break;
    case Kind::holder:
      for (std::size_t t = 0; t < order.size(); ++t)
        out = out || (order[t] == c.k && (c.things >> t & 1U) != 0);
      break;
    case Kind::before:
      out = a < b;
      break;
    case Kind::directly_before:
      out = a + 1 == b;
      break;
    case Kind::beside:
      out = std::abs(a - b) == 1;
      break;
    case Kind::gap:
      out = std::abs(a - b) == c.k + 1;
      break;
    case Kind::before_place:
      out = a < c.k;
      break;
    case Kind::after_place:
      out = a > c.k;
      break;
    case Kind::any:
    case Kind::no_place:
      break;
  }
  return out != c.negated;
}

Knowledge::Knowledge(const std::vector<puzzle::Placement>& all, const std::vector<OrderClaim>& clues) {
  places_.resize(all.empty() ? 0 : all[0].size());
  for (const auto& order : all) {
    const bool good =
        std::all_of(clues.begin(), clues.end(), [&](const OrderClaim& c) { return claim_holds(c, order); });
    if (!good) continue;
    orders_.push_back(&order);
    for (std::size_t t = 0; t < order.size(); ++t) places_[t] |= 1U << order[t];
  }
}

bool Knowledge::entails(const OrderClaim& c) {
  const std::uint64_t mask = c.kind == OrderClaim::Kind::holder ? c.things : c.places;
  const std::uint64_t key = static_cast<std::uint64_t>(c.kind) | (c.negated ? 16U : 0U) |
                            static_cast<std::uint64_t>(c.a) << 8 | static_cast<std::uint64_t>(c.b) << 16 |
                            static_cast<std::uint64_t>(c.k) << 24 | mask << 32;
  const auto known = asked_.find(key);
  if (known != asked_.end()) return known->second;
  const bool out = std::all_of(orders_.begin(), orders_.end(),
                               [&](const puzzle::Placement* o) { return claim_holds(c, *o); });
  return asked_[key] = out;
}

std::vector<puzzle::Placement> all_orders(std::size_t things) {
  puzzle::Placement order(things);
  std::iota(order.begin(), order.end(), std::uint8_t{0});
  std::vector<puzzle::Placement> out;
  do {
    out.push_back(order);
  } while (std::next_permutation(order.begin(), order.end()));
  return out;
}

}  // namespace assay::verify
