#include "backends/local/engine/block_pool.h"

#include <set>

#include "tests/support/catch.h"

namespace assay::local {
namespace {

PrefixKey key(std::vector<TokenId> tokens) { return PrefixKey::root().then(tokens); }

TEST_CASE("A prefix key covers all tokens before it", "[local][blocks]") {
  const std::vector<TokenId> a = {1, 2}, b = {3};
  CHECK(PrefixKey::root().then(a) == PrefixKey::root().then(a));
  CHECK_FALSE(PrefixKey::root().then(a) == PrefixKey::root().then(b));
  CHECK_FALSE(PrefixKey::root().then(a).then(b) == PrefixKey::root().then(b));
  CHECK_FALSE(key({1, 2, 3}) == PrefixKey::root().then(a).then(b));
}

TEST_CASE("A published block is found again, held or not, until its room is needed", "[local][blocks]") {
  BlockPool pool(3);
  const std::int32_t a = *pool.take();
  pool.publish(a, key({1}));
  CHECK(pool.find(key({1})) == a);
  CHECK(pool.holders(a) == 2);
  pool.release(a);
  pool.release(a);
  CHECK(pool.available() == 3);
  CHECK(pool.peek(key({1})) == a);
  std::set<std::int32_t> others = {*pool.take(), *pool.take()};
  CHECK(others.count(a) == 0);  // the unused ones go first
  CHECK(pool.find(key({1})) == a);
  CHECK_FALSE(pool.take());
  pool.release(a);
  CHECK(pool.take() == a);
  CHECK_FALSE(pool.find(key({1})));
}

TEST_CASE("Of blocks that nobody holds the one released first goes first", "[local][blocks]") {
  BlockPool pool(3);
  std::vector<std::int32_t> b;
  for (TokenId t = 0; t < 3; ++t) {
    b.push_back(*pool.take());
    pool.publish(b.back(), key({t}));
  }
  for (const int i : {1, 2, 0}) pool.release(b[static_cast<std::size_t>(i)]);
  CHECK(pool.find(key({1})) == b[1]);
  pool.release(b[1]);  // now the last
  CHECK(pool.take() == b[2]);
  CHECK(pool.take() == b[0]);
  CHECK(pool.take() == b[1]);
}

TEST_CASE("A block can have two keys, and the first block with a key keeps it", "[local][blocks]") {
  BlockPool pool(2);
  const std::int32_t a = *pool.take(), b = *pool.take();
  pool.publish(a, key({1}));
  pool.publish(a, key({1, 2}));
  pool.publish(b, key({1}));
  CHECK(pool.peek(key({1})) == a);
  CHECK(pool.peek(key({1, 2})) == a);
  pool.release(b);
  pool.release(a);
  CHECK(pool.take() == b);  // it never got a key
  CHECK(pool.take() == a);
  CHECK_FALSE(pool.peek(key({1})));
  CHECK_FALSE(pool.peek(key({1, 2})));
}

}  // namespace
}  // namespace assay::local
