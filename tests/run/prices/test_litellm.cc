#include "harness/run/prices/litellm.h"

#include "harness/run/prices/price_rows.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

// Shapes as the file has them: prefixed keys, old and new fields, suffixes, and entries that cannot be right.
constexpr const char* kFile = R"({
  "sample_spec": {"input_cost_per_token": 0.0, "mode": "one of: chat, embedding", "litellm_provider": "openai"},
  "deepseek/deepseek-reasoner": {"input_cost_per_token": 5.5e-07, "input_cost_per_token_cache_hit": 1.4e-07,
    "output_cost_per_token": 2.19e-06, "litellm_provider": "deepseek", "mode": "chat", "source": "a \"page\": 1"},
  "deepseek-reasoner": {"input_cost_per_token": 5.5e-07, "cache_read_input_token_cost": 1.4e-07,
    "output_cost_per_token": 2.19e-06, "litellm_provider": "deepseek", "mode": "chat"},
  "o3-mini": {"input_cost_per_token": 1.1e-06, "cache_read_input_token_cost": 5.5e-07,
    "output_cost_per_token": 4.4e-06, "input_cost_per_token_batches": 5.5e-07,
    "output_cost_per_token_batches": 2.2e-06, "litellm_provider": "openai", "mode": "chat",
    "input_cost_per_token_priority": 9e-06, "max_input_tokens": 200000},
  "openai/o3-mini": {"input_cost_per_token": 2e-06, "output_cost_per_token": 4.4e-06, "litellm_provider": "openai",
    "mode": "chat"},
  "gemini/gemini-2.5-pro": {"input_cost_per_token": 1.25e-06, "input_cost_per_token_above_200k_tokens": 2.5e-06,
    "output_cost_per_token": 1e-05, "output_cost_per_token_above_200k_tokens": 1.5e-05,
    "cache_read_input_token_cost": 1.25e-07, "cache_read_input_token_cost_above_200k_tokens": 2.5e-07,
    "output_cost_per_reasoning_token": 1e-05, "litellm_provider": "gemini", "mode": "chat"},
  "vertex_ai/gemini-2.0-flash-exp": {"input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07,
    "input_cost_per_token_above_128k_tokens": 0, "output_cost_per_token_above_128k_tokens": 0,
    "litellm_provider": "vertex_ai-language-models", "mode": "chat"},
  "gemini-1.5-flash-exp-0827": {"input_cost_per_token": 4.688e-09, "input_cost_per_character": 1.875e-08,
    "output_cost_per_token": 4.6875e-09, "litellm_provider": "vertex_ai-language-models", "mode": "chat"},
  "claude-3-haiku-20240307": {"input_cost_per_token": 2.5e-07, "output_cost_per_token": 1.25e-06,
    "cache_creation_input_token_cost": 3e-07, "cache_creation_input_token_cost_above_1hr": 6e-06,
    "cache_read_input_token_cost": 3e-08, "litellm_provider": "anthropic", "mode": "chat"},
  "free": {"input_cost_per_token": 0, "output_cost_per_token": 0.0, "litellm_provider": "x", "mode": "chat"},
  "below": {"input_cost_per_token": -1e-06, "output_cost_per_token": 1e-06, "litellm_provider": "x", "mode": "chat"},
  "noise": {"input_cost_per_token": 1.4999999999999998e-07, "output_cost_per_token": 1e-06,
    "litellm_provider": "x", "mode": "chat"},
  "half": {"input_cost_per_token": 1e-06, "litellm_provider": "x", "mode": "chat"},
  "odd-batch": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06, "input_cost_per_token_batches": 5e-07,
    "output_cost_per_token_batches": 2e-06, "litellm_provider": "x", "mode": "responses"},
  "two-tiers": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
    "input_cost_per_token_above_128k_tokens": 2e-06, "input_cost_per_token_above_256k_tokens": 4e-06,
    "litellm_provider": "x", "mode": "chat"},
  "embedder": {"input_cost_per_token": 1e-08, "output_cost_per_token": 0, "litellm_provider": "openai",
    "mode": "embedding"},
  "painter": {"litellm_provider": "openai", "mode": "image_generation"}
})";

const PriceRow* row_of(const LitellmPrices& prices, std::string_view provider, std::string_view model) {
  for (const PriceRow& row : prices.rows) {
    if (row.provider == provider && row.model == model) return &row;
  }
  return nullptr;
}

bool says(const LitellmPrices& prices, std::string_view key, std::string_view why) {
  for (const std::string& line : prices.left_out) {
    if (line.rfind(key, 0) == 0 && line.find(why) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("litellm's file becomes rows with exact prices, without what cannot be right") {
  auto prices = read_litellm_prices(kFile, "prices.json", "2025-10-15");
  REQUIRE(prices.ok());
  CHECK(prices->entries == 16);
  CHECK(prices->rows.size() == 7);
  CHECK(prices->other_modes == std::map<std::string, std::size_t>{{"embedding", 1}, {"image_generation", 1}});
  for (const PriceRow& row : prices->rows) {
    INFO(row.model);
    CHECK(check_price_row(row).ok());
    CHECK(row.valid_from == "2025-10-15");
    CHECK(row.valid_to.empty());
  }
  CHECK(check_no_overlap(prices->rows).ok());

  const PriceRow* r1 = row_of(*prices, "deepseek", "deepseek-reasoner");
  REQUIRE(r1 != nullptr);
  CHECK(r1->price == Price{550000, 140000, {}, 2190000});
  const PriceRow* o3 = row_of(*prices, "openai", "o3-mini");
  REQUIRE(o3 != nullptr);
  CHECK(o3->price == Price{1100000, 550000, {}, 4400000});
  CHECK(o3->batch_millionths == 500000);
  CHECK(says(*prices, "openai/o3-mini", "another price of openai/o3-mini than o3-mini's"));
  const PriceRow* pro = row_of(*prices, "google", "gemini-2.5-pro");
  REQUIRE(pro != nullptr);
  CHECK(pro->price == Price{1250000, 125000, {}, 10000000, 10000000});
  CHECK(pro->tier_tokens == 200000);
  CHECK(pro->tier == Price{2500000, 250000, {}, 15000000});

  // Zero above a threshold is unknown there, and not free.
  const PriceRow* flash = row_of(*prices, "vertex", "gemini-2.0-flash-exp");
  REQUIRE(flash != nullptr);
  CHECK(flash->tier_tokens == 128000);
  CHECK(flash->tier == Price{});
  CHECK(says(*prices, "vertex_ai/gemini-2.0-flash-exp", "input_cost_per_token_above_128k_tokens is 0"));
  CHECK(row_of(*prices, "vertex", "gemini-1.5-flash-exp-0827") == nullptr);
  CHECK(says(*prices, "gemini-1.5-flash-exp-0827", "costs less than a character"));
  const PriceRow* haiku = row_of(*prices, "anthropic", "claude-3-haiku-20240307");
  REQUIRE(haiku != nullptr);
  CHECK(haiku->price == Price{250000, 30000, 300000, 1250000});
  CHECK(says(*prices, "claude-3-haiku-20240307", "above_1hr is 6 USD"));
  CHECK(says(*prices, "free", "is 0, which says nothing"));
  CHECK(says(*prices, "below", "is negative"));
  CHECK(says(*prices, "noise", "finer than a pico-dollar"));
  CHECK(says(*prices, "half", "has no output_cost_per_token"));
  CHECK(says(*prices, "odd-batch", "no one share"));
  CHECK_FALSE(row_of(*prices, "x", "odd-batch")->batch_millionths);
  CHECK(says(*prices, "two-tiers", "several tiers"));
  CHECK(row_of(*prices, "x", "two-tiers")->tier == Price{});
}

TEST_CASE("a text that is no such file is refused by its name") {
  for (const char* text : {"", "[]", "{", "3", "{\"a\": 1 2}", "{\"a\": -}", "\"", "{\"a\": \"\\"}) {
    INFO(text);
    const auto prices = read_litellm_prices(text, "prices.json", "2025-10-15");
    REQUIRE_FALSE(prices.ok());
    CHECK(prices.error().code == Code::invalid);
    CHECK(prices.error().message.find("prices.json") == 0);
  }
  // Odd values are left out, one line each.
  const auto odd = read_litellm_prices(
      R"({"a": {"input_cost_per_token": [], "output_cost_per_token": {}, "litellm_provider": "x", "mode": "chat"},
          "b": {"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6, "litellm_provider": [3], "mode": "chat"}, "c": 5})",
      "prices.json", "2025-10-15");
  REQUIRE(odd.ok());
  CHECK(odd->rows.empty());
  CHECK(says(*odd, "a", "is no number"));
}
