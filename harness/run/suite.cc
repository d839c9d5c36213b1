#include "harness/run/suite.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "harness/base/format.h"
#include "harness/base/suggest.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr std::size_t kMaxNameBytes = 512;

bool is_variable_name(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// "https://user:secret@host/..." would put a secret into the store and into every report.
bool holds_password(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t start = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::string_view host = url.substr(start, url.find_first_of("/?#", start) - start);
  return host.find('@') != std::string_view::npos;
}

Result<void> check_name(const char* what, std::string_view name) {
  if (name.size() > kMaxNameBytes) {
    return invalid(format("{} '{}...': a name has at most {} bytes", what, printable(truncate_utf8(name, 60)),
                          kMaxNameBytes));
  }
  if (!is_valid_utf8(name))
    return invalid(format("{} '{}': expected a name in UTF-8", what, printable(name)));
  return {};
}

Result<void> check_model(const ModelEntry& m) {
  if (m.name.empty()) return invalid("a model needs a name");
  if (m.backend.empty()) return invalid(format("model '{}': needs a backend", printable(m.name)));
  if (auto ok = check_name("model", m.name); !ok) return ok;
  if (auto ok = check_name("model", m.model); !ok) return ok;
  if (!m.api_key_env.empty() && !is_variable_name(m.api_key_env)) {
    return invalid(format("model '{}': api_key_env is the name of an environment variable, not a key",
                          printable(m.name)));
  }
  if (m.machine_usd_per_hour && m.price != Price{}) {
    return invalid(format("model '{}': costs by the token (price) or by the hour (machine_usd_per_hour), not both",
                          printable(m.name)));
  }
  if (holds_password(m.base_url) || std::any_of(m.replicas.begin(), m.replicas.end(), holds_password)) {
    return invalid(format("model '{}': base_url must not hold a user name or password; use api_key_env",
                          printable(m.name)));
  }
  return {};
}

Result<std::int64_t> whole_number(std::string_view strategy, std::string_view text, std::int64_t high) {
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || end != text.data() + text.size() || value < 1 || value > high) {
    return invalid(
        format("strategy '{}': expected an integer from 1 to {} after the colon", printable(strategy), high));
  }
  return value;
}

}  // namespace

Result<StrategySpec> parse_strategy(std::string_view text) {
  static constexpr std::string_view kNames[] = {"single", "self_consistency", "continue_truncated"};
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  StrategySpec spec;
  if (name == kNames[0] && colon == std::string_view::npos) return spec;
  if (name == kNames[1]) {
    spec.kind = StrategyKind::self_consistency;
    if (colon == std::string_view::npos) return spec;
    auto k = whole_number(text, text.substr(colon + 1), 1024);
    if (!k) return k.error();
    spec.k = static_cast<std::uint32_t>(*k);
    return spec;
  }
  if (name == kNames[2]) {
    spec.kind = StrategyKind::continue_truncated;
    if (colon == std::string_view::npos) return spec;
    auto tokens = whole_number(text, text.substr(colon + 1), INT64_C(1) << 40);
    if (!tokens) return tokens.error();
    spec.max_tokens = *tokens;
    return spec;
  }
  return invalid(format("unknown strategy '{}'{}; there are single, self_consistency and continue_truncated",
                        printable(text.substr(0, 60)), did_you_mean(name, kNames)));
}

Result<void> check_suite(const Suite& suite) {
  if (suite.tasks.empty()) return invalid("a suite needs at least one task");
  if (suite.models.empty()) return invalid("a suite needs at least one model");
  if (suite.epochs == 0) return invalid("epochs: expected an integer of at least 1");
  if (auto ok = check_name("suite", suite.name); !ok) return ok;
  std::set<std::string> models;
  for (const ModelEntry& m : suite.models) {
    if (auto sound = check_model(m); !sound) return sound;
    if (!models.insert(m.name).second) return invalid(format("two models are named '{}'", printable(m.name)));
  }
  std::set<std::string> tasks;
  for (const SuiteTask& t : suite.tasks) {
    if (auto ok = check_name("task", t.id); !ok) return ok;
    if (!tasks.insert(t.id).second) return invalid(format("task '{}' is listed twice", printable(t.id)));
  }
  std::set<std::string> variants;
  for (const Variant& v : suite.variants) {
    if (auto ok = check_name("variant", v.name); !ok) return ok;
    if (!variants.insert(v.name).second)
      return invalid(format("two variants are named '{}'", printable(v.name)));
  }
  if (suite.variants.empty()) return invalid("a suite needs at least one variant");
  return {};
}

}  // namespace assay
