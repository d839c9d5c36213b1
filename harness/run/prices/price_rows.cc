#include "harness/run/prices/price_rows.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "harness/base/format.h"
#include "harness/base/suggest.h"
#include "harness/base/utc_date.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml.h"
#include "harness/run/prices/price.h"
#include "harness/store/prices.h"

namespace assay {
namespace {

using Amount = std::optional<std::int64_t>;

struct Field {
  std::string_view key;
  Result<void> (*set)(PriceRow&, std::string_view);
  std::string (*get)(const PriceRow&);  // empty: not set
};

template <std::string PriceRow::*member>
Result<void> set_text(PriceRow& row, std::string_view text) {
  row.*member = text;
  return {};
}
template <std::string PriceRow::*member>
std::string get_text(const PriceRow& row) {
  return row.*member;
}

template <std::string PriceRow::*member>
Result<void> set_date(PriceRow& row, std::string_view text) {
  if (!parse_utc_date(text))
    return invalid(format("expected a day such as 2025-02-08, not '{}'", printable(text.substr(0, 40))));
  row.*member = text;
  return {};
}

template <Price PriceRow::*price, Amount Price::*member>
Result<void> set_price(PriceRow& row, std::string_view text) {
  auto value = parse_price(text);
  if (!value) return value.error();
  row.*price.*member = *value;
  return {};
}
template <Price PriceRow::*price, Amount Price::*member>
std::string get_price(const PriceRow& row) {
  const Amount& value = row.*price.*member;
  return value ? price_text(*value) : std::string();
}

Result<void> set_currency(PriceRow& row, std::string_view text) {
  if (text != "USD") return invalid("a price is in USD; no other currency is known");
  row.currency = text;
  return {};
}

Result<void> set_batch(PriceRow& row, std::string_view text) {
  auto share = parse_share(text);
  if (!share) return share.error();
  row.batch_millionths = *share;
  return {};
}
std::string get_batch(const PriceRow& row) {
  return row.batch_millionths ? price_text(*row.batch_millionths) : std::string();
}

Result<void> set_tier_tokens(PriceRow& row, std::string_view text) {
  constexpr std::size_t kDigits = 15;
  std::int64_t value = 0;
  const bool digits = !text.empty() && text.size() <= kDigits &&
                      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  for (const char c : digits ? text : std::string_view()) value = value * 10 + (c - '0');
  if (!digits || value == 0) return invalid("expected a number of tokens such as 200000");
  row.tier_tokens = value;
  return {};
}
std::string get_tier_tokens(const PriceRow& row) {
  return row.tier_tokens ? std::to_string(*row.tier_tokens) : std::string();
}

constexpr Field kFields[] = {
    {"provider", set_text<&PriceRow::provider>, get_text<&PriceRow::provider>},
    {"model", set_text<&PriceRow::model>, get_text<&PriceRow::model>},
    {"valid_from", set_date<&PriceRow::valid_from>, get_text<&PriceRow::valid_from>},
    {"valid_to", set_date<&PriceRow::valid_to>, get_text<&PriceRow::valid_to>},
    {"currency", set_currency, get_text<&PriceRow::currency>},
    {"input", set_price<&PriceRow::price, &Price::input>, get_price<&PriceRow::price, &Price::input>},
    {"cached_read", set_price<&PriceRow::price, &Price::cached_input>,
     get_price<&PriceRow::price, &Price::cached_input>},
    {"cache_write_5m", set_price<&PriceRow::price, &Price::cache_write>,
     get_price<&PriceRow::price, &Price::cache_write>},
    {"cache_write_1h", set_price<&PriceRow::price, &Price::cache_write_1h>,
     get_price<&PriceRow::price, &Price::cache_write_1h>},
    {"output", set_price<&PriceRow::price, &Price::output>, get_price<&PriceRow::price, &Price::output>},
    {"reasoning", set_price<&PriceRow::price, &Price::reasoning>,
     get_price<&PriceRow::price, &Price::reasoning>},
    {"batch_factor", set_batch, get_batch},
    {"tier_threshold_tokens", set_tier_tokens, get_tier_tokens},
    {"tier_input", set_price<&PriceRow::tier, &Price::input>, get_price<&PriceRow::tier, &Price::input>},
    {"tier_cached_read", set_price<&PriceRow::tier, &Price::cached_input>,
     get_price<&PriceRow::tier, &Price::cached_input>},
    {"tier_cache_write_5m", set_price<&PriceRow::tier, &Price::cache_write>,
     get_price<&PriceRow::tier, &Price::cache_write>},
    {"tier_cache_write_1h", set_price<&PriceRow::tier, &Price::cache_write_1h>,
     get_price<&PriceRow::tier, &Price::cache_write_1h>},
    {"tier_output", set_price<&PriceRow::tier, &Price::output>, get_price<&PriceRow::tier, &Price::output>},
    {"tier_reasoning", set_price<&PriceRow::tier, &Price::reasoning>,
     get_price<&PriceRow::tier, &Price::reasoning>},
    {"source", set_text<&PriceRow::source>, get_text<&PriceRow::source>},
    {"retrieved_at", set_date<&PriceRow::retrieved_at>, get_text<&PriceRow::retrieved_at>},
};

Result<PriceRow> read_row(const YamlNode& node, const std::map<std::string, std::string>& sources) {
  const std::vector<std::string_view> keys = price_keys();
  if (auto known = node.only_keys(keys); !known) return known.error();
  PriceRow row;
  for (const YamlEntry& entry : node.entries()) {
    auto text = entry.value.as_string();
    if (!text) return text.error();
    if (auto set = set_price_field(row, entry.key, *text); !set)
      return entry.value.error(set.error().message);
  }
  if (const auto named = sources.find(row.source); named != sources.end()) row.source = named->second;
  if (auto sound = check_price_row(row); !sound) return node.error(sound.error().message);
  return row;
}

Result<std::map<std::string, std::string>> read_sources(const YamlNode& root) {
  std::map<std::string, std::string> out;
  const YamlNode* sources = root.get("sources");
  if (sources == nullptr) return out;
  if (!sources->is_map()) return sources->error("expected a mapping of names to sources");
  for (const YamlEntry& entry : sources->entries()) {
    auto text = entry.value.as_string();
    if (!text) return text.error();
    out[entry.key] = *text;
  }
  return out;
}

}  // namespace

std::vector<std::string_view> price_keys() {
  std::vector<std::string_view> out;
  for (const Field& f : kFields) out.push_back(f.key);
  return out;
}

Result<void> set_price_field(PriceRow& row, std::string_view key, std::string_view text) {
  for (const Field& f : kFields) {
    if (f.key == key) return f.set(row, text);
  }
  return invalid(format("unknown key '{}'{}", printable(key), did_you_mean(key, price_keys())));
}

std::vector<std::pair<std::string_view, std::string>> price_fields(const PriceRow& row) {
  std::vector<std::pair<std::string_view, std::string>> out;
  for (const Field& f : kFields) {
    if (std::string text = f.get(row); !text.empty()) out.emplace_back(f.key, std::move(text));
  }
  return out;
}

Result<void> check_price_row(const PriceRow& row) {
  if (row.provider.empty()) return invalid("a price row needs a provider such as deepseek");
  if (row.model.empty()) return invalid("a price row needs a model");
  if (row.valid_from.empty()) return invalid("a price row needs valid_from, the first day on which it holds");
  if (!row.valid_to.empty() && row.valid_to <= row.valid_from) {
    return invalid("valid_to is the first day on which a row holds no more, and comes after valid_from");
  }
  if (!row.price.input && !row.price.output) return invalid("a price row needs input and output prices");
  if (row.source.empty()) return invalid("a price row needs its source");
  if (!row.tier_tokens && !(row.tier == Price{})) return invalid("tier prices need tier_threshold_tokens");
  return {};
}

Result<void> check_no_overlap(const std::vector<PriceRow>& rows) {
  std::vector<const PriceRow*> sorted;
  for (const PriceRow& row : rows) sorted.push_back(&row);
  std::sort(sorted.begin(), sorted.end(), [](const PriceRow* a, const PriceRow* b) {
    return std::tie(a->provider, a->model, a->valid_from) < std::tie(b->provider, b->model, b->valid_from);
  });
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    const PriceRow &a = *sorted[i - 1], &b = *sorted[i];
    if (a.provider != b.provider || a.model != b.model || !days_overlap(a, b)) continue;
    return invalid(format("two prices for one day: {} (from {}) and {} (from {})",
                          printable(price_row_name(a)), printable(a.source), printable(price_row_name(b)),
                          printable(b.source)));
  }
  return {};
}

Result<std::vector<PriceRow>> read_price_rows(std::string_view text, const std::string& filename) {
  auto root = parse_yaml(text, filename);
  if (!root) return root.error();
  if (auto known = root->only_keys({"sources", "prices"}); !known) return known.error();
  auto sources = read_sources(*root);
  if (!sources) return sources.error();
  auto list = root->need("prices");
  if (!list) return list.error();
  if (!list->is_sequence()) return list->error("expected a list of price rows");
  std::vector<PriceRow> out;
  for (const YamlNode& node : list->items()) {
    auto row = read_row(node, *sources);
    if (!row) return row.error();
    out.push_back(std::move(*row));
  }
  if (auto single = check_no_overlap(out); !single)
    return invalid(format("{}: {}", filename, single.error().message));
  return out;
}

}  // namespace assay
