#include "backends/local/kernels/attention.h"

#include <algorithm>
#include <cmath>

#include "backends/local/kernels/attention_tile.h"
#include "backends/local/kernels/bf16.h"
#include "backends/local/kernels/buffer.h"
#include "backends/local/kernels/vector_math.h"

namespace assay::local::kernels {
namespace {

using namespace attention;

std::int32_t needed_blocks(const Query& query) { return query.position / kBlock + 1; }

// Sixteen maxima side by side, which a compiler vectorises; NaN where a value is not finite.
float largest(const float* x, std::int32_t count) {
  float top[16] = {};
  float poison = 0;
  for (std::int32_t i = 0; i < count; ++i) {
    const float size = std::abs(x[i]);
    top[i % 16] = size > top[i % 16] ? size : top[i % 16];
    poison += x[i] * 0.0f;
  }
  return *std::max_element(top, top + 16) + poison;
}

// One head of one token in whole numbers; returns the scale. Below 1e-30 a head is taken for zeros: 127 over
// it could overflow.
float to_int8(const float* x, std::int32_t dim, std::int8_t* whole) {
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number, ties to even
  const float top = largest(x, dim);
  if (!(top > 1e-30f)) return top * 0.0f;
  const float inverse = 127.0f / top;
  for (std::int32_t d = 0; d < dim; ++d) {
    whole[d] = static_cast<std::int8_t>(static_cast<std::int32_t>(x[d] * inverse + kRound - kRound));
  }
  return top / 127.0f;
}

void store_head_int8(std::int32_t dim, std::byte* to, std::int32_t slot, const float* k, const float* v) {
  const std::int32_t padded = padded_dim(dim);
  auto* const keys = reinterpret_cast<std::int8_t*>(to) + slot;
  auto* const values = reinterpret_cast<std::int8_t*>(to) + (kBlock + slot) * padded;
  auto* const scales = reinterpret_cast<float*>(to + 2 * padded * kBlock) + slot;
  std::int8_t whole[kMaxDim] = {};
  scales[0] = to_int8(k, dim, whole);
  for (std::int32_t d = 0; d < padded; ++d) keys[d * kBlock] = whole[d];
  std::fill(values, values + padded, std::int8_t{0});
  scales[kBlock] = to_int8(v, dim, values);
}

void store_head(const AttentionShape& shape, std::byte* to, std::int32_t slot, const float* k,
                const float* v) {
  const std::int32_t dim = shape.head_dim;
  if (shape.kv == KvType::int8) return store_head_int8(dim, to, slot, k, v);
  const std::int32_t padded = padded_dim(dim);
  if (shape.precision == Precision::f32) {
    float* keys = reinterpret_cast<float*>(to) + slot;
    float* values = reinterpret_cast<float*>(to) + padded * kBlock + slot * padded;
    for (std::int32_t d = 0; d < padded; ++d) keys[d * kBlock] = d < dim ? k[d] : 0.0f;
    for (std::int32_t d = 0; d < padded; ++d) values[d] = d < dim ? v[d] : 0.0f;
    return;
  }
  auto* keys = reinterpret_cast<std::uint16_t*>(to) + slot * 2;
  auto* values = reinterpret_cast<std::uint16_t*>(to) + padded * kBlock + slot / 2 * padded * 2 + slot % 2;
  for (std::int32_t d = 0; d < padded; d += 2) {
    keys[d * kBlock] = d < dim ? to_bf16(k[d]) : std::uint16_t{0};
    keys[d * kBlock + 1] = d + 1 < dim ? to_bf16(k[d + 1]) : std::uint16_t{0};
  }
  for (std::int32_t d = 0; d < padded; ++d) values[2 * d] = d < dim ? to_bf16(v[d]) : std::uint16_t{0};
}

bool same_table(const Query& a, const Query& b) { return a.blocks.data() == b.blocks.data(); }

// By the blocks that are needed, then by position.
bool before(const Query& a, const Query& b) {
  if (same_table(a, b)) return a.position < b.position;
  const auto a_blocks = a.blocks.first(static_cast<std::size_t>(needed_blocks(a)));
  const auto b_blocks = b.blocks.first(static_cast<std::size_t>(needed_blocks(b)));
  const auto [in_a, in_b] = std::mismatch(a_blocks.begin(), a_blocks.end(), b_blocks.begin(), b_blocks.end());
  if (in_a == a_blocks.end() || in_b == b_blocks.end()) return a.position < b.position;
  return *in_a < *in_b;
}

std::int32_t blocks_in_chunk(const Query& query, std::int32_t chunk) {
  return std::min(needed_blocks(query) - chunk * kChunkBlocks, kChunkBlocks);
}

// Both see the chunk, by the same blocks. Queries of different sequences must see equally many: nothing that
// one has not, not even a value that is weighted by zero, takes part in its sums.
bool share_chunk(const Query& a, const Query& b, std::int32_t chunk) {
  if (same_table(a, b)) return true;
  const std::int32_t count = blocks_in_chunk(a, chunk);
  if (count != blocks_in_chunk(b, chunk)) return false;
  const auto first = static_cast<std::size_t>(chunk) * kChunkBlocks;
  const auto length = static_cast<std::size_t>(count);
  const auto in_a = a.blocks.subspan(first, length);
  return std::equal(in_a.begin(), in_a.end(), b.blocks.subspan(first, length).begin());
}

struct Row {
  std::int32_t query = 0;  // of the plan
  std::int32_t head = 0;
};

// One attend().
class Work {
 public:
  Work(const Exec& exec, const AttentionShape& shape, const KvCache& cache, const AttentionPlan& plan,
       const float* q, std::int64_t ldq, float* out, std::int64_t ldo)
      : exec_(exec),
        shape_(shape),
        cache_(cache),
        plan_(plan),
        q_(q),
        ldq_(ldq),
        out_(out),
        ldo_(ldo),
        group_(shape.heads / shape.kv_heads),
        kernel_(kernel(exec.isa, shape)) {}

  // Each part has some queries of a key head, over all chunks.
  void by_query() {
    const auto queries = static_cast<std::int64_t>(plan_.order().size());
    const std::int64_t heads = shape_.kv_heads;
    const std::int64_t wanted = (4 * exec_.team->size() + heads - 1) / heads;
    const std::int64_t ranges = std::min(queries, exec_.team->size() == 1 ? 1 : wanted);
    exec_.team->run(heads * ranges, [&](std::int64_t part) {
      const std::int64_t range = part / heads;
      all_chunks(static_cast<std::int32_t>(part % heads), static_cast<std::int32_t>(queries * range / ranges),
                 static_cast<std::int32_t>(queries * (range + 1) / ranges));
    });
  }

  // Each part has one chunk of a key head, for all queries; then the chunks are merged.
  void by_chunk() {
    const auto queries = static_cast<std::int32_t>(plan_.order().size());
    const std::int32_t dim = shape_.head_dim;
    const std::int64_t chunks = plan_.chunks();
    const std::int64_t width = dim + 2;  // sums, then the maximum and the sum of weights
    static thread_local Buffer parts;
    parts.grow(static_cast<std::size_t>(queries * shape_.heads * chunks * width) * sizeof(float));
    float* const base = parts.as<float>();
    const auto part_of = [=, heads = shape_.heads](Row row, std::int64_t chunk) {
      return base + ((row.query * heads + row.head) * chunks + chunk) * width;
    };
    exec_.team->run(shape_.kv_heads * chunks, [&](std::int64_t part) {
      const auto chunk = static_cast<std::int32_t>(part / shape_.kv_heads);
      one_chunk(static_cast<std::int32_t>(part % shape_.kv_heads), chunk, 0, queries,
                [&](Row row, const float* sums, float maximum, float sum) {
                  float* to = part_of(row, chunk);
                  std::copy(sums, sums + dim, to);
                  to[dim] = maximum;
                  to[dim + 1] = sum;
                });
    });
    for (std::int32_t query = 0; query < queries; ++query) {
      const std::int32_t last = plan_.queries()[static_cast<std::size_t>(query)].position / kChunk;
      for (std::int32_t head = 0; head < shape_.heads; ++head) {
        Total total;
        float* sums = start({query, head});
        for (std::int32_t chunk = 0; chunk <= last; ++chunk) {
          const float* from = part_of({query, head}, chunk);
          merge(exec_.isa, sums, total.maximum, total.sum, from, from[dim], from[dim + 1], dim);
        }
        finish(sums, total);
      }
    }
  }

 private:
  struct Total {
    float maximum = -INFINITY;
    float sum = 0;
  };

  float* start(Row row) const {
    float* sums = out_ + row.query * ldo_ + row.head * shape_.head_dim;
    std::fill(sums, sums + shape_.head_dim, 0.0f);
    return sums;
  }

  void finish(float* sums, const Total& total) const {
    const float inverse = 1.0f / total.sum;
    for (std::int32_t d = 0; d < shape_.head_dim; ++d) sums[d] *= inverse;
  }

  void all_chunks(std::int32_t kv_head, std::int32_t begin, std::int32_t end) const {
    static thread_local std::vector<Total> totals;  // of (query, head of the group)
    const auto rows_of = [&](std::int32_t query) { return static_cast<std::size_t>(query * group_); };
    totals.assign(rows_of(static_cast<std::int32_t>(plan_.order().size())), Total{});
    std::int32_t chunks = 0;
    for (std::int32_t i = begin; i < end; ++i) {
      const std::int32_t query = plan_.order()[static_cast<std::size_t>(i)];
      for (std::int32_t h = 0; h < group_; ++h) start({query, kv_head * group_ + h});
      chunks = std::max(chunks, plan_.queries()[static_cast<std::size_t>(query)].position / kChunk + 1);
    }
    for (std::int32_t chunk = 0; chunk < chunks; ++chunk) {
      one_chunk(kv_head, chunk, begin, end, [&](Row row, const float* sums, float maximum, float sum) {
        const std::int32_t in_group = row.head - kv_head * group_;
        Total& total = totals[rows_of(row.query) + static_cast<std::size_t>(in_group)];
        merge(exec_.isa, out_ + row.query * ldo_ + row.head * shape_.head_dim, total.maximum, total.sum, sums,
              maximum, sum, shape_.head_dim);
      });
    }
    for (std::int32_t i = begin; i < end; ++i) {
      const std::int32_t query = plan_.order()[static_cast<std::size_t>(i)];
      for (std::int32_t h = 0; h < group_; ++h) {
        finish(out_ + query * ldo_ + (kv_head * group_ + h) * shape_.head_dim,
               totals[rows_of(query) + static_cast<std::size_t>(h)]);
      }
    }
  }

  // Calls sink(row, sums, maximum, sum of weights) for each row of order[begin, end) that sees the chunk.
  template <typename Sink>
  void one_chunk(std::int32_t kv_head, std::int32_t chunk, std::int32_t begin, std::int32_t end,
                 const Sink& sink) const {
    for (const AttentionPlan::Run& run : plan_.runs(chunk)) {
      const std::int32_t first = std::max(run.begin, begin) * group_;
      const std::int32_t last = std::min(run.end, end) * group_;
      for (std::int32_t row = first; row < last; row += kRows) {
        one_tile(kv_head, chunk, row, std::min(row + kRows, last), sink);
      }
    }
  }

  template <typename Sink>
  void one_tile(std::int32_t kv_head, std::int32_t chunk, std::int32_t first, std::int32_t last,
                const Sink& sink) const {
    alignas(64) float sums[kRows][kMaxDim];
    Row rows[kRows];
    Tile tile;
    tile.rows = last - first;
    tile.dim = shape_.head_dim;
    tile.scale = shape_.scale * kLog2E;
    const Query* longest = nullptr;
    for (std::int32_t r = 0; r < tile.rows; ++r) {
      const std::int32_t query = plan_.order()[static_cast<std::size_t>((first + r) / group_)];
      rows[r] = {query, kv_head * group_ + (first + r) % group_};
      const Query& of = plan_.queries()[static_cast<std::size_t>(query)];
      tile.query[r] = q_ + query * ldq_ + rows[r].head * shape_.head_dim;
      tile.visible[r] = std::min(of.position + 1 - chunk * kChunk, kChunk);
      tile.out[r] = sums[r];
      if (longest == nullptr || of.position > longest->position) longest = &of;
    }
    tile.blocks = blocks_in_chunk(*longest, chunk);
    const std::size_t offset = static_cast<std::size_t>(kv_head) * head_bytes(shape_);
    for (std::int32_t b = 0; b < tile.blocks; ++b) {
      const std::int32_t block = longest->blocks[static_cast<std::size_t>(chunk * kChunkBlocks + b)];
      tile.keys[b] = cache_.base + static_cast<std::size_t>(block) * cache_.stride + offset;
    }
    kernel_(tile);
    for (std::int32_t r = 0; r < tile.rows; ++r) sink(rows[r], sums[r], tile.maximum[r], tile.sum[r]);
  }

  const Exec& exec_;
  const AttentionShape& shape_;
  const KvCache& cache_;
  const AttentionPlan& plan_;
  const float* q_;
  std::int64_t ldq_;
  float* out_;
  std::int64_t ldo_;
  std::int32_t group_;
  attention::Kernel kernel_;
};

}  // namespace

std::size_t block_bytes(const AttentionShape& shape) {
  return static_cast<std::size_t>(shape.kv_heads) * head_bytes(shape);
}

void store_kv(const Exec& exec, const AttentionShape& shape, const KvCache& cache,
              std::span<const Query> queries, const float* k, std::int64_t ldk, const float* v,
              std::int64_t ldv) {
  const auto rows = static_cast<std::int64_t>(queries.size());
  exec.team->ranges(rows, 16, 2, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const Query& query = queries[static_cast<std::size_t>(i)];
      const std::int32_t block = query.blocks[static_cast<std::size_t>(query.position / kBlock)];
      std::byte* to = cache.base + static_cast<std::size_t>(block) * cache.stride;
      for (std::int32_t h = 0; h < shape.kv_heads; ++h, to += head_bytes(shape)) {
        store_head(shape, to, query.position % kBlock, k + i * ldk + h * shape.head_dim,
                   v + i * ldv + h * shape.head_dim);
      }
    }
  });
}

AttentionPlan::AttentionPlan(const AttentionShape&, std::span<const Query> queries)
    : queries_(queries.begin(), queries.end()), order_(queries.size()) {
  std::int32_t last = -1;
  for (std::size_t i = 0; i < queries_.size(); ++i) {
    order_[i] = static_cast<std::int32_t>(i);
    last = std::max(last, queries_[i].position / kChunk);
  }
  const auto query = [this](std::int32_t i) -> const Query& { return queries_[static_cast<std::size_t>(i)]; };
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::int32_t a, std::int32_t b) { return before(query(a), query(b)); });
  runs_.resize(static_cast<std::size_t>(last + 1));
  for (std::int32_t chunk = 0; chunk <= last; ++chunk) {
    std::vector<Run>& runs = runs_[static_cast<std::size_t>(chunk)];
    bool open = false;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const bool sees = query(order_[i]).position / kChunk >= chunk;
      const bool goes_on = open && sees && share_chunk(query(order_[i - 1]), query(order_[i]), chunk);
      if (goes_on) {
        ++runs.back().end;
      } else if (sees) {
        runs.push_back({static_cast<std::int32_t>(i), static_cast<std::int32_t>(i) + 1});
      }
      open = sees;
    }
  }
}

void attend(const Exec& exec, const AttentionShape& shape, const KvCache& cache, const AttentionPlan& plan,
            const float* q, std::int64_t ldq, float* out, std::int64_t ldo) {
  Work work(exec, shape, cache, plan, q, ldq, out, ldo);
  const std::int64_t parts = static_cast<std::int64_t>(plan.order().size()) * shape.kv_heads;
  if (exec.team->size() > 1 && parts < 4 * exec.team->size() && plan.chunks() > 1) {
    work.by_chunk();
  } else {
    work.by_query();
  }
}

}  // namespace assay::local::kernels
