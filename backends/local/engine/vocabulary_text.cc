#include "backends/local/engine/vocabulary_text.h"

#include "harness/base/format.h"

namespace assay::local {

VocabularyText::VocabularyText(const Tokenizer& tokenizer, const std::vector<TokenId>& end_tokens)
    : tokenizer_(tokenizer), end_tokens_(end_tokens.begin(), end_tokens.end()) {
  const auto open = tokenizer.id_of(kOpenThink);
  const auto close = tokenizer.id_of(kCloseThink);
  if (open && close) {
    open_ = open;
    close_ = close;
  }
  closing_ = ids_of(format("{}\n\n", kCloseThink));
  line_and_closing_ = ids_of(format("\n{}\n\n", kCloseThink));
}

std::vector<TokenId> VocabularyText::ids_of(std::string_view text) const {
  std::vector<TokenId> ids = tokenizer_.encode(text, SpecialTokens::parse);
  // SentencePiece puts a space in front of a text, which is none of ours here.
  if (!ids.empty() && tokenizer_.piece(ids[0]) == " ") ids.erase(ids.begin());
  return ids;
}

std::string_view VocabularyText::text_of(TokenId id, bool first) const {
  std::string_view piece = tokenizer_.piece(id);
  if (tokenizer_.is_special(id) && piece != kOpenThink && piece != kCloseThink) return {};
  if (first && !piece.empty() && piece[0] == ' ' && tokenizer_.decode({&id, 1}) == piece.substr(1)) {
    piece.remove_prefix(1);
  }
  return piece;
}

}  // namespace assay::local
