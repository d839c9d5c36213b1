// The one door to re2: regular expressions in time linear in the text, so that no answer of a model can
// hang a scorer. Syntax: github.com/google/re2/wiki/Syntax (no back-references, no look-around).
//
//   static const Regex kTag = Regex::constant(R"(<(\w+)>)");     // a pattern of ours
//   Result<Regex> theirs = Regex::compile(pattern_from_a_file);  // a pattern of the user's
//   if (auto match = theirs->find(text)) use(match->text(1));
//
// Threads: const after construction, matching is safe from any number of threads.
// Encoding: patterns are UTF-8. The text may hold any bytes; bytes that are not UTF-8 are matched by no
//   character and no class (with RegexOptions::latin1, every byte is one character).
// Memory: at most RegexOptions::max_memory bytes for the compiled program and its cache.
// Errors: Code::invalid from compile(), with the pattern's fault.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace assay {

struct RegexOptions {
  bool ignore_case = false;
  bool multi_line = false;  // ^ and $ match at line breaks too
  bool dot_all = false;     // . matches a line break
  bool latin1 = false;
  std::size_t max_memory = std::size_t{8} << 20;
};

// Views point into the text that was searched. Group 0 is the whole match.
class RegexMatch {
 public:
  struct Group {
    bool matched = false;   // an optional group may have taken no part
    std::size_t begin = 0;  // byte offsets into the text
    std::size_t end = 0;
  };
  RegexMatch(std::string_view text, std::vector<Group> groups) : text_(text), groups_(std::move(groups)) {}
  std::size_t size() const { return groups_.size(); }
  const Group& group(std::size_t i) const { return groups_.at(i); }  // REQUIRES: i < size()
  std::string_view text(std::size_t i = 0) const {                   // empty when not matched
    const Group& g = group(i);
    return text_.substr(g.begin, g.end - g.begin);
  }
  std::size_t begin() const { return groups_[0].begin; }
  std::size_t end() const { return groups_[0].end; }

 private:
  std::string_view text_;
  std::vector<Group> groups_;
};

class Regex {
 public:
  static Result<Regex> compile(std::string_view pattern, const RegexOptions& options = {});
  // For patterns written in the source: a faulty one is a bug and ends the process.
  static Regex constant(std::string_view pattern, const RegexOptions& options = {});

  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  // Number of capturing groups, the whole match not counted.
  std::size_t groups() const;
  // Index of a named group (?P<name>...), from 1.
  std::optional<std::size_t> group_named(std::string_view name) const;
  const std::string& pattern() const;

  bool contains(std::string_view text) const;
  // Leftmost match that starts at byte `from` or later. ^ and \b see the text before `from`.
  std::optional<RegexMatch> find(std::string_view text, std::size_t from = 0) const;
  std::optional<RegexMatch> full_match(std::string_view text) const;
  // The last of the matches that do not overlap, read from the left. Looks at the first
  // `max_matches` only, since each look may read to the end of the text.
  std::optional<RegexMatch> find_last(std::string_view text, std::size_t max_matches = 10000) const;

 private:
  struct Impl;
  explicit Regex(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
