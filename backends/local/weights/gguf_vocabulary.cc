// tokenizer.ggml.* as llama.cpp's converter writes it.
#include <algorithm>
#include <utility>

#include "backends/local/weights/gguf.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

Error bad(const GgufFile& file, std::string_view what) {
  return invalid(format("{}: {}", file.name(), what));
}

// A key that is there must have the type that is expected; absence is fine.
Result<std::optional<TokenId>> token_id(const GgufFile& file, std::string_view key, std::size_t size) {
  if (file.find(key) == nullptr) return std::optional<TokenId>();
  const auto id = file.integer(key);
  if (!id || *id < 0 || static_cast<std::uint64_t>(*id) >= size) {
    return bad(file, format("{} is no id of the {} tokens", key, size));
  }
  return std::optional<TokenId>(static_cast<TokenId>(*id));
}

Result<bool> flag(const GgufFile& file, std::string_view key, bool otherwise) {
  if (file.find(key) == nullptr) return otherwise;
  const auto value = file.boolean(key);
  if (!value) return bad(file, format("{} is no boolean", key));
  return *value;
}

Result<void> read_types(const GgufFile& file, Vocabulary& out) {
  const std::string_view key = "tokenizer.ggml.token_type";
  if (file.find(key) == nullptr) return {};
  const auto* types = file.integers(key);
  if (types == nullptr || types->size() != out.tokens.size()) {
    return bad(file, format("{} is no array of {} integers, one a token", key, out.tokens.size()));
  }
  for (const std::int64_t type : *types) {
    if (type < 1 || type > 6) return bad(file, format("{} holds {}; expected 1 to 6", key, type));
    out.types.push_back(static_cast<Vocabulary::Type>(type));
  }
  return {};
}

Result<void> read_scores(const GgufFile& file, Vocabulary& out) {
  const std::string_view key = "tokenizer.ggml.scores";
  const auto* scores = file.numbers(key);
  if (scores == nullptr || scores->size() != out.tokens.size()) {
    return bad(file, format("{} is no array of {} numbers, one a token", key, out.tokens.size()));
  }
  for (const double score : *scores) out.scores.push_back(static_cast<float>(score));
  return {};
}

Result<void> read_merges(const GgufFile& file, Vocabulary& out) {
  const std::string_view key = "tokenizer.ggml.merges";
  const auto* merges = file.texts(key);
  if (merges == nullptr) return bad(file, format("{} is missing or no array of texts", key));
  out.merges.reserve(merges->size());
  for (const std::string_view merge : *merges) {
    // In the byte-level alphabet a space is written otherwise, so the one space divides the two.
    const std::size_t space = merge.find(' ', 1);
    if (space == std::string_view::npos || space + 1 == merge.size()) {
      return bad(file, format("{}: '{}' is no pair of tokens", key, printable(truncate_utf8(merge, 80))));
    }
    out.merges.emplace_back(merge.substr(0, space), merge.substr(space + 1));
  }
  return {};
}

// llama.cpp knows this from the pre-tokenizer's name alone; the file does not say it.
bool takes_whole_pieces(std::string_view pre) {
  return pre == "llama-bpe" || pre == "llama3" || pre == "llama-v3";
}

}  // namespace

Result<Vocabulary> gguf_vocabulary(const GgufFile& file) {
  const auto model = file.text("tokenizer.ggml.model");
  if (!model) return bad(file, "no tokenizer (tokenizer.ggml.model is missing)");
  Vocabulary out;
  if (*model == "gpt2") {
    out.kind = Vocabulary::Kind::byte_level_bpe;
  } else if (*model == "llama") {
    out.kind = Vocabulary::Kind::sentencepiece;
  } else {
    return bad(file, format("tokenizer.ggml.model is '{}'; read are gpt2 and llama", printable(*model)));
  }
  const bool pieces = out.kind == Vocabulary::Kind::sentencepiece;
  const auto* tokens = file.texts("tokenizer.ggml.tokens");
  if (tokens == nullptr || tokens->empty())
    return bad(file, "tokenizer.ggml.tokens is missing or no array of texts");
  if (tokens->size() > INT32_MAX) return bad(file, "tokenizer.ggml.tokens has more than 2^31 tokens");
  out.tokens.assign(tokens->begin(), tokens->end());
  if (auto ok = read_types(file, out); !ok) return ok.error();
  if (auto ok = pieces ? read_scores(file, out) : read_merges(file, out); !ok) return ok.error();
  out.pre_tokenizer = std::string(file.text("tokenizer.ggml.pre").value_or("default"));
  out.ignore_merges = !pieces && takes_whole_pieces(out.pre_tokenizer);
  const std::pair<std::string_view, std::optional<TokenId>*> ids[] = {
      {"tokenizer.ggml.bos_token_id", &out.bos},
      {"tokenizer.ggml.eos_token_id", &out.eos},
      {"tokenizer.ggml.unknown_token_id", &out.unknown}};
  for (const auto& id : ids) {
    const auto read = token_id(file, id.first, out.tokens.size());
    if (!read) return read.error();
    *id.second = *read;
  }
  // Where the file is silent, these are the defaults of the format's first reader.
  const auto add_bos = flag(file, "tokenizer.ggml.add_bos_token", pieces || out.ignore_merges);
  if (!add_bos) return add_bos.error();
  out.add_bos = *add_bos && out.bos.has_value();
  const auto add_space = flag(file, "tokenizer.ggml.add_space_prefix", pieces);
  if (!add_space) return add_space.error();
  out.add_space_prefix = *add_space;
  return out;
}

}  // namespace assay::local
