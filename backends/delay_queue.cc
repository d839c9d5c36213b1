#include "backends/delay_queue.h"

#include <vector>

namespace assay {

DelayQueue::DelayQueue() : thread_([this] { loop(); }) {}

DelayQueue::~DelayQueue() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void DelayQueue::push(std::uint64_t id, Time due, Call call) {
  bool first = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Key key{due, serial_++};
    const auto at = waiting_.emplace(key, Entry{id, std::move(call), false}).first;
    by_id_.emplace(id, key);
    first = at == waiting_.begin();
  }
  if (first) wake_.notify_one();
}

void DelayQueue::cancel(std::uint64_t id) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto range = by_id_.equal_range(id);
    std::vector<Key> keys;
    for (auto it = range.first; it != range.second; ++it) keys.push_back(it->second);
    by_id_.erase(id);
    for (const Key& key : keys) cancel_key(key);
  }
  wake_.notify_one();
}

// A cancelled call goes to the front of the queue, so that it still runs on the queue's thread.
void DelayQueue::cancel_key(const Key& key) {
  auto node = waiting_.extract(key);
  if (node.empty()) return;
  node.mapped().cancelled = true;
  node.key() = Key{Time::min(), serial_++};
  waiting_.insert(std::move(node));
}

void DelayQueue::loop() {
  std::vector<Entry> due;
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    const Time now = std::chrono::steady_clock::now();
    while (!waiting_.empty() && (stopping_ || waiting_.begin()->first.first <= now)) {
      auto node = waiting_.extract(waiting_.begin());
      if (stopping_) node.mapped().cancelled = true;
      const auto range = by_id_.equal_range(node.mapped().id);
      for (auto it = range.first; it != range.second; ++it) {
        if (it->second == node.key()) {
          by_id_.erase(it);
          break;
        }
      }
      due.push_back(std::move(node.mapped()));
    }
    if (!due.empty()) {
      lock.unlock();
      for (Entry& entry : due) entry.call(entry.cancelled);
      due.clear();
      lock.lock();
      continue;
    }
    if (stopping_) return;
    if (waiting_.empty()) {
      wake_.wait(lock);
    } else {
      // A copy: wait_until keeps a reference, and the node may go meanwhile.
      const Time next = waiting_.begin()->first.first;
      wake_.wait_until(lock, next);
    }
  }
}

}  // namespace assay
