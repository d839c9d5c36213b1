#include "harness/text/tokenizer/bpe_tokenizer.h"

#include <algorithm>
#include <span>
#include <utility>

#include "harness/base/utf8.h"
#include "harness/text/tokenizer/byte_alphabet.h"

namespace assay {
namespace {

using Role = TokenizerParts::Role;

class BpeTokenizer final : public Tokenizer {
 public:
  explicit BpeTokenizer(TokenizerParts parts);

  std::vector<TokenId> encode(std::string_view text, SpecialTokens special) const override;
  std::string_view piece(TokenId id) const override {
    return known(id) ? pieces_[index(id)] : std::string_view();
  }
  std::string decode(std::span<const TokenId> ids) const override;
  std::optional<TokenId> id_of(std::string_view token) const override;
  bool is_special(TokenId id) const override { return known(id) && parts_.tokens[index(id)].control; }
  std::size_t size() const override { return parts_.tokens.size(); }
  std::optional<TokenId> bos() const override { return parts_.bos; }
  std::optional<TokenId> eos() const override { return parts_.eos; }
  bool adds_bos() const override { return parts_.add_bos; }

 private:
  struct Work {  // working memory of one call
    explicit Work(const MergeTable& table) : merger(table) {}
    Merger merger;
    std::vector<TokenId> symbols;
    std::vector<TokenId> trial;
    std::vector<AddedTokenFinder::Part> raw;
    std::vector<AddedTokenFinder::Part> normalized;
  };

  static std::size_t index(TokenId id) { return static_cast<std::size_t>(id); }
  bool known(TokenId id) const { return id >= 0 && index(id) < parts_.tokens.size(); }
  void index_tokens();
  void index_added();
  bool merges_keep_words_apart() const;
  TokenId find(std::string_view text) const;
  void encode_plain(std::string_view text, bool at_start, Work& work, std::vector<TokenId>& out) const;
  void encode_piece(std::string_view piece, Work& work, std::vector<TokenId>& out) const;
  void symbols_of(std::string_view piece, std::vector<TokenId>& out) const;
  void append_code_point(std::string_view written, std::vector<TokenId>& out) const;
  bool merges_to(std::string_view piece, TokenId id, Work& work) const;

  TokenizerParts parts_;
  MergeTable table_;
  std::vector<std::string> pieces_;                         // what a token is in decoded text
  std::unordered_map<std::string_view, TokenId> by_text_;   // keys point into parts_.tokens
  std::unordered_map<std::string_view, TokenId> by_added_;  // into parts_.added
  std::array<TokenId, 256> bytes_{};                        // byte tokens; -1 where there is none
  std::array<TokenId, 128> ascii_{};                        // SentencePiece: of an ASCII character
  std::size_t longest_ = 0;
  AddedTokenFinder raw_added_;
  AddedTokenFinder normalized_added_;
  // Whether merging the text of a token gives that token: 0 not yet known, 1 yes, 2 no. Nearly every piece of
  // a text is a token, and merging it can be left out where this is known. It is a function of the vocabulary
  // alone, so that threads may race to fill it in.
  mutable std::vector<std::atomic<std::uint8_t>> whole_;
};

BpeTokenizer::BpeTokenizer(TokenizerParts parts)
    : parts_(std::move(parts)), table_(parts_.merges), whole_(parts_.tokens.size()) {
  parts_.merges = {};
  index_tokens();
  index_added();
  if (parts_.splits.empty() && merges_keep_words_apart()) parts_.splits.push_back(Split::metaspace_words);
}

// Whether no merge of a SentencePiece vocabulary reaches over the start of a word, so that words can be
// merged one by one with the same result: no token has U+2581 after another character.
bool BpeTokenizer::merges_keep_words_apart() const {
  if (parts_.byte_level || find(kMetaspace) < 0) return false;
  return std::all_of(parts_.tokens.begin(), parts_.tokens.end(), [](const TokenizerParts::Token& token) {
    const std::string_view text = token.text;
    std::size_t start = 0;
    while (text.substr(start).starts_with(kMetaspace)) start += kMetaspace.size();
    return token.role != Role::text || text.find(kMetaspace, start) == std::string_view::npos;
  });
}

void BpeTokenizer::index_tokens() {
  bytes_.fill(-1);
  pieces_.reserve(parts_.tokens.size());
  by_text_.reserve(parts_.tokens.size());
  for (std::size_t i = 0; i < parts_.tokens.size(); ++i) {
    const TokenizerParts::Token& token = parts_.tokens[i];
    const auto id = static_cast<TokenId>(i);
    const auto byte = token.role == Role::byte ? byte_of_spelling(token.text) : std::nullopt;
    if (byte) {
      pieces_.push_back(std::string(1, static_cast<char>(*byte)));
      bytes_[*byte] = id;
    } else {
      pieces_.push_back(parts_.byte_level || token.control ? token.text
                                                           : replace_all(token.text, kMetaspace, " "));
    }
    if (token.role != Role::text) continue;
    by_text_.emplace(token.text, id);
    longest_ = std::max(longest_, token.text.size());
  }
  ascii_.fill(-1);
  for (std::size_t b = 0; b < 256; ++b) {
    const char c = static_cast<char>(static_cast<unsigned char>(b));
    const TokenId id = find(std::string_view(&c, 1));
    if (parts_.byte_level) bytes_[b] = id;
    if (b < 128) ascii_[b] = id;
  }
}

void BpeTokenizer::index_added() {
  std::string held;
  for (const AddedToken& token : parts_.added) {
    pieces_[index(token.id)] = token.content;
    by_added_.emplace(token.content, token.id);
    if (!token.normalized) {
      raw_added_.add(token);
      continue;
    }
    AddedToken in_text = token;
    in_text.content = std::string(apply_steps(parts_.normalizer, token.content, false, held));
    if (!in_text.content.empty()) normalized_added_.add(std::move(in_text));
  }
}

TokenId BpeTokenizer::find(std::string_view text) const {
  const auto found = by_text_.find(text);
  return found == by_text_.end() ? -1 : found->second;
}

std::vector<TokenId> BpeTokenizer::encode(std::string_view text, SpecialTokens special) const {
  std::vector<TokenId> out;
  Work work(table_);
  std::string held;
  const auto part = [&](std::string_view piece, bool at_start) {
    const std::string_view normalized = apply_steps(parts_.normalizer, piece, at_start, held);
    if (special == SpecialTokens::as_text || normalized_added_.empty()) {
      encode_plain(normalized, at_start, work, out);
      return;
    }
    work.normalized.clear();
    normalized_added_.split(normalized, work.normalized);
    for (const AddedTokenFinder::Part& found : work.normalized) {
      if (found.id >= 0) {
        out.push_back(found.id);
      } else {
        encode_plain(normalized.substr(found.begin, found.end - found.begin), at_start && found.begin == 0,
                     work, out);
      }
    }
  };
  if (special == SpecialTokens::as_text || raw_added_.empty()) {
    part(text, true);
    return out;
  }
  raw_added_.split(text, work.raw);
  for (const AddedTokenFinder::Part& found : work.raw) {
    if (found.id >= 0) {
      out.push_back(found.id);
    } else {
      part(text.substr(found.begin, found.end - found.begin), found.begin == 0);
    }
  }
  return out;
}

void BpeTokenizer::encode_plain(std::string_view text, bool at_start, Work& work,
                                std::vector<TokenId>& out) const {
  std::string held;
  text = apply_steps(parts_.prepare, text, at_start, held);
  for (const Piece& piece : split_text(parts_.splits, text)) {
    encode_piece(text.substr(piece.begin, piece.end - piece.begin), work, out);
  }
}

void BpeTokenizer::encode_piece(std::string_view piece, Work& work, std::vector<TokenId>& out) const {
  // A piece has fewer than 2^31 symbols; what is longer is cut, at a place that depends on the text alone.
  constexpr std::size_t kMostBytes = std::size_t{1} << 30;
  for (; piece.size() > kMostBytes; piece.remove_prefix(kMostBytes)) {
    encode_piece(piece.substr(0, kMostBytes), work, out);
  }
  if (piece.size() <= longest_) {
    const TokenId id = find(piece);
    if (id >= 0 && (parts_.ignore_merges || piece.size() == 1 || merges_to(piece, id, work))) {
      out.push_back(id);
      return;
    }
  }
  work.symbols.clear();
  symbols_of(piece, work.symbols);
  work.merger.merge(work.symbols, out);
}

bool BpeTokenizer::merges_to(std::string_view piece, TokenId id, Work& work) const {
  std::atomic<std::uint8_t>& state = whole_[index(id)];
  std::uint8_t seen = state.load(std::memory_order_relaxed);
  if (seen == 0) {
    work.symbols.clear();
    work.trial.clear();
    symbols_of(piece, work.symbols);
    work.merger.merge(work.symbols, work.trial);
    seen = work.trial.size() == 1 && work.trial[0] == id ? 1 : 2;
    state.store(seen, std::memory_order_relaxed);
  }
  return seen == 1;
}

void BpeTokenizer::symbols_of(std::string_view piece, std::vector<TokenId>& out) const {
  if (parts_.byte_level) {
    for (const char c : piece) {
      const TokenId id = bytes_[static_cast<unsigned char>(c)];
      if (id >= 0) {
        out.push_back(id);
      } else if (parts_.unknown) {
        out.push_back(*parts_.unknown);
      }
    }
    return;
  }
  for (std::size_t at = 0; at < piece.size();) {
    const std::size_t size = decode_utf8(piece, at).size;
    append_code_point(piece.substr(at, size), out);
    at += size;
  }
}

void BpeTokenizer::append_code_point(std::string_view written, std::vector<TokenId>& out) const {
  const auto lead = static_cast<unsigned char>(written[0]);
  const TokenId id = lead < 128 ? ascii_[lead] : find(written);
  if (id >= 0) {
    out.push_back(id);
    return;
  }
  const auto has_token = [this](char c) { return bytes_[static_cast<unsigned char>(c)] >= 0; };
  if (std::all_of(written.begin(), written.end(), has_token)) {
    for (const char c : written) out.push_back(bytes_[static_cast<unsigned char>(c)]);
  } else if (parts_.unknown && !(parts_.fuse_unknown && !out.empty() && out.back() == *parts_.unknown)) {
    out.push_back(*parts_.unknown);
  }
}

std::string BpeTokenizer::decode(std::span<const TokenId> ids) const {
  std::string out;
  for (const TokenId id : ids) out += piece(id);
  if (parts_.strip_space && out.starts_with(' ')) out.erase(0, 1);
  return out;
}

std::optional<TokenId> BpeTokenizer::id_of(std::string_view token) const {
  const auto added = by_added_.find(token);
  if (added != by_added_.end()) return added->second;
  if (parts_.byte_level) {
    const TokenId id = find(token);
    return id >= 0 ? std::optional(id) : std::nullopt;
  }
  const auto byte = byte_of_spelling(token);
  const TokenId id = byte ? bytes_[*byte] : find(replace_all(token, " ", kMetaspace));
  return id >= 0 ? std::optional(id) : std::nullopt;
}

}  // namespace

std::unique_ptr<Tokenizer> make_bpe_tokenizer(TokenizerParts parts) {
  return std::make_unique<BpeTokenizer>(std::move(parts));
}

}  // namespace assay
