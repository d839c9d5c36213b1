// Scheduler: decides what each step of the model computes (continuous batching).
//
// A sequence is the tokens of a prompt and those generated behind it. What of them is not in the cache yet is
// pending: a whole prompt at first, one token while it decodes, all again after it was put back for want of
// blocks. A step takes pending tokens of many sequences: first one of each that decodes, then pieces of
// prompts in the order of arrival, up to `step_rows` tokens.
//
// Prefixes: before a sequence computes a block of its tokens, it looks for one that holds the same prefix
// (see BlockPool) and shares it; while another sequence computes such a block in this very step, it waits for
// it. A part of a block at a prompt's end is copied. So a prompt is computed once for any number of equal
// requests.
//
// Memory: a sequence is admitted, in the order of arrival, when there are blocks for its tokens and for a
// share of the output it may make. When blocks run out all the same, the sequence that arrived last is put
// back: it gives its blocks up and is computed again later. The oldest always goes on, so that every sequence
// ends.
//
// None of this changes what is generated: harness/api/backend.h, and Model's own promise.
//
// Threads: one. Errors: a failing step ends the sequences that took part in it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "backends/local/engine/block_pool.h"
#include "backends/local/engine/generation.h"
#include "backends/local/engine/model.h"
#include "harness/api/request.h"

namespace assay::local {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Sequence {
  Sequence(const VocabularyText& vocabulary, GenerationRules rules, std::vector<TokenId> prompt);

  RequestId request = 0;
  std::uint32_t choice = 0;
  SteadyTime deadline = SteadyTime::max();

  std::vector<TokenId> tokens;  // prompt, then what was generated
  std::size_t prompt_size = 0;
  Generation generation;
  std::optional<SteadyTime> first_token;
  std::int64_t shared = 0;     // prompt tokens that the cache served when it first ran
  std::optional<Error> error;  // why it ended, when it failed

  // The scheduler's own.
  std::uint64_t order = 0;  // of arrival
  std::vector<std::int32_t> blocks;
  std::size_t computed = 0;     // of `tokens`, in the cache
  std::size_t published = 0;    // blocks from the start that can be found by their key
  std::size_t reserved = 0;     // blocks it was admitted with: for its tokens and a share of its output
  std::vector<PrefixKey> keys;  // of its full blocks, as far as they were needed
  bool was_put_back = false;
  std::size_t pending() const { return tokens.size() - computed; }
};

struct SchedulerLimits {
  std::int32_t blocks = 0;  // of the cache, reserved before
  std::int32_t max_batch = 32;
  std::int32_t step_rows = 256;
  bool share_prefixes = true;  // false to compare with
};

class Scheduler {
 public:
  Scheduler(Model& model, const SchedulerLimits& limits);

  // REQUIRES: prompt and max_tokens fit the cache together.
  void add(std::unique_ptr<Sequence> sequence);
  void cancel(RequestId request);
  void expire(SteadyTime now);  // ends those whose deadline has passed
  bool idle() const { return running_.empty() && waiting_.empty(); }
  // Runs one step. REQUIRES: !idle().
  void step();
  // Those that ended since, in the order in which they did.
  std::vector<std::unique_ptr<Sequence>> take_ended();

  const BlockPool& pool() const { return pool_; }
  std::uint64_t put_back() const { return put_back_; }  // how often a sequence was, for tests and figures
  std::uint64_t rows() const { return rows_; }          // tokens computed so far

 private:
  struct Planned {
    Sequence* sequence;
    std::size_t count;  // tokens
  };
  using Keys = std::unordered_set<PrefixKey, PrefixKeyHash>;

  void admit();
  bool has_room_for(Sequence& s);
  void plan_decoding();
  void plan_prompts();
  void plan(Sequence& s, std::size_t count);
  bool get_blocks(Sequence& s, std::size_t positions);  // false: s itself was put back
  void put_back_youngest();
  void take_shared(Sequence& s);
  bool take_shared_part(Sequence& s);  // false: another sequence computes it in this step
  std::size_t claim(Sequence& s, std::size_t count);
  void publish(Sequence& s);
  void run_plan();
  void let_go(Sequence& s);
  void collect_ended();
  template <typename Which>
  void end_where(Which which, FinishReason finish, const char* word);

  Model& model_;
  const SchedulerLimits limits_;
  BlockPool pool_;
  std::deque<std::unique_ptr<Sequence>> running_;  // both in the order of arrival
  std::deque<std::unique_ptr<Sequence>> waiting_;
  std::vector<std::unique_ptr<Sequence>> ended_;
  std::vector<Planned> plan_;
  std::size_t planned_rows_ = 0;
  Keys claimed_;  // blocks that this step computes
  std::vector<float> logits_;
  std::uint64_t arrivals_ = 0;
  std::uint64_t put_back_ = 0;
  std::uint64_t rows_ = 0;
};

}  // namespace assay::local
