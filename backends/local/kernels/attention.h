// Causal attention over a paged cache of keys and values.
//
// The cache of a layer is an array of blocks of 16 positions, a stride apart, of block_bytes() each, which
// the caller allocates, zeroed, and hands to store_kv and attend. What a block looks like inside is this
// part's own: a block may be copied as bytes, never read otherwise. Keys and values are kept in the shape's
// precision, or as KvType::int8 says.
//
//   AttentionPlan plan(shape, queries);                   // once a step
//   store_kv(exec, shape, cache, queries, k, ld, v, ld);  // for each layer: all keys and values of the step,
//   attend(exec, shape, cache, plan, q, ld, out, ld);     // then the queries
//
// Queries that have the same blocks at the same place (samples of one prompt, tokens of a chunk) are worked
// on together, so that a block is read from memory once for all of them.
//
// Method: keys in chunks of 256 positions, counted from position 0. Within a chunk softmax with the chunk's
//   own maximum; chunks are merged in order (Milakov and Gimelshein, "Online normalizer calculation for
//   softmax", 2018). In bf16 queries, keys, values and the chunk's weights are rounded to bfloat16, sums are
//   in float.
// Comparability: a row of `out` depends on its own query, position and cached values alone, bit for bit, for
//   a given Isa; not on other queries, on how a prompt was cut into steps, or on threads. Values in the cache
//   must be finite, also those at positions of a block that no query sees yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "backends/local/kernels/isa.h"

namespace assay::local::kernels {

inline constexpr std::int32_t kBlock = 16;  // positions

// How keys and values are kept.
enum class KvType : std::uint8_t {
  same = 0,  // in the precision of the queries
  // x as round(x / s) * s, s = max |x| / 127 over one head of one token, keys and values apart: an error of
  // at most s / 2. s, a float, is written with the token and depends on nothing else. Where any x is not
  // finite, s is NaN, so that the token's queries show it.
  int8 = 1,
};

struct AttentionShape {
  std::int32_t heads = 0;     // of queries; a multiple of kv_heads
  std::int32_t kv_heads = 0;  // head h reads key head h / (heads / kv_heads)
  std::int32_t head_dim = 0;  // even, at most 256
  Precision precision = Precision::f32;
  float scale = 1.0f;  // of the products of queries and keys: head_dim^-0.5
  KvType kv = KvType::same;
};

// Bytes of a block, of one layer: a multiple of 64.
std::size_t block_bytes(const AttentionShape& shape);

struct KvCache {              // of one layer
  std::byte* base = nullptr;  // of block 0; at a multiple of 64
  std::size_t stride = 0;     // from block to block; a multiple of 64
};

// One token of a step. `blocks` are those of its sequence from position 0 on, at least up to its own.
struct Query {
  std::int32_t position = 0;
  std::span<const std::int32_t> blocks;
};

// Writes row i of k and v ([kv_heads][head_dim] floats, rows ld apart) to where queries[i] is.
void store_kv(const Exec& exec, const AttentionShape& shape, const KvCache& cache,
              std::span<const Query> queries, const float* k, std::int64_t ldk, const float* v,
              std::int64_t ldv);

// Which queries of a step go together. The same for all layers. Keeps the spans of the queries.
class AttentionPlan {
 public:
  AttentionPlan() = default;
  AttentionPlan(const AttentionShape& shape, std::span<const Query> queries);

  struct Run {  // queries that read the same blocks of one chunk: order[begin .. end)
    std::int32_t begin = 0;
    std::int32_t end = 0;
  };
  std::span<const Query> queries() const { return queries_; }
  // Queries in an order in which those with a common beginning are neighbours.
  std::span<const std::int32_t> order() const { return order_; }
  std::int32_t chunks() const { return static_cast<std::int32_t>(runs_.size()); }
  std::span<const Run> runs(std::int32_t chunk) const { return runs_[static_cast<std::size_t>(chunk)]; }

 private:
  std::vector<Query> queries_;
  std::vector<std::int32_t> order_;
  std::vector<std::vector<Run>> runs_;
};

// Row i of q and out, [heads][head_dim] floats, is of the plan's query i. Their keys are in the cache.
void attend(const Exec& exec, const AttentionShape& shape, const KvCache& cache, const AttentionPlan& plan,
            const float* q, std::int64_t ldq, float* out, std::int64_t ldo);

}  // namespace assay::local::kernels
