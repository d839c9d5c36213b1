// What a call costs, from usage as each dialect reports it to the micro-dollar: the providers' conventions,
// and three bugs of other programs' accounting that are public (BerriAI/litellm issues 6215, 9812 and 14849).
#include <cmath>

#include "backends/remote/anthropic_reply.h"
#include "backends/remote/gemini_reply.h"
#include "backends/remote/openai_usage.h"
#include "harness/base/utc_date.h"
#include "harness/run/prices/price_rows.h"
#include "harness/run/prices/pricing.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

struct Case {
  const char* what;
  Usage (*read)(const Json&);
  const char* usage;
  const char* provider;
  const char* model;
  const char* day;
  bool batch;
  std::int64_t pico;
};

// The rates that the reporter of issue 14849 used; the tier above 200,000 tokens would be dearer.
constexpr const char* kOfIssue =
    "prices:\n"
    "  - {provider: google, model: as-reported, valid_from: 2025-01-01, input: 1.25, cached_read: 0.625, "
    "output: 10,\n"
    "     source: \"the issue\"}\n";

constexpr Case kCases[] = {
    {"cached prompt tokens lie within prompt_tokens", openai_usage,
     R"({"prompt_tokens": 1500, "prompt_tokens_details": {"cached_tokens": 1024}, "completion_tokens": 800,
         "completion_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 2300})",
     "openai", "gpt-4o-2024-08-06", "2024-12-01", false, 10'470'000'000},
    {"and a batch costs half", openai_usage,
     R"({"prompt_tokens": 1500, "prompt_tokens_details": {"cached_tokens": 1024}, "completion_tokens": 800,
         "completion_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 2300})",
     "openai", "gpt-4o-2024-08-06", "2024-12-01", true, 5'235'000'000},
    {"trap 5, issue 6215: 1920 of 2006 prompt tokens were cached", openai_usage,
     R"({"prompt_tokens": 2006, "completion_tokens": 300, "total_tokens": 2306,
         "prompt_tokens_details": {"cached_tokens": 1920}, "completion_tokens_details": {"reasoning_tokens": 0}})",
     "openai", "gpt-4o-2024-08-06", "2024-12-01", false, 5'615'000'000},
    {"trap 6: completion_tokens hold the reasoning", openai_usage,
     R"({"prompt_tokens": 200, "completion_tokens": 3300, "total_tokens": 3500,
         "completion_tokens_details": {"reasoning_tokens": 3072}})",
     "openai", "o1", "2025-01-01", false, 201'000'000'000},
    {"DeepSeek's hits and misses", openai_usage,
     R"({"prompt_tokens": 1000, "prompt_cache_hit_tokens": 600, "prompt_cache_miss_tokens": 400,
         "completion_tokens": 5000, "total_tokens": 6000, "completion_tokens_details": {"reasoning_tokens": 4000}})",
     "deepseek", "deepseek-reasoner", "2025-03-01", false, 11'254'000'000},
    {"Anthropic's input_tokens leave cache reads and writes out", anthropic_usage,
     R"({"input_tokens": 300, "cache_creation_input_tokens": 2000, "cache_read_input_tokens": 10000,
         "output_tokens": 500})",
     "anthropic", "claude-3-5-sonnet-20241022", "2025-01-01", false, 18'900'000'000},
    {"trap 5, issue 9812: cache writes are charged once", anthropic_usage,
     R"({"input_tokens": 3, "cache_creation_input_tokens": 12304, "cache_read_input_tokens": 0, "output_tokens": 550})",
     "anthropic", "claude-3-7-sonnet-20250219", "2025-04-07", false, 54'399'000'000},
    {"the part of the writes that is kept for an hour costs more", anthropic_usage,
     R"({"input_tokens": 0, "cache_creation_input_tokens": 2000, "cache_read_input_tokens": 0, "output_tokens": 0,
         "cache_creation": {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 1500}})",
     "anthropic", "claude-3-5-sonnet-20241022", "2025-01-01", false, 10'875'000'000},
    {"trap 6: Gemini's thoughts are outside candidates", gemini_usage,
     R"({"promptTokenCount": 400, "candidatesTokenCount": 300, "thoughtsTokenCount": 1700, "totalTokenCount": 2400})",
     "google", "gemini-2.5-flash", "2025-07-01", false, 5'120'000'000},
    {"trap 5, issue 14849: cached content lies within promptTokenCount", gemini_usage,
     R"({"promptTokenCount": 262960, "cachedContentTokenCount": 257955, "candidatesTokenCount": 1744,
         "totalTokenCount": 264704})",
     "google", "as-reported", "2025-09-23", false, 184'918'125'000},
};

}  // namespace

TEST_CASE("usage of each dialect costs what the provider's console shows, to the micro-dollar") {
  auto rows = read_price_rows(kOfIssue, "issue.yaml");
  REQUIRE(rows.ok());
  auto table = PriceTable::with(std::move(*rows));
  REQUIRE(table.ok());
  for (const Case& c : kCases) {
    INFO(c.what);
    const auto json = parse_json(c.usage);
    REQUIRE(json.ok());
    Response r;
    r.usage = c.read(*json);
    const Pricing pricing(Price{}, "entry", *table, c.provider, c.model);
    const auto priced = pricing.cost(r, *parse_utc_date(c.day) * 86'400'000'000, c.batch);
    REQUIRE(priced);
    CHECK(priced->cost_pico == c.pico);
  }
}
