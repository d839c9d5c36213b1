// The one writer thread of a store: a bounded queue of writes, committed in groups. Internal to
// harness/store.
//
// Grouping: a write that finds the writer idle is committed at once. While a commit runs, writes
//   gather; under load the writer also waits for more, no longer than the last commit took, so that
//   groups grow with the load. A transaction is closed after 40 ms at the latest.
// Bound: push() blocks while more than `queue_items` writes or `queue_bytes` bytes wait, except on
//   the writer thread itself, where a callback may go on writing.
// Failure: the first error that no later write can survive (a full disk) is kept; everything from
//   then on gets the same error. A write that is wrong by itself fails alone: its group is rolled
//   back and its neighbours are committed again without it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "harness/base/result.h"
#include "harness/store/row_writer.h"

namespace assay {

struct WriterLimits {
  std::size_t queue_items = 16384;
  std::size_t queue_bytes = std::size_t{32} << 20;
};

class Writer {
 public:
  using Apply = std::function<Result<void>(RowWriter&)>;  // may be called again after a rollback
  using Committed = std::function<void(Result<void>)>;

  Writer(std::unique_ptr<Db> db, WriterLimits limits);
  ~Writer();  // commits what is queued
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // `queued` is called with the queue's lock held, once the write has its place.
  void push(Apply apply, Committed committed, std::size_t bytes, const std::function<void()>& queued = {});
  // Queues and waits for the commit. Not from the writer thread.
  Result<void> run(Apply apply);
  // Commits what is queued and ends the thread. Nothing may be pushed from then on.
  void stop();

 private:
  struct Item {
    Apply apply;
    Committed committed;
    std::size_t bytes = 0;
  };
  using Group = std::deque<Item>;

  void loop();
  void linger(std::unique_lock<std::mutex>& lock);
  void write(Group& group);
  void one_by_one(Group& group, std::size_t begin, std::size_t end);
  Result<void> commit_range(const Group& group, std::size_t begin, std::size_t& end, bool may_stop_early);

  std::unique_ptr<Db> db_;
  RowWriter rows_;
  const WriterLimits limits_;
  std::optional<Error> failure_;       // writer thread only
  std::size_t last_group_ = 0;         // writer thread only
  std::int64_t last_commit_us_ = 0;    // writer thread only

  std::mutex mutex_;                   // guards the five below
  std::condition_variable arrived_;
  std::condition_variable room_;
  Group queue_;
  std::size_t waiting_items_ = 0;      // queued or being written
  std::size_t waiting_bytes_ = 0;
  std::size_t urgent_ = 0;             // callers that block in run()
  bool stopping_ = false;

  std::thread thread_;                 // last: starts when all else is there
};

}  // namespace assay
