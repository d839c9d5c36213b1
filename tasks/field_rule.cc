#include "tasks/field_rule.h"

#include <cmath>

#include "harness/base/format.h"
#include "harness/base/suggest.h"
#include "tasks/prompt.h"

namespace assay {
namespace {

constexpr std::size_t kNamedFields = 12;  // of a row, in a message

std::string fields_of(const Json& row) {
  std::string out;
  std::size_t n = 0;
  for (const auto& [name, value] : row.items()) {
    if (n++ == kNamedFields) return out + ", ...";
    out += (out.empty() ? "" : ", ") + name;
  }
  return out.empty() ? "none" : out;
}

std::string number_text(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: integers are exact below
  if (std::floor(value) == value && std::abs(value) < kExact) return format("{}", static_cast<std::int64_t>(value));
  return dump_json(value);
}

}  // namespace

const Json* row_field(const Json& row, std::string_view name) {
  if (const Json* found = json_find(row, name)) return found;
  const Json* at = &row;
  while (at != nullptr) {
    const std::size_t dot = name.find('.');
    at = json_find(*at, name.substr(0, dot));
    if (dot == std::string_view::npos) return at;
    name.remove_prefix(dot + 1);
  }
  return nullptr;
}

std::optional<std::string> scalar_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number_integer()) return dump_json(value);
  if (value.is_number_float()) return number_text(value.get<double>());
  return std::nullopt;
}

Result<std::string> text_field(const Json& row, std::string_view name) {
  const Json* value = row_field(row, name);
  if (value == nullptr) return invalid(format("field '{}' is missing; the row has {}", name, fields_of(row)));
  auto text = scalar_text(*value);
  if (!text) return invalid(format("field '{}' is {}, expected a text", name, value->type_name()));
  return std::move(*text);
}

Result<FieldRule> FieldRule::parse(const YamlNode& node) {
  FieldRule rule;
  if (node.is_map()) {
    if (auto keys = node.only_keys({"field", "transform", "regex"}); !keys) return keys.error();
    auto field = node.need("field");
    if (!field) return field.error();
    auto source = field->as_string();
    if (!source) return source.error();
    rule.source_ = std::move(*source);
    const YamlNode* transform = node.get("transform");
    const YamlNode* regex = node.get("regex");
    if (transform != nullptr && regex != nullptr) return node.error("expected `transform` or `regex`, not both");
    if (transform != nullptr) {
      std::vector<std::string_view> names;
      for (const Transform& t : transforms()) names.push_back(t.name);
      rule.transform_ = find_transform(transform->text());
      if (rule.transform_ == nullptr) {
        std::string known;
        for (const std::string_view name : names) known += (known.empty() ? "" : ", ") + std::string(name);
        return transform->error(format("unknown transform '{}'{}; known are {}", transform->text(),
                                       did_you_mean(transform->text(), names), known));
      }
    }
    if (regex != nullptr) {
      auto pattern = regex->as_string();
      if (!pattern) return pattern.error();
      auto compiled = Regex::compile(*pattern);
      if (!compiled) return regex->error(compiled.error().message);
      if (compiled->groups() != 1) return regex->error("expected a pattern with exactly one group, which is the text wanted");
      rule.regex_ = std::make_shared<const Regex>(std::move(*compiled));
    }
  } else {
    auto source = node.as_string();
    if (!source) return source.error();
    rule.source_ = std::move(*source);
  }
  if (rule.source_.empty()) return node.error("expected the name of a field, got an empty text");
  return rule;
}

std::vector<std::string> FieldRule::reads() const {
  if (empty()) return {};
  return is_template() ? placeholders(source_) : std::vector<std::string>{source_};
}

Result<std::string> FieldRule::transformed(std::string text) const {
  if (transform_ != nullptr) {
    auto out = transform_->apply(text);
    if (!out) return invalid(format("field '{}': {}", source_, out.error().message));
    return std::move(*out);
  }
  if (regex_ != nullptr) {
    const auto match = regex_->find(text);
    if (!match) return invalid(format("field '{}' does not match the pattern '{}'", source_, regex_->pattern()));
    return std::string(match->text(1));
  }
  return text;
}

Result<std::string> FieldRule::text(const Json& row, std::uint64_t index) const {
  if (!is_template()) {
    auto text = text_field(row, source_);
    if (!text) return text.error();
    return transformed(std::move(*text));
  }
  std::optional<Error> fault;
  const auto rendered = render(source_, [&](std::string_view name) -> std::optional<std::string> {
    if (name == "index") return std::to_string(index);
    auto text = text_field(row, name);
    if (!text) {
      fault = text.error();
      return std::nullopt;
    }
    return std::move(*text);
  });
  if (fault) return *fault;
  if (!rendered) return rendered.error();
  return transformed(*rendered);
}

Result<std::vector<std::string>> FieldRule::texts(const Json& row) const {
  const Json* value = row_field(row, source_);
  if (value == nullptr) return invalid(format("field '{}' is missing; the row has {}", source_, fields_of(row)));
  std::vector<std::string> out;
  const auto add = [&](const Json& item) -> Result<void> {
    auto text = scalar_text(item);
    if (!text) return invalid(format("field '{}' holds {}, expected texts", source_, item.type_name()));
    auto done = transformed(std::move(*text));
    if (!done) return done.error();
    out.push_back(std::move(*done));
    return {};
  };
  if (!value->is_array()) {
    if (auto added = add(*value); !added) return added.error();
    return out;
  }
  for (const Json& item : *value) {
    if (auto added = add(item); !added) return added.error();
  }
  return out;
}

}  // namespace assay
