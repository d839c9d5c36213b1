#include "backends/remote/anthropic_model.h"

#include <optional>

namespace assay {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The version behind "claude" as major * 100 + minor; longer numbers are dates. nullopt: there is none.
std::optional<int> version_of(std::string_view name) {
  std::optional<int> major, minor;
  for (std::size_t i = 0; i < name.size() && !minor;) {
    if (!is_digit(name[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    int value = 0;
    while (i < name.size() && is_digit(name[i])) {
      if (i - begin < 2) value = value * 10 + (name[i] - '0');
      ++i;
    }
    const bool of_word = begin > 0 && is_letter(name[begin - 1]);  // "v1:0" of other platforms
    if (i - begin > 2 || of_word) {
      if (major) break;
      continue;
    }
    (major ? minor : major) = value;
  }
  if (!major) return std::nullopt;
  return *major * 100 + minor.value_or(0);
}

}  // namespace

ClaudeTraits claude_traits(std::string_view model) {
  ClaudeTraits out;
  const std::size_t at = model.rfind("claude");
  if (at == std::string_view::npos) return out;
  const std::string_view name = model.substr(at);
  const int version = version_of(name).value_or(9999);  // previews have no number, and are new
  out.budget = version >= 307 && version <= 406;
  out.adaptive = version >= 406;
  out.effort = version >= 406 || (version == 405 && name.find("opus") != std::string_view::npos);
  out.sampling = version <= 406;
  out.prefill = version < 406;
  out.hides_text = version > 406;
  out.trace = version < 400 ? TraceKind::raw : TraceKind::summary;
  return out;
}

}  // namespace assay
