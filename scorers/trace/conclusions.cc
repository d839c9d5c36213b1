#include "scorers/trace/conclusions.h"

#include <algorithm>
#include <unordered_map>

#include "harness/base/regex.h"
#include "scorers/math/grade.h"
#include "scorers/math/plain.h"

namespace assay::trace {
namespace {

constexpr std::size_t kMaxAnswer = 200;       // bytes
constexpr std::size_t kMaxComparisons = 400;  // by mathematics, in one trace; texts are compared beyond

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

Span trimmed(std::string_view text, Span s) {
  constexpr std::string_view kAround = " \t\r\n*$.,;:`\"";
  while (s.begin < s.end && kAround.find(text[s.begin]) != std::string_view::npos) ++s.begin;
  while (s.end > s.begin && kAround.find(text[s.end - 1]) != std::string_view::npos) --s.end;
  // A delimiter of mathematics around all of it.
  const auto strip = [&](std::string_view open, std::string_view close) {
    const std::string_view inner = text.substr(s.begin, s.end - s.begin);
    if (inner.starts_with(open)) s.begin += open.size();
    if (text.substr(s.begin, s.end - s.begin).ends_with(close)) s.end -= close.size();
  };
  strip("\\(", "\\)");
  strip("\\[", "\\]");
  while (s.begin < s.end && is_space(text[s.begin])) ++s.begin;
  while (s.end > s.begin && (is_space(text[s.end - 1]) || text[s.end - 1] == '.')) --s.end;
  return s;
}

void add(std::string_view text, Span span, bool strong, std::vector<Conclusion>& out) {
  span = trimmed(text, span);
  if (span.begin >= span.end || span.end - span.begin > kMaxAnswer) return;
  out.push_back({span, strong});
}

void boxes(std::string_view text, std::vector<Conclusion>& out) {
  constexpr std::string_view kBox = "\\boxed{";
  for (std::size_t at = text.find(kBox); at != std::string_view::npos;) {
    const std::size_t begin = at + kBox.size();
    int depth = 1;
    std::size_t end = begin;
    const std::size_t most = std::min(text.size(), begin + 4 * kMaxAnswer);
    for (; end < most; ++end) {
      if (text[end] == '\\')
        ++end;
      else if (text[end] == '{')
        ++depth;
      else if (text[end] == '}' && --depth == 0)
        break;
    }
    if (depth == 0) add(text, {begin, end}, true, out);
    at = text.find(kBox, begin);
  }
}

// The end of the sentence or line that starts at `from`.
std::size_t clause_end(std::string_view text, std::size_t from) {
  const std::size_t most = std::min(text.size(), from + kMaxAnswer + 1);
  for (std::size_t i = from; i < most; ++i) {
    const char c = text[i];
    if (c == '\n') return i;
    const bool stop = c == '.' || c == ';' || c == '!' || c == '?';
    if (stop && (i + 1 >= text.size() || is_space(text[i + 1]))) return i;
    if (c == ',' && i + 1 < text.size() && text[i + 1] == ' ') return i;
  }
  return most;
}

void told(std::string_view text, std::vector<Conclusion>& out) {
  // The word first, at the speed of a search for bytes; then what follows it.
  static const Regex kFollows =
      Regex::constant(R"(^(?:[\w\s*'()]{0,40}?)(?:\s(?:is|would be|should be|must be|will be|becomes|as)\b:?)"
                      R"(|\*{0,2}:\*{0,2}|=)\s*)");
  for (std::size_t at = text.find("nswer"); at != std::string_view::npos; at = text.find("nswer", at + 5)) {
    const std::size_t end = at + 5;
    if (at == 0 || lower(text[at - 1]) != 'a') continue;
    if (end < text.size() && (lower(text[end]) == 'e' || lower(text[end]) == 'i'))
      continue;  // answered, answering
    const auto match = kFollows.find(text.substr(end, 80));
    if (!match || match->begin() != 0) continue;
    const std::size_t begin = end + match->end();
    add(text, {begin, clause_end(text, begin)}, true, out);
  }
  for (std::size_t at = text.find("####"); at != std::string_view::npos; at = text.find("####", at + 4)) {
    if (at > 0 && text[at - 1] != '\n' && text[at - 1] != ' ') continue;
    add(text, {at + 4, std::min(text.find('\n', at), text.size())}, true, out);
    const bool number = !out.empty() && out.back().span.begin > at &&
                        text.find_first_of("0123456789", at) < text.find('\n', at);
    if (!number && !out.empty() && out.back().span.begin > at) out.pop_back();  // a heading
  }
}

void paragraph_ends(std::string_view text, std::vector<Conclusion>& out) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const std::size_t equals = line.rfind('=');
    if (equals != std::string_view::npos && line.size() - equals <= 80 &&
        line.find(". ", equals) == std::string_view::npos) {
      add(text, {at + equals + 1, end}, false, out);
    }
    at = end + 1;
  }
}

// Compares with one answer, each text once.
class Against {
 public:
  Against(std::string_view answer, const SameAnswer& same, std::size_t& budget)
      : answer_(answer), same_(same), budget_(budget) {}
  bool is(std::string_view text) {
    const auto [it, fresh] = known_.try_emplace(std::string(text), false);
    if (fresh) {
      if (budget_ > 0) {
        --budget_;
        it->second = same_(text, answer_);
      } else {
        it->second = same_text(text, answer_);
      }
    }
    return it->second;
  }

 private:
  std::string answer_;
  const SameAnswer& same_;
  std::size_t& budget_;
  std::unordered_map<std::string, bool> known_;
};

std::size_t switches_in(std::string_view trace, const std::vector<Conclusion>& all, const SameAnswer& same,
                        std::size_t& budget) {
  std::size_t out = 0;
  std::string_view last;
  for (const Conclusion& c : all) {
    if (!c.strong) continue;
    const std::string_view text = trace.substr(c.span.begin, c.span.end - c.span.begin);
    bool differs = !last.empty() && !same_text(text, last);
    if (differs && budget > 0) {
      --budget;
      differs = !same(text, last);
    }
    out += differs;
    last = text;
  }
  return out;
}

void with_gold(std::string_view trace, const Words& words, const std::vector<Conclusion>& all,
               std::string_view answer, Against& gold, AnswerFigures& out) {
  const std::size_t total = words.size();
  bool strong_right = false;
  for (const Conclusion& c : all) {
    if (!gold.is(trace.substr(c.span.begin, c.span.end - c.span.begin))) continue;
    strong_right = strong_right || c.strong;
    if (out.first_right) continue;
    out.first_right = c.span;
    out.first_right_tokens = std::min(total, words.count_until(c.span.end) + 1);
  }
  if (!answer.empty()) out.right = gold.is(answer);
  if (out.right) out.had_right_then_lost = strong_right && !*out.right;
  if (total == 0) return;
  const double reached =
      out.first_right_tokens ? static_cast<double>(*out.first_right_tokens) / static_cast<double>(total) : 1;
  out.outcome_efficiency = out.first_right_tokens ? reached : 0;
  if (!out.right) return;
  if (*out.right && out.first_right_tokens) out.overthinking_share = 1 - reached;
  if (!*out.right) out.underthinking = 1 - reached;
}

}  // namespace

std::vector<Conclusion> find_conclusions(std::string_view text) {
  std::vector<Conclusion> out;
  boxes(text, out);
  told(text, out);
  paragraph_ends(text, out);
  std::stable_sort(out.begin(), out.end(), [](const Conclusion& a, const Conclusion& b) {
    return a.span.begin != b.span.begin ? a.span.begin < b.span.begin : a.strong > b.strong;
  });
  // "The answer is \boxed{5}", "= \boxed{5}": one conclusion, the inner text.
  std::vector<Conclusion> apart;
  for (const Conclusion& c : out) {
    if (!apart.empty() && c.span.begin < apart.back().span.end) {
      const bool strong = apart.back().strong || c.strong;
      if (c.span.end <= apart.back().span.end && c.strong) apart.back() = c;
      apart.back().strong = strong;
    } else {
      apart.push_back(c);
    }
  }
  return apart;
}

bool same_text(std::string_view a, std::string_view b) {
  const auto skip = [](std::string_view s, std::size_t i) {
    return is_space(s[i]) || s[i] == '$' || s[i] == '*' || (s[i] == '.' && i + 1 == s.size());
  };
  const auto bare = [](std::string_view s) {  // "(B)"
    return s.size() == 3 && s[0] == '(' && s[2] == ')' ? s.substr(1, 1) : s;
  };
  a = bare(a);
  b = bare(b);
  for (std::size_t i = 0, j = 0;; ++i, ++j) {
    while (i < a.size() && skip(a, i)) ++i;
    while (j < b.size() && skip(b, j)) ++j;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (lower(a[i]) != lower(b[j])) return false;
  }
}

namespace {

bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

// "7 apples": the number.
std::string_view without_unit(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || space + 1 == text.size() ||
      !math::plain_number(text.substr(0, space))) {
    return text;
  }
  const std::string_view rest = text.substr(space + 1);
  const bool words =
      std::all_of(rest.begin(), rest.end(), [](char c) { return is_letter(c) || c == ' ' || c == '-'; });
  return words && rest.size() > 1 ? text.substr(0, space) : text;
}

// Letters outside commands, where nothing is set equal: "x = 5" has a value.
bool has_letters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '=') return false;
    if (text[i] == '\\') {
      while (i + 1 < text.size() && is_letter(text[i + 1])) ++i;
    } else if (is_letter(text[i])) {
      return text.find('=', i) == std::string_view::npos;
    }
  }
  return false;
}

}  // namespace

bool same_mathematics(std::string_view a, std::string_view b) {
  a = without_unit(a);
  b = without_unit(b);
  if (same_text(a, b)) return true;
  static const math::Policy kPolicy;
  const auto x = math::plain_number(a);
  const auto y = math::plain_number(b);
  if (x && y) {
    if (const auto equal = math::plain_equal(*x, *y)) return *equal;
  } else if ((x && has_letters(b)) || (y && has_letters(a))) {
    return false;  // a number against words or variables: not worth the reader of mathematics
  }
  return math::same_answer(a, b, kPolicy) == math::Equal::yes;
}

AnswerFigures answer_figures(std::string_view trace, const Words& words, std::string_view answer,
                             const std::optional<std::string>& gold, const SameAnswer& same) {
  AnswerFigures out;
  const std::vector<Conclusion> all = find_conclusions(trace);
  std::size_t budget = kMaxComparisons;
  out.rounds = all.size();
  const auto text_of = [&](const Conclusion& c) {
    return trace.substr(c.span.begin, c.span.end - c.span.begin);
  };
  const auto last_strong =
      std::find_if(all.rbegin(), all.rend(), [](const Conclusion& c) { return c.strong; });
  const bool any_strong = last_strong != all.rend();
  if (!answer.empty() && !all.empty())
    out.match = same(text_of(any_strong ? *last_strong : all.back()), answer);
  out.switches = switches_in(trace, all, same, budget);
  if (gold) {
    if (answer.empty() && any_strong) answer = text_of(*last_strong);
    Against against(*gold, same, budget);
    with_gold(trace, words, all, answer, against, out);
  }
  return out;
}

}  // namespace assay::trace
