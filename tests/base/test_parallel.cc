#include "harness/base/parallel.h"

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "tests/support/catch.h"

using assay::Pool;

TEST_CASE("a pool runs every task once, also those that tasks submit") {
  for (const unsigned threads : {1U, 2U, 8U}) {
    Pool pool(threads);
    CHECK(pool.threads() == threads);
    std::atomic<int> ran{0};
    for (int i = 0; i < 500; ++i) {
      pool.submit([&] {
        ++ran;
        pool.submit([&] { ++ran; });
      });
    }
    pool.wait();
    CHECK(ran == 1000);
  }
  CHECK(Pool(0).threads() >= 1);
}

TEST_CASE("a pool of n has n threads, however many cores there are") {
  Pool pool(4);
  std::atomic<int> inside{0};
  std::atomic<bool> all{false};
  for (int i = 0; i < 4; ++i) {
    pool.submit([&] {
      if (++inside == 4) all = true;
      const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
      while (!all && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
    });
  }
  pool.wait();
  CHECK(all);
}

TEST_CASE("the destructor waits for what was submitted, and drops what tasks hold") {
  auto held = std::make_shared<int>(1);
  std::atomic<int> ran{0};
  {
    Pool pool(2);
    for (int i = 0; i < 100; ++i) pool.submit([&ran, held] { ++ran; });
  }
  CHECK(ran == 100);
  CHECK(held.use_count() == 1);
}

TEST_CASE("parallel_for visits every index once") {
  for (const unsigned threads : {1U, 2U, 8U}) {
    Pool pool(threads);
    for (const std::size_t n : {std::size_t{0}, std::size_t{1}, std::size_t{10}, std::size_t{10000}}) {
      std::vector<std::atomic<int>> visits(n);
      pool.parallel_for(n, [&](std::size_t i) { ++visits[i]; });
      std::size_t once = 0;
      for (const auto& v : visits) once += v == 1;
      CHECK(once == n);
    }
  }
}
