#include "harness/base/json.h"

#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

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

template <typename AnyJson>
Result<AnyJson> parse(std::string_view text, std::size_t max_depth) {
  if (nesting(text, max_depth) > max_depth) {
    return invalid(format("JSON nested deeper than {} levels", max_depth));
  }
  try {
    return AnyJson::parse(text.begin(), text.end());
  } catch (const typename AnyJson::exception& e) {
    return invalid(plain(e.what()));
  }
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::size_t max_depth) { return parse<Json>(text, max_depth); }

Result<OrderedJson> parse_ordered_json(std::string_view text, std::size_t max_depth) {
  return parse<OrderedJson>(text, max_depth);
}

Result<Json> parse_json_unique(std::string_view text, std::size_t max_depth) {
  if (nesting(text, max_depth) > max_depth) {
    return invalid(format("JSON nested deeper than {} levels", max_depth));
  }
  std::vector<std::set<std::string, std::less<>>> keys;  // of every object that is open
  std::optional<std::string> twice;
  const auto watch = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.empty() && !twice) {
      const std::string& key = value.get_ref<const std::string&>();
      if (!keys.back().insert(key).second) twice = key;
    }
    return true;
  };
  try {
    Json out = Json::parse(text.begin(), text.end(), watch);
    if (twice) return invalid(format("the key '{}' stands twice in one object", printable(truncate_utf8(*twice, 200))));
    return out;
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
