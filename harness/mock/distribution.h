// Lengths and times of answers as distributions, drawn without state: a draw depends on its key alone.
//
//   "2"                  always 2
//   "0.5..2"             uniform between the two
//   "lognormal(900,0.7)" the median and the standard deviation of the logarithm
//   "r1"                 lognormal(4500,0.75) up to 32768: tokens of a long chain of thought, a model of traces as
//                        DeepSeek-R1 writes them (about 2,000 on easy and 10,000 on competition problems), no measurement
//
// Threads: any; const after parsing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace assay::mock {

class Distribution {
 public:
  Distribution() = default;  // always 0
  explicit Distribution(double always) : a_(always) {}

  // Error: Code::invalid that quotes the text and says what was expected. `who` is the option's name.
  static Result<Distribution> parse(std::string_view text, std::string_view who);

  double draw(std::uint64_t key) const;       // never negative; at most 1e9
  std::int64_t draw_whole(std::uint64_t key) const;
  bool is_zero() const { return kind_ == Kind::constant && a_ == 0; }

 private:
  enum class Kind : std::uint8_t { constant, uniform, lognormal };
  Kind kind_ = Kind::constant;
  double a_ = 0;    // the constant, the lower end, the median
  double b_ = 0;    // the upper end, sigma
  double cap_ = 1e9;
};

}  // namespace assay::mock
