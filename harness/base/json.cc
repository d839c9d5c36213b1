#include "harness/base/json.h"

#include <cmath>
#include <limits>

#include "harness/base/format.h"

namespace assay {
namespace {

// The deepest nesting of brackets outside strings. nlohmann's parser is iterative, but dump and
// comparison recurse, so depth is bounded before anything is built.
std::size_t nesting(std::string_view text, std::size_t stop_above) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if ((c == ']' || c == '}') && depth > 0) --depth;
    if (deepest > stop_above) return deepest;
  }
  return deepest;
}

// "[json.exception.parse_error.101] parse error at line 1, column 3: syntax error ..." without
// the library's own prefix.
std::string plain(const std::string& what) {
  const auto end = what.find("] ");
  return end == std::string::npos ? what : what.substr(end + 2);
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::size_t max_depth) {
  if (nesting(text, max_depth) > max_depth) {
    return invalid(format("JSON nested deeper than {} levels", max_depth));
  }
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::exception& e) {
    return invalid(plain(e.what()));
  }
}

std::string dump_json(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string dump_json_pretty(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

const Json* json_find(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(std::string(key));
  return it == object.end() ? nullptr : &*it;
}

std::optional<std::string> json_string(const Json& object, std::string_view key) {
  const Json* found = json_find(object, key);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<std::int64_t> json_int(const Json& object, std::string_view key) {
  const Json* found = json_find(object, key);
  if (found == nullptr || !found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  return found->get<std::int64_t>();
}

std::optional<double> json_number(const Json& object, std::string_view key) {
  const Json* found = json_find(object, key);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<bool> json_bool(const Json& object, std::string_view key) {
  const Json* found = json_find(object, key);
  if (found == nullptr || !found->is_boolean()) return std::nullopt;
  return found->get<bool>();
}

}  // namespace assay
