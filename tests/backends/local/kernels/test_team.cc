#include "backends/local/kernels/team.h"

#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

namespace assay::local::kernels {

TEST_CASE("A team runs each part of each region once, whatever the number of threads", "[kernels]") {
  for (const int threads : {1, 2, 3, 5}) {
    Team team(threads);
    CHECK(team.size() == threads);
    std::vector<std::int64_t> counts(17);
    std::int64_t expected = 0;
    for (int region = 0; region < 3000; ++region) {
      const std::int64_t parts = region % 18;
      team.run(parts, [&](std::int64_t part) { counts[static_cast<std::size_t>(part)] += 1; });
      expected += parts;
    }
    CHECK(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}) == expected);
  }
}

TEST_CASE("What a region wrote is seen by the next one on any thread", "[kernels]") {
  Team team(3);
  std::vector<std::int64_t> values(64, 1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int64_t> next(64);
    team.run(64, [&](std::int64_t i) {
      const auto at = static_cast<std::size_t>(i);
      next[at] = (values[at] + values[(at + 1) % 64]) % 1000003;
    });
    values = next;
  }
  std::vector<std::int64_t> alone(64, 1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int64_t> next(64);
    for (std::size_t i = 0; i < 64; ++i) next[i] = (alone[i] + alone[(i + 1) % 64]) % 1000003;
    alone = next;
  }
  CHECK(values == alone);
}

TEST_CASE("Threads that went to sleep take part again", "[kernels]") {
  Team team(2);
  std::atomic<int> ran{0};
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    team.run(8, [&](std::int64_t) { ++ran; });
  }
  CHECK(ran == 40);
  // Two parts that wait for each other need two threads.
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  std::atomic<int> arrived{0};
  team.run(2, [&](std::int64_t) {
    ++arrived;
    while (arrived.load() < 2) std::this_thread::yield();
  });
  CHECK(arrived == 2);
}

TEST_CASE("Ranges cover every index once and are not shorter than asked", "[kernels]") {
  Team team(2);
  for (const std::int64_t count : {0, 1, 7, 64, 1000}) {
    for (const std::int64_t least : {1, 5, 64}) {
      std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
      std::atomic<int> parts{0};
      team.ranges(count, least, 4, [&](std::int64_t begin, std::int64_t end) {
        ++parts;
        for (std::int64_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
      });
      for (const auto& times : seen) CHECK(times == 1);
      CHECK(parts <= 8);
      CHECK(parts <= (count + least - 1) / least);
    }
  }
}

}  // namespace assay::local::kernels
