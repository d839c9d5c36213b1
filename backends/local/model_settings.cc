#include "backends/local/model_settings.h"

#include <algorithm>

#include "harness/base/format.h"

namespace assay::local {
namespace {

const Json* set_value(const Json& object, std::string_view key) {
  const Json* value = json_find(object, key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void add_once(std::vector<TokenId>& ids, TokenId id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
}

Result<TokenId> token_id(std::string_view where, const Json& value) {
  const bool fits = value.is_number_integer() && value >= 0 && value <= INT32_MAX;
  if (!fits) return invalid(format("{}: eos_token_id is no token id or list of them", where));
  return value.get<TokenId>();
}

Result<std::vector<TokenId>> end_tokens(std::string_view where, const Json& value) {
  std::vector<TokenId> out;
  const Json list = value.is_array() ? value : Json::array({value});
  for (const Json& one : list) {
    const auto id = token_id(where, one);
    if (!id) return id.error();
    add_once(out, *id);
  }
  return out;
}

Result<std::optional<double>> number(std::string_view where, const Json& object, std::string_view key) {
  if (set_value(object, key) == nullptr) return std::optional<double>();
  const auto value = json_number(object, key);
  if (!value) return invalid(format("{}: {} is no number", where, key));
  return value;
}

}  // namespace

Result<std::vector<TokenId>> end_tokens_from_json(std::string_view generation_where, const Json& generation,
                                                  std::string_view config_where, const Json& config) {
  if (const Json* value = set_value(generation, "eos_token_id")) return end_tokens(generation_where, *value);
  if (const Json* value = set_value(config, "eos_token_id")) return end_tokens(config_where, *value);
  return std::vector<TokenId>();
}

Result<std::vector<TokenId>> end_tokens_from_gguf(const GgufFile& file, const Vocabulary& vocabulary) {
  std::vector<TokenId> out;
  for (const std::string_view key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id",
                                     "tokenizer.ggml.eom_token_id"}) {
    if (file.find(key) == nullptr) continue;
    const auto id = file.integer(key);
    if (!id || *id < 0 || static_cast<std::uint64_t>(*id) >= vocabulary.tokens.size()) {
      return invalid(format("{}: {} is no id of the {} tokens", file.name(), key, vocabulary.tokens.size()));
    }
    add_once(out, static_cast<TokenId>(*id));
  }
  const std::string_view chat_template = file.text("tokenizer.chat_template").value_or("");
  for (const std::string_view end : {"<|im_end|>", "<|eot_id|>", "<|end_of_text|>"}) {
    if (chat_template.find(end) == std::string_view::npos) continue;
    const auto at = std::find(vocabulary.tokens.begin(), vocabulary.tokens.end(), end);
    const auto id = static_cast<std::size_t>(at - vocabulary.tokens.begin());
    if (at == vocabulary.tokens.end() || id >= vocabulary.types.size()) continue;
    if (vocabulary.types[id] == Vocabulary::Type::control) add_once(out, static_cast<TokenId>(id));
  }
  return out;
}

Result<GenerationDefaults> generation_from_json(std::string_view where, const Json& generation) {
  GenerationDefaults out;
  struct Number {
    std::string_view key;
    std::optional<double>* to;
  };
  const Number numbers[] = {{"temperature", &out.temperature},
                            {"top_p", &out.top_p},
                            {"repetition_penalty", &out.repetition_penalty}};
  for (const Number& one : numbers) {
    const auto value = number(where, generation, one.key);
    if (!value) return value.error();
    *one.to = *value;
  }
  out.top_k = json_int(generation, "top_k");
  if (!out.top_k && set_value(generation, "top_k") != nullptr)
    return invalid(format("{}: top_k is no integer", where));
  const auto sample = json_bool(generation, "do_sample");
  if (!sample && set_value(generation, "do_sample") != nullptr) {
    return invalid(format("{}: do_sample is no boolean", where));
  }
  out.do_sample = sample.value_or(false);
  return out;
}

Result<std::string> template_from_json(std::string_view where, const Json& tokenizer_config) {
  const Json* value = set_value(tokenizer_config, "chat_template");
  if (value == nullptr) return std::string();
  if (value->is_string()) return value->get<std::string>();
  if (!value->is_array()) return invalid(format("{}: chat_template is neither a text nor a list", where));
  for (const Json& one : *value) {
    if (json_string(one, "name") != "default") continue;
    const auto text = json_string(one, "template");
    if (!text) return invalid(format("{}: the default chat_template has no text", where));
    return *text;
  }
  return invalid(format("{}: none of the {} chat templates is named 'default'", where, value->size()));
}

}  // namespace assay::local
