#include "harness/run/batch/batch_desk.h"

#include <algorithm>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kLooks = 5;  // at the provider's list, for a batch that may have reached it
constexpr std::size_t kRequestOverhead = 512;  // bytes of an item beside its messages

std::size_t bytes_of(const Request& r) {
  std::size_t n = kRequestOverhead + r.prefix.size();
  for (const Message& m : r.messages) n += m.content.size() + m.content.size() / 8;  // escapes
  return n;
}

KeptBatchState kept(BatchState s) { return static_cast<KeptBatchState>(static_cast<int>(s) + 1); }

BatchAnswer no_answer(const std::string& why, const std::string& batch_id) {
  BatchAnswer out;
  out.batch_id = batch_id;
  out.reply.error.emplace();
  out.reply.error->code = Code::unavailable;
  out.reply.error->message = why;
  out.reply.error->may_be_billed = false;
  return out;
}

}  // namespace

BatchDesk::BatchDesk(BatchBackend& provider, std::unique_ptr<Batches> book, BatchOptions options)
    : provider_(provider), book_(std::move(book)), options_(std::move(options)) {}

BatchDesk::~BatchDesk() { stop(); }

Result<void> BatchDesk::start() {
  auto left = book_->open_ones(options_.run_id, options_.model_entry);
  if (!left) return left.error();
  for (KeptBatch& b : *left) {
    bool known = true;
    if (b.batch_id.empty()) {
      const auto found = find(b.tag, known);
      if (!known) return Error{Code::unavailable, format("batch {}: the provider does not say whether it has it", b.tag)};
      if (!found) {  // it was written down and never handed in
        b.state = KeptBatchState::collected;
        b.message = "never reached the provider";
        if (auto set = book_->set(b); !set) return set;
        continue;
      }
      b.batch_id = found->batch_id;
      b.state = kept(found->state);
      b.submitted = unix_micros();
      if (auto set = book_->set(b); !set) return set;
    }
    auto places = book_->places(b.tag);
    if (!places) return places.error();
    Out out;
    out.kept = b;
    for (const BatchPlace& p : *places) {
      const Place place{p.ref.entry, p.ref.sample_index, p.ref.epoch, p.step, p.draw};
      out.places[p.custom_id] = place;
      where_[place] = b.tag;
    }
    out_[b.tag] = std::move(out);
  }
  thread_ = std::thread([this] { loop(); });
  return {};
}

void BatchDesk::add(const AttemptRef& ref, Request request, Done done) {
  const Place place{ref.entry, ref.sample_index, ref.epoch, request.step, request.draw};
  std::optional<BatchAnswer> answer;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) {
      answer.reset();
    } else if (const auto found = ready_.find(place); found != ready_.end()) {
      answer = std::move(found->second);
      ready_.erase(found);
    } else {
      if (where_.count(place) != 0) {
        waiting_[place] = std::move(done);
      } else {
        queue_.push_back({ref, std::move(request), std::move(done)});
        last_add_ = Clock::now();
      }
      woken_.notify_one();
      return;
    }
  }
  done(std::move(answer));
}

void BatchDesk::stop() {
  std::vector<Done> left;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    for (Waiting& w : queue_) left.push_back(std::move(w.done));
    for (auto& [place, done] : waiting_) left.push_back(std::move(done));
    queue_.clear();
    waiting_.clear();
    woken_.notify_one();
  }
  for (const Done& done : left) done(std::nullopt);
}

Result<void> BatchDesk::close(bool whole, bool finished) {
  stop();
  if (thread_.joinable()) thread_.join();
  if (!whole) return {};
  for (KeptBatch& b : done_) {
    const bool asked_for = std::none_of(ready_.begin(), ready_.end(), [&](const auto& r) { return r.second.batch_id == b.batch_id; });
    if (!asked_for && !finished) continue;
    b.state = KeptBatchState::collected;
    if (auto set = book_->set(b); !set) return set;
  }
  return {};
}

std::string BatchDesk::status() {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::string out;
  for (const auto& [tag, batch] : out_) {
    const KeptBatch& b = batch.kept;
    if (!out.empty()) out += ", ";
    out += format("batch {}: {} of {}", printable(b.batch_id.empty() ? tag : b.batch_id), b.succeeded + b.failed, b.items);
  }
  return out;
}

std::uint64_t BatchDesk::out() {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::uint64_t sum = 0;
  for (const auto& [tag, batch] : out_) sum += batch.kept.items;
  return sum;
}

void BatchDesk::loop() {
  Clock::time_point next_look = Clock::now();
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (!queue_.empty() && Clock::now() >= last_add_ + options_.gather) {
      auto gathered = std::exchange(queue_, {});
      lock.unlock();
      hand_in(std::move(gathered));
      lock.lock();
      next_look = std::min(next_look, Clock::now() + options_.poll);
      continue;
    }
    if (!out_.empty() && Clock::now() >= next_look) {
      std::vector<std::string> tags;
      for (const auto& [tag, out] : out_) tags.push_back(tag);
      lock.unlock();
      for (const std::string& tag : tags) look_at(out_.at(tag));  // only this thread adds to out_ and takes away
      lock.lock();
      next_look = Clock::now() + options_.poll;
      continue;
    }
    Clock::time_point until = out_.empty() ? Clock::now() + std::chrono::hours(1) : next_look;
    if (!queue_.empty()) until = std::min(until, last_add_ + options_.gather);
    woken_.wait_until(lock, until);
  }
}

// As many batches as the provider's limits ask for.
void BatchDesk::hand_in(std::vector<Waiting> gathered) {
  const BatchLimits limits = provider_.limits();
  const std::uint64_t most_items = limits.max_items == 0 ? UINT64_MAX : limits.max_items;
  const std::uint64_t most_bytes = limits.max_bytes == 0 ? UINT64_MAX : limits.max_bytes - limits.max_bytes / 10;
  for (std::size_t i = 0; i < gathered.size();) {
    Out out;
    out.kept.run_id = options_.run_id;
    out.kept.model_entry = options_.model_entry;
    out.kept.tag = "assay-" + new_ulid();
    std::vector<BatchItem> items;
    std::vector<BatchPlace> places;
    std::uint64_t bytes = 0;
    const std::size_t begin = i;
    for (; i < gathered.size() && items.size() < most_items; ++i) {
      const Waiting& w = gathered[i];
      bytes += bytes_of(w.request);
      if (!items.empty() && bytes > most_bytes) break;
      const std::string id = format("e{}-s{}-k{}-{}-{}", w.ref.entry, w.ref.sample_index, w.ref.epoch, w.request.step, w.request.draw);
      items.push_back({id, w.request});
      places.push_back({id, w.ref, w.request.step, w.request.draw});
      out.places[id] = {w.ref.entry, w.ref.sample_index, w.ref.epoch, w.request.step, w.request.draw};
    }
    out.kept.items = items.size();
    Error error;
    bool taken = false;
    if (auto written = book_->prepare(out.kept, places); !written) {
      error = written.error();
      if (options_.failed) options_.failed(error);
    } else {
      taken = submit(out, items, error);
    }
    std::vector<std::pair<Done, std::optional<BatchAnswer>>> over;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (std::size_t k = begin; k < i; ++k) {
        Waiting& w = gathered[k];
        const Place place{w.ref.entry, w.ref.sample_index, w.ref.epoch, w.request.step, w.request.draw};
        if (stopping_) {
          over.emplace_back(std::move(w.done), std::nullopt);
        } else if (taken) {
          waiting_[place] = std::move(w.done);
        } else {
          BatchAnswer answer = no_answer(error.message, "");
          answer.reply.error->code = error.code;
          over.emplace_back(std::move(w.done), std::move(answer));
        }
        if (taken) where_[place] = out.kept.tag;
      }
      if (taken) out_[out.kept.tag] = std::move(out);
    }
    for (auto& [done, answer] : over) done(std::move(answer));
  }
}

// False, with the error: the provider does not have it.
bool BatchDesk::submit(Out& out, const std::vector<BatchItem>& items, Error& error) {
  auto handed = provider_.submit(out.kept.tag, items);
  if (!handed && handed.error().code != Code::invalid) {  // it may have arrived all the same
    bool known = false;
    for (int look = 0; look < kLooks && !known; ++look) {
      if (auto found = find(out.kept.tag, known)) handed = *found;
      std::unique_lock<std::mutex> lock(mutex_);
      if (!known && sleep_until(lock, Clock::now() + options_.gather * (1 << look))) break;
    }
    if (!handed && !known) {  // nobody says: it stays written down, for the next invocation to find out
      error = {Code::cancelled, format("batch {}: the provider does not say whether it has it", out.kept.tag)};
      return false;
    }
  }
  if (!handed) {
    error = handed.error();
    out.kept.state = KeptBatchState::collected;  // nothing will come of it
    out.kept.message = error.message;
    keep(out.kept);
    return false;
  }
  out.kept.batch_id = handed->batch_id;
  out.kept.state = kept(handed->state);
  out.kept.submitted = unix_micros();
  keep(out.kept);
  return true;
}

// Whether the provider has a batch of this tag; `known` false: it did not say.
std::optional<BatchStatus> BatchDesk::find(const std::string& tag, bool& known) {
  auto all = provider_.list();
  known = all.ok();
  if (!known) return std::nullopt;
  for (BatchStatus& s : *all) {
    if (s.tag == tag) return std::move(s);
  }
  return std::nullopt;
}

void BatchDesk::look_at(Out& out) {
  auto status = provider_.poll(out.kept.batch_id);
  if (!status) return;  // the next look may tell
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    out.kept.state = kept(status->state);
    out.kept.succeeded = status->succeeded;
    out.kept.failed = status->failed;
    out.kept.message = status->message;
  }
  keep(out.kept);
  if (status->state != BatchState::working) collect(out);
}

void BatchDesk::collect(Out& out) {
  std::map<std::string, Place> missing = out.places;
  const auto each = [&](const std::string& custom_id, BackendReply reply) {
    const auto found = missing.find(custom_id);
    if (found == missing.end()) return;  // not ours, or a second answer
    const Place place = found->second;
    missing.erase(found);
    BatchAnswer answer;
    answer.reply = std::move(reply);
    answer.batch_id = out.kept.batch_id;
    answer.submitted = out.kept.submitted;
    hand_over(place, std::move(answer));
  };
  if (auto collected = provider_.collect(out.kept.batch_id, each); !collected && out.kept.state == KeptBatchState::ended) {
    // Whoever has an answer has it; the rest is asked for again at the next look, and those found again are ignored.
    const std::lock_guard<std::mutex> lock(mutex_);
    out.places = std::move(missing);
    return;
  }
  for (const auto& [id, place] : missing) {
    hand_over(place, no_answer(format("batch {} brought no answer{}", out.kept.batch_id,
                                      out.kept.message.empty() ? std::string() : ": " + out.kept.message), out.kept.batch_id));
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_) return;  // not all of it was handed over
  done_.push_back(out.kept);
  out_.erase(out.kept.tag);
}

void BatchDesk::hand_over(const Place& place, BatchAnswer answer) {
  Done done;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    where_.erase(place);
    if (stopping_) return;  // it is collected again by who goes on
    const auto found = waiting_.find(place);
    if (found == waiting_.end()) {
      // Who asks for what an earlier batch brought no answer for asks anew.
      if (!answer.reply.error || answer.reply.error->may_be_billed) ready_[place] = std::move(answer);
      return;
    }
    done = std::move(found->second);
    waiting_.erase(found);
  }
  done(std::move(answer));
}

void BatchDesk::keep(const KeptBatch& batch) {
  if (auto set = book_->set(batch); !set && options_.failed) options_.failed(set.error());
}

bool BatchDesk::sleep_until(std::unique_lock<std::mutex>& lock, Clock::time_point until) {
  return woken_.wait_until(lock, until, [this] { return stopping_; });
}

}  // namespace assay
