#include "scorers/math/extract.h"

#include <algorithm>

#include "harness/base/utf8.h"
#include "scorers/math/boxes.h"
#include "scorers/math/limits.h"

namespace assay::math {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t offset(std::string_view whole, std::string_view part) {
  return static_cast<std::size_t>(part.data() - whole.data());
}

// What follows a mark: to the end of its line, or the next line where nothing follows on its own.
struct Marker {
  std::size_t at = std::string_view::npos;  // where the answer begins
  bool quoted = false;
};

bool matches(std::string_view text, std::size_t at, std::string_view what) {
  if (at + what.size() > text.size()) return false;
  for (std::size_t i = 0; i < what.size(); ++i) {
    if (lower(text[at + i]) != what[i]) return false;
  }
  return true;
}

// After the word "answer" or "result" at `at`: is this a mark, and where does what it marks begin?
std::size_t after_answer(std::string_view text, std::size_t at) {
  std::size_t i = at;
  bool mark = false;
  bool space = false;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"' || c == '*' || c == '_' || c == '`' || c == '\'' || c == '\\') {
      if (c == '\\' && i + 1 < text.size() && is_letter(text[i + 1]) && mark) break;
      if (c == '\\' && i + 1 < text.size() && (text[i + 1] == '(' || text[i + 1] == '[')) {
        if (!mark) mark = space;
        break;
      }
      ++i;
    } else if (c == ':' || c == '=') {
      mark = true;
      ++i;
    } else if (is_blank(c)) {
      space = true;
      ++i;
    } else if (!mark && space && matches(text, i, "is") && i + 2 < text.size() && !is_letter(text[i + 2])) {
      mark = true;
      i += 2;
    } else {
      break;
    }
  }
  if (i >= text.size()) return std::string_view::npos;
  if (!mark && space && (is_digit(text[i]) || text[i] == '$' || static_cast<unsigned char>(text[i]) >= 0x80)) mark = true;
  return mark ? i : std::string_view::npos;
}

// The last mark of the text.
std::size_t last_marker(std::string_view text) {
  for (std::size_t i = text.size(); i-- > 0;) {
    const char c = lower(text[i]);
    if (c == 'a' && (i == 0 || !is_letter(text[i - 1])) && matches(text, i, "answer")) {
      const std::size_t at = after_answer(text, i + 6);
      if (at != std::string_view::npos) return at;
    }
    if (c == 'r' && (i == 0 || !is_letter(text[i - 1])) && matches(text, i, "result")) {
      const std::size_t at = after_answer(text, i + 6);
      if (at != std::string_view::npos) return at;
    }
    if (c == '#' && matches(text, i, "####")) return i + 4;
    if (c == 'a' && (i == 0 || text[i - 1] == '\n') && matches(text, i, "a:")) return i + 2;
    if (text.substr(i, 6) == "\xE7\xAD\x94\xE6\xA1\x88") {  // Chinese "answer"
      std::size_t at = i + 6;
      while (at < text.size() && (text.substr(at, 3) == "\xEF\xBC\x9A" || text.substr(at, 3) == "\xE6\x98\xAF" || text[at] == ':' || is_blank(text[at]))) {
        at += text[at] == ':' || is_blank(text[at]) ? 1 : 3;
      }
      return at;
    }
  }
  return std::string_view::npos;
}

// The end of the sentence: a point before white space or the end, or a line's end.
std::size_t sentence_end(std::string_view text, std::size_t from) {
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '\n') return i;
    if (text.substr(i, 3) == "\xE3\x80\x82") return i;
    if ((text[i] == '.' || text[i] == '!' || text[i] == '?') && (i + 1 == text.size() || is_blank(text[i + 1])) &&
        !(text[i] == '!' && i + 1 < text.size() && text[i + 1] == ' ')) {
      return i;
    }
  }
  return text.size();
}

// Words at which a clause about the answer goes on to something else.
std::string_view before_clause(std::string_view text) {
  static constexpr std::string_view kWords[] = {" because", " since ", " where ", " as ", " which ", " for ", " when ", " if ", ", so ", ", so", " (", " is "};
  std::size_t cut = text.size();
  for (const std::string_view w : kWords) cut = std::min(cut, text.find(w));
  return text.substr(0, cut);
}

void add(Found& found, std::string_view part) {
  std::string s = unescape(trim_answer(part));
  if (s.empty() || std::find(found.spellings.begin(), found.spellings.end(), s) != found.spellings.end()) return;
  found.spellings.push_back(std::move(s));
}

// Spans that stand side by side are one list.
std::string_view joined_spans(std::string_view text, const std::vector<Part>& spans, std::size_t first, bool forward) {
  std::size_t from = first;
  std::size_t to = first;
  if (forward) {
    while (to + 1 < spans.size() && only_separates(text.substr(spans[to].to, spans[to + 1].from - spans[to].to))) ++to;
  } else {
    while (from > 0 && only_separates(text.substr(spans[from - 1].to, spans[from].from - spans[from - 1].to))) --from;
  }
  if (from == to) return text.substr(spans[from].begin, spans[from].end - spans[from].begin);
  return text.substr(spans[from].from, spans[to].to - spans[from].from);
}

// A value that a text after the last span states: in a sentence of its own, or right after "is".
std::string_view stated_later(std::string_view behind, bool displayed = false) {
  const std::string_view run = last_run(behind);
  if (run.empty()) return {};
  const std::string_view between = behind.substr(0, offset(behind, run));
  const bool sentence = displayed || sentence_end(between, 0) < between.size();
  const std::string_view word = trim_answer(between);
  return sentence || word == "is" || word == "are" || word == "equals" ? run : std::string_view();
}

Found from_marker(std::string_view text, std::size_t at) {
  Found found;
  found.rule = "marker";
  std::size_t begin = at;
  while (begin < text.size() && is_blank(text[begin])) ++begin;
  std::size_t end = text.find('\n', begin);
  end = std::min(end, text.size());
  // A quoted JSON value ends at its quote.
  if (at > 0 && text[at - 1] == '"') {
    for (std::size_t i = begin; i < text.size(); ++i) {
      if (text[i] == '"' && text[i - 1] != '\\') {
        end = i;
        break;
      }
    }
  }
  const std::string_view line = text.substr(begin, std::min(end, begin + kMaxAnswerBytes) - begin);
  found.begin = begin;
  found.end = begin + line.size();
  // Displayed mathematics may run over lines.
  const std::string_view rest = text.substr(begin, kMaxAnswerBytes);
  const auto spans = find_spans(rest);
  if (!spans.empty() && spans[0].from <= line.size()) {
    // "the answer is $x$ because $y$" — and words before the first span are passed over.
    const std::string_view lead = rest.substr(0, spans[0].from);
    const bool number_first = std::any_of(lead.begin(), lead.end(), is_digit);
    const std::string_view line_left = line.substr(std::min(spans[0].to, line.size()));
    const std::string_view stated = stated_later(line_left.substr(0, sentence_end(line_left, 0)));
    if (!stated.empty() && spans.size() == 1) {
      add(found, stated);
      return found;
    }
    if (!number_first) {
      add(found, joined_spans(rest, spans, 0, true));
      return found;
    }
  }
  add(found, line.substr(0, sentence_end(line, 0)));
  add(found, before_clause(line.substr(0, sentence_end(line, 0))));
  return found;
}

Found from_boxes(std::string_view text, const std::vector<Part>& boxes, const Policy& policy) {
  Found found;
  found.rule = "box";
  std::size_t first = boxes.size() - 1;
  while (policy.boxes == BoxPolicy::join && first > 0 &&
         only_separates(text.substr(boxes[first - 1].to, boxes[first].from - boxes[first - 1].to))) {
    --first;
  }
  found.begin = boxes[first].begin;
  found.end = boxes.back().end;
  std::string joined;
  std::vector<std::string> seen;
  for (std::size_t i = first; i < boxes.size(); ++i) {
    std::string one = unescape(trim_answer(text.substr(boxes[i].begin, boxes[i].end - boxes[i].begin)));
    if (one.empty() || std::find(seen.begin(), seen.end(), one) != seen.end()) continue;
    if (!joined.empty()) joined += " , ";
    joined += one;
    seen.push_back(std::move(one));
  }
  if (seen.size() > 1) found.rule = "boxes";
  if (!joined.empty()) found.spellings.push_back(std::move(joined));
  return found;
}

// A letter that stands alone at the start ("B. Because …") or, failing that, last in the text.
Found from_letter(std::string_view text) {
  Found found;
  found.rule = "letter";
  const auto alone = [&](std::size_t i) {
    const char c = text[i];
    const bool before = i == 0 || (!is_letter(text[i - 1]) && !is_digit(text[i - 1]));
    const bool behind = i + 1 >= text.size() || (!is_letter(text[i + 1]) && !is_digit(text[i + 1]) && text[i + 1] != '\'');
    return c >= 'A' && c <= 'Z' && before && behind && !(c == 'I' && i + 1 < text.size() && text[i + 1] == ' ');
  };
  std::size_t at = std::string_view::npos;
  const std::size_t first = !text.empty() && text[0] == '(' ? 1 : 0;
  if (first < text.size() && alone(first) && !(text[first] == 'A' && first + 1 < text.size() && text[first + 1] == ' ')) {
    at = first;
  } else if (is_prose(text)) {
    for (std::size_t i = text.size(); i-- > 0 && at == std::string_view::npos;) {
      if (alone(i)) at = i;
    }
  }
  if (at == std::string_view::npos) return found;
  found.begin = at;
  found.end = at + 1;
  found.spellings.emplace_back(1, text[at]);
  return found;
}

std::string_view last_bold(std::string_view text) {
  const std::size_t close = text.rfind("**");
  if (close == std::string_view::npos || close == 0) return {};
  const std::size_t open = text.rfind("**", close - 1);
  if (open == std::string_view::npos || close - open > 400) return {};
  return text.substr(open + 2, close - open - 2);
}

bool has_digit(std::string_view text) { return std::any_of(text.begin(), text.end(), is_digit); }

std::string_view without_thoughts(std::string_view text) {
  if (text.size() > kMaxResponseBytes) text.remove_prefix(text.size() - kMaxResponseBytes);
  const std::size_t close = text.rfind("</think>");
  if (close != std::string_view::npos) text.remove_prefix(close + 8);
  return text;
}

// The start of the text's last 4096 bytes, at a line's start: where a run of mathematics is looked for.
std::string_view tail(std::string_view text) { return text.size() > 4096 ? text.substr(text.size() - 4096) : text; }

}  // namespace

Found extract(std::string_view response, PredictionKind kind, const Policy& policy, bool letters) {
  const std::string_view text = without_thoughts(response);
  const std::size_t base = offset(response, text);
  const auto placed = [&](Found f) {
    f.begin += base;
    f.end += base;
    return f;
  };
  const auto boxes = find_boxes(text);
  if (!boxes.empty()) {
    Found f = from_boxes(text, boxes, policy);
    if (!f.spellings.empty()) return placed(std::move(f));
  }
  const std::string_view whole = trim_answer(text);
  Found self;
  self.rule = "whole";
  self.begin = offset(text, whole);
  self.end = self.begin + whole.size();
  if (kind == PredictionKind::answer || whole.size() <= kMaxAnswerBytes) add(self, whole);
  if (kind == PredictionKind::answer) return placed(std::move(self));
  const std::size_t marker = last_marker(text);
  if (marker != std::string_view::npos) {
    Found f = from_marker(text, marker);
    if (!f.spellings.empty()) return placed(std::move(f));
  }
  const bool one_line = whole.size() <= kMaxAnswerBytes && whole.find('\n') == std::string_view::npos;
  if (letters) {
    Found f = from_letter(whole);
    if (!f.spellings.empty() && whole.size() > 1) {
      f.begin += self.begin;
      f.end += self.begin;
      return placed(std::move(f));
    }
  }
  const auto spans = find_spans(text);
  if (one_line && !is_prose(whole)) {
    if (!spans.empty()) add(self, joined_spans(text, spans, spans.size() - 1, false));
    return placed(std::move(self));
  }
  Found f;
  if (!spans.empty()) {
    const std::string_view behind = text.substr(spans.back().to);
    const std::string_view inside = text.substr(spans.back().begin, spans.back().to - spans.back().begin);
    const bool closed = inside.size() > 2 && (inside.substr(inside.size() - 2) == "$$" || inside.substr(inside.size() - 2) == "\\]");
    const std::string_view run = stated_later(behind.substr(0, kMaxAnswerBytes), closed);
    if (!run.empty()) {
      f.rule = "run";
      f.begin = offset(text, run);
      f.end = f.begin + run.size();
      add(f, run);
      return placed(std::move(f));
    }
  }
  for (std::size_t i = spans.size(); i-- > 0;) {
    const std::string_view inside = trim_answer(text.substr(spans[i].begin, spans[i].end - spans[i].begin));
    if (inside.size() <= 1 && !has_digit(inside) && i > 0) continue;  // "where $n$ is …"
    f.rule = "span";
    f.begin = spans[i].begin;
    f.end = spans[i].end;
    add(f, joined_spans(text, spans, i, false));
    if (!f.spellings.empty()) return placed(std::move(f));
  }
  if (const std::string_view bold = last_bold(text); has_digit(bold)) {
    f.rule = "bold";
    f.begin = offset(text, bold);
    f.end = f.begin + bold.size();
    add(f, bold);
    return placed(std::move(f));
  }
  const std::string_view run = last_run(tail(text));
  if (!run.empty()) {
    f.rule = "run";
    f.begin = offset(text, run);
    f.end = f.begin + run.size();
    if (one_line && whole.size() <= 200) add(f, whole);  // "50 miles per hour" is an answer by itself
    add(f, run);
    return placed(std::move(f));
  }
  return placed(std::move(self));
}

std::string_view trim_answer(std::string_view text) {
  const auto strip = [&](std::string_view front, std::string_view back) {
    if (text.size() <= front.size() + back.size()) return false;
    if (text.substr(0, front.size()) != front || text.substr(text.size() - back.size()) != back) return false;
    text = text.substr(front.size(), text.size() - front.size() - back.size());
    return true;
  };
  for (int i = 0; i < 8; ++i) {
    while (!text.empty() && (is_blank(text.front()) || text.front() == ':')) text.remove_prefix(1);
    while (!text.empty() && (is_blank(text.back()) || text.back() == ',' || text.back() == ';')) text.remove_suffix(1);
    const bool delimiter = text.size() > 7 && text.substr(text.size() - 7) == "\\right.";
    if (text.size() > 2 && text.back() == '.' && text[text.size() - 2] != '.' && !delimiter) {
      text.remove_suffix(1);
      continue;
    }
    if (strip("**", "**") || strip("$$", "$$") || strip("\"", "\"") || strip("`", "`") || strip("\\(", "\\)") ||
        strip("\\[", "\\]") || strip("\\\"", "\\\"")) {
      continue;
    }
    if (text.size() > 2 && text.front() == '$' && text.back() == '$' && text.find('$', 1) == text.size() - 1) {
      text = text.substr(1, text.size() - 2);
      continue;
    }
    if (text.size() > 2 && text.substr(text.size() - 2) == "**") {
      text.remove_suffix(2);
      continue;
    }
    if (text.size() > 1 && text.back() == '"' && text.find('"') == text.size() - 1) {
      text.remove_suffix(1);
      continue;
    }
    break;
  }
  return text;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 5 >= text.size() || text[i + 1] != 'u') {
      out += text[i];
      continue;
    }
    char32_t value = 0;
    bool hex = true;
    for (std::size_t k = i + 2; k < i + 6; ++k) {
      const char c = lower(text[k]);
      hex = hex && (is_digit(c) || (c >= 'a' && c <= 'f'));
      value = value * 16 + static_cast<char32_t>(is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    if (!hex) {
      out += text[i];
      continue;
    }
    append_utf8(out, value);
    i += 5;
  }
  return out;
}

}  // namespace assay::math
