#include "scorers/trace/steps.h"

#include <algorithm>

namespace assay::trace {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

Span trimmed(std::string_view text, std::size_t begin, std::size_t end) {
  while (begin < end && is_blank(text[begin])) ++begin;
  while (end > begin && is_blank(text[end - 1])) --end;
  return {begin, end};
}

// What a line starts with, white space and emphasis aside.
StepKind kind_of_line(std::string_view line) {
  std::size_t at = line.find_first_not_of(" \t\r");
  if (at == std::string_view::npos) return StepKind::paragraph;
  if (line.substr(at, 2) == "\\[" || line.substr(at, 2) == "$$" || line.substr(at, 7) == "\\begin{") {
    return StepKind::display;
  }
  if (line.substr(at, 2) == "- " || line.substr(at, 2) == "+ " || line.substr(at, 2) == "* " ||
      line.substr(at, 4) == "\xE2\x80\xA2 ") {
    return StepKind::list_item;
  }
  while (at < line.size() && (line[at] == '*' || line[at] == '#' || line[at] == ' ')) ++at;
  std::size_t digits = at;
  if (line.substr(at, 5) == "Step " || line.substr(at, 5) == "step " || line.substr(at, 5) == "STEP ")
    digits = at + 5;
  std::size_t end = digits;
  while (end < line.size() && is_digit(line[end])) ++end;
  if (end == digits || end - digits > 4 || end == line.size()) return StepKind::paragraph;
  const char after = line[end];
  if (digits > at)
    return after == ':' || after == '.' || after == ')' || after == ' ' ? StepKind::numbered
                                                                        : StepKind::paragraph;
  const bool spaced = end + 1 == line.size() || line[end + 1] == ' ' || line[end + 1] == '*';
  return (after == '.' || after == ')') && spaced ? StepKind::numbered : StepKind::paragraph;
}

// Are we inside a fence or display mathematics after this line?
struct Inside {
  bool fence = false;
  bool display = false;  // \[ or an environment
  bool dollars = false;

  bool any() const { return fence || display || dollars; }

  void read(std::string_view line) {
    for (std::size_t at = 0; at < line.size(); ++at) {
      if (line.substr(at, 3) == "```") {
        fence = !fence;
        at += 2;
      } else if (fence) {
        continue;
      } else if (line.substr(at, 2) == "$$") {
        dollars = !dollars;
        ++at;
      } else if (line[at] == '\\' && at + 1 < line.size()) {
        if (line[at + 1] == '[') display = true;
        if (line[at + 1] == ']') display = false;
        ++at;
      }
    }
  }
};

struct Builder {
  std::string_view text;
  std::vector<TextStep> out;
  std::size_t begin = 0;
  StepKind kind = StepKind::paragraph;

  void close(std::size_t end) {
    const Span span = trimmed(text, begin, end);
    if (span.begin < span.end) out.push_back({span, kind});
    begin = end;
    kind = StepKind::paragraph;
  }
};

// A pass over the lines; `every_line`: each line is a step.
std::vector<TextStep> by_lines(std::string_view text, bool every_line) {
  Builder build{text, {}, 0, StepKind::paragraph};
  Inside inside;
  // What is never closed parts the text all the same: a bound on how long we wait for the end.
  constexpr std::size_t kMostInside = 20000;
  std::size_t since = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (!inside.any() || at - since > kMostInside) {
      if (inside.any()) inside = Inside{};
      const StepKind kind = kind_of_line(line);
      const bool blank = line.find_first_not_of(" \t\r") == std::string_view::npos;
      if (blank || every_line || kind != StepKind::paragraph || build.kind == StepKind::display)
        build.close(at);
      if (!blank && kind != StepKind::paragraph) build.kind = kind;
    }
    const bool was = inside.any();
    inside.read(line);
    if (!was && inside.any()) since = at;
    at = end + 1;
  }
  build.close(text.size());
  return std::move(build.out);
}

bool ends_in_abbreviation(std::string_view text, std::size_t dot) {
  static constexpr std::string_view kShort[] = {"Mr",  "Mrs", "Ms",     "Dr",   "St", "vs",  "e.g",
                                                "i.e", "etc", "approx", "Prof", "No", "Fig", "Eq",
                                                "Jr",  "Sr",  "cf",     "resp", "Mt"};
  std::size_t begin = dot;
  while (begin > 0 && (is_letter(text[begin - 1]) || text[begin - 1] == '.') && dot - begin < 8) --begin;
  const std::string_view word = text.substr(begin, dot - begin);
  if (word.size() == 1 && word[0] >= 'A' && word[0] <= 'Z' && word[0] != 'I') return true;
  return std::find(std::begin(kShort), std::end(kShort), word) != std::end(kShort);
}

// The end of the sentence that `dot` ends, or 0.
std::size_t sentence_end(std::string_view text, std::size_t dot) {
  std::size_t end = dot + 1;
  while (end < text.size() && std::string_view(".!?)\"'*]}$").find(text[end]) != std::string_view::npos)
    ++end;
  if (end < text.size() && !is_blank(text[end])) return 0;
  if (text[dot] == '.' && ends_in_abbreviation(text, dot)) return 0;
  // "2. Then": a number of a list.
  std::size_t begin = dot;
  while (begin > 0 && is_digit(text[begin - 1]) && dot - begin < 4) --begin;
  if (text[dot] == '.' && begin < dot && (begin == 0 || text[begin - 1] == '\n')) return 0;
  return end;
}

}  // namespace

std::vector<Span> split_sentences(std::string_view text) {
  std::vector<Span> out;
  std::size_t begin = 0;
  const auto close = [&](std::size_t end) {
    const Span span = trimmed(text, begin, end);
    if (span.begin < span.end) out.push_back(span);
    begin = end;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') {
      close(at);
    } else if (c == '.' || c == '!' || c == '?') {
      if (const std::size_t end = sentence_end(text, at)) {
        close(end);
        at = end - 1;
      }
    }
  }
  close(text.size());
  return out;
}

std::vector<TextStep> split_steps(std::string_view trace) {
  std::vector<TextStep> steps = by_lines(trace, false);
  const auto one_paragraph = [&] { return steps.size() == 1 && steps[0].kind != StepKind::display; };
  if (one_paragraph()) steps = by_lines(trace, true);
  if (!one_paragraph()) return steps;
  std::vector<TextStep> out;
  for (const Span& span : split_sentences(trace)) out.push_back({span, StepKind::sentence});
  return out;
}

std::uint32_t step_at(const std::vector<TextStep>& steps, std::size_t at) {
  const auto after =
      std::upper_bound(steps.begin(), steps.end(), at,
                       [](std::size_t value, const TextStep& s) { return value < s.span.begin; });
  return after == steps.begin() ? 0 : static_cast<std::uint32_t>(after - steps.begin() - 1);
}

}  // namespace assay::trace
