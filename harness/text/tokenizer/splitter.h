// Pre-tokenizers: how a text is cut into pieces before pairs are merged within each.
//
// tokenizer.json names them by regular expressions that need lookahead and Unicode's idea of white space,
// which RE2 lacks; each known expression has a hand-written equivalent here, over code points and their
// general categories. An expression matches from left to right; what it leaves between matches is a piece too
// (tokenizers' "Isolated"). Several are applied one after the other, each within the pieces of the one
// before.
//
// Threads: any. Time is linear in the text. A byte that is no UTF-8 is taken for U+FFFD, a symbol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace assay {

enum class Split : std::uint8_t {
  gpt2 = 1,           // contractions, words, numbers, other runs, each with the space before it; white space
  qwen2,              // as GPT-2, but contractions in any case, one digit at a time, line breaks apart
  llama3,             // as qwen2 with up to three digits at a time
  numbers_to_three,   // \p{N}{1,3}
  han_and_kana,       // runs of Han and kana
  deepseek_v3,        // the last of DeepSeek-V3's three
  line_breaks,        // each CR and LF
  cased_letters,      // DeepSeek LLM: \s? and letters of scripts with case
  ascii_punctuation,  // DeepSeek LLM: \s? and punctuation, ASCII and full width
  space_at_end,       // \s+$
  han_and_hangul,     // DeepSeek LLM: runs of U+0800 to U+9FA5 and Hangul
  letters,            // \s?\p{L}+
  punctuation,        // \s?\p{P}+
  digits_apart,       // each character of \p{N}
  digit_runs,         // \p{N}+
  metaspace,          // before each U+2581
  metaspace_words,    // before each U+2581 that does not follow another
};

struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Cuts text[within] and appends the pieces, in order and without gaps.
void split_piece(Split how, std::string_view text, Piece within, std::vector<Piece>& out);

// All of them one after the other over the whole text. Empty for an empty text.
std::vector<Piece> split_text(const std::vector<Split>& how, std::string_view text);

}  // namespace assay
