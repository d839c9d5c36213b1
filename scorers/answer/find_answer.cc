#include "scorers/answer/find_answer.h"

#include <algorithm>
#include <optional>

#include "harness/base/json.h"
#include "harness/base/regex.h"
#include "scorers/answer/ascii.h"

namespace assay::answer {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// Length of "\boxed" or "\fbox" at `at`, or 0.
std::size_t box_command(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  for (const std::string_view name : {"\\boxed", "\\fbox"}) {
    if (rest.substr(0, name.size()) == name &&
        (rest.size() == name.size() || !is_letter(rest[name.size()]))) {
      return name.size();
    }
  }
  return 0;
}

// "\boxed 42": up to white space, a dollar sign or the end of a sentence.
std::string_view bare_box(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  std::size_t end = at;
  while (end < text.size() && !is_space(text[end]) && text[end] != '$' && text[end] != '\\') ++end;
  std::string_view found = text.substr(at, end - at);
  while (!found.empty() && (found.back() == '.' || found.back() == ',' || found.back() == ';'))
    found.remove_suffix(1);
  return found;
}

// One pass with a stack of open braces, so that a text of nothing but "\boxed{" is linear too.
std::string_view last_box(std::string_view text) {
  struct Brace {
    std::size_t at;
    bool box;
  };
  std::vector<Brace> open;
  std::string_view best;
  std::size_t best_at = 0;
  bool box_next = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      const std::size_t command = box_command(text, i);
      if (command == 0) {
        ++i;  // an escaped brace is no brace
        continue;
      }
      std::size_t next = i + command;
      while (next < text.size() && is_space(text[next])) ++next;
      box_next = next < text.size() && text[next] == '{';
      if (box_next) {
        i = next - 1;
      } else {
        const std::string_view bare = bare_box(text, i + command);
        if (!bare.empty() && i >= best_at) {
          best = bare;
          best_at = i;
        }
        i += command - 1;
      }
    } else if (c == '{') {
      open.push_back({i, box_next});
      box_next = false;
    } else if (c == '}' && !open.empty()) {
      const Brace brace = open.back();
      open.pop_back();
      if (brace.box && brace.at >= best_at) {
        best = text.substr(brace.at + 1, i - brace.at - 1);
        best_at = brace.at;
      }
    }
  }
  return best;
}

void add_box(std::string_view text, std::vector<Candidate>& out) {
  const std::string_view box = last_box(text);
  if (trim(box).empty()) return;
  out.push_back(candidate_at(text, box, "boxed"));
  out.back().decisive = true;
}

void add_tag(std::string_view text, std::vector<Candidate>& out) {
  struct Pair {
    std::string_view open;
    std::string_view close;
  };
  for (const Pair& tag : {Pair{"<answer>", "</answer>"}, Pair{"[ANSWER]", "[/ANSWER]"}}) {
    const std::size_t close = text.rfind(tag.close);
    if (close == kNone) continue;
    const std::size_t open = text.substr(0, close).rfind(tag.open);
    if (open == kNone) continue;
    const std::string_view inner = text.substr(open + tag.open.size(), close - open - tag.open.size());
    if (trim(inner).empty()) continue;
    out.push_back(candidate_at(text, inner, "answer_tag"));
    out.back().decisive = true;
    return;
  }
}

// The end of the JSON string that starts at `at`, one past its closing quote.
std::size_t json_string_end(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return kNone;
}

// Where a number, word, list or object ends: at the comma, brace or line end outside of its own brackets.
std::size_t json_value_end(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const std::size_t end = json_string_end(text, i);
      if (end == kNone) return text.size();
      i = end - 1;
    } else if (c == '[' || c == '{' || c == '(') {
      ++depth;
    } else if (depth == 0 && (c == ',' || c == '}' || c == '\n')) {
      return i;
    } else if (depth > 0 && (c == ']' || c == '}' || c == ')')) {
      --depth;
    }
  }
  return text.size();
}

void add_json(std::string_view text, std::vector<Candidate>& out) {
  const std::size_t plain = text.rfind("\"answer\"");
  const std::size_t final = text.rfind("\"final_answer\"");
  if (plain == kNone && final == kNone) return;
  std::size_t at = plain == kNone || (final != kNone && final > plain) ? final + 14 : plain + 8;
  while (at < text.size() && is_space(text[at])) ++at;
  if (at == text.size() || text[at] != ':') return;
  ++at;
  while (at < text.size() && is_space(text[at])) ++at;
  if (at == text.size()) return;
  if (text[at] == '"') {
    const std::size_t end = json_string_end(text, at);
    if (end == kNone) return;
    const Result<Json> value = parse_json(text.substr(at, end - at));
    Candidate found = candidate_at(text, text.substr(at + 1, end - at - 2), "json");
    if (value && value->is_string()) found.text = std::string(trim(value->get<std::string>()));
    found.decisive = true;
    if (!found.text.empty()) out.push_back(std::move(found));
    return;
  }
  const std::string_view value = text.substr(at, json_value_end(text, at) - at);
  if (trim(value).empty()) return;
  out.push_back(candidate_at(text, value, "json"));
  out.back().decisive = true;
}

std::string_view line_from(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  return text.substr(at, (end == kNone ? text.size() : end) - at);
}

void add_hash(std::string_view text, std::vector<Candidate>& out) {
  std::size_t from = text.size();
  for (int n = 0; n < 4 && from > 0; ++n) {
    const std::size_t at = text.rfind("####", from - 1);
    if (at == kNone) return;
    std::size_t start = at;
    while (start > 0 && text[start - 1] == '#') --start;
    const std::string_view rest = line_from(text, at + 4);
    if (!trim(rest).empty()) {
      out.push_back(candidate_at(text, rest, "hash"));
      out.back().open_ended = true;
      // As a heading within the text it only stands in where nothing says "answer".
      out.back().decisive = trim(text.substr(at + 4 + rest.size())).empty();
    }
    from = start;
  }
}

// After the word "answer": what leads on to the answer itself.
const Regex& lead() {
  static const Regex re = Regex::constant(
      "(?i)^answers?[\"'*_`]*(?:\\s+(?:to|of|for)\\s[^\\n.:=]{0,60}?)?"
      "(?:(\\s*[*_]*\\s*[:\xEF\xBC\x9A]|\\s*(?:=>?|->|\xE2\x86\x92))|"
      "\\s+(?:is|would be|will be|must be|should be|equals)\\b\\s*(:?))"
      "(?:\\s|[*_`:]|\\$\\$|\\\\\\[|\\\\\\()*");
  return re;
}

const Regex& heading() {
  static const Regex re = Regex::constant(R"((?i)^answer[*_:\s]*\n(?:\s|[*_`]|\$\$|\\\[|\\\()*)");
  return re;
}

// Is there nothing but "#", "*", "the", "final" before the word on its line, or another "Answer:"?
bool leads_line(std::string_view text, std::size_t at, bool& behind_mark) {
  const std::size_t newline = at == 0 ? kNone : text.rfind('\n', at - 1);
  const std::size_t begin = newline == kNone ? 0 : newline + 1;
  if (at - begin > 40) return false;
  static const Regex re =
      Regex::constant(R"((?i)^[\s#*_>\-]*(?:(?:so|thus|therefore|the|my|final|correct)[\s,]+)"
                      R"(|answer[\s*_]*:[\s*_]*)*$)");
  const std::string_view before = text.substr(begin, at - begin);
  behind_mark = before.find(':') != kNone;
  return re.contains(before);
}

// Without the closing half of a "**" that the answer's line began with in front of the word itself.
std::string_view without_closing_marks(std::string_view line) {
  line = trim(line);
  if (line.size() > 1 && line.back() == '.') {  // "**18**." ends a sentence
    const std::string_view inner = line.substr(0, line.size() - 1);
    const bool marked = inner.back() == '*' || inner.back() == '_' || inner.back() == '`';
    const std::string_view bare = marked ? without_closing_marks(inner) : inner;
    if (bare.size() < inner.size()) return bare;
  }
  while (!line.empty() && (line.back() == '*' || line.back() == '_' || line.back() == '`')) {
    const char mark = line.back();
    std::string_view inner = line;
    while (!inner.empty() && inner.back() == mark) inner.remove_suffix(1);
    if (inner.find(mark) != kNone) break;
    line = trim(inner);
  }
  return line;
}

// What a fenced block holds whose opening marks end at `at`; nothing when they open no block.
std::string_view block_at(std::string_view text, std::size_t at) {
  if (at < 3 || text.substr(at - 3, 3) != "```") return {};
  const std::size_t newline = text.find('\n', at);
  if (newline == kNone || line_from(text, at).find('`') != kNone) return {};
  const std::size_t close = text.find("\n```", newline);
  return text.substr(newline + 1, close == kNone ? kNone : close > newline ? close - newline - 1 : 0);
}

// Positions of "answer", from the last back, in any case of letters.
std::size_t previous_answer(std::string_view text, std::size_t before) {
  constexpr std::string_view kWord = "answer";
  for (std::size_t i = before; i-- > 0;) {
    if (lower(text[i]) == 'a' && starts_with_nocase(text.substr(i), kWord)) return i;
  }
  return kNone;
}

void add_phrases(std::string_view text, std::vector<Candidate>& out) {
  constexpr std::size_t kWindow = 160;
  constexpr int kLooks = 64;
  std::size_t at = text.size();
  for (int n = 0; n < kLooks && out.size() < kMaxCandidates - 1; ++n) {
    at = previous_answer(text, at);
    if (at == kNone) return;
    const std::string_view window = text.substr(at, kWindow);
    bool behind_mark = false;
    const bool starts = leads_line(text, at, behind_mark);
    auto match = lead().find(window);
    bool decisive = false;
    if (match) {
      decisive = starts && (match->group(1).matched || !match->text(2).empty() || behind_mark);
    } else if (starts) {
      match = heading().find(window);
      decisive = true;
    }
    if (!match) continue;
    const std::string_view block = block_at(text, at + match->end());
    const std::string_view rest =
        block.empty() ? without_closing_marks(line_from(text, at + match->end())) : trim(block);
    if (rest.empty()) continue;
    out.push_back(candidate_at(text, rest, "answer_is"));
    out.back().open_ended = block.empty();
    out.back().decisive = decisive;
  }
}

void add_fence(std::string_view text, std::vector<Candidate>& out) {
  const std::string_view body = trim(text);
  if (body.size() < 7 || body.substr(0, 3) != "```" || body.substr(body.size() - 3) != "```") return;
  const std::size_t first_line = body.find('\n');
  const std::size_t end = body.size() - 3;
  const std::size_t begin = first_line == kNone || first_line >= end ? 3 : first_line + 1;
  const std::string_view inner = body.substr(begin, end - begin);
  if (inner.find("```") != kNone || trim(inner).empty()) return;
  out.push_back(candidate_at(text, inner, "fence"));
}

// "<|im_end|>", "</s>": what ends a model's turn is none of its text.
std::string_view without_end_tokens(std::string_view text) {
  for (;;) {
    const std::string_view body = trim(text);
    if (body.empty() || body.back() != '>') return text;
    const std::size_t open = body.rfind('<');
    if (open == kNone || body.size() - open > 40) return text;
    const std::string_view token = body.substr(open);
    const bool bars = token.size() > 4 && token[1] == '|' && token[token.size() - 2] == '|';
    if (!bars && token != "</s>" && token != "<eos>" && token != "<end_of_turn>") return text;
    text = text.substr(0, static_cast<std::size_t>(token.data() - text.data()));
  }
}

// The last line that begins by taking back what stands before it; kNone without one.
std::size_t last_retraction(std::string_view text) {
  static const Regex re = Regex::constant(
      R"((?im)^[\s*_>]*(?:or\s|wait\b|no[,.!]|actually\b|hmm\b|oops\b|sorry\b|correction\b))");
  std::size_t found = kNone;
  std::size_t from = 0;
  while (const auto match = re.find(text, from)) {
    found = match->end();
    from = match->end();
  }
  return found;
}

// A mark that a later line takes back is marked so; behind a decisive one what that line calls the answer
// decides.
void take_back(std::string_view text, std::vector<Candidate>& out) {
  std::size_t first = kNone;
  for (const Candidate& c : out) first = std::min(first, c.span.end);
  if (first == kNone) return;
  const std::size_t retraction = last_retraction(text.substr(first));
  if (retraction == kNone) return;
  bool decided = false;
  for (Candidate& c : out) {
    c.retracted = c.span.begin < first + retraction;
    decided = decided || (c.retracted && c.decisive);
  }
  for (Candidate& c : out) c.decisive = c.decisive || (decided && !c.retracted);
}

}  // namespace

Candidate candidate_at(std::string_view text, std::string_view part, const char* rule) {
  const std::string_view found = trim(part);
  Candidate c;
  c.text = std::string(found);
  c.span.begin = static_cast<std::size_t>(found.data() - text.data());
  c.span.end = c.span.begin + found.size();
  c.rule = rule;
  return c;
}

std::vector<Candidate> find_answers(std::string_view whole_text) {
  const std::string_view text = without_end_tokens(whole_text);
  std::vector<Candidate> out;
  add_box(text, out);
  add_tag(text, out);
  add_json(text, out);
  add_hash(text, out);
  add_phrases(text, out);
  take_back(text, out);
  std::stable_sort(out.begin(), out.end(), [](const Candidate& a, const Candidate& b) {
    if (a.decisive != b.decisive) return a.decisive;
    return a.span.begin > b.span.begin;
  });
  add_fence(text, out);
  return out;
}

std::vector<Candidate> whole_answer(std::string_view text, std::size_t max_bytes, bool many_lines) {
  const std::string_view body = trim(without_end_tokens(text));
  if (body.empty() || body.size() > max_bytes) return {};
  if (!many_lines && body.find('\n') != kNone) return {};
  return {candidate_at(text, body, "whole")};
}

std::vector<Candidate> last_fence(std::string_view text) {
  std::optional<std::size_t> open;  // where the open block's content begins
  std::string_view best;
  std::size_t fence = 0;  // length of the opening run
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view line = line_from(text, at);
    const std::string_view body = trim(line);
    std::size_t run = 0;
    while (run < body.size() && body[run] == '`') ++run;
    if (run >= 3) {
      if (!open) {
        open = std::min(at + line.size() + 1, text.size());
        fence = run;
      } else if (run >= fence && run == body.size()) {
        best = text.substr(*open, at - *open);
        open.reset();
      }
    }
    at += line.size() + 1;
  }
  if (trim(best).empty()) return {};
  return {candidate_at(text, best, "last_fence")};
}

}  // namespace assay::answer
