#include "harness/base/regex.h"

#include <re2/re2.h>

#include <utility>

#include "harness/base/check.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {

struct Regex::Impl {
  Impl(std::string pattern, const std::string& full, const re2::RE2::Options& options)
      : pattern(std::move(pattern)), re(full, options) {}
  std::string pattern;  // as given, without the flags put in front
  re2::RE2 re;
};

namespace {

constexpr std::size_t kMaxGroups = 64;  // bounds the work of one match
constexpr std::size_t kMaxPattern = 64 * 1024;

std::optional<RegexMatch> match(const re2::RE2& re, std::string_view text, std::size_t from,
                                re2::RE2::Anchor anchor) {
  if (from > text.size()) return std::nullopt;
  // A view of no text has a null pointer; re2 tells "no match" from "empty match" by it.
  if (text.data() == nullptr) text = std::string_view("", 0);
  const std::size_t count = static_cast<std::size_t>(re.NumberOfCapturingGroups()) + 1;
  std::vector<re2::StringPiece> found(count);
  if (!re.Match(re2::StringPiece(text.data(), text.size()), from, text.size(), anchor, found.data(),
                static_cast<int>(count))) {
    return std::nullopt;
  }
  std::vector<RegexMatch::Group> groups(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (found[i].data() == nullptr) continue;
    groups[i].matched = true;
    groups[i].begin = static_cast<std::size_t>(found[i].data() - text.data());
    groups[i].end = groups[i].begin + found[i].size();
  }
  return RegexMatch(text, std::move(groups));
}

}  // namespace

Regex::Regex(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view pattern, const RegexOptions& options) {
  if (pattern.size() > kMaxPattern) return invalid(format("pattern is longer than {} bytes", kMaxPattern));
  if (!options.latin1 && !is_valid_utf8(pattern)) return invalid("pattern is not valid UTF-8");
  re2::RE2::Options opts;
  opts.set_log_errors(false);
  opts.set_case_sensitive(!options.ignore_case);
  opts.set_dot_nl(options.dot_all);
  opts.set_max_mem(static_cast<std::int64_t>(options.max_memory));
  opts.set_encoding(options.latin1 ? re2::RE2::Options::EncodingLatin1 : re2::RE2::Options::EncodingUTF8);
  // re2 has its own multi-line option for POSIX syntax only; the flag in the pattern always works.
  const std::string full = (options.multi_line ? "(?m)" : "") + std::string(pattern);
  auto impl = std::make_unique<Impl>(std::string(pattern), full, opts);
  if (!impl->re.ok()) {
    return invalid(
        format("pattern '{}': {}", printable(truncate_utf8(pattern, 200)), printable(impl->re.error())));
  }
  if (static_cast<std::size_t>(impl->re.NumberOfCapturingGroups()) > kMaxGroups) {
    return invalid(
        format("pattern '{}': more than {} groups", printable(truncate_utf8(pattern, 200)), kMaxGroups));
  }
  return Regex(std::move(impl));
}

Regex Regex::constant(std::string_view pattern, const RegexOptions& options) {
  Result<Regex> made = compile(pattern, options);
  CHECK_THAT_HOLDS(made.ok(), "a pattern in the source compiles");
  return std::move(*made);
}

std::size_t Regex::groups() const { return static_cast<std::size_t>(impl_->re.NumberOfCapturingGroups()); }

std::optional<std::size_t> Regex::group_named(std::string_view name) const {
  const auto& names = impl_->re.NamedCapturingGroups();
  const auto it = names.find(std::string(name));
  if (it == names.end()) return std::nullopt;
  return static_cast<std::size_t>(it->second);
}

const std::string& Regex::pattern() const { return impl_->pattern; }

bool Regex::contains(std::string_view text) const {
  return impl_->re.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED,
                         nullptr, 0);
}

std::optional<RegexMatch> Regex::find(std::string_view text, std::size_t from) const {
  return match(impl_->re, text, from, re2::RE2::UNANCHORED);
}

std::optional<RegexMatch> Regex::full_match(std::string_view text) const {
  return match(impl_->re, text, 0, re2::RE2::ANCHOR_BOTH);
}

std::optional<RegexMatch> Regex::find_last(std::string_view text, std::size_t max_matches) const {
  std::optional<RegexMatch> last;
  std::size_t from = 0;
  for (std::size_t n = 0; n < max_matches; ++n) {
    std::optional<RegexMatch> next = find(text, from);
    if (!next) break;
    // An empty match would be found again at the same place.
    from = next->end() > next->begin() ? next->end() : next->end() + 1;
    last = std::move(next);
  }
  return last;
}

}  // namespace assay
