#include "tasks/row_reader.h"

#include "harness/base/format.h"

namespace assay {
namespace {

Result<std::vector<std::string>> read_targets(const FieldRules& fields, const Json& row, std::uint64_t index) {
  std::vector<std::string> out;
  if (!fields.targets.empty()) {
    auto all = fields.targets.texts(row);
    if (all && all->empty()) return invalid(format("field '{}' is an empty list, expected at least one target", fields.targets.source()));
    return all;
  }
  for (const FieldRule& rule : fields.target) {
    auto text = rule.text(row, index);
    if (!text) return text.error();
    out.push_back(std::move(*text));
  }
  return out;
}

Result<std::vector<std::string>> read_choices(const FieldRules& fields, const Json& row, std::uint64_t index) {
  if (!fields.choices.empty()) return fields.choices.texts(row);
  if (fields.lettered.empty()) return std::vector<std::string>();
  auto text = fields.lettered.text(row, index);
  if (!text) return text.error();
  auto options = lettered_options(*text);
  if (!options) return invalid(format("field '{}': {}", fields.lettered.source(), options.error().message));
  return options;
}

}  // namespace

Digest row_identity(const Json& row, const std::vector<std::string>& targets) {
  DigestBuilder builder;
  builder.add("row", dump_json(row));
  for (const std::string& target : targets) builder.add("target", target);
  return builder.finish();
}

std::string options_text(const std::vector<std::string>& choices) {
  std::string out;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const std::string letter = i < 26 ? std::string(1, static_cast<char>('A' + i)) : std::to_string(i + 1);
    out += format("{}({}) {}", i == 0 ? "" : "\n", letter, choices[i]);
  }
  return out;
}

Result<Sample> read_row(const TaskSpec& spec, const Json& row, std::uint64_t index) {
  const FieldRules& fields = spec.fields;
  Sample sample;
  auto question = fields.question.text(row, index);
  if (!question) return question.error();
  sample.question = std::move(*question);
  auto targets = read_targets(fields, row, index);
  if (!targets) return targets.error();
  sample.targets = std::move(*targets);
  auto choices = read_choices(fields, row, index);
  if (!choices) return choices.error();
  sample.choices = std::move(*choices);
  if (fields.key.empty()) {
    sample.key = format("{}-{}", spec.info.dataset, index);
  } else {
    auto key = fields.key.text(row, index);
    if (!key) return key.error();
    if (key->empty()) return invalid(format("field '{}' is empty, expected a key", fields.key.source()));
    sample.key = std::move(*key);
  }
  if (!fields.cluster.empty()) {
    auto cluster = fields.cluster.text(row, index);
    if (!cluster) return cluster.error();
    sample.cluster = std::move(*cluster);
  }
  for (const std::string& name : fields.metadata) {
    const Json* value = row_field(row, name);
    if (value == nullptr) return invalid(format("field '{}' is missing, and the task's scorers need it", name));
    sample.metadata[name] = *value;
  }
  sample.identity = row_identity(row, sample.targets);
  return sample;
}

std::optional<std::string> prompt_field(const Sample& sample, const Json& row, std::uint64_t index,
                                        std::string_view name) {
  if (name == "question") return sample.question;
  if (name == "index") return std::to_string(index);
  if (name == "choices" && !sample.choices.empty()) return options_text(sample.choices);
  const Json* value = row_field(row, name);
  return value == nullptr ? std::nullopt : scalar_text(*value);
}

}  // namespace assay
