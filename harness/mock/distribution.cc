#include "harness/mock/distribution.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "harness/base/format.h"
#include "harness/base/rng.h"
#include "harness/base/utf8.h"

namespace assay::mock {
namespace {

constexpr double kPi = 3.14159265358979323846;

std::optional<double> number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size() || !(value >= 0) || value > 1e9) return std::nullopt;
  return value;
}

}  // namespace

Result<Distribution> Distribution::parse(std::string_view text, std::string_view who) {
  Distribution out;
  const auto wrong = [&] {
    return invalid(format("{}: '{}' is no distribution; expected a number, LOW..HIGH, lognormal(MEDIAN,SIGMA) or r1", who,
                          printable(text)));
  };
  if (text == "r1") {
    out.kind_ = Kind::lognormal;
    out.a_ = 4500;
    out.b_ = 0.75;
    out.cap_ = 32768;
    return out;
  }
  constexpr std::string_view kLog = "lognormal(";
  if (text.substr(0, kLog.size()) == kLog && text.back() == ')') {
    const std::string_view inner = text.substr(kLog.size(), text.size() - kLog.size() - 1);
    const std::size_t comma = inner.find(',');
    if (comma == std::string_view::npos) return wrong();
    const auto median = number(inner.substr(0, comma));
    const auto sigma = number(inner.substr(inner.find_first_not_of(' ', comma + 1) == std::string_view::npos
                                               ? comma + 1
                                               : inner.find_first_not_of(' ', comma + 1)));
    if (!median || !sigma || *median <= 0 || *sigma > 10) return wrong();
    out.kind_ = Kind::lognormal;
    out.a_ = *median;
    out.b_ = *sigma;
    return out;
  }
  if (const std::size_t dots = text.find(".."); dots != std::string_view::npos) {
    const auto low = number(text.substr(0, dots));
    const auto high = number(text.substr(dots + 2));
    if (!low || !high || *low > *high) return wrong();
    out.kind_ = Kind::uniform;
    out.a_ = *low;
    out.b_ = *high;
    return out;
  }
  const auto value = number(text);
  if (!value) return wrong();
  out.a_ = *value;
  return out;
}

double Distribution::draw(std::uint64_t key) const {
  if (kind_ == Kind::constant) return a_;
  const double u = Rng::unit_at(key, 0);
  if (kind_ == Kind::uniform) return a_ + (b_ - a_) * u;
  // Box and Muller (1958); 1 - u is never 0.
  const double normal = std::sqrt(-2 * std::log(1 - u)) * std::cos(2 * kPi * Rng::unit_at(key, 1));
  return std::min(cap_, a_ * std::exp(b_ * normal));
}

std::int64_t Distribution::draw_whole(std::uint64_t key) const { return std::llround(draw(key)); }

}  // namespace assay::mock
