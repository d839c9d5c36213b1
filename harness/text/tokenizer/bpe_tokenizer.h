// Byte pair encoding as a Tokenizer, for both families; what differs between them is in TokenizerParts.
//
// Threads: as Tokenizer.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/text/tokenizer.h"
#include "harness/text/tokenizer/added_tokens.h"
#include "harness/text/tokenizer/merges.h"
#include "harness/text/tokenizer/splitter.h"
#include "harness/text/tokenizer/text_steps.h"

namespace assay {

struct TokenizerParts {
  // Limits on what a file may ask for.
  static constexpr std::size_t kMaxTokens = std::size_t{1} << 22;
  static constexpr std::size_t kMaxMerges = std::size_t{1} << 24;
  static constexpr std::size_t kMaxTokenBytes = std::size_t{1} << 16;

  enum class Role : std::uint8_t {
    unused = 0,
    text = 1,
    byte = 2,    // SentencePiece's <0x0A>: found by its byte, not by its text
    hidden = 3,  // has a text, but no input becomes it
  };
  struct Token {
    std::string text;  // byte-level: its bytes; SentencePiece: as written, with U+2581
    Role role = Role::unused;
    bool control = false;
  };

  bool byte_level = true;     // symbols are bytes; else code points, and bytes where a code point is no token
  std::vector<Token> tokens;  // by id
  std::vector<Merge> merges;  // ids below tokens.size()
  std::vector<AddedToken> added;  // ids below tokens.size()
  std::vector<TextStep> normalizer;
  std::vector<TextStep> prepare;  // after added tokens of the normalised text are taken out
  std::vector<Split> splits;
  bool ignore_merges = false;
  bool fuse_unknown = false;  // several unknown characters in a row are one token
  bool strip_space = false;   // decode drops one space at the start
  bool add_bos = false;
  std::optional<TokenId> bos, eos, unknown;
};

// REQUIRES: ids are within the tokens, limits are kept.
std::unique_ptr<Tokenizer> make_bpe_tokenizer(TokenizerParts parts);

}  // namespace assay
