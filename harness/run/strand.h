// Strand: runs what is posted to it one at a time and in order, on the threads that post. What runs on a
// strand needs no lock for what only the strand touches. Posting from within is fine and does not recurse.
//
// Threads: post() from any thread. Ownership: must outlive what is posted; whoever posts holds its owner
// alive.
#pragma once

#include <deque>
#include <functional>
#include <mutex>

namespace assay {

class Strand {
 public:
  void post(std::function<void()> task) {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(task));
      if (running_) return;
      running_ = true;
    }
    for (;;) {
      std::function<void()> next;
      {
        const std::lock_guard lock(mutex_);
        if (queue_.empty()) {
          running_ = false;
          return;
        }
        next = std::move(queue_.front());
        queue_.pop_front();
      }
      next();
    }
  }

 private:
  std::mutex mutex_;  // guards both below
  std::deque<std::function<void()>> queue_;
  bool running_ = false;
};

}  // namespace assay
