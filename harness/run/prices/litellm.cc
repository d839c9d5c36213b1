#include "harness/run/prices/litellm.h"

#include <algorithm>
#include <optional>
#include <set>

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/utf8.h"
#include "harness/run/prices/price.h"

namespace assay {
namespace {

using Amount = std::optional<std::int64_t>;

constexpr std::int64_t kLeastPlausible = 5000;  // pico-dollars a token: half a cent a million
constexpr std::int64_t kMillion = 1'000'000;
constexpr std::int64_t kMostWritten = 2,
                       kMostWritten1h = 3;  // times the input price; Anthropic's are 1.25 and 2

// Puts every number outside of texts into quotes, so that it reaches us as it is written. What is none stays bare, for
// the JSON reader to refuse.
std::string with_quoted_numbers(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 8);
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      out += c;
      if (c == '\\' && i + 1 < json.size()) out += json[++i];
      if (c == '"') in_text = false;
      continue;
    }
    if (c == '"') in_text = true;
    if (c != '-' && (c < '0' || c > '9')) {
      out += c;
      continue;
    }
    const std::size_t end = std::min(json.find_first_not_of("+-.0123456789eE", i), json.size());
    const std::string_view written = json.substr(i, end - i);
    const auto number = parse_json(written);
    out += number && number->is_number() ? format("\"{}\"", written) : std::string(written);
    i = end - 1;
  }
  return out;
}

// How this program calls who is paid.
std::string provider_of(const std::string& name) {
  struct Pair {
    std::string_view theirs, ours;
  };
  constexpr Pair kPairs[] = {{"gemini", "google"},          {"together_ai", "together"},
                             {"fireworks_ai", "fireworks"}, {"bedrock_converse", "bedrock"},
                             {"bedrock_mantle", "bedrock"}, {"text-completion-openai", "openai"},
                             {"azure_ai", "azure"},         {"deepinfra", "deepinfra"}};
  if (name.rfind("vertex_ai", 0) == 0) return "vertex";
  for (const Pair& p : kPairs) {
    if (name == p.theirs) return std::string(p.ours);
  }
  return name;
}

// The key without the prefix that only litellm has: "together_ai/deepseek-ai/DeepSeek-R1".
std::string model_of(const std::string& key, const std::string& litellm_provider) {
  const std::size_t slash = key.find('/');
  if (slash == std::string::npos) return key;
  const std::string first = key.substr(0, slash);
  const bool is_prefix = first == litellm_provider || provider_of(first) == provider_of(litellm_provider);
  return is_prefix ? key.substr(slash + 1) : key;
}

class EntryReader {
 public:
  EntryReader(const std::string& key, const Json& entry, LitellmPrices& out)
      : key_(key), entry_(entry), out_(out) {}

  std::optional<PriceRow> read(const std::string& as_of) {
    PriceRow row;
    const std::string theirs = json_string(entry_, "litellm_provider").value_or("");
    if (theirs.empty()) return leave_out("names no provider");
    row.provider = provider_of(theirs);
    row.model = model_of(key_, theirs);
    if (row.model.find('*') != std::string::npos) return leave_out("is a pattern");
    row.valid_from = as_of;
    row.retrieved_at = as_of;
    row.source = "litellm model_prices_and_context_window.json";
    if (const auto page = json_string(entry_, "source"))
      row.source += format("; {}", truncate_utf8(*page, 200));
    row.price.input = main_price("input_cost_per_token", "input_cost_per_character");
    row.price.output = main_price("output_cost_per_token", "output_cost_per_character");
    if (!row.price.input || !row.price.output) return std::nullopt;
    read_caching(row.price, "");
    read_batch(row);
    read_tier(row);
    return row;
  }

 private:
  std::nullopt_t leave_out(const std::string& why) {
    out_.left_out.push_back(format("{}: {}", printable(truncate_utf8(key_, 200)), why));
    return std::nullopt;
  }

  // nullopt with `there` for what is given and cannot be used.
  Amount amount(const std::string& field, bool& there) {
    const Json* value = json_find(entry_, field);
    there = value != nullptr;
    if (!there) return std::nullopt;
    if (!value->is_string()) return leave_out(field + " is no number");
    auto price = parse_token_price(value->get_ref<const std::string&>());
    if (!price) return leave_out(format("{} {}", field, price.error().message));
    return *price;
  }

  Amount main_price(const char* field, const char* per_character) {
    bool there = false;
    const Amount price = amount(field, there);
    if (!price) return there ? std::nullopt : leave_out(format("has no {}", field));
    if (*price == 0) return leave_out(format("{} is 0, which says nothing", field));
    bool by_character = false;
    const Amount character = amount(per_character, by_character);
    if (character && *character > *price)
      return leave_out(format("a token costs less than a character ({})", field));
    if (*price < kLeastPlausible)
      return leave_out(
          format("{} is {} USD a million tokens, too little to be one", field, price_text(*price)));
    return price;
  }

  // A further price that must lie from 1 to `most`; otherwise it stays unknown.
  Amount side_price(const std::string& field, std::int64_t most) {
    bool there = false;
    const Amount price = amount(field, there);
    if (!price) return std::nullopt;
    if (*price > 0 && *price <= most) return price;
    return leave_out(format("{} is {} USD a million tokens, which does not fit the entry; left out", field,
                            price_text(*price)));
  }

  void read_caching(Price& p, const std::string& suffix) {
    const std::int64_t input = *p.input;
    p.cached_input = side_price("cache_read_input_token_cost" + suffix, input);
    if (!p.cached_input && suffix.empty())
      p.cached_input = side_price("input_cost_per_token_cache_hit", input);
    p.cache_write = side_price("cache_creation_input_token_cost" + suffix, kMostWritten * input);
    p.cache_write_1h =
        side_price("cache_creation_input_token_cost_above_1hr" + suffix, kMostWritten1h * input);
    p.reasoning = side_price("output_cost_per_reasoning_token" + suffix, kMostWritten1h * *p.output);
  }

  // One factor for all: the same share of input and output.
  void read_batch(PriceRow& row) {
    const Amount input = side_price("input_cost_per_token_batches", *row.price.input);
    const Amount output = side_price("output_cost_per_token_batches", *row.price.output);
    if (!input || !output) return;
    __extension__ using Wide = __int128;
    const Wide share = static_cast<Wide>(*input) * kMillion;
    const bool whole = share % *row.price.input == 0;
    const bool same =
        static_cast<Wide>(*input) * *row.price.output == static_cast<Wide>(*output) * *row.price.input;
    if (whole && same)
      row.batch_millionths = static_cast<std::int64_t>(share / *row.price.input);
    else
      (void)leave_out("the batch prices are no one share of the others; left out");
  }

  // Thresholds of the fields that end in "_above_128k_tokens", in tokens.
  std::set<std::int64_t> thresholds() const {
    constexpr std::string_view kBegin = "_above_", kEnd = "k_tokens";
    constexpr std::size_t kDigits = 6;
    std::set<std::int64_t> out;
    for (const auto& [name, value] : entry_.items()) {
      const std::size_t at = name.rfind(kBegin);
      if (at == std::string::npos || !std::string_view(name).ends_with(kEnd)) continue;
      const std::size_t first = at + kBegin.size(), last = name.size() - kEnd.size();
      if (first >= last || last - first > kDigits) continue;
      const std::string digits = name.substr(first, last - first);
      if (digits.find_first_not_of("0123456789") == std::string::npos) out.insert(std::stoll(digits) * 1000);
    }
    return out;
  }

  void read_tier(PriceRow& row) {
    const std::set<std::int64_t> found = thresholds();
    if (found.empty() || *found.begin() == 0) return;
    row.tier_tokens = *found.begin();
    if (found.size() > 1) {
      (void)leave_out("has several tiers; prices above the first threshold are left out");
      return;
    }
    const std::string suffix = format("_above_{}k_tokens", *row.tier_tokens / 1000);
    constexpr std::int64_t kMost = 10;  // times the price below the threshold
    row.tier.input = side_price("input_cost_per_token" + suffix, kMost * *row.price.input);
    row.tier.output = side_price("output_cost_per_token" + suffix, kMost * *row.price.output);
    if (row.tier.input && row.tier.output)
      read_caching(row.tier, suffix);
    else
      row.tier = Price{};  // above the threshold the cost is unknown
  }

  const std::string& key_;
  const Json& entry_;
  LitellmPrices& out_;
};

bool is_text_generation(const std::string& mode) {
  return mode == "chat" || mode == "completion" || mode == "responses";
}

}  // namespace

Result<LitellmPrices> read_litellm_prices(std::string_view json, const std::string& filename,
                                          const std::string& as_of) {
  auto root = parse_json(with_quoted_numbers(json));
  if (!root) return invalid(format("{}: {}", printable(filename), root.error().message));
  if (!root->is_object()) return invalid(format("{}: expected an object of models", printable(filename)));
  LitellmPrices out;
  std::map<std::pair<std::string, std::string>, std::pair<std::string, std::size_t>> seen;  // to key and row
  for (const auto& [key, entry] : root->items()) {
    if (!entry.is_object() || key == "sample_spec") continue;
    ++out.entries;
    const std::string mode = json_string(entry, "mode").value_or("none");
    if (!is_text_generation(mode)) {
      ++out.other_modes[std::string(truncate_utf8(mode, 40))];
      continue;
    }
    auto row = EntryReader(key, entry, out).read(as_of);
    if (!row) continue;
    const auto [there, is_new] = seen.try_emplace({row->provider, row->model}, key, out.rows.size());
    if (is_new) {
      out.rows.push_back(std::move(*row));
      continue;
    }
    const PriceRow& first = out.rows[there->second.second];
    if (first.price == row->price && first.tier == row->tier && first.tier_tokens == row->tier_tokens)
      continue;
    out.left_out.push_back(format("{}: is another price of {}/{} than {}'s",
                                  printable(truncate_utf8(key, 200)), printable(row->provider),
                                  printable(row->model), printable(there->second.first)));
  }
  return out;
}

}  // namespace assay
