#include "tasks/transforms.h"

#include <array>

#include "harness/base/format.h"

namespace assay {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";

Result<std::string> strip(std::string_view text) { return std::string(stripped(text)); }

Result<std::string> lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// GSM8K's solutions end in a line "#### 18".
Result<std::string> after_hashes(std::string_view text) {
  const std::size_t at = text.rfind("####");
  if (at == std::string_view::npos) return invalid("no '####' in it");
  return std::string(stripped(text.substr(at + 4)));
}

Result<std::string> last_boxed(std::string_view text) {
  constexpr std::string_view kOpen = "\\boxed{";
  const std::size_t at = text.rfind(kOpen);
  if (at == std::string_view::npos) return invalid("no '\\boxed{' in it");
  std::size_t depth = 1;
  for (std::size_t i = at + kOpen.size(); i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
      continue;
    }
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return std::string(text.substr(at + kOpen.size(), i - at - kOpen.size()));
  }
  return invalid("a '\\boxed{' that is never closed");
}

constexpr std::array<Transform, 4> kTransforms = {{
    {"strip", "without white space at both ends", strip},
    {"lower", "ASCII letters in lower case", lower},
    {"after_hashes", "what stands after the last '####', stripped", after_hashes},
    {"last_boxed", "what stands in the last \\boxed{...}", last_boxed},
}};

}  // namespace

std::string_view stripped(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::span<const Transform> transforms() { return kTransforms; }

const Transform* find_transform(std::string_view name) {
  for (const Transform& t : kTransforms) {
    if (t.name == name) return &t;
  }
  return nullptr;
}

Result<std::vector<std::string>> lettered_options(std::string_view question) {
  constexpr std::string_view kHead = "Options:";
  const std::size_t head = question.rfind(kHead);
  if (head == std::string_view::npos) return invalid("no line 'Options:' in it");
  std::string_view rest = question.substr(head + kHead.size());
  std::vector<std::string> out;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = stripped(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    const char letter = static_cast<char>('A' + static_cast<int>(out.size()));
    if (out.size() == 26 || line.size() < 3 || line[0] != '(' || line[1] != letter || line[2] != ')') {
      return invalid(format("expected the option '({})'", letter));
    }
    out.emplace_back(stripped(line.substr(3)));
  }
  if (out.empty()) return invalid("no options after 'Options:'");
  return out;
}

}  // namespace assay
