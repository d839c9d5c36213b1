// Team: threads that stay, for the many short parallel regions of one decoding step. The caller is one of
// them.
//
// A region is a number of parts, numbered from 0; each is run once, by any thread, in any order, so a body
// must compute the same whoever runs it. run() returns when all are done. A thread that is late, because the
// machine is busy with something else, costs nothing as long as the others find parts to do.
//
// Between regions the threads spin for about 50 us and then sleep.
// Threads: one thread at a time calls run(); a body calls no run(). Bodies do not throw.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

namespace assay::local::kernels {

class Team {
 public:
  // At least one thread, the caller's.
  explicit Team(int threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  template <typename Body>  // void(std::int64_t part)
  void run(std::int64_t parts, Body&& body) {
    if (workers_.empty() || parts < 2) {
      for (std::int64_t part = 0; part < parts; ++part) body(part);
      return;
    }
    using Plain = std::remove_reference_t<Body>;
    start(
        parts, [](void* context, std::int64_t part) { (*static_cast<Plain*>(context))(part); },
        const_cast<void*>(static_cast<const void*>(&body)));
  }

  // run() over ranges [begin, end) that together are [0, count), none (but the last) shorter than `least`.
  // `per_thread` ranges a thread: one where they take equally long, more where not.
  template <typename Body>  // void(std::int64_t begin, std::int64_t end)
  void ranges(std::int64_t count, std::int64_t least, int per_thread, Body&& body) {
    const std::int64_t wanted = static_cast<std::int64_t>(size()) * per_thread;
    const std::int64_t most = least < 1 ? count : (count + least - 1) / least;
    const std::int64_t parts = most < wanted ? most : wanted;
    run(parts, [&](std::int64_t part) { body(count * part / parts, count * (part + 1) / parts); });
  }

 private:
  using Call = void (*)(void* context, std::int64_t part);
  void start(std::int64_t parts, Call call, void* context);
  void work();
  bool take_part();

  // Region number in the upper half, next part to hand out in the lower.
  alignas(64) std::atomic<std::uint64_t> ticket_{0};
  std::atomic<std::uint32_t> parts_{0};
  std::atomic<Call> call_{nullptr};
  std::atomic<void*> context_{nullptr};
  std::atomic<std::uint32_t> sleepers_{0};
  std::atomic<bool> stop_{false};
  alignas(64) std::atomic<std::uint32_t> region_{0};  // what sleeping threads wait on
  alignas(64) std::atomic<std::uint32_t> done_{0};    // parts of this region
  std::atomic<bool> caller_sleeps_{false};
  std::vector<std::thread> workers_;
};

}  // namespace assay::local::kernels
