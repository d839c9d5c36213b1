#include "tasks/prompt.h"

#include <algorithm>

#include "harness/base/format.h"

namespace assay {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_inner(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-'; }

// The name in a placeholder that starts at text[0] == '{'; empty when it is none.
std::string_view placeholder(std::string_view text) {
  if (text.size() < 3 || !is_letter(text[1])) return {};
  std::size_t end = 2;
  while (end < text.size() && is_inner(text[end])) ++end;
  if (end == text.size() || text[end] != '}') return {};
  return text.substr(1, end - 1);
}

}  // namespace

Result<std::string> render(std::string_view text, const FieldLookup& lookup) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    if (rest.substr(0, 2) == "{{" || rest.substr(0, 2) == "}}") {
      out += rest[0];
      i += 2;
      continue;
    }
    const std::string_view field = rest[0] == '{' ? placeholder(rest) : std::string_view();
    if (field.empty()) {
      out += rest[0];
      ++i;
      continue;
    }
    const std::optional<std::string> value = lookup(field);
    if (!value) return invalid(format("prompt template, byte {}: unknown field {{{}}}", i, field));
    out += *value;
    i += field.size() + 2;
  }
  return out;
}

std::vector<std::string> placeholders(std::string_view text) {
  std::vector<std::string> out;
  const auto collect = [&](std::string_view name) -> std::optional<std::string> {
    if (std::find(out.begin(), out.end(), name) == out.end()) out.emplace_back(name);
    return std::string();
  };
  (void)render(text, collect);  // cannot fail: every name is known
  return out;
}

}  // namespace assay
