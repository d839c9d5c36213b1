#include "scorers/trace/form.h"

#include <algorithm>
#include <vector>

#include "harness/base/regex.h"
#include "harness/text/think_tags.h"

namespace assay::trace {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed_end(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

double tag_count(std::string_view text) {
  double out = 0;
  for (const std::string_view tag : {"<think>\n", "\n</think>\n", "\n<answer>\n", "\n</answer>"}) {
    if (count_of(text, tag) == 1) out += 0.25;
  }
  return out;
}

bool strict(std::string_view text) {
  if (text.substr(0, 8) != "<think>\n") return false;
  constexpr std::string_view kMiddle = "\n</think>\n<answer>\n";
  constexpr std::string_view kEnd = "\n</answer>";
  if (text.size() < kEnd.size() || text.substr(text.size() - kEnd.size()) != kEnd) return false;
  const std::size_t middle = text.find(kMiddle, 8);
  return middle != std::string_view::npos && middle + kMiddle.size() + kEnd.size() <= text.size();
}

// Where what is opened last and not closed starts; what that is.
struct Open {
  Cut cut = Cut::none;
  std::size_t at = 0;
};

Open open_fence(std::string_view text) {
  bool open = false;
  std::size_t since = 0;
  for (std::size_t at = text.find("```"); at != std::string_view::npos; at = text.find("```", at + 3)) {
    open = !open;
    since = at;
  }
  return open ? Open{Cut::fence, since} : Open{};
}

Open open_box(std::string_view text) {
  const std::size_t box = text.rfind("\\boxed{");
  if (box == std::string_view::npos) return {};
  int depth = 0;
  for (std::size_t i = box + 6; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      return {};
    }
  }
  return {Cut::box, box};
}

Open open_math(std::string_view text) {
  for (const auto& [open, close] :
       {std::pair<std::string_view, std::string_view>{"\\[", "\\]"}, {"\\(", "\\)"}}) {
    const std::size_t last = text.rfind(open);
    if (last == std::string_view::npos || (last > 0 && text[last - 1] == '\\')) continue;
    if (text.find(close, last) == std::string_view::npos) return {Cut::math, last};
  }
  if (count_of(text, "$$") % 2 == 1 && count_of(text, "$$$") == 0) return {Cut::math, text.rfind("$$")};
  // A dollar sign of the last line that nothing closes; before a number it may be money.
  const std::size_t begin = text.rfind('\n') == std::string_view::npos ? 0 : text.rfind('\n') + 1;
  const std::string_view line = text.substr(begin);
  if (count_of(line, "$") % 2 == 0) return {};
  bool open = false;
  std::size_t since = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '$' || (i > 0 && line[i - 1] == '\\')) continue;
    if (!open && i + 1 < line.size() && (is_digit(line[i + 1]) || line[i + 1] == '<')) continue;
    open = !open;
    since = begin + i;
  }
  const bool latex = open && text.substr(since).find_first_of("\\^_=") != std::string_view::npos;
  return latex ? Open{Cut::math, since} : Open{};
}

// An object or array that the text starts with and never ends.
Open open_json(std::string_view text) {
  std::size_t at = text.find_first_not_of(" \t\r\n");
  if (at == std::string_view::npos) return {};
  if (text.substr(at, 7) == "```json") at = std::min(text.find_first_of("{[", at), text.size());
  if (at >= text.size() || (text[at] != '{' && text[at] != '[') ||
      text.find('"', at) == std::string_view::npos)
    return {};
  bool quoted = false;
  int depth = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    if (quoted) {
      if (text[i] == '\\')
        ++i;
      else if (text[i] == '"')
        quoted = false;
      continue;
    }
    if (text[i] == '"') quoted = true;
    if (text[i] == '{' || text[i] == '[') ++depth;
    if ((text[i] == '}' || text[i] == ']') && --depth == 0) return {};
  }
  return {Cut::json, at};
}

// A word that no answer ends in, but what was cut may.
bool goes_on(std::string_view word) {
  static constexpr std::string_view kWords[] = {
      "a",      "an",        "and",   "answer", "are",  "as",    "be",    "by",   "final", "first",
      "for",    "from",      "given", "has",    "have", "hence", "i",     "if",   "in",    "is",
      "it",     "let",       "now",   "of",     "or",   "since", "so",    "step", "that",  "the",
      "their",  "therefore", "this",  "thus",   "to",   "we",    "which", "with", "th",    "\\boxed",
      "\\text", "\\frac",    "\\box", "\\bo",   "\\b",  "\\boxe"};
  std::string small(word);
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return std::find(std::begin(kWords), std::end(kWords), small) != std::end(kWords);
}

// Lines that end without a full stop: "#### 18", "Answer: 5 apples", "x = 4", one word.
bool ends_as_answer(std::string_view text) {
  static const Regex kAnswer = Regex::constant(
      R"((?i)^\W*(?:####|answer:|final answer|(?:so,? |therefore,? )?the (?:final |correct )?answer)"
      R"( (?:is|=|:)|result|option|[\w\s]{0,40}=)[^\n]*[\w)\]}*%$°>]$)");
  const std::size_t begin = text.rfind('\n') == std::string_view::npos ? 0 : text.rfind('\n') + 1;
  const std::string_view line = text.substr(begin);
  const std::size_t space = line.rfind(' ');
  const std::string_view last = space == std::string_view::npos ? line : line.substr(space + 1);
  if (goes_on(last)) return false;
  if (space == std::string_view::npos) return line.size() <= 40;
  return line.size() < 400 && kAnswer.contains(line);
}

bool ends_within_sentence(std::string_view text) {
  const char c = text.back();
  if (static_cast<unsigned char>(c) >= 0x80) {
    for (const std::string_view end :
         {"。", "！", "？", "”", "’", "…", "।", "؟", "」", "）", "°", "✓", "✅", "∎", "□"}) {
      if (text.size() >= end.size() && text.substr(text.size() - end.size()) == end) return false;
    }
    return !ends_as_answer(text);
  }
  if (std::string_view(".!?\"'`]})*$|>~").find(c) != std::string_view::npos) return false;
  return !ends_as_answer(text);
}

Open cut_of(std::string_view whole) {
  const std::string_view text = trimmed_end(whole);
  if (text.empty()) return {};
  for (const Open open : {open_box(text), open_json(text), open_fence(text), open_math(text)}) {
    if (open.cut != Cut::none) return open;
  }
  if (ends_within_sentence(text)) return {Cut::sentence, text.size()};
  return {};
}

void read_block(std::string_view text, const std::vector<TagToken>& tags, bool opens_think, Form& form) {
  std::size_t opens = 0;
  std::size_t closes = 0;
  const TagToken* first_open = nullptr;
  const TagToken* last_close = nullptr;
  int depth = opens_think ? 1 : 0;
  for (const TagToken& tag : tags) {
    if (tag.quoted) continue;
    if (tag.opens) {
      ++opens;
      form.nested = form.nested || depth > 0;
      ++depth;
      if (first_open == nullptr) first_open = &tag;
    } else {
      ++closes;
      depth = std::max(0, depth - 1);
      last_close = &tag;
    }
  }
  form.tagged = opens + closes > 0;
  form.blocks = opens + (opens_think && opens == 0 && closes > 0 ? 1 : 0);
  if (!form.tagged) return;
  const std::size_t begin = first_open == nullptr ? 0 : first_open->end;
  const std::size_t end =
      last_close == nullptr || last_close->begin < begin ? text.size() : last_close->begin;
  const bool has_close = last_close != nullptr && last_close->begin >= begin;
  form.trace = {begin, end};
  form.answer = {has_close ? last_close->end : text.size(), text.size()};
  const bool opened = opens == 1 || (opens == 0 && opens_think);
  form.closed = opened && closes == 1 && has_close;
  form.empty = has_close && trimmed_end(text.substr(begin, end - begin)).empty();
  form.answer_empty = trimmed_end(text.substr(form.answer.begin)).empty();
  form.text_before = first_open != nullptr &&
                     text.substr(0, first_open->begin).find_first_not_of(" \t\r\n") != std::string_view::npos;
  if (!has_close) {
    form.cut = Cut::no_close;
    form.cut_at = text.size();
  }
}

}  // namespace

const char* name(Cut cut) {
  static constexpr const char* kNames[] = {"",    "none", "length", "no_close", "no_answer",
                                           "box", "math", "fence",  "json",     "sentence"};
  return kNames[static_cast<std::size_t>(cut)];
}

Form form_of(std::string_view response, const FormOptions& options) {
  static const std::vector<ThinkTag> kTags = {{"<think>", "</think>"}, {"<thinking>", "</thinking>"}};
  Form form;
  form.trace = {0, response.size()};
  form.answer = {response.size(), response.size()};
  form.tag_count = tag_count(response);
  form.format_strict = strict(response);
  read_block(response, find_tags(response, kTags), options.opens_think, form);
  if (form.cut == Cut::none && form.tagged && form.answer_empty && !options.has_answer) {
    form.cut = Cut::no_answer;
    form.cut_at = response.size();
  }
  if (form.cut == Cut::none) {
    const std::size_t from = form.tagged && !form.answer_empty ? form.answer.begin : form.trace.begin;
    const std::size_t to = form.tagged && form.answer_empty ? form.trace.end : response.size();
    const Open open = cut_of(response.substr(from, to - from));
    form.cut = open.cut;
    form.cut_at = from + open.at;
  }
  if (form.cut == Cut::none && options.cut_by_length) {
    form.cut = Cut::length;
    form.cut_at = response.size();
  }
  return form;
}

}  // namespace assay::trace
