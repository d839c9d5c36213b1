// Attempt: one sample's epoch in one entry, from its sample to its committed verdict. Internal to
// harness/run.
//
// All state is touched on the attempt's strand only.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <vector>

#include "harness/api/strategy.h"
#include "harness/run/call.h"
#include "harness/run/choice_group.h"
#include "harness/run/session.h"
#include "harness/run/strand.h"

namespace assay {

// Shared: by whatever it waits for (calls, the store, a program) at the moment.
class Attempt final : public Caller, public std::enable_shared_from_this<Attempt> {
 public:
  // `index` is epoch * samples + sample. What it asks first goes into `group`, where there is one.
  Attempt(Session& session, Entry& entry, std::uint64_t index, std::shared_ptr<ChoiceGroup> group = nullptr);

  void begin();  // in the pool

  // Caller, for the strategy.
  void call(CallSpec spec, OnResponse on_response) override;
  bool same_answer(const Response& a, const Response& b) const override;
  bool has_answer(const Response& response) const override;
  const BackendInfo& backend() const override { return entry_.model->info; }
  const Sampling& sampling() const override { return entry_.sampling; }

 private:
  struct Stored {
    std::optional<Response> response;  // of an ok or cached call
    std::uint32_t next_try = 0;
  };
  using Place = std::pair<std::uint32_t, std::uint32_t>;  // step, draw

  void ask_first();
  Result<void> load();
  Result<void> load_stored_calls();
  void ask(Model& model, Request request, OnResponse on_response);
  Request request_for(const CallSpec& spec) const;
  Timer::Clock::time_point deadline();
  const Score& vote_score(const Response& response) const;

  void answered(Result<Response> response);
  void score_next();  // asks the scorer at `scorer_` until it gives a score
  void do_work(std::vector<Work> work);
  void do_one(std::size_t i, const Work& work);
  void work_done(std::size_t i, WorkResult result);
  void keep_score(Score score);
  void finish(AttemptResult result);
  void abandon();
  void release();

  Session& session_;
  Entry& entry_;
  const std::uint64_t index_;
  AttemptRef ref_;
  Strand strand_;
  Sample sample_;
  bool has_targets_ = false;
  std::shared_ptr<ChoiceGroup> group_;  // until it has arrived there
  std::map<Place, Stored> stored_;
  std::atomic<std::int64_t> deadline_ns_{0};  // steady; 0: not begun
  mutable std::map<Digest, Score> vote_scores_;
  std::int64_t held_ = 0;  // bytes counted in Counters::held_bytes

  Response response_;        // the chosen one
  std::size_t scorer_ = 0;   // index into the entry's scorers
  std::uint32_t round_ = 0;  // of work for this scorer
  std::vector<std::optional<WorkResult>> work_results_;
  std::size_t work_missing_ = 0;
  bool work_cancelled_ = false;
  AttemptResult result_;
};

}  // namespace assay
