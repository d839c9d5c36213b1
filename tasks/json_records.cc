#include "tasks/json_records.h"

#include <algorithm>

#include "harness/base/format.h"
#include "harness/base/json.h"

namespace assay {
namespace {

// Walks a document that is known to be valid JSON.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  char peek() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  // Takes `c` if it is next.
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  // The text of the value that is next.
  std::string_view value() {
    skip_space();
    const std::size_t begin = at_;
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
      } else if (c == '[' || c == '{') {
        ++depth;
        ++at_;
        continue;
      } else if (c == ']' || c == '}') {
        --depth;
        ++at_;
      } else if (depth > 0) {
        ++at_;
        continue;
      } else {
        skip_word();
      }
      if (depth == 0) break;
    }
    return text_.substr(begin, at_ - begin);
  }

 private:
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    ++at_;
  }
  void skip_word() {
    const std::size_t end = text_.find_first_of(",]} \n\t\r", at_);
    at_ = end == std::string_view::npos ? text_.size() : end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Moves to the value under `key`. False when there is none.
bool enter(Walker& walker, std::string_view key) {
  walker.take('{');
  while (walker.peek() == '"') {
    const auto name = parse_json(walker.value());
    walker.take(':');
    if (name && *name == key) return true;
    walker.value();
    walker.take(',');
  }
  return false;
}

}  // namespace

Result<std::vector<JsonRecord>> json_records(std::string_view document, std::string_view key) {
  const auto parsed = parse_json(document);
  if (!parsed) return parsed.error();
  Walker walker(document);
  if (document.starts_with("\xEF\xBB\xBF")) walker = Walker(document.substr(3));
  if (!key.empty()) {
    if (!parsed->is_object()) return invalid(format("expected an object with the key '{}'", key));
    if (!enter(walker, key)) return invalid(format("the key '{}' is missing", key));
  }
  if (!walker.take('[')) {
    return invalid(key.empty() ? "expected an array of records; `records` names the key that holds one"
                               : format("'{}' is not an array", key));
  }
  std::vector<JsonRecord> out;
  std::size_t counted = 0;
  std::uint32_t line = 1;
  while (walker.peek() != ']') {
    const std::string_view value = walker.value();
    const auto offset = static_cast<std::size_t>(value.data() - document.data());
    line += static_cast<std::uint32_t>(
        std::count(document.begin() + static_cast<std::ptrdiff_t>(counted),
                   document.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
    counted = offset;
    out.push_back({offset, static_cast<std::uint32_t>(value.size()), line});
    walker.take(',');
  }
  return out;
}

}  // namespace assay
