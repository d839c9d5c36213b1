// Pool: threads for work that keeps a core busy. The one door to oneTBB; with ASSAY_PARALLEL_STD_THREAD (the
// tsan preset) it is made of std::thread.
//
//   Pool pool(0);                      // one thread a core
//   pool.submit([&] { score(x); });    // returns at once
//   pool.wait();
//   pool.parallel_for(n, [&](std::size_t i) { out[i] = f(in[i]); });
//
// Threads: every method from any thread. Tasks run in no particular order, and may submit more; they must not
//   wait for each other, for a child process or for a network. parallel_for and wait are not called from
//   within a task.
// Errors: a task must not throw; one that does ends the process.
// Ownership: the destructor waits for every task, also those submitted by tasks.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace assay {

class Pool {
 public:
  explicit Pool(unsigned threads = 0);  // 0: as many as the machine has cores for this process
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  unsigned threads() const;
  void submit(std::function<void()> task);
  void wait();  // until no task is queued or running
  // Calls body(i) for every i < n and returns when all are done. The calling thread may help.
  void parallel_for(std::size_t n, const std::function<void(std::size_t)>& body);

 private:
  struct Impl;
  unsigned threads_ = 0;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
