#include "backends/local/engine/block_pool.h"

#include <cstring>

#include "harness/base/check.h"

namespace assay::local {

PrefixKey PrefixKey::then(std::span<const TokenId> tokens) const {
  DigestBuilder b;
  b.bytes(digest.view());
  b.bytes({reinterpret_cast<const char*>(tokens.data()), tokens.size_bytes()});
  return {b.finish()};
}

std::size_t PrefixKeyHash::operator()(const PrefixKey& key) const {
  std::size_t hash = 0;
  std::memcpy(&hash, key.digest.bytes.data(), sizeof hash);
  return hash;
}

BlockPool::BlockPool(std::int32_t blocks) : blocks_(static_cast<std::size_t>(blocks)) {
  unused_.reserve(blocks_.size());
  for (std::int32_t b = blocks - 1; b >= 0; --b) unused_.push_back(b);
}

std::optional<std::int32_t> BlockPool::find(const PrefixKey& key) {
  const auto at = index_.find(key);
  if (at == index_.end()) return std::nullopt;
  Block& block = blocks_[static_cast<std::size_t>(at->second)];
  if (block.holders++ == 0) idle_.erase(block.released);
  return at->second;
}

std::optional<std::int32_t> BlockPool::peek(const PrefixKey& key) const {
  const auto at = index_.find(key);
  return at == index_.end() ? std::nullopt : std::optional(at->second);
}

std::optional<std::int32_t> BlockPool::take() {
  std::int32_t taken = 0;
  if (!unused_.empty()) {
    taken = unused_.back();
    unused_.pop_back();
  } else if (!idle_.empty()) {
    taken = idle_.begin()->second;
    idle_.erase(idle_.begin());
    forget(blocks_[static_cast<std::size_t>(taken)]);
  } else {
    return std::nullopt;
  }
  blocks_[static_cast<std::size_t>(taken)].holders = 1;
  return taken;
}

void BlockPool::publish(std::int32_t block, const PrefixKey& key) {
  Block& b = blocks_[static_cast<std::size_t>(block)];
  CHECK_THAT_HOLDS(b.holders > 0, "a block is published by who holds it");
  if (index_.emplace(key, block).second) b.keys.push_back(key);
}

void BlockPool::release(std::int32_t block) {
  Block& b = blocks_[static_cast<std::size_t>(block)];
  CHECK_THAT_HOLDS(b.holders > 0, "a block is released by who holds it");
  if (--b.holders > 0) return;
  if (b.keys.empty()) {
    unused_.push_back(block);
  } else {
    b.released = clock_++;
    idle_.emplace(b.released, block);
  }
}

std::int32_t BlockPool::holders(std::int32_t block) const {
  return blocks_[static_cast<std::size_t>(block)].holders;
}

void BlockPool::forget(Block& block) {
  for (const PrefixKey& key : block.keys) index_.erase(key);
  block.keys.clear();
}

}  // namespace assay::local
