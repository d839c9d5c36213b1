#include "backends/options.h"

#include <cmath>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {

OptionReader::OptionReader(std::string backend, const Json& options)
    : backend_(std::move(backend)), options_(options) {
  if (!options_.is_object() && !options_.is_null()) {
    fault_ = invalid(format("backend {}: options must be a mapping of names to values", backend_));
  }
}

bool OptionReader::has(std::string_view key) const {
  const Json* found = json_find(options_, key);
  return found != nullptr && !found->is_null();
}

const Json* OptionReader::find(std::string_view key) {
  known_.emplace(key);
  const Json* found = json_find(options_, key);
  return found == nullptr || found->is_null() || fault_ ? nullptr : found;
}

const Json* OptionReader::any(std::string_view key) { return find(key); }

void OptionReader::fail(std::string_view key, std::string_view expected) {
  if (fault_) return;
  const Json* found = json_find(options_, key);
  const std::string given = found == nullptr ? "nothing" : dump_json(*found);
  fault_ = invalid(format("backend {}: option {} must be {}, not {}", backend_, key, expected,
                          printable(truncate_utf8(given, 80))));
}

std::string OptionReader::text(std::string_view key, std::string otherwise) {
  const Json* found = find(key);
  if (found == nullptr) return otherwise;
  if (found->is_string()) return found->get<std::string>();
  fail(key, "a text");
  return otherwise;
}

bool OptionReader::flag(std::string_view key, bool otherwise) {
  const Json* found = find(key);
  if (found == nullptr) return otherwise;
  if (found->is_boolean()) return found->get<bool>();
  fail(key, "true or false");
  return otherwise;
}

std::int64_t OptionReader::integer(std::string_view key, std::int64_t otherwise, std::int64_t low,
                                   std::int64_t high) {
  if (find(key) == nullptr) return otherwise;
  const auto value = json_int(options_, key);
  if (value && *value >= low && *value <= high) return *value;
  fail(key, high == INT64_MAX ? format("a whole number of at least {}", low)
                              : format("a whole number from {} to {}", low, high));
  return otherwise;
}

double OptionReader::number(std::string_view key, double otherwise, double low, double high) {
  if (find(key) == nullptr) return otherwise;
  const auto value = json_number(options_, key);
  if (value && *value >= low && *value <= high) return *value;
  fail(key, std::isinf(high) ? format("a number of at least {}", low)
                             : format("a number from {} to {}", low, high));
  return otherwise;
}

std::string OptionReader::word(std::string_view key, std::string otherwise,
                               std::initializer_list<std::string_view> words) {
  const Json* found = find(key);
  if (found == nullptr) return otherwise;
  std::string list;
  for (const std::string_view word : words) {
    if (found->is_string() && found->get_ref<const std::string&>() == word) return std::string(word);
    list += (list.empty() ? "" : ", ");
    list += word;
  }
  fail(key, "one of " + list);
  return otherwise;
}

std::vector<std::string> OptionReader::texts(std::string_view key) {
  std::vector<std::string> out;
  const Json* found = find(key);
  if (found == nullptr) return out;
  bool all = found->is_array();
  if (all) {
    for (const Json& item : *found) {
      all = all && item.is_string();
      if (all) out.push_back(item.get<std::string>());
    }
  }
  if (all) return out;
  fail(key, "a list of texts");
  return {};
}

Result<void> OptionReader::finish() const {
  if (fault_) return *fault_;
  if (!options_.is_object()) return {};
  for (const auto& [key, value] : options_.items()) {
    if (known_.count(key) != 0) continue;
    std::string list;
    for (const std::string& name : known_) list += (list.empty() ? "" : ", ") + name;
    return invalid(format("backend {}: unknown option {}; known are {}", backend_,
                          printable(truncate_utf8(key, 80)), list));
  }
  return {};
}

}  // namespace assay
