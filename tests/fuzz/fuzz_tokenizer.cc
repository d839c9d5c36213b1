// Any text goes through tokenizers of each kind: byte-level ones give it back, pieces cover it, a stream of
// tokens gives what decoding them at once gives. Bytes that are JSON are read as a tokenizer.json and must be
// refused in one line, or work.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/unicode.h"
#include "harness/base/utf8.h"
#include "harness/text/tokenizer.h"
#include "harness/text/tokenizer/splitter.h"
#include "tests/text/tokenizer_fixture.h"

namespace {

using assay::Json;
using assay::SpecialTokens;
using assay::TokenId;
using assay::Tokenizer;

void must(bool holds) {
  if (!holds) std::abort();
}

std::unique_ptr<Tokenizer> made(const Json& file) {
  auto tokenizer = assay::tokenizer_from_json(file);
  must(tokenizer.ok());
  return std::move(*tokenizer);
}

std::unique_ptr<Tokenizer> with_added(Json file, int first) {
  file["added_tokens"].push_back(assay::test::added_token(first, "<think>", {}));
  file["added_tokens"].push_back(assay::test::added_token(first + 1, "<l>", {"lstrip", "special"}));
  file["added_tokens"].push_back(assay::test::added_token(first + 2, "<r>", {"rstrip", "normalized"}));
  file["added_tokens"].push_back(assay::test::added_token(first + 3, "word", {"single_word"}));
  return made(file);
}

// Decodes in one go and token by token.
std::string decoded(const Tokenizer& tokenizer, const std::vector<TokenId>& ids) {
  const std::string whole = tokenizer.decode(ids);
  assay::Detokenizer stream(tokenizer);
  std::string streamed;
  for (const TokenId id : ids) {
    must(id >= 0 && static_cast<std::size_t>(id) < tokenizer.size());
    streamed += stream.push(id);
  }
  must(streamed + stream.finish() == whole);
  return whole;
}

void check_texts(std::string_view text) {
  static const auto plain = made(assay::test::byte_level_json());
  static const auto added = with_added(assay::test::byte_level_json(), 265);
  static const auto pieces = with_added(assay::test::sentencepiece_json(), 267);
  must(decoded(*plain, plain->encode(text, SpecialTokens::parse)) == text);
  must(decoded(*added, added->encode(text, SpecialTokens::as_text)) == text);
  (void)decoded(*added, added->encode(text, SpecialTokens::parse));
  (void)decoded(*pieces, pieces->encode(text, SpecialTokens::parse));
  if (text.find("\u2581") == std::string_view::npos) {
    must(decoded(*pieces, pieces->encode(text, SpecialTokens::as_text)) == text);
  }
}

void check_splits(std::string_view text) {
  for (int how = static_cast<int>(assay::Split::gpt2); how <= static_cast<int>(assay::Split::metaspace_words);
       ++how) {
    std::size_t at = 0;
    for (const assay::Piece& piece : assay::split_text({static_cast<assay::Split>(how)}, text)) {
      must(piece.begin == at && piece.end > piece.begin);
      at = piece.end;
    }
    must(at == text.size());
  }
}

void check_forms(std::string_view text) {
  for (const auto form : {assay::Normalization::nfc, assay::Normalization::nfd, assay::Normalization::nfkc,
                          assay::Normalization::nfkd}) {
    const std::string once = assay::normalize(text, form);
    must(assay::normalize(once, form) == once);
    must(assay::is_valid_utf8(once) == assay::is_valid_utf8(text));
  }
}

void check_file(std::string_view text) {
  const auto file = assay::parse_json(text);
  if (!file) return;
  const auto tokenizer = assay::tokenizer_from_json(*file, *file);
  if (!tokenizer) {
    must(tokenizer.error().message == assay::printable(tokenizer.error().message));
    return;
  }
  for (const SpecialTokens special : {SpecialTokens::parse, SpecialTokens::as_text}) {
    const auto ids = (*tokenizer)->encode(text, special);
    for (const TokenId id : ids) must(id >= 0 && static_cast<std::size_t>(id) < (*tokenizer)->size());
    (void)(*tokenizer)->decode(ids);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_texts(text);
  check_splits(text);
  check_forms(text);
  check_file(text);
  return 0;
}
