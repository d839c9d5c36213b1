#include "scorers/math/boxes.h"

#include <algorithm>
#include <string>

namespace assay::math {
namespace {

constexpr std::size_t kMaxParts = 64;
constexpr std::size_t kMaxBox = 16384;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool starts(std::string_view text, std::size_t at, std::string_view what) {
  return text.substr(at, what.size()) == what;
}

void keep(std::vector<Part>& parts, Part p) {
  if (parts.size() >= kMaxParts) parts.erase(parts.begin());
  parts.push_back(p);
}

// Where the brace that opens at `open` closes, or npos.
std::size_t closing(std::string_view text, std::size_t open) {
  int depth = 0;
  const std::size_t limit = std::min(text.size(), open + kMaxBox);
  for (std::size_t i = open; i < limit; ++i) {
    if (text[i] == '\\' && i + 1 < limit && (text[i + 1] == '{' || text[i + 1] == '}')) {
      // "\\}" is a row's end before a brace.
      const bool row = i > 0 && text[i - 1] == '\\';
      if (!row) ++i;
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

// The box whose command ends at `at`; false when nothing follows.
bool box_from(std::string_view text, std::size_t from, std::size_t at, Part& p) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n')) ++at;
  if (at >= text.size()) return false;
  p.from = from;
  if (text[at] == '{') {
    p.begin = at + 1;
    const std::size_t close = closing(text, at);
    if (close != std::string_view::npos) {
      p.end = close;
      p.to = close + 1;
      return true;
    }
    // Never closed: to the end of its line, or of its mathematics.
    p.end = std::min({text.find('\n', at), text.find('$', at), text.size()});
    p.to = p.end;
    return true;
  }
  p.begin = at;
  while (at < text.size() && text[at] != ' ' && text[at] != '$' && text[at] != '\n') ++at;
  while (at > p.begin && (text[at - 1] == '.' || text[at - 1] == ',')) --at;
  p.end = at;
  p.to = at;
  return p.end > p.begin;
}

}  // namespace

std::vector<Part> find_boxes(std::string_view text) {
  static constexpr std::string_view kNames[] = {"\\boxed", "\\fbox", "\\beginboxed", "\boxed", "\\framebox"};
  std::vector<Part> out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '\\' && c != '\b' && c != '<') continue;
    if (c == '<') {
      static constexpr std::string_view kOpen = "<|begin_of_box|>";
      if (!starts(text, i, kOpen)) continue;
      const std::size_t close = std::min(text.find("<|end_of_box|>", i), text.size());
      keep(out, {i + kOpen.size(), close, i, std::min(close + 14, text.size())});
      i = close;
      continue;
    }
    for (const std::string_view name : kNames) {
      if (!starts(text, i, name)) continue;
      const std::size_t after = i + name.size();
      if (after < text.size() && is_letter(text[after])) continue;
      Part p;
      if (box_from(text, i, after, p)) {
        keep(out, p);
        i = std::max(i, p.to - 1);
      }
      break;
    }
  }
  return out;
}

std::vector<Part> find_spans(std::string_view text) {
  std::vector<Part> out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      const char d = text[i + 1];
      if (d == '(' || d == '[') {
        const std::size_t close = text.find(d == '(' ? "\\)" : "\\]", i + 2);
        if (close != std::string_view::npos) {
          keep(out, {i + 2, close, i, close + 2});
          i = close + 1;
          continue;
        }
      }
      if (!is_letter(d)) ++i;
      continue;
    }
    if (c != '$') continue;
    const bool two = starts(text, i, "$$");
    const std::size_t begin = i + (two ? 2 : 1);
    std::size_t close = begin;
    while (close < text.size() && !(text[close] == '$' && (!two || starts(text, close, "$$")))) {
      if (text[close] == '\\') ++close;
      if (text[close < text.size() ? close : text.size() - 1] == '\n' && !two && starts(text, close, "\n\n")) break;
      ++close;
    }
    if (close >= text.size() || text[close] != '$') {
      // No partner: money, or an open delimiter.
      continue;
    }
    // "$5 and $6": a digit after the first and white space before the second are money.
    const std::string_view inside = text.substr(begin, close - begin);
    const bool digit = !inside.empty() && inside[0] >= '0' && inside[0] <= '9';
    const bool digit_after = close + 1 < text.size() && text[close + 1] >= '0' && text[close + 1] <= '9';
    if (!two && digit && !inside.empty() && inside.back() == ' ' && digit_after) continue;
    keep(out, {begin, close, i, close + (two ? 2 : 1)});
    i = close + (two ? 1 : 0);
  }
  return out;
}

bool only_separates(std::string_view between) {
  if (between.size() > 60) return false;
  std::string letters;
  for (std::size_t i = 0; i < between.size(); ++i) {
    const char c = between[i];
    if (c == '\\') {
      std::size_t end = i + 1;
      while (end < between.size() && is_letter(between[end])) ++end;
      const std::string_view name = between.substr(i + 1, end - i - 1);
      if (name != "quad" && name != "qquad" && name != "text" && !name.empty() && name != "mbox" && name != "textrm") return false;
      i = name.empty() ? i + 1 : end - 1;
      continue;
    }
    if (is_letter(c)) {
      letters += c;
    } else if (c != ' ' && c != ',' && c != '$' && c != ';' && c != '{' && c != '}' && c != '\n' && c != '&' && c != '*' &&
               c != '~' && c != '(' && c != ')') {
      return false;
    } else if (!letters.empty() && letters.back() != ' ') {
      letters += ' ';
    }
  }
  while (!letters.empty() && letters.back() == ' ') letters.pop_back();
  if (letters.empty() || letters == "and" || letters == "or") return true;
  // "… papers and …": a few words that go on to the next.
  const bool goes_on = letters.size() > 4 && letters.substr(letters.size() - 4) == " and";
  return goes_on && std::count(letters.begin(), letters.end(), ' ') <= 5;
}

}  // namespace assay::math
