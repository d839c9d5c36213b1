#include "harness/text/think_tags.h"

#include <algorithm>
#include <array>
#include <limits>

namespace assay {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v'; }
bool is_word(char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9'); }

bool has_tag_at(std::string_view text, std::size_t at, std::string_view tag) {
  if (text.size() - at < tag.size()) return false;
  for (std::size_t i = 0; i < tag.size(); ++i) {
    if (lower(text[at + i]) != tag[i]) return false;
  }
  return true;
}

struct BacktickRun {
  std::size_t begin;
  std::size_t length;
};

class Scanner {
 public:
  Scanner(std::string_view text, const std::vector<ThinkTag>& tags) : text_(text), tags_(tags) {
    for (const ThinkTag& tag : tags) {
      mark(tag.open[0]);
      mark(tag.close[0]);
    }
  }

  std::vector<TagToken> run() {
    for (std::size_t begin = 0; begin < text_.size();) {
      const std::size_t newline = text_.find('\n', begin);
      const std::size_t end = newline == std::string_view::npos ? text_.size() : newline;
      line(begin, end);
      begin = end + 1;
    }
    return std::move(tokens_);
  }

 private:
  void mark(char c) {
    const char l = lower(c);
    first_[static_cast<unsigned char>(l)] = true;
    if (l >= 'a' && l <= 'z') first_[static_cast<unsigned char>(l - 'a' + 'A')] = true;
  }

  void line(std::size_t begin, std::size_t end) {
    first_on_line_ = tokens_.size();
    runs_.clear();
    quotes_.clear();
    std::size_t text_start = begin;
    while (text_start < end && is_space(text_[text_start])) ++text_start;
    for (std::size_t i = begin; i < end;) i = step(i, text_start);
    mark_code_spans();
    mark_double_quotes();
    mark_other_quotes();
    fence(text_start, end);
  }

  // Looks at byte i and returns where to go on.
  std::size_t step(std::size_t i, std::size_t text_start) {
    const char c = text_[i];
    if (c == '`') {
      if (!runs_.empty() && runs_.back().begin + runs_.back().length == i) {
        ++runs_.back().length;
      } else {
        runs_.push_back({i, 1});
      }
    } else if (c == '"') {
      quotes_.push_back(i);
    }
    if (!first_[static_cast<unsigned char>(c)]) return i + 1;
    // The longest tag wins, so that one may be the start of another.
    TagToken found;
    for (const ThinkTag& tag : tags_) {
      consider(i, tag.open, true, found);
      consider(i, tag.close, false, found);
    }
    if (found.end == 0) return i + 1;
    found.starts_line = i == text_start;
    tokens_.push_back(found);
    return found.end;
  }

  void consider(std::size_t at, std::string_view tag, bool opens, TagToken& best) const {
    if (!has_tag_at(text_, at, tag)) return;
    if (best.end != 0 && best.end >= at + tag.size()) return;
    best.begin = at;
    best.end = at + tag.size();
    best.opens = opens;
  }

  // A run of n backticks and the next run of n on the line enclose a code span.
  void mark_code_spans() {
    if (runs_.size() < 2 || first_on_line_ == tokens_.size()) return;
    std::vector<std::size_t> next(runs_.size(), kNone);
    std::array<std::size_t, 4> latest{};
    latest.fill(kNone);
    for (std::size_t i = runs_.size(); i-- > 0;) {
      std::size_t& slot = latest[std::min<std::size_t>(runs_[i].length, 3)];
      next[i] = slot;
      slot = i;
    }
    std::size_t token = first_on_line_;
    for (std::size_t i = 0; i < runs_.size();) {
      if (next[i] == kNone) {
        ++i;
        continue;
      }
      const std::size_t begin = runs_[i].begin;
      const std::size_t end = runs_[next[i]].begin;
      while (token < tokens_.size() && tokens_[token].begin < begin) ++token;
      for (; token < tokens_.size() && tokens_[token].begin < end; ++token) tokens_[token].quoted = true;
      i = next[i] + 1;
    }
  }

  // A tag that touches a quotation mark, inside a pair of them on its line.
  void mark_double_quotes() {
    if (quotes_.size() < 2) return;
    std::size_t before = 0;
    for (std::size_t t = first_on_line_; t < tokens_.size(); ++t) {
      TagToken& token = tokens_[t];
      while (before < quotes_.size() && quotes_[before] < token.begin) ++before;
      const bool touches = before_is(token.begin, "\"") || after_is(token.end, "\"");
      if (touches && before % 2 == 1 && before < quotes_.size()) token.quoted = true;
    }
  }

  void mark_other_quotes() {
    for (std::size_t t = first_on_line_; t < tokens_.size(); ++t) {
      TagToken& token = tokens_[t];
      const auto within = [&](std::string_view left, std::string_view right) {
        return before_is(token.begin, left) && after_is(token.end, right);
      };
      // An apostrophe that ends a word opens no quotation.
      const bool apostrophe = token.begin >= 2 && is_word(text_[token.begin - 2]);
      if ((within("'", "'") && !apostrophe) || within("\xE2\x80\x9C", "\xE2\x80\x9D") ||
          within("\xE2\x80\x98", "\xE2\x80\x99") || within("\xC2\xAB", "\xC2\xBB")) {
        token.quoted = true;
      }
    }
  }

  bool before_is(std::size_t at, std::string_view mark) const {
    return at >= mark.size() && text_.substr(at - mark.size(), mark.size()) == mark;
  }
  bool after_is(std::size_t at, std::string_view mark) const { return text_.substr(at, mark.size()) == mark; }

  // Only a fence that is closed quotes what it holds: a trace is often cut in the middle of one.
  void fence(std::size_t begin, std::size_t end) {
    if (begin >= end || (text_[begin] != '`' && text_[begin] != '~')) return;
    std::size_t stop = begin;
    while (stop < end && text_[stop] == text_[begin]) ++stop;
    const std::size_t length = stop - begin;
    if (length < 3) return;
    std::size_t info = stop;
    while (info < end && is_space(text_[info])) ++info;
    const bool tag_follows = first_on_line_ < tokens_.size() && tokens_[first_on_line_].begin == info;
    const bool bare = info == end || tag_follows;
    const bool inside = fence_length_ != 0;
    if (inside && bare && text_[begin] == fence_char_ && length >= fence_length_) {
      for (std::size_t t = fence_first_token_; t < first_on_line_; ++t) tokens_[t].quoted = true;
      fence_length_ = 0;
      return;
    }
    // A fence with a language within an open one means that the open one was left unclosed.
    if (inside && (bare || length > fence_length_ || text_[begin] != fence_char_)) return;
    fence_char_ = text_[begin];
    fence_length_ = length;
    fence_first_token_ = tokens_.size();
  }

  std::string_view text_;
  const std::vector<ThinkTag>& tags_;
  std::array<bool, 256> first_{};  // bytes a tag may start with
  std::vector<TagToken> tokens_;
  std::size_t first_on_line_ = 0;  // index of the line's first token
  std::vector<BacktickRun> runs_;  // of the line
  std::vector<std::size_t> quotes_;
  char fence_char_ = 0;
  std::size_t fence_length_ = 0;  // 0 outside fences
  std::size_t fence_first_token_ = 0;
};

}  // namespace

std::vector<TagToken> find_tags(std::string_view text, const std::vector<ThinkTag>& tags) {
  return Scanner(text, tags).run();
}

}  // namespace assay
