// VocabularyText: what the engine must know of a tokenizer beside its ids: which tokens end an answer, which
// are text of it, which open and close a trace, and what closes one by force.
//
// Threads: const after construction, any thread. Ownership: borrows the tokenizer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "harness/text/tokenizer.h"

namespace assay::local {

inline constexpr std::string_view kOpenThink = "<think>";
inline constexpr std::string_view kCloseThink = "</think>";

class VocabularyText {
 public:
  VocabularyText(const Tokenizer& tokenizer, const std::vector<TokenId>& end_tokens);

  bool ends(TokenId id) const { return end_tokens_.count(id) > 0; }
  // Bytes that a token adds to an answer. Control tokens add none, but for think tags. The first token of an
  // answer loses the space that SentencePiece puts in front of a word, where the tokenizer's decode() drops
  // it.
  std::string_view text_of(TokenId id, bool first) const;
  std::string_view piece(TokenId id) const { return tokenizer_.piece(id); }
  bool is_special(TokenId id) const { return tokenizer_.is_special(id); }
  std::size_t size() const { return tokenizer_.size(); }

  // The tags as tokens, where the vocabulary has both; else they are found in the text.
  std::optional<TokenId> open_token() const { return open_; }
  std::optional<TokenId> close_token() const { return close_; }
  // The tokens of "</think>" and an empty line, on a line of its own.
  const std::vector<TokenId>& closing(bool at_line_start) const {
    return at_line_start ? closing_ : line_and_closing_;
  }

 private:
  std::vector<TokenId> ids_of(std::string_view text) const;

  const Tokenizer& tokenizer_;
  std::unordered_set<TokenId> end_tokens_;
  std::optional<TokenId> open_, close_;
  std::vector<TokenId> closing_, line_and_closing_;
};

}  // namespace assay::local
