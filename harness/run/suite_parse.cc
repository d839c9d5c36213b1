#include "harness/base/format.h"
#include "harness/base/yaml.h"
#include "harness/run/budget/envelope.h"
#include "harness/run/suite.h"
#include "harness/text/trace_split.h"

namespace assay {
namespace {

// One known key of a mapping and how its value is read.
template <typename T>
struct Field {
  std::string_view key;
  Result<void> (*read)(const YamlNode&, T&);
};

template <typename T, std::size_t n>
Result<void> read_map(const YamlNode& node, const Field<T> (&fields)[n], T& out) {
  std::vector<std::string_view> known;
  for (const Field<T>& f : fields) known.push_back(f.key);
  if (auto only = node.only_keys(known); !only) return only;
  for (const Field<T>& f : fields) {
    const YamlNode* value = node.get(f.key);
    if (value == nullptr) continue;
    if (auto read = f.read(*value, out); !read) return read;
  }
  return {};
}

template <typename From, typename To>
Result<void> into(Result<From> from, To& to) {
  if (!from) return from.error();
  to = std::move(*from);
  return {};
}

template <typename To>
Result<void> integer_into(const YamlNode& node, std::uint64_t low, std::uint64_t high, To& to) {
  auto value = node.as_uint();
  if (!value) return value.error();
  if (*value < low || *value > high)
    return node.error(format("expected an integer from {} to {}", low, high));
  to = static_cast<std::uint32_t>(*value);
  return {};
}

template <typename To>
Result<void> positive_into(const YamlNode& node, To& to) {
  auto value = node.as_number();
  if (!value) return value.error();
  if (!(*value > 0)) return node.error("expected a number above 0");
  to = *value;
  return {};
}

Result<void> price_into(const YamlNode& node, std::optional<std::int64_t>& to) {
  auto text = node.as_string();
  if (!text) return text.error();
  auto price = parse_price(*text);
  if (!price) return node.error(price.error().message);
  to = *price;
  return {};
}

Result<void> machine_price_into(const YamlNode& node, std::optional<std::int64_t>& to) {
  auto text = node.as_string();
  if (!text) return text.error();
  auto price = parse_machine_price(*text);
  if (!price) return node.error(price.error().message);
  to = *price;
  return {};
}

Result<void> object_into(const YamlNode& node, Json& to) {
  if (node.is_null()) return {};
  if (!node.is_map()) return node.error("expected a mapping of options");
  to = node.to_json();
  return {};
}

constexpr std::string_view kSamplingKeys[] = {"temperature",
                                              "top_p",
                                              "min_p",
                                              "top_k",
                                              "max_tokens",
                                              "presence_penalty",
                                              "frequency_penalty",
                                              "repetition_penalty",
                                              "seed",
                                              "stop",
                                              "reasoning_effort",
                                              "thinking_budget",
                                              "extra"};

Result<void> sampling_into(const YamlNode& node, Sampling& to) {
  if (node.is_null()) return {};
  if (auto only = node.only_keys(kSamplingKeys); !only) return only;
  for (const YamlEntry& entry : node.entries()) {
    auto one = sampling_from_json(Json{{entry.key, entry.value.to_json()}});
    if (!one) return entry.value.error(one.error().message);
    to = merge(to, *one);
  }
  return {};
}

Result<void> think_tags_into(const YamlNode& node, std::vector<std::string>& to) {
  if (auto tags = into(node.as_strings(), to); !tags) return tags;
  for (const YamlNode& item : node.items()) {
    if (auto tag = parse_think_tag(item.text()); !tag) return item.error(tag.error().message);
  }
  return {};
}

constexpr Field<Price> kPriceFields[] = {
    {"input", [](const YamlNode& n, Price& p) { return price_into(n, p.input); }},
    {"cached_input", [](const YamlNode& n, Price& p) { return price_into(n, p.cached_input); }},
    {"cache_write", [](const YamlNode& n, Price& p) { return price_into(n, p.cache_write); }},
    {"output", [](const YamlNode& n, Price& p) { return price_into(n, p.output); }},
    {"reasoning", [](const YamlNode& n, Price& p) { return price_into(n, p.reasoning); }},
};

// One URL, or a list of replicas.
Result<void> base_urls_into(const YamlNode& node, ModelEntry& m) {
  if (!node.is_sequence()) return into(node.as_string(), m.base_url);
  std::vector<std::string> urls;
  if (auto read = into(node.as_strings(), urls); !read) return read;
  if (urls.empty()) return node.error("expected at least one base URL");
  m.base_url = urls.front();
  m.replicas.assign(urls.begin() + 1, urls.end());
  return {};
}

constexpr Field<ServeSpec> kServeFields[] = {
    {"command", [](const YamlNode& n, ServeSpec& s) { return into(n.as_strings(), s.command); }},
    {"ready", [](const YamlNode& n, ServeSpec& s) { return into(n.as_string(), s.ready); }},
    {"ready_s", [](const YamlNode& n, ServeSpec& s) { return positive_into(n, s.ready_s); }},
};

Result<void> serve_into(const YamlNode& node, ServeSpec& to) {
  if (auto read = read_map(node, kServeFields, to); !read) return read;
  if (to.command.empty() || to.command[0].empty()) {
    return node.error("expected {command: [PROGRAM, ARGUMENT, ...], ready: URL}");
  }
  return {};
}

constexpr Field<ModelEntry> kModelFields[] = {
    {"name", [](const YamlNode& n, ModelEntry& m) { return into(n.as_string(), m.name); }},
    {"backend", [](const YamlNode& n, ModelEntry& m) { return into(n.as_string(), m.backend); }},
    {"model", [](const YamlNode& n, ModelEntry& m) { return into(n.as_string(), m.model); }},
    {"base_url", [](const YamlNode& n, ModelEntry& m) { return base_urls_into(n, m); }},
    {"provider", [](const YamlNode& n, ModelEntry& m) { return into(n.as_string(), m.provider); }},
    {"api_key_env", [](const YamlNode& n, ModelEntry& m) { return into(n.as_string(), m.api_key_env); }},
    {"options", [](const YamlNode& n, ModelEntry& m) { return object_into(n, m.options); }},
    {"sampling", [](const YamlNode& n, ModelEntry& m) { return sampling_into(n, m.sampling); }},
    {"seed", [](const YamlNode& n, ModelEntry& m) { return into(n.as_bool(), m.seed); }},
    {"think_tags", [](const YamlNode& n, ModelEntry& m) { return think_tags_into(n, m.think_tags); }},
    {"opens_think", [](const YamlNode& n, ModelEntry& m) { return into(n.as_bool(), m.opens_think); }},
    {"price", [](const YamlNode& n, ModelEntry& m) { return read_map(n, kPriceFields, m.price); }},
    {"machine_usd_per_hour",
     [](const YamlNode& n, ModelEntry& m) { return machine_price_into(n, m.machine_usd_per_hour); }},
    {"max_connections",
     [](const YamlNode& n, ModelEntry& m) { return integer_into(n, 1, 65536, m.max_connections); }},
    {"timeout_s", [](const YamlNode& n, ModelEntry& m) { return positive_into(n, m.timeout_s); }},
    {"rpm", [](const YamlNode& n, ModelEntry& m) { return positive_into(n, m.rpm); }},
    {"tpm", [](const YamlNode& n, ModelEntry& m) { return positive_into(n, m.tpm); }},
    {"serve",
     [](const YamlNode& n, ModelEntry& m) {
       m.serve.emplace();
       return serve_into(n, *m.serve);
     }},
    {"recommended", [](const YamlNode& n, ModelEntry& m) { return into(n.as_bool(), m.recommended); }},
};

constexpr Field<SuiteTask> kTaskFields[] = {
    {"task", [](const YamlNode& n, SuiteTask& t) { return into(n.as_string(), t.id); }},
    {"limit",
     [](const YamlNode& n, SuiteTask& t) -> Result<void> {
       auto limit = n.as_uint();
       if (!limit) return limit.error();
       if (*limit == 0) return n.error("expected a number of samples of at least 1");
       t.limit = *limit;
       return {};
     }},
    {"epochs", [](const YamlNode& n, SuiteTask& t) { return integer_into(n, 1, 1'000'000, t.epochs); }},
    {"options", [](const YamlNode& n, SuiteTask& t) { return object_into(n, t.options); }},
};

constexpr Field<Variant> kVariantFields[] = {
    {"name", [](const YamlNode& n, Variant& v) { return into(n.as_string(), v.name); }},
    {"prompt", [](const YamlNode& n, Variant& v) { return into(n.as_string(), v.prompt.prompt); }},
    {"system", [](const YamlNode& n, Variant& v) { return into(n.as_string(), v.prompt.system); }},
    {"fewshot", [](const YamlNode& n, Variant& v) { return integer_into(n, 0, 1000, v.prompt.fewshot); }},
    {"sampling", [](const YamlNode& n, Variant& v) { return sampling_into(n, v.sampling); }},
};

constexpr Field<SuiteLimits> kLimitFields[] = {
    {"error_rate",
     [](const YamlNode& n, SuiteLimits& l) -> Result<void> {
       auto rate = n.as_number();
       if (!rate) return rate.error();
       if (!(*rate >= 0 && *rate <= 1)) return n.error("expected a share from 0 to 1");
       l.error_rate = *rate;
       return {};
     }},
    {"tries", [](const YamlNode& n, SuiteLimits& l) { return integer_into(n, 1, 1000, l.tries); }},
    {"attempt_s", [](const YamlNode& n, SuiteLimits& l) { return positive_into(n, l.attempt_s); }},
};

Result<void> usd_into(const YamlNode& node, std::optional<std::int64_t>& to) {
  auto pico = parse_usd(node.text());
  if (!pico) return node.error(pico.error().message);
  to = *pico;
  return {};
}

constexpr Field<BudgetLimits> kBudgetFields[] = {
    {"max_cost", [](const YamlNode& n, BudgetLimits& b) { return usd_into(n, b.cost_pico); }},
    {"max_cost_per_model", [](const YamlNode& n, BudgetLimits& b) { return usd_into(n, b.cost_pico_per_model); }},
    {"max_tokens",
     [](const YamlNode& n, BudgetLimits& b) -> Result<void> {
       auto tokens = n.as_int();
       if (!tokens) return tokens.error();
       if (*tokens < 1) return n.error("expected a number of tokens of at least 1");
       b.tokens = *tokens;
       return {};
     }},
    {"envelope", [](const YamlNode& n, BudgetLimits& b) { return into(n.as_string(), b.envelope); }},
};

constexpr Field<StrategySpec> kVoteFields[] = {
    {"k", [](const YamlNode& n, StrategySpec& s) { return integer_into(n, 1, 1024, s.k); }},
};
constexpr Field<StrategySpec> kContinueFields[] = {
    {"max_tokens",
     [](const YamlNode& n, StrategySpec& s) -> Result<void> {
       auto tokens = n.as_int();
       if (!tokens) return tokens.error();
       if (*tokens < 1) return n.error("expected a number of tokens of at least 1");
       s.max_tokens = *tokens;
       return {};
     }},
    {"rounds", [](const YamlNode& n, StrategySpec& s) { return integer_into(n, 1, 16, s.rounds); }},
};

Result<void> strategy_into(const YamlNode& node, StrategySpec& out) {
  if (node.is_scalar()) {
    auto spec = parse_strategy(node.text());
    if (!spec) return node.error(spec.error().message);
    out = *spec;
    return {};
  }
  if (!node.is_map() || node.entries().size() != 1) {
    return node.error(
        "expected a strategy: single, {self_consistency: {k: 5}} or "
        "{continue_truncated: {max_tokens: 32768, rounds: 3}}");
  }
  if (auto only = node.only_keys({"single", "self_consistency", "continue_truncated"}); !only) return only;
  const YamlEntry& entry = node.entries()[0];
  auto kind = parse_strategy(entry.key);
  if (!kind) return node.error(kind.error().message);
  out = *kind;
  if (entry.value.is_null()) return {};
  if (out.kind == StrategyKind::self_consistency) return read_map(entry.value, kVoteFields, out);
  if (out.kind == StrategyKind::continue_truncated) return read_map(entry.value, kContinueFields, out);
  return entry.value.only_keys({});
}

template <typename T, std::size_t n>
Result<void> list_into(const YamlNode& node, const char* what, const Field<T> (&fields)[n],
                       std::vector<T>& out) {
  if (!node.is_sequence()) return node.error(format("expected a list of {}", what));
  for (const YamlNode& item : node.items()) {
    T one;
    if (auto read = read_map(item, fields, one); !read) return read;
    out.push_back(std::move(one));
  }
  return {};
}

Result<void> tasks_into(const YamlNode& node, std::vector<SuiteTask>& out) {
  if (!node.is_sequence()) return node.error("expected a list of tasks");
  for (const YamlNode& item : node.items()) {
    SuiteTask task;
    if (item.is_scalar()) {
      task.id = item.text();
    } else {
      if (auto read = read_map(item, kTaskFields, task); !read) return read;
      if (auto id = item.need("task"); !id) return id.error();
    }
    if (task.id.empty()) return item.error("expected a task's name");
    out.push_back(std::move(task));
  }
  return {};
}

Result<void> models_into(const YamlNode& node, std::vector<ModelEntry>& out) {
  if (auto list = list_into(node, "models", kModelFields, out); !list) return list;
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (const char* key : {"name", "backend"}) {
      if (auto there = node.items()[i].need(key); !there) return there.error();
    }
    if (out[i].model.empty()) out[i].model = out[i].name;
  }
  return {};
}

constexpr Field<Suite> kSuiteFields[] = {
    {"suite", [](const YamlNode& n, Suite& s) { return into(n.as_string(), s.name); }},
    {"seed", [](const YamlNode& n, Suite& s) { return into(n.as_uint(), s.seed); }},
    {"epochs", [](const YamlNode& n, Suite& s) { return integer_into(n, 1, 1'000'000, s.epochs); }},
    {"tasks", [](const YamlNode& n, Suite& s) { return tasks_into(n, s.tasks); }},
    {"models", [](const YamlNode& n, Suite& s) { return models_into(n, s.models); }},
    {"sampling", [](const YamlNode& n, Suite& s) { return sampling_into(n, s.sampling); }},
    {"strategy", [](const YamlNode& n, Suite& s) { return strategy_into(n, s.strategy); }},
    {"variants",
     [](const YamlNode& n, Suite& s) { return list_into(n, "variants", kVariantFields, s.variants); }},
    {"limits", [](const YamlNode& n, Suite& s) { return read_map(n, kLimitFields, s.limits); }},
    {"budget", [](const YamlNode& n, Suite& s) { return read_map(n, kBudgetFields, s.budget); }},
};

Result<Suite> suite_from_yaml(const YamlNode& root) {
  Suite suite;
  if (auto read = read_map(root, kSuiteFields, suite); !read) return read.error();
  for (const char* key : {"suite", "tasks", "models"}) {
    if (auto there = root.need(key); !there) return there.error();
  }
  if (suite.variants.empty()) suite.variants.emplace_back();
  if (auto sound = check_suite(suite); !sound) return root.error(sound.error().message);
  return suite;
}

}  // namespace

Result<Suite> parse_suite(std::string_view text, const std::string& filename) {
  auto root = parse_yaml(text, filename);
  if (!root) return root.error();
  return suite_from_yaml(*root);
}

Result<Suite> read_suite(const std::string& path) {
  auto root = load_yaml(path);
  if (!root) return root.error();
  return suite_from_yaml(*root);
}

}  // namespace assay
