#include "tests/backends/local/engine/fake_model.h"

#include <algorithm>
#include <thread>

namespace assay::local::test {
namespace {

std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

std::uint64_t after(std::uint64_t hash, TokenId token, std::int32_t position) {
  return mix(hash ^ mix((static_cast<std::uint64_t>(position) << 32U) ^ static_cast<std::uint32_t>(token)));
}

}  // namespace

FakeTokenizer::FakeTokenizer(std::vector<std::string> words, bool tags, bool adds_bos)
    : tags_(tags), adds_bos_(adds_bos) {
  for (int b = 0; b < 256; ++b) pieces_.emplace_back(1, static_cast<char>(b));
  for (const char* token : {"<think>", "</think>", "<|end|>", "<s>", "<|control|>"})
    pieces_.emplace_back(token);
  if (!tags) pieces_[kOpen] = pieces_[kClose] = "";
  for (std::string& word : words) pieces_.push_back(std::move(word));
}

std::vector<TokenId> FakeTokenizer::encode(std::string_view text, SpecialTokens special) const {
  std::vector<TokenId> ids;
  for (std::size_t i = 0; i < text.size();) {
    TokenId found = static_cast<unsigned char>(text[i]);
    for (TokenId id = kOpen; special == SpecialTokens::parse && id < kFirstWord; ++id) {
      const std::string& piece = pieces_[static_cast<std::size_t>(id)];
      if (!piece.empty() && text.substr(i, piece.size()) == piece) found = id;
    }
    ids.push_back(found);
    i += pieces_[static_cast<std::size_t>(found)].size();
  }
  return ids;
}

std::string_view FakeTokenizer::piece(TokenId id) const {
  return id < 0 || static_cast<std::size_t>(id) >= pieces_.size() ? std::string_view()
                                                                  : pieces_[static_cast<std::size_t>(id)];
}

std::string FakeTokenizer::decode(std::span<const TokenId> ids) const {
  std::string text;
  for (const TokenId id : ids) text += piece(id);
  return text;
}

std::optional<TokenId> FakeTokenizer::id_of(std::string_view token) const {
  if (token.empty()) return std::nullopt;
  const auto at = std::find(pieces_.begin(), pieces_.end(), token);
  return at == pieces_.end() ? std::nullopt : std::optional(static_cast<TokenId>(at - pieces_.begin()));
}

FakeModel::FakeModel(std::int64_t vocab, std::int64_t context) : vocab_(vocab), context_(context) {}

ModelShape FakeModel::shape() const {
  ModelShape shape;
  shape.vocab = vocab_;
  shape.context = context_;
  shape.weight_bytes = 1000;
  shape.block_bytes = 1000;
  return shape;
}

Result<void> FakeModel::reserve(std::int32_t blocks) {
  blocks_.assign(static_cast<std::size_t>(blocks), Block());
  return {};
}

FakeModel::Slot* FakeModel::slot(const StepSequence& s, std::int32_t position) {
  const auto at = static_cast<std::size_t>(position / kBlockTokens);
  if (position < 0 || at >= s.blocks.size()) return nullptr;
  const auto block = static_cast<std::size_t>(s.blocks[at]);
  return block < blocks_.size() ? &blocks_[block][static_cast<std::size_t>(position % kBlockTokens)]
                                : nullptr;
}

void FakeModel::write(const StepSequence& s) {
  std::int32_t position = s.position;
  for (const TokenId token : s.tokens) {
    const Slot* before = position == 0 ? nullptr : slot(s, position - 1);
    Slot* here = slot(s, position);
    if (here == nullptr || (position > 0 && before == nullptr) || position >= context_) {
      ++faults;
      return;
    }
    const std::uint64_t hash = after(before == nullptr ? 1 : before->hash, token, position);
    *here = {token, position, hash};
    ++position;
  }
}

void FakeModel::check_writers(std::span<const StepSequence> sequences) {
  std::map<std::int32_t, int> holders;
  for (const StepSequence& s : sequences) {
    for (const std::int32_t block : s.blocks) ++holders[block];
  }
  for (const StepSequence& s : sequences) {
    const auto last = s.position + static_cast<std::int32_t>(s.tokens.size()) - 1;
    for (std::int32_t b = s.position / kBlockTokens; b <= last / kBlockTokens; ++b) {
      if (static_cast<std::size_t>(b) < s.blocks.size() && holders[s.blocks[static_cast<std::size_t>(b)]] > 1)
        ++faults;
    }
  }
}

std::uint64_t FakeModel::read_back(const StepSequence& s, std::vector<TokenId>& tokens) {
  const auto last = s.position + static_cast<std::int32_t>(s.tokens.size()) - 1;
  std::uint64_t hash = 1;
  for (std::int32_t p = 0; p <= last; ++p) {
    const Slot* here = slot(s, p);
    if (here == nullptr) {
      ++faults;
      return 0;
    }
    hash = after(hash, here->token, p);
    if (here->position != p || here->hash != hash) ++faults;
    tokens.push_back(here->token);
  }
  return hash;
}

Result<void> FakeModel::step(std::span<const StepSequence> sequences, std::vector<float>& logits) {
  if (steps++ == fail_at) return Error{Code::internal, "the fake model failed as told"};
  if (step_time.count() > 0) std::this_thread::sleep_for(step_time);
  check_writers(sequences);
  most_sequences = std::max(most_sequences, sequences.size());
  std::int64_t count = 0;
  for (const StepSequence& s : sequences) {
    write(s);
    count += static_cast<std::int64_t>(s.tokens.size());
  }
  rows += count;
  most_rows = std::max(most_rows, count);
  logits.clear();
  for (const StepSequence& s : sequences) {
    if (!s.wants_logits) continue;
    std::vector<TokenId> tokens;
    const std::uint64_t hash = read_back(s, tokens);
    const std::size_t begin = logits.size();
    for (std::int64_t v = 0; v < vocab_; ++v) {
      const std::uint64_t bits = mix(hash + static_cast<std::uint64_t>(v) * 7919);
      logits.push_back(spread * (static_cast<float>(bits >> 40U) / 8388608.0F - 1));
    }
    const TokenId said = next ? next(tokens) : -1;
    if (said >= 0) logits[begin + static_cast<std::size_t>(said)] = 1000;
    if (spoil) spoil(logits, begin);
  }
  return {};
}

void FakeModel::copy_block(std::int32_t from, std::int32_t to) {
  blocks_[static_cast<std::size_t>(to)] = blocks_[static_cast<std::size_t>(from)];
}

}  // namespace assay::local::test
