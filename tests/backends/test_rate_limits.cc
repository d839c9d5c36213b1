#include "backends/remote/rate_limits.h"

#include "tests/support/catch.h"

namespace assay {
namespace {

constexpr double kNow = 1735787045;  // 2025-01-02T03:04:05Z

TEST_CASE("rate limits: durations and moments") {
  struct Row {
    const char* text;
    std::optional<double> wanted;
  };
  const Row durations[] = {{"6m0s", 360},  {"1s", 1},      {"20ms", 0.02},          {"1h2m3.5s", 3723.5},
                           {"1d2h", 93600}, {"7", 7},       {" 0.25 ", 0.25},        {"", std::nullopt},
                           {"s", std::nullopt}, {"5x", std::nullopt}, {"-1s", std::nullopt}, {"1s5", std::nullopt},
                           {"9999999999999999999s", std::nullopt}};
  for (const Row& row : durations) {
    INFO(row.text);
    const auto got = duration_seconds(row.text);
    REQUIRE(got.has_value() == row.wanted.has_value());
    if (got) CHECK(*got == Approx(*row.wanted));
  }
  const Row moments[] = {{"2025-01-02T03:04:05Z", kNow},           {"2025-01-02T03:04:05.5Z", kNow + 0.5},
                         {"2025-01-02T05:04:05+02:00", kNow},      {"2025-01-01T22:34:05-04:30", kNow},
                         {"2025-02-30T00:00:00Z", std::nullopt},   {"2025-01-02T03:04:05", std::nullopt},
                         {"2025-01-02T03:04:05+2", std::nullopt},  {"2025-01-02", std::nullopt},
                         {"yyyy-01-02T03:04:05Z", std::nullopt}};
  for (const Row& row : moments) {
    INFO(row.text);
    const auto got = rfc3339_seconds(row.text);
    REQUIRE(got.has_value() == row.wanted.has_value());
    if (got) CHECK(*got == Approx(*row.wanted).epsilon(0).margin(1e-3));
  }
}

TEST_CASE("rate limits: headers of OpenAI, Anthropic, OpenRouter and the draft standard") {
  RateLimits r = rate_limits({{"X-RateLimit-Limit-Requests", "60"},
                              {"x-ratelimit-remaining-requests", "59"},
                              {"x-ratelimit-reset-requests", "1s"},
                              {"x-ratelimit-limit-tokens", "150000"},
                              {"x-ratelimit-remaining-tokens", "149984"},
                              {"x-ratelimit-reset-tokens", "6m0s"}},
                             kNow);
  CHECK(r.requests.limit == 60);
  CHECK(r.requests.remaining == 59);
  CHECK(r.requests.reset_s == 1);
  CHECK(r.tokens.limit == 150000);
  CHECK(r.tokens.remaining == 149984);
  CHECK(r.tokens.reset_s == 360);
  r = rate_limits({{"anthropic-ratelimit-requests-limit", "50"},
                   {"anthropic-ratelimit-requests-remaining", "0"},
                   {"anthropic-ratelimit-requests-reset", "2025-01-02T03:04:35Z"},
                   {"anthropic-ratelimit-input-tokens-limit", "1000"},
                   {"anthropic-ratelimit-input-tokens-remaining", "900"},
                   {"anthropic-ratelimit-output-tokens-limit", "500"},
                   {"anthropic-ratelimit-output-tokens-remaining", "20"},
                   {"anthropic-ratelimit-output-tokens-reset", "2025-01-02T03:04:00Z"}},
                  kNow);
  CHECK(r.requests.remaining == 0);
  CHECK(r.requests.reset_s == 30);
  CHECK(r.tokens.limit == 500);
  CHECK(r.tokens.remaining == 20);
  CHECK(r.tokens.reset_s == 0);
  r = rate_limits({{"X-RateLimit-Limit", "20"}, {"X-RateLimit-Reset", "1735787105000"}}, kNow);
  CHECK(r.requests.limit == 20);
  CHECK(r.requests.reset_s == 60);
  CHECK_FALSE(r.requests.remaining.has_value());
  r = rate_limits({{"RateLimit-Remaining", "3"}, {"RateLimit-Reset", "12"}}, kNow);
  CHECK(r.requests.remaining == 3);
  CHECK(r.requests.reset_s == 12);
  r = rate_limits({{"x-ratelimit-limit-tokens", "-5"},
                   {"x-ratelimit-remaining-tokens", "many"},
                   {"x-ratelimit-reset-tokens", "soon"},
                   {"x-ratelimit-remaining-images", "5"},
                   {"anthropic-ratelimit-tokens-limit", "1e9"}},
                  kNow);
  CHECK_FALSE(r.tokens.limit.has_value());
  CHECK_FALSE(r.tokens.remaining.has_value());
  CHECK_FALSE(r.tokens.reset_s.has_value());
  CHECK_FALSE(r.requests.remaining.has_value());
  CHECK_FALSE(rate_limits({}, kNow).requests.limit.has_value());
}

}  // namespace
}  // namespace assay
