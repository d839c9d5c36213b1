// How a task file gets a text from a data row: a field's name or a template over the row's fields,
// then a named transform or a pattern's group.
//
// Threads: const after construction, used concurrently. Errors: Code::invalid, "field 'x' ...",
// without file and line, which the caller knows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/regex.h"
#include "harness/base/result.h"
#include "harness/base/yaml.h"
#include "tasks/transforms.h"

namespace assay {

// The row's value: the key itself, else a path of keys joined by dots ("meta.id"). nullptr when absent.
const Json* row_field(const Json& row, std::string_view name);

// Texts as they are, numbers in decimal (27.0 is "27"; a row keeps those that would be rounded as texts,
// exact_numbers.h), truth values as true and false. nullopt for null, lists and objects.
std::optional<std::string> scalar_text(const Json& value);

// A field's text. Error: the field is missing (with the row's own fields), null, a list or an object.
Result<std::string> text_field(const Json& row, std::string_view name);

class FieldRule {
 public:
  FieldRule() = default;
  // A scalar (a name, or a template when it contains '{'), or a mapping {field, transform} or {field, regex}.
  static Result<FieldRule> parse(const YamlNode& node);

  bool empty() const { return source_.empty(); }
  bool is_template() const { return source_.find('{') != std::string::npos; }
  const std::string& source() const { return source_; }
  // Names of the row's fields that this reads.
  std::vector<std::string> reads() const;

  // `index` is the row's place in the file, from 0: {index} in a template.
  Result<std::string> text(const Json& row, std::uint64_t index) const;
  // The field's value as a list of texts; a lone text is a list of one. Not for templates.
  Result<std::vector<std::string>> texts(const Json& row) const;

 private:
  Result<std::string> transformed(std::string text) const;

  std::string source_;
  const Transform* transform_ = nullptr;
  std::shared_ptr<const Regex> regex_;  // shared by the copies of a rule that subsets make
};

}  // namespace assay
