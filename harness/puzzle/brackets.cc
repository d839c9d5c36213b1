#include "harness/puzzle/brackets.h"

namespace assay::puzzle {

char closing_of(char open) {
  switch (open) {
    case '(': return ')';
    case '[': return ']';
    case '{': return '}';
    case '<': return '>';
    default: return 0;
  }
}

bool BracketStack::feed(char c) {
  if (closing_of(c) != 0) {
    open_ += c;
    return true;
  }
  if (open_.empty() || closing_of(open_.back()) != c) return false;
  open_.pop_back();
  return true;
}

std::optional<std::size_t> BracketStack::feed_all(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ' ' && !feed(text[i])) return i;
  }
  return std::nullopt;
}

std::string BracketStack::closing() const {
  std::string out;
  for (std::size_t i = open_.size(); i-- > 0;) out += closing_of(open_[i]);
  return out;
}

}  // namespace assay::puzzle
