// BlockPool: who holds which block of the KV cache, and which blocks can be found again by what they hold.
//
//   std::optional<std::int32_t> block = pool.find(key);    // holds what `key` says: shared with who has it
//   if (!block) block = pool.take();                       // a block of one's own, to be written
//   pool.publish(*block, key);                             // once it is written
//   pool.release(*block);                                  // one holder fewer
//
// A block has holders. One that nobody holds and that was published stays, to be found again, until its room
// is needed; the one released longest ago goes first. A published block is never written again where its key
// says something; the positions behind may be (PrefixKey::part).
//
// Threads: one. Errors: none; a pool that is full says so with nullopt. Holding is counted, so that an
//   unbalanced release ends the process.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "backends/local/engine/model.h"
#include "harness/base/digest.h"

namespace assay::local {

// What the cache holds for a prefix of tokens: a digest of all tokens up to its end, so that equal keys mean
// equal contents. A key made of fewer than kBlockTokens tokens speaks of that part of a block only.
struct PrefixKey {
  Digest digest;
  static PrefixKey root() { return {}; }
  // The key of the prefix that goes on with one block (or a part of one) of tokens.
  PrefixKey then(std::span<const TokenId> tokens) const;
  bool operator==(const PrefixKey&) const = default;
};

struct PrefixKeyHash {
  std::size_t operator()(const PrefixKey& key) const;
};

class BlockPool {
 public:
  explicit BlockPool(std::int32_t blocks);

  std::optional<std::int32_t> find(const PrefixKey& key);        // one holder more
  std::optional<std::int32_t> peek(const PrefixKey& key) const;  // the same block, not held
  std::optional<std::int32_t> take();                      // its holder; nullopt when all blocks are held
  void publish(std::int32_t block, const PrefixKey& key);  // ignored where another block has the key
  void release(std::int32_t block);

  std::int32_t size() const { return static_cast<std::int32_t>(blocks_.size()); }
  // Blocks that take() can give: those that nobody holds.
  std::int32_t available() const { return static_cast<std::int32_t>(unused_.size() + idle_.size()); }
  std::int32_t holders(std::int32_t block) const;

 private:
  struct Block {
    std::int32_t holders = 0;
    std::vector<PrefixKey> keys;  // at most two: a part, and the whole
    std::uint64_t released = 0;   // its place in idle_, when it is there
  };
  void forget(Block& block);

  std::vector<Block> blocks_;
  std::vector<std::int32_t> unused_;            // neither held nor published
  std::map<std::uint64_t, std::int32_t> idle_;  // published and not held, by the time of release
  std::unordered_map<PrefixKey, std::int32_t, PrefixKeyHash> index_;
  std::uint64_t clock_ = 0;
};

}  // namespace assay::local
