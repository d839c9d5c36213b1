#include "scorers/math/policy.h"

#include <algorithm>
#include <array>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "scorers/math/grade.h"

namespace assay::math {
namespace {

constexpr std::array<std::string_view, 14> kKeys = {
    "percent", "degrees", "units", "ordered_lists", "digits", "irrational_digits", "precision", "decimal_comma",
    "boxes", "names_optional", "inequality_is_interval", "base_optional", "log", "prediction"};

// One of the words, its position in `value`.
Result<void> choose(const Json& options, std::string_view key, const std::vector<std::string_view>& words, int& value) {
  const Json* v = json_find(options, key);
  if (v == nullptr) return {};
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (v->is_string() && v->get_ref<const std::string&>() == words[i]) {
      value = static_cast<int>(i);
      return {};
    }
    list += format("{}{}", i > 0 ? ", " : "", words[i]);
  }
  return invalid(format("scorer math: {} must be one of {}", key, list));
}

Result<void> flag(const Json& options, std::string_view key, bool& value) {
  const Json* v = json_find(options, key);
  if (v == nullptr) return {};
  if (!v->is_boolean()) return invalid(format("scorer math: {} must be true or false", key));
  value = v->get<bool>();
  return {};
}

Result<void> number(const Json& options, std::string_view key, int least, int most, int& value) {
  if (json_find(options, key) == nullptr) return {};
  const auto n = json_int(options, key);
  if (!n || *n < least || *n > most) return invalid(format("scorer math: {} must be an integer from {} to {}", key, least, most));
  value = static_cast<int>(*n);
  return {};
}

}  // namespace

Result<Policy> policy_from_json(const Json& options) {
  Policy p;
  if (options.is_null()) return p;
  if (!options.is_object()) return invalid("scorer math: options must be a mapping");
  for (const auto& [key, value] : options.items()) {
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
      return invalid(format("scorer math: unknown option '{}'", printable(truncate_utf8(key, 80))));
    }
  }
  int percent = static_cast<int>(p.percent);
  int units = static_cast<int>(p.units);
  int comma = static_cast<int>(p.decimal_comma);
  int boxes = static_cast<int>(p.boxes);
  int log = 0;
  int degrees = 0;
  for (const Result<void>& r :
       {choose(options, "percent", {"both", "same", "fraction"}, percent),
        choose(options, "units", {"convert", "ignore", "strict"}, units),
        choose(options, "decimal_comma", {"by_context", "thousands", "decimal"}, comma),
        choose(options, "boxes", {"join", "last"}, boxes), choose(options, "log", {"by_context", "ten", "natural"}, log),
        choose(options, "degrees", {"number", "convert"}, degrees),
        flag(options, "ordered_lists", p.ordered_lists), number(options, "digits", 0, 1000, p.digits),
        number(options, "irrational_digits", 0, 1000, p.irrational_digits),
        number(options, "precision", 0, 1000, p.precision), flag(options, "names_optional", p.names_optional),
        flag(options, "inequality_is_interval", p.inequality_is_interval),
        flag(options, "base_optional", p.base_optional)}) {
    if (!r) return r.error();
  }
  p.percent = static_cast<PercentPolicy>(percent);
  p.units = static_cast<UnitPolicy>(units);
  p.decimal_comma = static_cast<CommaPolicy>(comma);
  p.boxes = static_cast<BoxPolicy>(boxes);
  p.log = static_cast<LogPolicy>(log);
  p.degrees = static_cast<DegreePolicy>(degrees);
  return p;
}

}  // namespace assay::math
