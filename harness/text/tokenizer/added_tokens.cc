#include "harness/text/tokenizer/added_tokens.h"

#include <algorithm>
#include <utility>

#include "harness/base/unicode.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

// Start of the code point that ends before `end`, where that is valid; otherwise of its last byte.
std::size_t start_of_last(std::string_view text, std::size_t end) {
  for (std::size_t back = 1; back <= 4 && back <= end; ++back) {
    const CodePoint p = decode_utf8(text, end - back);
    if (p.valid && p.size == back) return end - back;
  }
  return end - 1;
}

bool is_whole_word(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin > 0 && is_word_character(decode_utf8(text, start_of_last(text, begin)).value)) return false;
  return end >= text.size() || !is_word_character(decode_utf8(text, end).value);
}

std::size_t skip_space_left(std::string_view text, std::size_t begin, std::size_t least) {
  while (begin > least) {
    const std::size_t start = start_of_last(text, begin);
    if (start < least || !is_white_space(decode_utf8(text, start).value)) break;
    begin = start;
  }
  return begin;
}

std::size_t skip_space_right(std::string_view text, std::size_t end) {
  while (end < text.size()) {
    const CodePoint p = decode_utf8(text, end);
    if (!is_white_space(p.value)) break;
    end += p.size;
  }
  return end;
}

}  // namespace

std::int32_t AddedTokenFinder::child_of(std::int32_t node, unsigned char byte) const {
  std::int32_t child = nodes_[static_cast<std::size_t>(node)].child;
  while (child >= 0 && nodes_[static_cast<std::size_t>(child)].byte != byte) {
    child = nodes_[static_cast<std::size_t>(child)].sibling;
  }
  return child;
}

void AddedTokenFinder::add(AddedToken token) {
  std::int32_t node = -1;
  for (const char c : token.content) {
    const auto byte = static_cast<unsigned char>(c);
    const std::int32_t found = node < 0 ? root_[byte] : child_of(node, byte);
    if (found >= 0) {
      node = found;
      continue;
    }
    const auto made = static_cast<std::int32_t>(nodes_.size());
    const std::int32_t sibling = node < 0 ? -1 : nodes_[static_cast<std::size_t>(node)].child;
    nodes_.push_back({-1, sibling, -1, byte});
    (node < 0 ? root_[byte] : nodes_[static_cast<std::size_t>(node)].child) = made;
    node = made;
  }
  if (node < 0 || nodes_[static_cast<std::size_t>(node)].token >= 0) return;
  nodes_[static_cast<std::size_t>(node)].token = static_cast<std::int32_t>(tokens_.size());
  tokens_.push_back(std::move(token));
}

std::int32_t AddedTokenFinder::longest_at(std::string_view text, std::size_t at) const {
  std::int32_t longest = -1;
  std::int32_t node = root_[static_cast<unsigned char>(text[at])];
  while (node >= 0) {
    if (nodes_[static_cast<std::size_t>(node)].token >= 0) {
      longest = nodes_[static_cast<std::size_t>(node)].token;
    }
    if (++at == text.size()) break;
    node = child_of(node, static_cast<unsigned char>(text[at]));
  }
  return longest;
}

void AddedTokenFinder::split(std::string_view text, std::vector<Part>& out) const {
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::int32_t found = tokens_.empty() ? -1 : longest_at(text, at);
    if (found < 0) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[static_cast<std::size_t>(found)];
    std::size_t begin = at;
    std::size_t end = at + token.content.size();
    at = end;
    if (token.single_word && !is_whole_word(text, begin, end)) continue;
    if (token.lstrip) begin = skip_space_left(text, begin, done);
    if (token.rstrip) end = skip_space_right(text, end);
    if (begin > done) out.push_back({done, begin, -1});
    out.push_back({begin, end, token.id});
    done = at = end;
  }
  if (done < text.size()) out.push_back({done, text.size(), -1});
}

}  // namespace assay
