#include "backends/local/kernels/attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "backends/local/kernels/buffer.h"
#include "tests/backends/local/kernels/inputs.h"
#include "tests/support/catch.h"

namespace assay::local::kernels {
namespace {

using test::random_floats;
using test::rounded;

// Sequences with a cache of their own: keys, values and queries for each of their positions.
struct Sequence {
  std::vector<std::int32_t> blocks;
  std::vector<float> q, k, v;
  std::vector<double> kept_k, kept_v;  // what the cache is to hold
};

class Scene {
 public:
  Scene(AttentionShape shape, std::int32_t blocks)
      : shape_(shape), cache_(block_bytes(shape) * static_cast<std::size_t>(blocks)) {}

  KvCache cache() { return {cache_.as<std::byte>(), block_bytes(shape_)}; }

  // `shared` blocks at the front are those of sequence 0.
  void add(std::int32_t length, std::int32_t shared, std::uint64_t seed) {
    Sequence s;
    const std::int32_t width = shape_.kv_heads * shape_.head_dim;
    s.q = random_floats(seed * 3 + 1, length * shape_.heads * shape_.head_dim, 2.0f);
    s.k = random_floats(seed * 3 + 2, length * width, 2.0f);
    s.v = random_floats(seed * 3 + 3, length * width);
    for (std::int32_t b = 0; b * kBlock < length; ++b) {
      s.blocks.push_back(b < shared ? sequences[0].blocks[static_cast<std::size_t>(b)] : next_block_++);
    }
    for (std::int32_t i = 0; i < shared * kBlock * width; ++i) {
      s.k[static_cast<std::size_t>(i)] = sequences[0].k[static_cast<std::size_t>(i)];
      s.v[static_cast<std::size_t>(i)] = sequences[0].v[static_cast<std::size_t>(i)];
    }
    s.kept_k = kept(s.k);
    s.kept_v = kept(s.v);
    sequences.push_back(std::move(s));
  }

  void store(const Exec& exec, std::size_t sequence, std::int32_t begin, std::int32_t end) {
    const Sequence& s = sequences[sequence];
    const std::int64_t width = shape_.kv_heads * shape_.head_dim;
    std::vector<Query> queries;
    for (std::int32_t p = begin; p < end; ++p) queries.push_back({p, s.blocks});
    store_kv(exec, shape_, cache(), queries, s.k.data() + begin * width, width, s.v.data() + begin * width,
             width);
  }

  // Rows of out for (sequence, position).
  std::vector<float> attend_to(const Exec& exec,
                               const std::vector<std::pair<std::size_t, std::int32_t>>& rows) {
    const std::int64_t width = shape_.heads * shape_.head_dim;
    std::vector<Query> queries;
    std::vector<float> q;
    for (const auto& row : rows) {
      const Sequence& s = sequences[row.first];
      queries.push_back({row.second, s.blocks});
      q.insert(q.end(), s.q.begin() + row.second * width, s.q.begin() + (row.second + 1) * width);
    }
    std::vector<float> out(q.size(), NAN);
    const AttentionPlan plan(shape_, queries);
    attend(exec, shape_, cache(), plan, q.data(), width, out.data(), width);
    return out;
  }

  // The same in double precision, from the rounded inputs. `size`: of the values, weighted alike.
  std::vector<double> expected(std::size_t sequence, std::int32_t position) const {
    const Sequence& s = sequences[sequence];
    const std::int32_t dim = shape_.head_dim;
    const auto asked = [&](float x) { return shape_.precision == Precision::bf16 ? rounded(x) : x; };
    std::vector<double> out;
    for (std::int32_t h = 0; h < shape_.heads; ++h) {
      const std::int32_t kv = h / (shape_.heads / shape_.kv_heads);
      std::vector<double> scores;
      double top = -INFINITY;
      for (std::int32_t p = 0; p <= position; ++p) {
        double score = 0;
        for (std::int32_t d = 0; d < dim; ++d) {
          score += static_cast<double>(
                       asked(s.q[static_cast<std::size_t>((position * shape_.heads + h) * dim + d)])) *
                   s.kept_k[static_cast<std::size_t>((p * shape_.kv_heads + kv) * dim + d)];
        }
        scores.push_back(score * shape_.scale);
        top = std::max(top, scores.back());
      }
      double total = 0;
      std::vector<double> sums(static_cast<std::size_t>(dim));
      for (std::int32_t p = 0; p <= position; ++p) {
        const double weight = std::exp(scores[static_cast<std::size_t>(p)] - top);
        total += weight;
        for (std::int32_t d = 0; d < dim; ++d) {
          sums[static_cast<std::size_t>(d)] +=
              weight * s.kept_v[static_cast<std::size_t>((p * shape_.kv_heads + kv) * dim + d)];
        }
      }
      for (const double sum : sums) out.push_back(sum / total);
    }
    return out;
  }

  // What attention.h says is kept of each head of each token.
  std::vector<double> kept(const std::vector<float>& x) const {
    std::vector<double> out(x.begin(), x.end());
    if (shape_.kv == KvType::same && shape_.precision == Precision::bf16) {
      std::transform(x.begin(), x.end(), out.begin(), rounded);
    }
    const auto dim = static_cast<std::size_t>(shape_.head_dim);
    for (std::size_t head = 0; shape_.kv == KvType::int8 && head < x.size(); head += dim) {
      float largest = 0;
      for (std::size_t i = head; i < head + dim; ++i) largest = std::max(largest, std::abs(x[i]));
      for (std::size_t i = head; i < head + dim; ++i) {
        out[i] = static_cast<double>(std::nearbyint(x[i] * (127.0f / largest))) * (largest / 127.0f);
      }
    }
    return out;
  }

  std::vector<Sequence> sequences;

 private:
  AttentionShape shape_;
  Buffer cache_;
  std::int32_t next_block_ = 1;
};

struct Kept {  // of queries, and of keys and values
  Precision precision;
  KvType kv;
};
const Kept kKept[] = {{Precision::f32, KvType::same},
                      {Precision::bf16, KvType::same},
                      {Precision::f32, KvType::int8},
                      {Precision::bf16, KvType::int8}};
std::string words(const Kept& kept) {
  return std::string(kept.precision == Precision::bf16 ? "bf16" : "f32") +
         (kept.kv == KvType::int8 ? ", cache in int8" : "");
}

AttentionShape shape_of(std::int32_t heads, std::int32_t kv_heads, std::int32_t dim, const Kept& kept) {
  return {heads, kv_heads, dim, kept.precision, 1.0f / std::sqrt(static_cast<float>(dim)), kept.kv};
}

bool same_bits(const float* a, const float* b, std::size_t count) {
  return std::memcmp(a, b, count * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("Paged attention is softmax over what a query may see", "[kernels]") {
  Team team(2);
  struct Case {
    std::int32_t heads, kv_heads, dim, length;
  };
  for (const Case c : {Case{1, 1, 2, 1}, Case{8, 4, 8, 40}, Case{9, 3, 64, 300}, Case{4, 2, 80, 530},
                       Case{14, 2, 64, 70}, Case{16, 8, 128, 260}, Case{20, 1, 256, 20}}) {
    for (const Kept& kept : kKept) {
      const AttentionShape shape = shape_of(c.heads, c.kv_heads, c.dim, kept);
      for (const Isa isa : usable_isas()) {
        Scene scene(shape, 40);
        scene.add(c.length, 0, 1);
        const Exec exec{isa, &team};
        scene.store(exec, 0, 0, c.length);
        std::vector<std::pair<std::size_t, std::int32_t>> rows;
        for (std::int32_t p = 0; p < c.length; p += 1 + c.length / 37) rows.emplace_back(0, p);
        rows.emplace_back(0, c.length - 1);
        const auto out = scene.attend_to(exec, rows);
        double worst = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
          const auto expected = scene.expected(0, rows[i].second);
          for (std::size_t j = 0; j < expected.size(); ++j) {
            worst = std::max(worst, std::abs(out[i * expected.size() + j] - expected[j]));
          }
        }
        INFO(isa_name(isa) << " " << c.heads << "/" << c.kv_heads << "x" << c.dim << " " << words(kept));
        // Values are below 1. A weight is off by 2^-9 where rounded to bfloat16; in float by the rounding of
        // a score below 2 * 2 * sqrt(dim) and of sums.
        CHECK(worst <= (kept.precision == Precision::bf16 ? 0x1p-8 : 1e-5));
      }
    }
  }
}

TEST_CASE("A query's attention is the same alone, in any step, chunked, shared, and on any number of threads",
          "[kernels]") {
  Team one(1);
  Team two(2);
  for (const Kept& kept : kKept) {
    const AttentionShape shape = shape_of(6, 2, 64, kept);
    const std::size_t width = 6 * 64;
    for (const Isa isa : usable_isas()) {
      Scene scene(shape, 400);
      scene.add(700, 0, 1);
      for (std::uint64_t i = 0; i < 9; ++i)
        scene.add(600 + static_cast<std::int32_t>(i), 33, 2 + i);  // one prompt
      scene.add(17, 0, 20);
      scene.add(256, 0, 21);
      for (std::size_t s = 0; s < scene.sequences.size(); ++s) {
        const auto length = static_cast<std::int32_t>(scene.sequences[s].blocks.size()) * kBlock;
        const auto has = static_cast<std::int32_t>(scene.sequences[s].k.size()) / (2 * 64);
        const std::int32_t from = s > 0 && s < 10 ? 33 * kBlock : 0;
        scene.store({isa, s % 2 == 0 ? &one : &two}, s, from, std::min(length, has));
      }
      std::vector<std::pair<std::size_t, std::int32_t>> rows;
      for (std::int32_t p = 200; p < 330; ++p) rows.emplace_back(0, p);  // a chunk of a prompt
      for (std::size_t s = 9; s > 0; --s) rows.emplace_back(s, 600 + static_cast<std::int32_t>(s) - 2);
      rows.emplace_back(10, 16);
      rows.emplace_back(0, 3);
      rows.emplace_back(11, 255);
      rows.emplace_back(0, 699);
      const auto together = scene.attend_to({isa, &one}, rows);
      CHECK(same_bits(together.data(), scene.attend_to({isa, &two}, rows).data(), together.size()));
      bool same = true;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto alone = scene.attend_to({isa, i % 2 == 0 ? &two : &one}, {rows[i]});
        same = same && same_bits(alone.data(), together.data() + i * width, width);
      }
      // Other company, another order.
      std::vector<std::pair<std::size_t, std::int32_t>> some;
      std::vector<std::size_t> index;
      for (std::size_t i = 0; i < rows.size(); i += 3) {
        some.push_back(rows[rows.size() - 1 - i]);
        index.push_back(rows.size() - 1 - i);
      }
      const auto other = scene.attend_to({isa, &two}, some);
      for (std::size_t i = 0; i < some.size(); ++i) {
        same = same && same_bits(other.data() + i * width, together.data() + index[i] * width, width);
      }
      INFO(isa_name(isa) << " " << words(kept));
      CHECK(same);
    }
  }
}

TEST_CASE("A block may be copied as bytes", "[kernels]") {
  Team team(1);
  for (const KvType kv : {KvType::same, KvType::int8}) {
    const AttentionShape shape = shape_of(4, 2, 40, {Precision::bf16, kv});
    Scene scene(shape, 10);
    scene.add(20, 0, 1);
    const Exec exec{best_isa(), &team};
    scene.store(exec, 0, 0, 20);
    const auto before = scene.attend_to(exec, {{0, 19}});
    KvCache cache = scene.cache();
    std::memcpy(cache.base + 7 * cache.stride, cache.base + 2 * cache.stride, block_bytes(shape));
    scene.sequences[0].blocks[1] = 7;
    const auto after = scene.attend_to(exec, {{0, 19}});
    CHECK(same_bits(before.data(), after.data(), before.size()));
    CHECK(block_bytes(shape) % 64 == 0);
  }
}

TEST_CASE("A cache in int8 takes half of one in bf16, and its scales", "[kernels]") {
  // SmolLM2's heads: 64 values and a scale of 4 bytes each of keys and values, 3 heads.
  CHECK(block_bytes(shape_of(9, 3, 64, {Precision::bf16, KvType::int8})) == 16 * 3 * 2 * (64 + 4));
  CHECK(block_bytes(shape_of(9, 3, 64, {Precision::bf16, KvType::same})) == 16 * 3 * 2 * 128);
}

TEST_CASE("What was left in a cache of int8 takes no part, and what is not finite shows", "[kernels]") {
  Team team(1);
  const std::vector<std::int32_t> blocks = {1};
  for (const Precision precision : {Precision::f32, Precision::bf16}) {
    for (const Isa isa : usable_isas()) {
      INFO(isa_name(isa) << " " << words({precision, KvType::int8}));
      const AttentionShape shape = shape_of(1, 1, 8, {precision, KvType::int8});
      Buffer memory(4 * block_bytes(shape));
      const KvCache cache{memory.as<std::byte>(), block_bytes(shape)};
      const Exec exec{isa, &team};
      const auto put = [&](std::int32_t position, float first) {
        const float x[8] = {first, 1, -1, 0.5f, 0, 0, 0, 0};
        const Query query{position, blocks};
        store_kv(exec, shape, cache, {&query, 1}, x, 8, x, 8);
      };
      const auto first_of = [&](std::int32_t position) {
        const float q[8] = {};
        float out[8] = {};
        const Query query{position, blocks};
        attend(exec, shape, cache, AttentionPlan(shape, {&query, 1}), q, 8, out, 8);
        return out[0];
      };
      put(0, 2);
      put(1, NAN);
      CHECK(std::abs(first_of(0) - 2) < 0.02f);
      CHECK(std::isnan(first_of(1)));
      put(1, INFINITY);
      CHECK(std::abs(first_of(0) - 2) < 0.02f);
      CHECK(std::isnan(first_of(1)));
      put(1, 1e-38f);  // and then the largest value is 1
      CHECK(std::abs(first_of(1) - 1) < 0.02f);
      const float tiny[8] = {1e-38f};
      const Query query{0, blocks};
      store_kv(exec, shape, cache, {&query, 1}, tiny, 8, tiny, 8);
      CHECK(std::abs(first_of(0)) <= 1e-38f);
    }
  }
}

}  // namespace assay::local::kernels
