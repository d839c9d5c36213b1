#include "harness/api/request.h"
#include "harness/base/format.h"

namespace assay {
namespace {

template <typename T>
void put(Json& out, const char* key, const std::optional<T>& value) {
  if (value) out[key] = *value;
}

template <typename T>
void take(std::optional<T>& base, const std::optional<T>& over) {
  if (over) base = over;
}

Error expected(const std::string& key, const char* what, const Json& got) {
  return invalid(format("sampling: '{}' must be {}, not {}", key, what, dump_json(got)));
}

Result<double> number_in(const std::string& key, const Json& v, double low, double high) {
  if (v.is_number()) {
    const double x = v.get<double>();
    if (x >= low && x <= high) return x;
  }
  return expected(key, format("a number from {} to {}", low, high).c_str(), v);
}

Result<std::int64_t> integer_from(const std::string& key, const Json& v, std::int64_t low) {
  const auto x = json_int(Json{{"v", v}}, "v");
  if (x && *x >= low) return *x;
  return expected(key, format("an integer of at least {}", low).c_str(), v);
}

struct Field {
  const char* key;
  Result<void> (*read)(Sampling&, const std::string&, const Json&);
};

template <std::optional<double> Sampling::* member, int low, int high>
Result<void> read_number(Sampling& s, const std::string& key, const Json& v) {
  auto x = number_in(key, v, low, high);
  if (!x) return x.error();
  s.*member = *x;
  return {};
}

template <std::optional<std::int64_t> Sampling::* member, int low>
Result<void> read_integer(Sampling& s, const std::string& key, const Json& v) {
  auto x = integer_from(key, v, low);
  if (!x) return x.error();
  s.*member = *x;
  return {};
}

Result<void> read_seed(Sampling& s, const std::string& key, const Json& v) {
  if (!v.is_number_integer() || (!v.is_number_unsigned() && v.get<std::int64_t>() < 0)) {
    return expected(key, "a non-negative integer", v);
  }
  s.seed = v.get<std::uint64_t>();
  return {};
}

Result<void> read_stop(Sampling& s, const std::string& key, const Json& v) {
  s.stop.clear();
  if (v.is_string()) s.stop.push_back(v.get<std::string>());
  if (v.is_array()) {
    for (const Json& item : v) {
      if (!item.is_string()) return expected(key, "a string or a list of strings", v);
      s.stop.push_back(item.get<std::string>());
    }
  }
  if (!v.is_string() && !v.is_array()) return expected(key, "a string or a list of strings", v);
  return {};
}

Result<void> read_effort(Sampling& s, const std::string& key, const Json& v) {
  if (!v.is_string()) return expected(key, "a string", v);
  s.reasoning_effort = v.get<std::string>();
  return {};
}

Result<void> read_extra(Sampling& s, const std::string& key, const Json& v) {
  if (!v.is_object()) return expected(key, "a mapping", v);
  s.extra = v;
  return {};
}

constexpr Field kFields[] = {
    {"temperature", read_number<&Sampling::temperature, 0, 10>},
    {"top_p", read_number<&Sampling::top_p, 0, 1>},
    {"min_p", read_number<&Sampling::min_p, 0, 1>},
    {"top_k", read_integer<&Sampling::top_k, 0>},
    {"max_tokens", read_integer<&Sampling::max_tokens, 1>},
    {"presence_penalty", read_number<&Sampling::presence_penalty, -2, 2>},
    {"frequency_penalty", read_number<&Sampling::frequency_penalty, -2, 2>},
    {"repetition_penalty", read_number<&Sampling::repetition_penalty, 0, 10>},
    {"seed", read_seed},
    {"stop", read_stop},
    {"reasoning_effort", read_effort},
    {"thinking_budget", read_integer<&Sampling::thinking_budget, 0>},
    {"extra", read_extra},
};

}  // namespace

Json to_json(const Sampling& s) {
  Json out = Json::object();
  put(out, "temperature", s.temperature);
  put(out, "top_p", s.top_p);
  put(out, "min_p", s.min_p);
  put(out, "top_k", s.top_k);
  put(out, "max_tokens", s.max_tokens);
  put(out, "presence_penalty", s.presence_penalty);
  put(out, "frequency_penalty", s.frequency_penalty);
  put(out, "repetition_penalty", s.repetition_penalty);
  put(out, "seed", s.seed);
  if (!s.stop.empty()) out["stop"] = s.stop;
  put(out, "reasoning_effort", s.reasoning_effort);
  put(out, "thinking_budget", s.thinking_budget);
  if (!s.extra.empty()) out["extra"] = s.extra;
  return out;
}

Result<Sampling> sampling_from_json(const Json& json) {
  if (!json.is_object()) return invalid("sampling: expected a mapping");
  Sampling out;
  for (const auto& [key, value] : json.items()) {
    const Field* field = nullptr;
    for (const Field& f : kFields) {
      if (key == f.key) field = &f;
    }
    if (field == nullptr) return invalid(format("sampling: unknown key '{}'", key));
    if (auto read = field->read(out, key, value); !read) return read.error();
  }
  return out;
}

Sampling merge(const Sampling& base, const Sampling& over) {
  Sampling out = base;
  take(out.temperature, over.temperature);
  take(out.top_p, over.top_p);
  take(out.min_p, over.min_p);
  take(out.top_k, over.top_k);
  take(out.max_tokens, over.max_tokens);
  take(out.presence_penalty, over.presence_penalty);
  take(out.frequency_penalty, over.frequency_penalty);
  take(out.repetition_penalty, over.repetition_penalty);
  take(out.seed, over.seed);
  if (!over.stop.empty()) out.stop = over.stop;
  take(out.reasoning_effort, over.reasoning_effort);
  take(out.thinking_budget, over.thinking_budget);
  for (const auto& [key, value] : over.extra.items()) out.extra[key] = value;
  return out;
}

std::string_view name(Role role) {
  switch (role) {
    case Role::system: return "system";
    case Role::user: return "user";
    case Role::assistant: return "assistant";
  }
  return "unknown";
}

}  // namespace assay
