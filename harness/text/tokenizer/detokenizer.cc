#include <utility>

#include "harness/base/utf8.h"
#include "harness/text/tokenizer.h"

namespace assay {
namespace {

// Bytes at the end that could still become a character.
std::size_t unfinished(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const std::size_t at = text.size() - back;
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) return 0;
    if (byte < 0xC0) continue;  // a continuation: look for its lead
    const CodePoint p = decode_utf8(text, at);
    return byte >= 0xC2 && byte <= 0xF4 && !p.valid && p.size == back ? back : 0;
  }
  return 0;
}

}  // namespace

std::string Detokenizer::push(TokenId id) {
  if (first_) {
    held_ += tokenizer_.decode(std::span<const TokenId>(&id, 1));
    first_ = false;
  } else {
    held_ += tokenizer_.piece(id);
  }
  std::string out = held_.substr(0, held_.size() - unfinished(held_));
  held_.erase(0, out.size());
  return out;
}

std::string Detokenizer::finish() { return std::exchange(held_, {}); }

}  // namespace assay
