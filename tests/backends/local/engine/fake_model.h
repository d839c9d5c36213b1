// A vocabulary of bytes and a model that is a hash of its sequence, for tests of what drives a model.
//
// The model keeps in every position of its cache which token was written there and a digest of all tokens up
// to it. Each step it reads a sequence back through its blocks: a block shared, copied, freed or filled
// wrongly is a fault, and changes the logits. So is a block that is written while another sequence of the
// step holds it.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "backends/local/engine/model.h"
#include "harness/text/tokenizer.h"

namespace assay::local::test {

// Ids 0 to 255 are bytes; then come tokens of several.
class FakeTokenizer final : public Tokenizer {
 public:
  static constexpr TokenId kOpen = 256, kClose = 257, kEnd = 258, kBos = 259, kControl = 260,
                           kFirstWord = 261;
  // `words` are further tokens that encode() does not use, but a model can say. Without `tags` the think tags
  // are no tokens of the vocabulary.
  explicit FakeTokenizer(std::vector<std::string> words = {}, bool tags = true, bool adds_bos = false);

  std::vector<TokenId> encode(std::string_view text, SpecialTokens special) const override;
  std::string_view piece(TokenId id) const override;
  std::string decode(std::span<const TokenId> ids) const override;
  std::optional<TokenId> id_of(std::string_view token) const override;
  bool is_special(TokenId id) const override { return id == kEnd || id == kBos || id == kControl; }
  std::size_t size() const override { return pieces_.size(); }
  std::optional<TokenId> bos() const override { return kBos; }
  std::optional<TokenId> eos() const override { return kEnd; }
  bool adds_bos() const override { return adds_bos_; }

 private:
  std::vector<std::string> pieces_;
  bool tags_;
  bool adds_bos_;
};

class FakeModel final : public Model {
 public:
  // What comes after a sequence of tokens, where the test wants to say it; -1: the hash decides.
  using Next = std::function<TokenId(const std::vector<TokenId>&)>;

  explicit FakeModel(std::int64_t vocab = 280, std::int64_t context = 4096);

  ModelShape shape() const override;
  Result<void> reserve(std::int32_t blocks) override;
  Result<void> step(std::span<const StepSequence> sequences, std::vector<float>& logits) override;
  void copy_block(std::int32_t from, std::int32_t to) override;

  Next next;
  std::function<void(std::vector<float>&, std::size_t row_begin)> spoil;  // changes a row of logits
  std::chrono::microseconds step_time{0};
  std::atomic<std::int64_t> fail_at{-1};  // the step that returns an error
  std::atomic<std::int64_t> steps{0};
  std::atomic<std::int64_t> faults{0};
  std::atomic<std::int64_t> rows{0};
  std::int64_t most_rows = 0;  // of one step
  std::size_t most_sequences = 0;
  float spread = 8;  // logits lie in [-spread, spread]

 private:
  struct Slot {
    TokenId token = -1;
    std::int32_t position = -1;
    std::uint64_t hash = 0;
  };
  using Block = std::array<Slot, kBlockTokens>;
  Slot* slot(const StepSequence& s, std::int32_t position);
  void write(const StepSequence& s);
  void check_writers(std::span<const StepSequence> sequences);
  std::uint64_t read_back(const StepSequence& s, std::vector<TokenId>& tokens);

  const std::int64_t vocab_, context_;
  std::vector<Block> blocks_;
};

}  // namespace assay::local::test
