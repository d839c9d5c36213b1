// Reads what prose says about an order of things: sentences ("The owl is to the left of the hawk, so the hawk
// cannot be the leftmost"), and lists of places ("from left to right: first is the owl, then second and third
// can be any bird").
//
// What a sentence only asks, supposes or holds possible is no statement. Pronouns stand for the last thing
// named. Threads: one reader a thread; it remembers the direction of the last list. Bounds: linear.
#pragma once

#include <string_view>
#include <vector>

#include "scorers/trace/verify/order_claim.h"
#include "scorers/trace/verify/ordering_lexer.h"

namespace assay::verify {

class OrderReader {
 public:
  // With `supposed`, sentences that suppose something are read too (scope.h tells them apart).
  explicit OrderReader(std::vector<Thing> things, bool supposed = false)
      : things_(std::move(things)), supposed_(supposed) {}
  std::size_t size() const { return things_.size(); }
  const std::vector<Thing>& things() const { return things_; }

  std::vector<OrderClaim> read(std::string_view text);
  // The same for text that has been split into words and holds no quoted pattern.
  std::vector<OrderClaim> read(std::string_view text, const Tokens& tokens);
  // All things, each once, with nothing but commas and the like between them: their order.
  std::vector<OrderClaim> whole_order(std::string_view text);

 private:
  std::vector<Thing> things_;
  bool supposed_;
  bool low_first_ = true;  // how bare ordinals count
};

}  // namespace assay::verify
