// Model: a loaded decoder with its paged KV cache, as the engine drives it. One step runs any mix of prompt
// chunks and single new tokens.
//
// The cache is an array of blocks of kBlockTokens positions each, all layers and heads of them. The engine owns
// the book-keeping: which sequence uses which blocks, in order. Sequences may share blocks that are full and
// equal; nothing is ever written to a block that two sequences hold.
//
// Threads: one thread drives a model. Errors: internal, for what the backend library throws.
// Comparability: the logits of a sequence depend on its own tokens alone: not on what else is in the step, on
//   how its prompt was cut into chunks, or on the number of threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "harness/base/result.h"
#include "harness/text/tokenizer.h"

namespace assay::local {

inline constexpr std::int32_t kBlockTokens = 16;

struct StepSequence {
  std::span<const TokenId> tokens;        // never empty; the positions before them are in the cache
  std::int32_t position = 0;              // of tokens[0]
  std::span<const std::int32_t> blocks;   // of positions 0.., enough to hold the last of `tokens`
  bool wants_logits = false;              // of its last token
};

struct ModelShape {
  std::int64_t vocab = 0;          // width of a row of logits
  std::int64_t context = 0;        // positions a sequence may have
  std::uint64_t weight_bytes = 0;  // as loaded
  std::uint64_t block_bytes = 0;   // of one KV block over all layers
  std::uint64_t cache_limit = 0;   // bytes of cache that there is memory for, as of loading
  bool own_memory = false;         // that memory is a device's own, which nothing else needs
};

class Model {
 public:
  virtual ~Model() = default;
  virtual ModelShape shape() const = 0;
  // Allocates the cache, once, before the first step.
  virtual Result<void> reserve(std::int32_t blocks) = 0;
  // One row of vocab logits for each sequence that wants them, in order; `logits` is resized. The span of a
  // padding row (an id that the tokenizer does not have) is not masked here.
  virtual Result<void> step(std::span<const StepSequence> sequences, std::vector<float>& logits) = 0;
  // Copies what `from` holds to `to`, for a sequence that goes its own way within a block.
  virtual void copy_block(std::int32_t from, std::int32_t to) = 0;
};

}  // namespace assay::local
