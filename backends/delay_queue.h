// DelayQueue: calls functions at given times, all on one thread of its own, in order of (time,
// order of arrival). Thousands may wait; each costs one tree node and no thread.
//
// Threads: push() and cancel() from any thread, also from within a called function.
// A function is called exactly once: at its time, or earlier with cancelled = true. None is called
// under the queue's lock or from within push(), so that it may push again without recursion.
// The destructor cancels what waits and returns after the last call; not from within a function.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

namespace assay {

class DelayQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Call = std::function<void(bool cancelled)>;

  DelayQueue();
  ~DelayQueue();
  DelayQueue(const DelayQueue&) = delete;
  DelayQueue& operator=(const DelayQueue&) = delete;

  void push(std::uint64_t id, Time due, Call call);
  void cancel(std::uint64_t id);  // every waiting call of this id; unknown ids are ignored

 private:
  using Key = std::pair<Time, std::uint64_t>;  // when, and a serial number
  struct Entry {
    std::uint64_t id;
    Call call;
    bool cancelled;
  };
  void loop();
  void cancel_key(const Key& key);  // REQUIRES: mutex_ is held

  std::mutex mutex_;  // guards everything below but thread_
  std::condition_variable wake_;
  std::map<Key, Entry> waiting_;
  std::unordered_multimap<std::uint64_t, Key> by_id_;
  std::uint64_t serial_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace assay
