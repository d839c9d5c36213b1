#include "harness/text/trace_split.h"

#include <algorithm>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/text/think_tags.h"

namespace assay {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";
constexpr std::size_t kMaxTag = 100;  // bytes
constexpr std::size_t kMaxTags = 32;  // keeps the scan linear
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

ThinkTag named(std::string_view name) {
  const std::string low = lower(name);
  return {"<" + low + ">", "</" + low + ">"};
}

bool is_blank(std::string_view text) { return text.find_first_not_of(kSpace) == std::string_view::npos; }

// Without blank lines in front and white space behind; the first line's indentation stays.
std::string_view trim_answer(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  const std::size_t newline = text.substr(0, first).rfind('\n');
  const std::size_t begin = newline == std::string_view::npos ? first : newline + 1;
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

bool is_cut(FinishReason finish) {
  return finish == FinishReason::length || finish == FinishReason::deadline ||
         finish == FinishReason::cancelled;
}

std::vector<ThinkTag> tags_for(std::string_view text, const SplitOptions& options) {
  std::vector<ThinkTag> tags = {named("think"), named("thinking")};
  for (const std::string& entry : options.think_tags) {
    if (tags.size() == kMaxTags) break;
    Result<ThinkTag> tag = parse_think_tag(entry);
    if (tag) tags.push_back(std::move(*tag));
  }
  const std::size_t first = text.find_first_not_of(kSpace);
  const std::string start = first == std::string_view::npos ? "" : lower(text.substr(first, 16));
  for (const std::string_view name : {"reasoning", "thought"}) {
    ThinkTag tag = named(name);
    if (start.compare(0, tag.open.size(), tag.open) == 0) tags.push_back(std::move(tag));
  }
  return tags;
}

// What the tags in a text say.
struct Parts {
  enum class Kind { none, closed, orphan, unclosed };
  Kind kind = Kind::none;
  std::string_view trace;
  std::string_view rest;  // after the trace; the whole text when there is none
};

struct Ends {
  const TagToken* first_open = nullptr;  // not quoted
  const TagToken* first_close = nullptr;
  const TagToken* last_close = nullptr;
  const TagToken* last_quoted_close = nullptr;
};

Ends ends_of(const std::vector<TagToken>& tokens) {
  Ends e;
  for (const TagToken& t : tokens) {
    if (t.opens && !t.quoted && e.first_open == nullptr) e.first_open = &t;
    if (!t.opens && !t.quoted && e.first_close == nullptr) e.first_close = &t;
    if (!t.opens && !t.quoted) e.last_close = &t;
    if (!t.opens && t.quoted) e.last_quoted_close = &t;
  }
  return e;
}

// The first opening tag at or after `from` that starts a trace. Unless the response is known to be cut, one
// in the middle of a line is a mention.
const TagToken* open_after(const std::vector<TagToken>& tokens, std::size_t from, std::string_view text,
                           FinishReason finish) {
  const bool may_be_cut = is_cut(finish);
  const std::size_t first_text = text.find_first_not_of(kSpace, from);
  for (const TagToken& t : tokens) {
    if (t.begin < from || !t.opens || t.quoted) continue;
    if (may_be_cut || t.starts_line || t.begin == first_text) return &t;
  }
  return nullptr;
}

// Where stray tags at the end of the text begin; its size where there are none. Tags with nothing behind and
// between them are stray when every block before them is closed and followed by text.
std::size_t stray_end(std::string_view text, const std::vector<TagToken>& tokens, bool in_trace) {
  std::size_t first = tokens.size();  // of the tags that end the text
  std::size_t end = text.size();
  while (first > 0 && !tokens[first - 1].quoted &&
         is_blank(text.substr(tokens[first - 1].end, end - tokens[first - 1].end))) {
    end = tokens[--first].begin;
  }
  if (first == tokens.size()) return text.size();
  std::size_t open = in_trace ? 1 : 0;
  bool any = false;
  for (std::size_t i = 0; i < first; ++i) {
    if (tokens[i].quoted) continue;
    if (!any && !tokens[i].opens) open = 1;  // the prompt opened it
    any = true;
    if (tokens[i].opens) {
      ++open;
    } else if (open > 0) {
      --open;
    }
  }
  return any && open == 0 ? end : text.size();
}

Parts parts_of(std::string_view text, std::vector<TagToken> tokens, bool opens_think, FinishReason finish) {
  Ends e = ends_of(tokens);
  // A prompt's opening tag that the model repeats is the same tag.
  const bool open_leads = e.first_open != nullptr && is_blank(text.substr(0, e.first_open->begin));
  const bool from_start = opens_think && !open_leads;
  text = text.substr(0, stray_end(text, tokens, from_start));
  while (!tokens.empty() && tokens.back().end > text.size()) tokens.pop_back();
  e = ends_of(tokens);
  const TagToken* close = e.last_close;
  if (close == nullptr && e.last_quoted_close != nullptr) {
    const bool open_before = e.first_open != nullptr && e.first_open->begin < e.last_quoted_close->begin;
    if (opens_think || open_before) close = e.last_quoted_close;
  }
  const std::size_t after = close == nullptr ? 0 : close->end;
  const TagToken* reopened =
      from_start && close == nullptr ? nullptr : open_after(tokens, after, text, finish);

  Parts p;
  const bool has_open = e.first_open != nullptr && (close == nullptr || e.first_open->begin < close->begin);
  const bool close_first =
      e.first_close != nullptr && (!has_open || e.first_close->begin < e.first_open->begin);
  const bool orphan = from_start || !has_open || close_first;
  if (reopened != nullptr) {
    p.kind = Parts::Kind::unclosed;
    std::size_t begin = reopened->end;
    if (close != nullptr) begin = orphan ? 0 : e.first_open->end;
    p.trace = text.substr(begin);
  } else if (close == nullptr) {
    p.kind = from_start ? Parts::Kind::unclosed : Parts::Kind::none;
    (from_start ? p.trace : p.rest) = text;
  } else {
    p.kind = orphan ? Parts::Kind::orphan : Parts::Kind::closed;
    const std::size_t begin = orphan ? 0 : e.first_open->end;
    p.trace = text.substr(begin, close->begin - begin);
    p.rest = text.substr(close->end);
  }
  return p;
}

SplitVerdict verdict_of_rest(const Split& s, FinishReason finish, SplitVerdict whole) {
  if (is_cut(finish)) return SplitVerdict::truncated_in_answer;
  return is_blank(s.answer) ? SplitVerdict::empty_answer : whole;
}

Split by_tags(const Response& r, const Parts& p) {
  Split s;
  s.trace = std::string(p.trace);
  s.trace_kind = is_blank(p.trace) ? TraceKind::none : TraceKind::raw;
  if (p.kind == Parts::Kind::unclosed) {
    const bool cut = is_cut(r.finish) || r.finish == FinishReason::unknown;
    s.verdict = cut ? SplitVerdict::truncated_in_trace : SplitVerdict::empty_answer;
    return s;
  }
  s.answer = std::string(trim_answer(p.rest));
  s.verdict = verdict_of_rest(
      s, r.finish, p.kind == Parts::Kind::closed ? SplitVerdict::closed : SplitVerdict::orphan_close);
  return s;
}

// The trace came apart from the content, or nothing but its existence is known.
Split by_field(const Response& r, std::string_view trace, TraceKind kind, const Parts& content) {
  Split s;
  s.trace = std::string(trace);
  s.trace_kind = kind;
  if (content.kind == Parts::Kind::unclosed) {
    const bool cut = is_cut(r.finish) || r.finish == FinishReason::unknown;
    s.verdict = cut ? SplitVerdict::truncated_in_trace : SplitVerdict::empty_answer;
    return s;
  }
  // Without tags there is nothing to cut off, and white space may be the answer's own.
  s.answer = std::string(content.kind == Parts::Kind::none ? content.rest : trim_answer(content.rest));
  const bool cut_before_answer = content.kind == Parts::Kind::none && is_blank(s.answer) && is_cut(r.finish);
  s.verdict = cut_before_answer ? SplitVerdict::truncated_in_trace
                                : verdict_of_rest(s, r.finish, SplitVerdict::closed);
  return s;
}

Split decide(const Response& r, const SplitOptions& options) {
  const std::string_view text = r.text;
  const bool has_field = r.reasoning && !is_blank(*r.reasoning);
  const bool unseen = r.reasoning_kind == TraceKind::encrypted || r.reasoning_kind == TraceKind::hidden;
  const std::vector<TagToken> tokens = find_tags(text, tags_for(text, options));
  if (has_field || unseen) {
    const Parts content = parts_of(text, tokens, false, r.finish);
    return by_field(r, has_field ? std::string_view(*r.reasoning) : std::string_view(), r.reasoning_kind,
                    content);
  }
  // A server that has the field, if only an empty one, has taken the prompt's opening tag into account.
  const Parts parts = parts_of(text, tokens, options.opens_think && !r.reasoning, r.finish);
  if (parts.kind != Parts::Kind::none) return by_tags(r, parts);
  if (r.usage.reasoning.value_or(0) > 0) return by_field(r, {}, TraceKind::hidden, parts);
  Split s;
  s.answer = r.text;
  s.verdict = is_cut(r.finish) ? SplitVerdict::truncated_in_answer : SplitVerdict::no_trace;
  return s;
}

}  // namespace

Result<ThinkTag> parse_think_tag(std::string_view entry) {
  const auto bad = [&](const char* why) {
    return invalid(
        format("think tag '{}': {}; expected a name (\"reasoning\") or both tags with an ellipsis between "
               "(\"<a>...</a>\")",
               printable(truncate_utf8(entry, kMaxTag)), why));
  };
  if (entry.size() > 2 * kMaxTag) return bad("too long");
  std::size_t at = entry.find(kEllipsis);
  std::size_t width = kEllipsis.size();
  if (at == std::string_view::npos) {
    at = entry.find("...");
    width = 3;
  }
  if (at != std::string_view::npos) {
    ThinkTag tag{lower(entry.substr(0, at)), lower(entry.substr(at + width))};
    if (is_blank(tag.open) || is_blank(tag.close)) return bad("one of the two tags is empty");
    if (tag.open == tag.close) return bad("the two tags are the same");
    if (entry.find_first_of("\r\n") != std::string_view::npos) return bad("a tag stands on one line");
    return tag;
  }
  if (entry.size() > 2 && entry.front() == '<' && entry.back() == '>')
    entry = entry.substr(1, entry.size() - 2);
  const bool plain = !entry.empty() && std::all_of(entry.begin(), entry.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == ':';
  });
  if (!plain) return bad("not a name");
  return named(entry);
}

Split split(const Response& response, const SplitOptions& options) {
  Split s = decide(response, options);
  s.budget_forced = response.budget_forced;
  return s;
}

}  // namespace assay
