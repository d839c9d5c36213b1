#include "harness/store/writer.h"

#include <algorithm>
#include <chrono>
#include <future>

namespace assay {
namespace {

constexpr std::int64_t kLongestTransactionUs = 40'000;
constexpr std::int64_t kLongestLingerUs = 10'000;
constexpr std::size_t kBusyGroup = 16;      // groups of this size or larger mean load
constexpr std::size_t kLargestGroup = 8192;

std::int64_t steady_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Writer::Writer(std::unique_ptr<Db> db, WriterLimits limits)
    : db_(std::move(db)), rows_(*db_), limits_(limits), thread_([this] { loop(); }) {}

Writer::~Writer() { stop(); }

void Writer::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
  thread_.join();
}

void Writer::push(Apply apply, Committed committed, std::size_t bytes, const std::function<void()>& queued) {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    if (std::this_thread::get_id() != thread_.get_id()) {
      room_.wait(lock, [&] { return waiting_items_ < limits_.queue_items && waiting_bytes_ < limits_.queue_bytes; });
    }
    queue_.push_back({std::move(apply), std::move(committed), bytes});
    waiting_items_ += 1;
    waiting_bytes_ += bytes;
    if (queued) queued();
  }
  arrived_.notify_one();
}

Result<void> Writer::run(Apply apply) {
  if (std::this_thread::get_id() == thread_.get_id()) {
    return Error{Code::internal, "store: a callback of a commit may not wait for another commit"};
  }
  std::promise<Result<void>> promise;
  std::future<Result<void>> done = promise.get_future();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    urgent_ += 1;
  }
  push(std::move(apply), [&promise](Result<void> r) { promise.set_value(std::move(r)); }, 0);
  Result<void> result = done.get();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    urgent_ -= 1;
  }
  return result;
}

void Writer::loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    arrived_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    linger(lock);
    Group group;
    group.swap(queue_);
    lock.unlock();
    last_group_ = group.size();
    write(group);
    group.clear();
    lock.lock();
  }
}

// Waits for more to come as long as it keeps coming, but no longer than the last commit took.
void Writer::linger(std::unique_lock<std::mutex>& lock) {
  if (last_group_ < kBusyGroup) return;
  const std::int64_t until = steady_us() + std::min(last_commit_us_, kLongestLingerUs);
  while (!stopping_ && urgent_ == 0 && queue_.size() < kLargestGroup && waiting_bytes_ < limits_.queue_bytes / 2 &&
         steady_us() < until) {
    const std::size_t before = queue_.size();
    arrived_.wait_for(lock, std::chrono::milliseconds(1), [&] { return stopping_ || urgent_ > 0 || queue_.size() >= before + 64; });
    if (queue_.size() == before) return;
  }
}

void Writer::write(Group& group) {
  std::size_t begin = 0;
  while (begin < group.size()) {
    std::size_t end = group.size();
    Result<void> result;
    const std::int64_t started = steady_us();
    if (failure_) {
      result = *failure_;
    } else {
      result = commit_range(group, begin, end, true);
      if (!result && !db_->failed()) {
        one_by_one(group, begin, end);
        begin = end;
        continue;
      }
      if (!result) {
        failure_ = result.error();
        end = group.size();
      }
    }
    last_commit_us_ = steady_us() - started;
    std::size_t bytes = 0;
    for (std::size_t i = begin; i < end; ++i) bytes += group[i].bytes;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting_items_ -= end - begin;
      waiting_bytes_ -= bytes;
    }
    room_.notify_all();
    for (std::size_t i = begin; i < end; ++i) {
      if (group[i].committed) group[i].committed(result);
      group[i] = Item();  // what it holds is freed now, not when the group ends
    }
    begin = end;
  }
}

// Commits group[begin, end); `end` moves back to where it stopped when time ran out.
Result<void> Writer::commit_range(const Group& group, std::size_t begin, std::size_t& end, bool may_stop_early) {
  const std::int64_t until = steady_us() + kLongestTransactionUs;
  if (auto r = db_->exec("BEGIN IMMEDIATE"); !r) return r;
  Result<void> result;
  for (std::size_t i = begin; i < end && result.ok(); ++i) {
    if (may_stop_early && i > begin && i % 16 == 0 && steady_us() > until) {
      end = i;
      break;
    }
    result = group[i].apply(rows_);
  }
  if (result) result = rows_.write_totals();
  if (result) result = db_->exec("COMMIT");
  if (result) return result;
  (void)db_->exec("ROLLBACK");  // has no effect where SQLite rolled back by itself
  rows_.rolled_back();
  return result;
}

void Writer::one_by_one(Group& group, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    Result<void> result;
    if (failure_) {
      result = *failure_;
    } else {
      std::size_t one = i + 1;
      result = commit_range(group, i, one, false);
      if (!result && db_->failed()) failure_ = result.error();
    }
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting_items_ -= 1;
      waiting_bytes_ -= group[i].bytes;
    }
    room_.notify_all();
    if (group[i].committed) group[i].committed(result);
    group[i] = Item();
  }
}

}  // namespace assay
