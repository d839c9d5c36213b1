#include "harness/run/timer.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace assay {
namespace {

class ThreadTimer final : public Timer {
 public:
  ThreadTimer() : thread_([this] { work(); }) {}
  ~ThreadTimer() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  Clock::time_point now() const override { return Clock::now(); }

  Id at(Clock::time_point when, std::function<void()> callback) override {
    const std::lock_guard lock(mutex_);
    const Id id = ++last_id_;
    const auto place = pending_.emplace(Key{when, id}, std::move(callback)).first;
    times_.emplace(id, when);
    if (place == pending_.begin()) wake_.notify_one();
    return id;
  }

  void cancel(Id id) override {
    std::function<void()> dropped;  // dies outside the lock
    std::unique_lock lock(mutex_);
    if (running_ == id && std::this_thread::get_id() != thread_.get_id()) {
      returned_.wait(lock, [&] { return running_ != id; });
    }
    const auto time = times_.find(id);
    if (time == times_.end()) return;
    const auto place = pending_.find(Key{time->second, id});
    dropped = std::move(place->second);
    pending_.erase(place);
    times_.erase(time);
  }

 private:
  using Key = std::pair<Clock::time_point, Id>;

  void work() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
      if (pending_.empty()) {
        wake_.wait(lock);
        continue;
      }
      const auto next = pending_.begin();
      if (Clock::now() < next->first.first) {
        const Clock::time_point until = next->first.first;  // the entry may be cancelled meanwhile
        wake_.wait_until(lock, until);
        continue;
      }
      std::function<void()> callback = std::move(next->second);
      running_ = next->first.second;
      times_.erase(next->first.second);
      pending_.erase(next);
      lock.unlock();
      callback();
      callback = nullptr;
      lock.lock();
      running_ = 0;
      returned_.notify_all();
    }
  }

  std::mutex mutex_;  // guards all below but thread_
  std::condition_variable wake_;
  std::map<Key, std::function<void()>> pending_;
  std::unordered_map<Id, Clock::time_point> times_;
  Id last_id_ = 0;
  Id running_ = 0;
  std::condition_variable returned_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Timer> make_timer() { return std::make_unique<ThreadTimer>(); }

Timer::Clock::duration seconds(double s) {
  constexpr double kCentury = 3.2e9;
  return std::chrono::duration_cast<Timer::Clock::duration>(
      std::chrono::duration<double>(std::clamp(s, 0.0, kCentury)));
}

}  // namespace assay
