#include "harness/base/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#ifndef ASSAY_PARALLEL_STD_THREAD
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#endif

namespace assay {
namespace {

// Cores this process may use, which in a container are fewer than the machine's.
unsigned usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) {
    return static_cast<unsigned>(CPU_COUNT(&set));
  }
  return std::max(1U, std::thread::hardware_concurrency());
}

// Counts tasks that are queued or running.
class Outstanding {
 public:
  void add() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  void remove() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) zero_.notify_all();  // under the lock: the waiter may destroy this right after
  }
  void wait() {
    std::unique_lock lock(mutex_);
    zero_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;  // guards count_
  std::condition_variable zero_;
  std::size_t count_ = 0;
};

}  // namespace

#ifdef ASSAY_PARALLEL_STD_THREAD

struct Pool::Impl {
  explicit Impl(unsigned threads) {
    for (unsigned i = 0; i < threads; ++i) workers.emplace_back([this] { work(); });
  }
  ~Impl() {
    outstanding.wait();
    {
      const std::lock_guard lock(mutex);
      ending = true;
    }
    wake.notify_all();
    for (std::thread& t : workers) t.join();
  }
  void submit(std::function<void()> task) {
    outstanding.add();
    {
      const std::lock_guard lock(mutex);
      queue.push_back(std::move(task));
    }
    wake.notify_one();
  }
  void work() {
    for (;;) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return ending || !queue.empty(); });
        if (queue.empty()) return;
        task = std::move(queue.front());
        queue.pop_front();
      }
      task();
      task = nullptr;  // what it holds dies before it counts as done
      outstanding.remove();
    }
  }
  void parallel_for(std::size_t n, const std::function<void(std::size_t)>& body) {
    std::atomic<std::size_t> next{0};
    const auto run = [&] {
      for (std::size_t i = next++; i < n; i = next++) body(i);
    };
    Outstanding helpers;
    for (std::size_t i = 0; i < workers.size() && i + 1 < n; ++i) {
      helpers.add();
      submit([&] {
        run();
        helpers.remove();
      });
    }
    run();
    helpers.wait();
  }

  Outstanding outstanding;
  std::mutex mutex;  // guards queue and ending
  std::condition_variable wake;
  std::deque<std::function<void()>> queue;
  bool ending = false;
  std::vector<std::thread> workers;
};

#else

// One arena slot a thread, and one more for a thread that calls parallel_for. The control lifts oneTBB's own
// bound, the number of cores, so that a pool of eight is eight threads everywhere.
struct Pool::Impl {
  struct Enqueued {
    Outstanding* outstanding;
    mutable std::function<void()> task;  // oneTBB calls a const copy
    void operator()() const noexcept {
      task();
      task = nullptr;  // what it holds dies before it counts as done
      outstanding->remove();
    }
  };

  explicit Impl(unsigned threads)
      : control(tbb::global_control::max_allowed_parallelism, threads + 1),
        arena(static_cast<int>(threads) + 1, 1) {}
  ~Impl() { outstanding.wait(); }
  void submit(std::function<void()> task) {
    outstanding.add();
    arena.enqueue(Enqueued{&outstanding, std::move(task)});
  }
  void parallel_for(std::size_t n, const std::function<void(std::size_t)>& body) {
    arena.execute([&] { tbb::parallel_for(std::size_t{0}, n, body); });
  }

  Outstanding outstanding;
  tbb::global_control control;
  tbb::task_arena arena;
};

#endif

Pool::Pool(unsigned threads) {
  threads_ = threads == 0 ? usable_cores() : threads;
  impl_ = std::make_unique<Impl>(threads_);
}
Pool::~Pool() = default;
unsigned Pool::threads() const { return threads_; }
void Pool::submit(std::function<void()> task) { impl_->submit(std::move(task)); }
void Pool::wait() { impl_->outstanding.wait(); }
void Pool::parallel_for(std::size_t n, const std::function<void(std::size_t)>& body) {
  impl_->parallel_for(n, body);
}

}  // namespace assay
