#include "harness/text/tokenizer/text_steps.h"

namespace assay {
namespace {

std::string apply(const TextStep& step, std::string_view text, bool at_start) {
  using Kind = TextStep::Kind;
  switch (step.kind) {
    case Kind::normalize:
      return normalize(text, step.form);
    case Kind::replace:
      return replace_all(text, step.from, step.to);
    case Kind::prepend:
      return text.empty() ? std::string() : step.to + std::string(text);
    case Kind::prefix_at_start:
      if (!at_start) return std::string(text);
      [[fallthrough]];
    case Kind::prefix:
      return text.empty() || text.starts_with(step.to) ? std::string(text) : step.to + std::string(text);
  }
  return std::string(text);
}

}  // namespace

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  for (std::size_t found = text.find(from); found != std::string_view::npos; found = text.find(from, at)) {
    out.append(text.substr(at, found - at)).append(to);
    at = found + from.size();
  }
  return out.append(text.substr(at));
}

std::string_view apply_steps(const std::vector<TextStep>& steps, std::string_view text, bool at_start,
                             std::string& held) {
  for (const TextStep& step : steps) {
    held = apply(step, text, at_start);
    text = held;
  }
  return text;
}

}  // namespace assay
