#include "scorers/answer/options.h"

#include <algorithm>

#include "harness/base/format.h"
#include "harness/base/suggest.h"
#include "harness/base/utf8.h"

namespace assay::answer {

OptionReader::OptionReader(std::string_view scorer, const Json& options)
    : scorer_(scorer), options_(options) {
  if (options_.is_null()) options_ = Json::object();
  if (!options_.is_object()) {
    error_ = invalid(format("scorer {}: its options are a mapping of names to values", scorer_));
    options_ = Json::object();
  }
}

const Json* OptionReader::look(std::string_view key) {
  known_.emplace_back(key);
  return json_find(options_, key);
}

void OptionReader::fail(std::string_view key, std::string_view expected) {
  if (!error_) error_ = invalid(format("scorer {}: option '{}' is {}", scorer_, key, expected));
}

bool OptionReader::flag(std::string_view key, bool otherwise) {
  const Json* value = look(key);
  if (value == nullptr) return otherwise;
  if (value->is_boolean()) return value->get<bool>();
  fail(key, "true or false");
  return otherwise;
}

std::string OptionReader::text(std::string_view key, std::string_view otherwise) {
  const Json* value = look(key);
  if (value == nullptr) return std::string(otherwise);
  if (value->is_string()) return value->get<std::string>();
  fail(key, "a text");
  return std::string(otherwise);
}

std::string OptionReader::word(std::string_view key, const std::vector<std::string_view>& words) {
  const std::string value = text(key, words.front());
  if (std::find(words.begin(), words.end(), value) != words.end()) return value;
  std::string all;
  for (const std::string_view w : words) all.append(all.empty() ? "" : ", ").append(w);
  fail(key, format("one of {}", all));
  return std::string(words.front());
}

std::optional<std::vector<std::int64_t>> OptionReader::integers(std::string_view key) {
  const Json* value = look(key);
  if (value == nullptr) return std::nullopt;
  std::vector<std::int64_t> out;
  if (value->is_array()) {
    for (const Json& item : *value) {
      if (item.is_number_integer()) out.push_back(item.get<std::int64_t>());
    }
    if (out.size() == value->size()) return out;
  }
  fail(key, "a list of whole numbers");
  return std::nullopt;
}

Result<void> OptionReader::finish() {
  if (error_) return *error_;
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const auto& [key, value] : options_.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (known.empty())
      return invalid(format("scorer {} takes no options, got '{}'", scorer_, printable(key)));
    return invalid(
        format("scorer {}: unknown option '{}'{}", scorer_, printable(key), did_you_mean(key, known)));
  }
  return {};
}

}  // namespace assay::answer
