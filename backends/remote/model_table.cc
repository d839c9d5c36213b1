#include "backends/remote/model_table.h"

#include <algorithm>

#include "harness/base/embedded.h"
#include "harness/base/format.h"
#include "harness/base/glob.h"
#include "harness/base/utc_date.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml.h"
#include "harness/text/think_tags.h"

namespace assay {
namespace {

struct Field {
  std::string_view key;
  Result<void> (*read)(const YamlNode&, ModelRow&);
};

template <typename From, typename To>
Result<void> into(Result<From> from, To& to) {
  if (!from) return from.error();
  to = std::move(*from);
  return {};
}

template <std::optional<std::int64_t> ModelFacts::*member>
Result<void> read_tokens(const YamlNode& node, ModelRow& row) {
  auto value = node.as_int();
  if (!value) return value.error();
  if (*value < 1) return node.error("expected a number of tokens of at least 1");
  row.facts.*member = *value;
  return {};
}

template <std::optional<std::vector<std::string>> ModelFacts::*member>
Result<void> read_words(const YamlNode& node, ModelRow& row) {
  return into(node.as_strings(), row.facts.*member);
}

// Names of sampling parameters; a misspelt one would hide.
template <std::optional<std::vector<std::string>> ModelFacts::*member>
Result<void> read_parameters(const YamlNode& node, ModelRow& row) {
  static constexpr std::string_view kKnown[] = {"temperature",
                                                "top_p",
                                                "min_p",
                                                "top_k",
                                                "max_tokens",
                                                "presence_penalty",
                                                "stop",
                                                "seed",
                                                "frequency_penalty",
                                                "repetition_penalty",
                                                "extra",
                                                "reasoning_effort",
                                                "thinking_budget"};
  auto names = node.as_strings();
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) {
      return node.error(format("'{}' is no sampling parameter", printable(name)));
    }
  }
  row.facts.*member = std::move(*names);
  return {};
}

Result<void> read_one_of(const YamlNode& node, std::initializer_list<std::string_view> words,
                         std::optional<std::string>& to) {
  auto text = node.as_string();
  if (!text) return text.error();
  std::string all;
  for (const std::string_view word : words) {
    if (*text == word) {
      to = std::move(*text);
      return {};
    }
    all += format("{}{}", all.empty() ? "" : ", ", word);
  }
  return node.error(format("expected one of: {}", all));
}

Result<void> read_trace(const YamlNode& node, ModelRow& row) {
  auto text = node.as_string();
  if (!text) return text.error();
  row.facts.trace_kind = trace_kind_from_name(*text);
  if (!row.facts.trace_kind) return node.error("expected one of: none, raw, summary, encrypted, hidden");
  return {};
}

Result<void> read_think_tags(const YamlNode& node, ModelRow& row) {
  auto tags = node.as_strings();
  if (!tags) return tags.error();
  for (const YamlNode& item : node.items()) {
    if (auto tag = parse_think_tag(item.text()); !tag) return item.error(tag.error().message);
  }
  row.facts.think_tags = std::move(*tags);
  return {};
}

Result<void> read_recommended(const YamlNode& node, ModelRow& row) {
  if (!node.is_map()) return node.error("expected a mapping such as {temperature: 0.6, top_p: 0.95}");
  auto sampling = sampling_from_json(node.to_json());
  if (!sampling) return node.error(sampling.error().message);
  row.facts.recommended = std::move(*sampling);
  return {};
}

Result<void> read_retires(const YamlNode& node, ModelRow& row) {
  auto text = node.as_string();
  if (!text) return text.error();
  if (!parse_utc_date(*text)) return node.error("expected a day such as 2026-10-23");
  row.facts.retires = std::move(*text);
  return {};
}

constexpr Field kFields[] = {
    {"provider", [](const YamlNode& n, ModelRow& r) { return into(n.as_string(), r.provider); }},
    {"model", [](const YamlNode& n, ModelRow& r) { return into(n.as_string(), r.model); }},
    {"context", read_tokens<&ModelFacts::context_limit>},
    {"output", read_tokens<&ModelFacts::output_limit>},
    {"typical_output", read_tokens<&ModelFacts::typical_output>},
    {"refuses", read_parameters<&ModelFacts::refuses>},
    {"ignores", read_parameters<&ModelFacts::ignores>},
    {"max_tokens_field",
     [](const YamlNode& n, ModelRow& r) {
       return read_one_of(n, {"max_tokens", "max_completion_tokens"}, r.facts.max_tokens_field);
     }},
    {"system_role",
     [](const YamlNode& n, ModelRow& r) {
       return read_one_of(n, {"system", "developer", "user"}, r.facts.system_role);
     }},
    {"trace", read_trace},
    {"efforts", read_words<&ModelFacts::efforts>},
    {"think_tags", read_think_tags},
    {"opens_think",
     [](const YamlNode& n, ModelRow& r) { return into(n.as_bool(), r.facts.opens_think.emplace()); }},
    {"recommended", read_recommended},
    {"retires", read_retires},
    {"source", [](const YamlNode& n, ModelRow& r) { return into(n.as_string(), r.source); }},
};

Result<ModelRow> read_row(const YamlNode& node, const YamlNode* sources) {
  std::vector<std::string_view> keys;
  for (const Field& f : kFields) keys.push_back(f.key);
  if (auto known = node.only_keys(keys); !known) return known.error();
  ModelRow row;
  row.file = node.file();
  for (const Field& f : kFields) {
    const YamlNode* value = node.get(f.key);
    if (value == nullptr) continue;
    if (auto read = f.read(*value, row); !read) return read.error();
  }
  for (const char* key : {"provider", "model", "source"}) {
    if (auto there = node.need(key); !there) return there.error();
  }
  if (sources == nullptr) return row;
  if (const YamlNode* named = sources->get(row.source)) row.source = named->text();
  return row;
}

const std::vector<ModelRow>& shipped_rows(std::optional<Error>& error) {
  struct Shipped {
    std::vector<ModelRow> rows;
    std::optional<Error> error;
  };
  static const Shipped shipped = [] {
    Shipped out;
    for (const EmbeddedFile& file : embedded_models()) {
      auto rows = read_model_rows(file.text, std::string(file.path));
      if (!rows) return Shipped{{}, Error{Code::internal, rows.error().message}};
      out.rows.insert(out.rows.end(), rows->begin(), rows->end());
    }
    return out;
  }();
  error = shipped.error;
  return shipped.rows;
}

template <typename T>
void take(std::optional<T>& to, const std::optional<T>& from) {
  if (from) to = from;
}

void lay_over(ModelFacts& to, const ModelFacts& from) {
  take(to.context_limit, from.context_limit);
  take(to.output_limit, from.output_limit);
  take(to.typical_output, from.typical_output);
  take(to.refuses, from.refuses);
  take(to.ignores, from.ignores);
  take(to.max_tokens_field, from.max_tokens_field);
  take(to.system_role, from.system_role);
  take(to.trace_kind, from.trace_kind);
  take(to.efforts, from.efforts);
  take(to.think_tags, from.think_tags);
  take(to.opens_think, from.opens_think);
  take(to.recommended, from.recommended);
  take(to.retires, from.retires);
}

}  // namespace

Result<std::vector<ModelRow>> read_model_rows(std::string_view text, const std::string& filename) {
  auto root = parse_yaml(text, filename);
  if (!root) return root.error();
  if (auto known = root->only_keys({"sources", "models"}); !known) return known.error();
  const YamlNode* sources = root->get("sources");
  if (sources != nullptr && !sources->is_map())
    return sources->error("expected a mapping of names to sources");
  auto list = root->need("models");
  if (!list) return list.error();
  if (!list->is_sequence()) return list->error("expected a list of rows");
  std::vector<ModelRow> out;
  for (const YamlNode& node : list->items()) {
    auto row = read_row(node, sources);
    if (!row) return row.error();
    out.push_back(std::move(*row));
  }
  return out;
}

ModelFacts facts_of(std::string_view provider, std::string_view model, const std::vector<ModelRow>& rows) {
  ModelFacts out;
  // Rows of one file stand together, so that a file's narrowest row goes before every row of an earlier file.
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin;
    std::vector<const ModelRow*> found;
    for (; end < rows.size() && rows[end].file == rows[begin].file; ++end) {
      if (glob_matches(rows[end].provider, provider) && glob_matches(rows[end].model, model))
        found.push_back(&rows[end]);
    }
    std::stable_sort(found.begin(), found.end(), [](const ModelRow* a, const ModelRow* b) {
      const std::size_t x = glob_rank(a->model), y = glob_rank(b->model);
      return x != y ? x < y : glob_rank(a->provider) < glob_rank(b->provider);
    });
    for (const ModelRow* row : found) {
      lay_over(out, row->facts);
      const std::string name = format("{}: {}/{}", row->file, row->provider, row->model);
      if (out.rows.rfind(name, 0) == 0) continue;  // several rows of one pattern
      out.rows = format("{}{}{}", name, out.rows.empty() ? "" : "; ", out.rows);
    }
    begin = end;
  }
  return out;
}

Result<ModelFacts> find_model_facts(std::string_view provider, std::string_view model,
                                    std::span<const std::string> files) {
  std::optional<Error> error;
  std::vector<ModelRow> rows = shipped_rows(error);
  if (error) return *error;
  for (const std::string& file : files) {
    auto text = read_yaml_text(file);
    if (!text) return text.error();
    auto more = read_model_rows(*text, file);
    if (!more) return more.error();
    rows.insert(rows.end(), more->begin(), more->end());
  }
  return facts_of(provider, model, rows);
}

void fill_info(const ModelFacts& facts, BackendInfo& info) {
  if (facts.context_limit) info.context_limit = facts.context_limit;
  if (facts.output_limit) info.output_limit = facts.output_limit;
  if (facts.typical_output) info.typical_output = facts.typical_output;
  if (facts.trace_kind) info.trace_kind = *facts.trace_kind;
  if (facts.think_tags) info.think_tags = *facts.think_tags;
  if (facts.opens_think) info.opens_think = *facts.opens_think;
  if (facts.recommended) info.recommended = facts.recommended;
  if (facts.retires) info.retires = *facts.retires;
  if (facts.refuses) info.refuses = *facts.refuses;
  if (facts.ignores) info.ignores = *facts.ignores;
  info.facts = facts.rows;
}

}  // namespace assay
