// The desk at which one model's requests become batches, and batches answers.
//
// Requests gather until none has come for a moment or a batch is full; the batch is written down with its tag, then
// handed in. A request for which a batch of an earlier invocation is still out waits for that one's answer instead.
// After a crash between writing and handing in, or between handing in and hearing of it, the provider's list tells by
// the tag which of the two it was: no batch is lost, and none is handed in twice.
// What a batch brings no answer for (it expired, the item failed in passing) is an error of Code::unavailable that was
// never billed: the call tries again, in the next batch.
//
// Threads: any for add(), status() and stop(); one thread of its own talks to the provider.
// Order: start() before the first add(); stop() once; close() after stop() and once all answers are committed.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "harness/api/batch.h"
#include "harness/store/batches.h"

namespace assay {

struct BatchOptions {
  std::string run_id;
  std::string model_entry;
  std::chrono::milliseconds gather{500};  // without a further request before a batch is made
  std::chrono::milliseconds poll{30'000};
  std::function<void(Error)> failed;  // the store's errors; the run ends
};

struct BatchAnswer {
  BackendReply reply;
  std::string batch_id;
  std::int64_t submitted = 0;  // unix microseconds
};

class BatchDesk {
 public:
  // nullopt: left with the provider, the run stops. Called once, on the desk's thread or within stop(); does not block.
  using Done = std::function<void(std::optional<BatchAnswer>)>;

  BatchDesk(BatchBackend& provider, std::unique_ptr<Batches> book, BatchOptions options);
  ~BatchDesk();

  Result<void> start();  // finds what earlier invocations left
  void add(const AttemptRef& ref, Request request, Done done);
  void stop();
  // `whole`: everything that was handed over is committed. Batches are then collected whose answers all were asked
  // for; if the run is `finished`, also those with answers that nobody needs any more.
  Result<void> close(bool whole, bool finished);
  std::string status();  // "batch_7: 120 of 500"; empty: nothing is out
  std::uint64_t out();   // requests with the provider

 private:
  using Place = std::tuple<EntryId, std::uint64_t, std::uint32_t, std::uint32_t, std::uint32_t>;
  struct Waiting {
    AttemptRef ref;
    Request request;
    Done done;
  };
  struct Out {
    KeptBatch kept;
    std::map<std::string, Place> places;  // by custom id
  };

  void loop();
  void hand_in(std::vector<Waiting> gathered);
  bool submit(Out& out, const std::vector<BatchItem>& items, Error& error);
  std::optional<BatchStatus> find(const std::string& tag, bool& known);
  void look_at(Out& out);
  void collect(Out& out);
  void hand_over(const Place& place, BatchAnswer answer);
  void keep(const KeptBatch&);
  bool sleep_until(std::unique_lock<std::mutex>&, std::chrono::steady_clock::time_point);

  BatchBackend& provider_;
  const std::unique_ptr<Batches> book_;  // the desk's thread; start() before it, close() after it
  const BatchOptions options_;
  std::mutex mutex_;  // guards all below but thread_
  std::condition_variable woken_;
  std::vector<Waiting> queue_;
  std::chrono::steady_clock::time_point last_add_;
  std::map<Place, Done> waiting_;      // in a batch that is out
  std::map<Place, BatchAnswer> ready_; // answers of an earlier invocation's batch, before they are asked for
  std::map<Place, std::string> where_; // which tag a request is out under
  std::map<std::string, Out> out_;     // by tag
  std::vector<KeptBatch> done_;        // every answer handed over
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace assay
