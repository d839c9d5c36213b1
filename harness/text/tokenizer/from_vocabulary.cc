#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/text/tokenizer/bpe_tokenizer.h"
#include "harness/text/tokenizer/byte_alphabet.h"
#include "harness/text/tokenizer/split_names.h"

namespace assay {
namespace {

using Type = Vocabulary::Type;
using Role = TokenizerParts::Role;
using Ids = std::unordered_map<std::string_view, TokenId>;

// Where merges come from scores every division of a token is tried, so that its length counts twice.
constexpr std::size_t kMaxScoredBytes = 1024;

std::string shown(std::string_view token) { return printable(token.substr(0, 80)); }

Result<void> check_sizes(const Vocabulary& v) {
  const std::size_t count = v.tokens.size();
  if (count == 0 || count > TokenizerParts::kMaxTokens) {
    return invalid(format("a vocabulary of {} tokens; expected 1 to {}", count, TokenizerParts::kMaxTokens));
  }
  if (!v.types.empty() && v.types.size() != count) {
    return invalid(format("{} token types for {} tokens", v.types.size(), count));
  }
  if (v.merges.size() > TokenizerParts::kMaxMerges) {
    return invalid(format("{} merges; expected at most {}", v.merges.size(), TokenizerParts::kMaxMerges));
  }
  const bool scored = v.kind == Vocabulary::Kind::sentencepiece;
  if (scored && v.scores.size() != count) {
    return invalid(format("{} scores for {} tokens", v.scores.size(), count));
  }
  const std::size_t most = scored ? kMaxScoredBytes : TokenizerParts::kMaxTokenBytes;
  for (std::size_t i = 0; i < count; ++i) {
    if (v.tokens[i].size() > most) {
      return invalid(format("token {} has {} bytes; expected at most {}", i, v.tokens[i].size(), most));
    }
    if (scored && std::isnan(v.scores[i])) return invalid(format("the score of token {} is no number", i));
  }
  const std::pair<const char*, std::optional<TokenId>> named[] = {
      {"BOS", v.bos}, {"EOS", v.eos}, {"unknown", v.unknown}};
  for (const auto& [name, id] : named) {
    if (id && (*id < 0 || static_cast<std::size_t>(*id) >= count)) {
      return invalid(format("the {} token is {}, but there are {} tokens", name, *id, count));
    }
  }
  return {};
}

// A file without types (llama2.c) tells bytes by their spelling and the others by their ids.
Type type_of(const Vocabulary& v, std::size_t i) {
  if (!v.types.empty()) return v.types[i];
  const auto id = static_cast<TokenId>(i);
  if (v.bos == id || v.eos == id) return Type::control;
  if (v.unknown == id) return Type::unknown;
  const bool byte = v.kind == Vocabulary::Kind::sentencepiece && byte_of_spelling(v.tokens[i]);
  return byte ? Type::byte : Type::normal;
}

Result<void> take_token(const Vocabulary& v, std::size_t i, TokenizerParts& parts) {
  TokenizerParts::Token& token = parts.tokens[i];
  const Type type = type_of(v, i);
  token.text = v.tokens[i];
  token.role = Role::hidden;
  token.control = type == Type::control || type == Type::unknown;
  if (type == Type::control || type == Type::user_defined) {
    if (token.text.size() > AddedToken::kMaxBytes) {
      return invalid(
          format("the added token '{}...' has more than {} bytes", shown(token.text), AddedToken::kMaxBytes));
    }
    AddedToken added;
    added.content = token.text;
    added.id = static_cast<TokenId>(i);
    added.special = token.control;
    if (!added.content.empty()) parts.added.push_back(std::move(added));
  } else if (type == Type::byte && !parts.byte_level) {
    token.role = Role::byte;
  } else if (type == Type::normal && !token.text.empty()) {
    std::optional<std::string> bytes = parts.byte_level ? bytes_from_alphabet(token.text) : token.text;
    if (bytes) {
      token.text = std::move(*bytes);
      token.role = Role::text;
    }
  }
  return {};
}

Result<void> take_merges(const Vocabulary& v, TokenizerParts& parts) {
  Ids ids;
  ids.reserve(v.tokens.size());
  for (std::size_t i = 0; i < v.tokens.size(); ++i) ids.emplace(v.tokens[i], static_cast<TokenId>(i));
  parts.merges.reserve(v.merges.size());
  std::string both;
  for (std::size_t i = 0; i < v.merges.size(); ++i) {
    const auto& [left, right] = v.merges[i];
    both = left;
    both += right;
    const auto a = ids.find(left);
    const auto b = ids.find(right);
    const auto result = ids.find(both);
    if (a == ids.end() || b == ids.end() || result == ids.end()) {
      const std::string_view missing = a == ids.end()   ? left
                                       : b == ids.end() ? right
                                                        : std::string_view(both);
      return invalid(format("merge {}: '{}' is no token", i, shown(missing)));
    }
    parts.merges.push_back({a->second, b->second, result->second, static_cast<std::uint32_t>(i)});
  }
  return {};
}

// SentencePiece merges the two neighbours whose union has the highest score: every division of a token into
// two tokens is a merge, ranked by the token's score. Equal scores have equal ranks, so that the leftmost
// comes first.
Result<void> merges_from_scores(const Vocabulary& v, TokenizerParts& parts) {
  Ids ids;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < v.tokens.size(); ++i) {
    if (parts.tokens[i].role != Role::text) continue;
    if (ids.emplace(parts.tokens[i].text, static_cast<TokenId>(i)).second) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&v](std::size_t a, std::size_t b) { return v.scores[a] > v.scores[b]; });
  std::uint32_t rank = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    if (k > 0 && v.scores[order[k]] != v.scores[order[k - 1]]) ++rank;
    const std::string_view text = parts.tokens[order[k]].text;
    for (std::size_t at = decode_utf8(text, 0).size; at < text.size(); at += decode_utf8(text, at).size) {
      const auto left = ids.find(text.substr(0, at));
      const auto right = left == ids.end() ? ids.end() : ids.find(text.substr(at));
      if (right == ids.end()) continue;
      parts.merges.push_back({left->second, right->second, static_cast<TokenId>(order[k]), rank});
    }
    if (parts.merges.size() > TokenizerParts::kMaxMerges) return invalid("the scores make too many merges");
  }
  return {};
}

TextStep step(TextStep::Kind kind, std::string_view from, std::string_view to) {
  TextStep out;
  out.kind = kind;
  out.from = from;
  out.to = to;
  return out;
}

void take_steps(const Vocabulary& v, TokenizerParts& parts) {
  if (!parts.byte_level) {
    parts.normalizer.push_back(step(TextStep::Kind::replace, " ", kMetaspace));
    if (v.add_space_prefix) parts.normalizer.push_back(step(TextStep::Kind::prepend, "", kMetaspace));
    parts.strip_space = v.add_space_prefix;
    return;
  }
  // What GGUF leaves to the name: Qwen's tokenizer composes its input, Llama 3's takes whole pieces.
  const std::vector<Split>& splits = parts.splits;
  if (splits.front() == Split::qwen2) parts.normalizer.push_back(TextStep());
  parts.ignore_merges = v.ignore_merges || splits.front() == Split::llama3;
}

}  // namespace

Result<std::unique_ptr<Tokenizer>> tokenizer_from_vocabulary(Vocabulary v) {
  if (auto ok = check_sizes(v); !ok) return ok.error();
  TokenizerParts parts;
  parts.byte_level = v.kind == Vocabulary::Kind::byte_level_bpe;
  if (parts.byte_level) {
    auto splits = splits_of_gguf_name(v.pre_tokenizer);
    if (!splits) return splits.error();
    parts.splits = std::move(*splits);
  }
  parts.tokens.resize(v.tokens.size());
  for (std::size_t i = 0; i < v.tokens.size(); ++i) {
    if (auto ok = take_token(v, i, parts); !ok) return ok.error();
  }
  auto merged = parts.byte_level ? take_merges(v, parts) : merges_from_scores(v, parts);
  if (!merged) return merged.error();
  take_steps(v, parts);
  for (const std::optional<TokenId>& id : {v.bos, v.eos}) {
    if (id) parts.tokens[static_cast<std::size_t>(*id)].control = true;
  }
  parts.bos = v.bos;
  parts.eos = v.eos;
  parts.unknown = v.unknown;
  parts.fuse_unknown = !parts.byte_level;
  parts.add_bos = v.add_bos && v.bos.has_value();
  return make_bpe_tokenizer(std::move(parts));
}

}  // namespace assay
