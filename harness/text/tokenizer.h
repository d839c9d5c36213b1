// Tokenizer: text to the token ids that a model was trained on, and back.
//
//   auto tokenizer = tokenizer_from_json(json);              // tokenizer.json of a model's folder
//   auto tokenizer = tokenizer_from_vocabulary(vocabulary);  // from a GGUF or llama2.c file
//   std::vector<TokenId> ids = (*tokenizer)->encode(rendered_prompt, SpecialTokens::parse);
//   std::string bytes = (*tokenizer)->decode(ids);
//
// Two families: byte-level BPE (GPT-2, Qwen, Llama 3, DeepSeek, SmolLM2), whose pre-tokenizer cuts the
// text into pieces before pairs are merged by rank, and SentencePiece BPE with byte fallback (Llama 2),
// which merges by score. Added tokens are found before either.
//
// Threads: const and callable from any thread. Ownership: plain values; nothing borrows the source.
// Errors: Code::invalid naming what is unknown or contradicts itself (a pre-tokenizer, a merge whose parts
//   are no tokens). encode and decode are total: invalid UTF-8 is input like any other, ids outside the
//   vocabulary decode to nothing. Time is O(n log n) in the text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay {

using TokenId = std::int32_t;

// Whether the text of an added token ("<think>", "<|im_end|>") becomes that token. Rendered chat prompts
// are parsed; a user's own words inside them are not told apart, as no reference implementation does.
enum class SpecialTokens : std::uint8_t { parse = 1, as_text = 2 };

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  // Without BOS and EOS; the caller adds what its template does not.
  virtual std::vector<TokenId> encode(std::string_view text, SpecialTokens special) const = 0;
  // Bytes of one token as it stands within a text; may be part of a UTF-8 character. Special tokens give
  // their text. Empty for an unknown id.
  virtual std::string_view piece(TokenId id) const = 0;
  // All of them, as the reference implementation decodes: SentencePiece's dummy prefix space is dropped.
  virtual std::string decode(std::span<const TokenId> ids) const = 0;
  virtual std::optional<TokenId> id_of(std::string_view token) const = 0;  // of a whole token's text
  virtual bool is_special(TokenId id) const = 0;  // a control token that is no text of an answer
  virtual std::size_t size() const = 0;           // ids are 0..size()-1, some maybe unused
  virtual std::optional<TokenId> bos() const = 0;
  virtual std::optional<TokenId> eos() const = 0;
  virtual bool adds_bos() const = 0;  // encode() of the reference would put BOS in front
};

// A vocabulary as weight files carry it, before anything is built from it.
struct Vocabulary {
  enum class Kind : std::uint8_t { byte_level_bpe = 1, sentencepiece = 2 };
  enum class Type : std::uint8_t { normal = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6 };
  Kind kind = Kind::byte_level_bpe;
  std::vector<std::string> tokens;   // byte-level: in GPT-2's printable alphabet; SentencePiece: with U+2581
  std::vector<float> scores;         // SentencePiece only; size of tokens
  std::vector<Type> types;           // empty: all normal
  std::vector<std::pair<std::string, std::string>> merges;  // byte-level only, best first
  std::string pre_tokenizer;         // GGUF's name: "gpt-2", "llama-bpe", "qwen2", "deepseek-llm", "smollm", ...
  std::optional<TokenId> bos, eos, unknown;
  bool add_bos = false;
  bool add_space_prefix = true;      // SentencePiece
  bool ignore_merges = false;        // a whole piece that is a token is taken at once (Llama 3)
};

// `config` is tokenizer_config.json, or null: it names BOS and EOS, as a string or as {"content": ...}.
Result<std::unique_ptr<Tokenizer>> tokenizer_from_json(const Json& tokenizer, const Json& config = Json());
Result<std::unique_ptr<Tokenizer>> tokenizer_from_vocabulary(Vocabulary vocabulary);

// Turns ids into text one at a time and never hands out part of a UTF-8 character. One stream each.
class Detokenizer {
 public:
  explicit Detokenizer(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}
  std::string push(TokenId id);  // what became complete
  std::string finish();          // the rest, invalid bytes included
 private:
  const Tokenizer& tokenizer_;
  std::string held_;
  bool first_ = true;
};

}  // namespace assay
