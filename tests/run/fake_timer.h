// A clock that a test turns by hand.
#pragma once

#include <map>
#include <mutex>
#include <utility>

#include "harness/run/timer.h"

namespace assay::test {

class FakeTimer final : public Timer {
 public:
  Clock::time_point now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  Id at(Clock::time_point when, std::function<void()> callback) override {
    const std::lock_guard lock(mutex_);
    pending_.emplace(std::make_pair(when, ++last_), std::move(callback));
    return last_;
  }
  void cancel(Id id) override {
    const std::lock_guard lock(mutex_);
    for (auto it = pending_.begin(); it != pending_.end(); ++it) {
      if (it->first.second != id) continue;
      pending_.erase(it);
      return;
    }
  }
  // Calls what falls due within the next `s` seconds, in order.
  void advance(double s) {
    const Clock::time_point until = now() + seconds(s);
    while (true) {
      std::function<void()> callback;
      {
        const std::lock_guard lock(mutex_);
        if (pending_.empty() || pending_.begin()->first.first > until) {
          now_ = until;
          return;
        }
        now_ = std::max(now_, pending_.begin()->first.first);
        callback = std::move(pending_.begin()->second);
        pending_.erase(pending_.begin());
      }
      callback();
    }
  }
  std::size_t pending() const {
    const std::lock_guard lock(mutex_);
    return pending_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<Clock::time_point, Id>, std::function<void()>> pending_;
  Clock::time_point now_ = Clock::time_point(std::chrono::hours(1));
  Id last_ = 0;
};

}  // namespace assay::test
