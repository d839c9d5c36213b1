#include "backends/local/engine/scheduler.h"

#include <algorithm>
#include <utility>

#include "harness/base/check.h"

namespace assay::local {
namespace {

constexpr std::size_t kBlock = kBlockTokens;

std::size_t blocks_for(std::size_t tokens) { return (tokens + kBlock - 1) / kBlock; }

// Output that room is kept for on admission: most answers end long before their limit, and one that does not
// can be put back.
std::size_t share_of_output(const Generation& g) {
  const std::int64_t left = std::max<std::int64_t>(g.max_tokens() - g.count(), 1);
  return static_cast<std::size_t>(std::min(left, std::clamp<std::int64_t>(left / 8, 64, 512)));
}

std::span<const TokenId> block_tokens(const Sequence& s, std::size_t block) {
  return std::span(s.tokens).subspan(block * kBlock, kBlock);
}

// REQUIRES: the block is full.
const PrefixKey& key_of(Sequence& s, std::size_t block) {
  while (s.keys.size() <= block) {
    const PrefixKey before = s.keys.empty() ? PrefixKey::root() : s.keys.back();
    s.keys.push_back(before.then(block_tokens(s, s.keys.size())));
  }
  return s.keys[block];
}

// The key of a prompt's end that fills no block, its last token left out: that one is always computed, for
// its logits. nullopt where the last token begins a block.
std::optional<PrefixKey> key_of_end(Sequence& s) {
  const std::size_t last = s.prompt_size - 1;
  if (last % kBlock == 0) return std::nullopt;
  const std::size_t block = last / kBlock;
  const PrefixKey before = block == 0 ? PrefixKey::root() : key_of(s, block - 1);
  return before.then(std::span(s.tokens).subspan(block * kBlock, last % kBlock));
}

}  // namespace

Sequence::Sequence(const VocabularyText& vocabulary, GenerationRules rules, std::vector<TokenId> prompt)
    : tokens(std::move(prompt)),
      prompt_size(tokens.size()),
      generation(vocabulary, std::move(rules), tokens) {
  generation.start(tokens);
}

Scheduler::Scheduler(Model& model, const SchedulerLimits& limits)
    : model_(model), limits_(limits), pool_(limits.blocks) {
  CHECK_THAT_HOLDS(limits.step_rows >= limits.max_batch + kBlockTokens,
                   "a step has room for prompts beside decoding");
}

void Scheduler::add(std::unique_ptr<Sequence> s) {
  s->order = arrivals_++;
  if (s->generation.finished()) {
    ended_.push_back(std::move(s));
    return;
  }
  const auto longest = s->prompt_size + static_cast<std::size_t>(s->generation.max_tokens());
  CHECK_THAT_HOLDS(blocks_for(longest) <= static_cast<std::size_t>(pool_.size()),
                   "a sequence fits the cache alone");
  waiting_.push_back(std::move(s));
}

template <typename Which>
void Scheduler::end_where(Which which, FinishReason finish, const char* word) {
  for (auto* list : {&running_, &waiting_}) {
    for (auto& s : *list) {
      if (which(*s)) s->generation.end(finish, word);
    }
  }
  collect_ended();
}

void Scheduler::cancel(RequestId request) {
  end_where([request](const Sequence& s) { return s.request == request; }, FinishReason::cancelled,
            "cancelled");
}

void Scheduler::expire(SteadyTime now) {
  end_where([now](const Sequence& s) { return s.deadline <= now; }, FinishReason::deadline, "deadline");
}

std::vector<std::unique_ptr<Sequence>> Scheduler::take_ended() { return std::exchange(ended_, {}); }

void Scheduler::step() {
  plan_.clear();
  planned_rows_ = 0;
  claimed_.clear();
  admit();
  plan_decoding();
  plan_prompts();
  CHECK_THAT_HOLDS(!plan_.empty(), "the oldest sequence can always go on");
  run_plan();
  collect_ended();
}

void Scheduler::admit() {
  while (!waiting_.empty() && running_.size() < static_cast<std::size_t>(limits_.max_batch)) {
    Sequence& s = *waiting_.front();
    s.reserved = blocks_for(s.tokens.size() + share_of_output(s.generation));
    if (!running_.empty() && !has_room_for(s)) return;
    running_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
}

bool Scheduler::has_room_for(Sequence& s) {
  std::size_t promised = 0;  // to those that run
  for (const auto& r : running_)
    promised += r->reserved > r->blocks.size() ? r->reserved - r->blocks.size() : 1;
  std::size_t needed = s.reserved;
  for (std::size_t b = 0; limits_.share_prefixes && (b + 1) * kBlock < s.tokens.size(); ++b) {
    const auto block = pool_.peek(key_of(s, b));
    if (!block || pool_.holders(*block) == 0) break;
    --needed;  // shared with who holds it
  }
  return promised + needed <= static_cast<std::size_t>(pool_.available());
}

void Scheduler::plan_decoding() {
  for (std::size_t i = 0; i < running_.size(); ++i) {  // sequences are put back from the end only
    Sequence& s = *running_[i];
    if (s.computed >= s.prompt_size) plan(s, s.pending());
  }
}

void Scheduler::plan_prompts() {
  const auto most = static_cast<std::size_t>(limits_.step_rows);
  for (std::size_t i = 0; i < running_.size() && planned_rows_ < most; ++i) {
    Sequence& s = *running_[i];
    if (s.computed >= s.prompt_size) continue;
    if (limits_.share_prefixes) {
      take_shared(s);
      if (!take_shared_part(s)) continue;
    }
    std::size_t count = std::min(s.pending(), most - planned_rows_);
    // Pieces end with a block, so that others can share it at once.
    const std::size_t beyond = (s.computed + count) % kBlock;
    if (count < s.pending() && beyond < count) count -= beyond;
    if (limits_.share_prefixes) count = claim(s, count);
    if (count > 0) plan(s, count);
  }
}

void Scheduler::plan(Sequence& s, std::size_t count) {
  if (!get_blocks(s, s.computed + count)) return;
  plan_.push_back({&s, count});
  planned_rows_ += count;
}

bool Scheduler::get_blocks(Sequence& s, std::size_t positions) {
  while (s.blocks.size() < blocks_for(positions)) {
    if (const auto block = pool_.take()) {
      s.blocks.push_back(*block);
      continue;
    }
    CHECK_THAT_HOLDS(running_.size() > 1, "one sequence alone fits the cache");
    const bool itself = running_.back().get() == &s;
    put_back_youngest();
    if (itself) return false;
  }
  return true;
}

void Scheduler::put_back_youngest() {
  Sequence& s = *running_.back();
  const auto planned =
      std::find_if(plan_.begin(), plan_.end(), [&](const Planned& p) { return p.sequence == &s; });
  if (planned != plan_.end()) {
    planned_rows_ -= planned->count;
    plan_.erase(planned);
  }
  let_go(s);
  s.was_put_back = true;
  ++put_back_;
  waiting_.push_front(std::move(running_.back()));
  running_.pop_back();
}

void Scheduler::take_shared(Sequence& s) {
  while (s.computed % kBlock == 0 && s.computed + kBlock < s.tokens.size()) {
    const auto block = pool_.find(key_of(s, s.computed / kBlock));
    if (!block) return;
    s.blocks.push_back(*block);
    s.computed += kBlock;
    s.published = s.blocks.size();
    if (!s.was_put_back) s.shared += kBlockTokens;
  }
}

bool Scheduler::take_shared_part(Sequence& s) {
  const std::size_t last = s.prompt_size - 1;
  if (s.tokens.size() != s.prompt_size || s.computed != last / kBlock * kBlock || s.computed == last)
    return true;
  const auto key = key_of_end(s);
  if (claimed_.count(*key) > 0) return false;
  const auto from = pool_.find(*key);
  if (!from) return true;
  const auto to = pool_.take();
  if (to) {
    model_.copy_block(*from, *to);
    s.blocks.push_back(*to);
    if (!s.was_put_back) s.shared += static_cast<std::int64_t>(last - s.computed);
    s.computed = last;
  }
  pool_.release(*from);
  return true;
}

// How many of `count` tokens are before a block that another sequence computes in this step; the blocks among
// them are this sequence's to compute.
std::size_t Scheduler::claim(Sequence& s, std::size_t count) {
  const std::size_t end = s.computed + count;
  const std::size_t first = blocks_for(s.computed);
  for (std::size_t b = first; (b + 1) * kBlock <= end; ++b) {
    if ((b + 1) * kBlock < s.tokens.size() && claimed_.count(key_of(s, b)) > 0) {
      count = b * kBlock - s.computed;
      break;
    }
  }
  for (std::size_t b = first; (b + 1) * kBlock <= s.computed + count; ++b) claimed_.insert(key_of(s, b));
  if (s.computed + count == s.prompt_size && s.tokens.size() == s.prompt_size) {
    if (const auto key = key_of_end(s)) claimed_.insert(*key);
  }
  return count;
}

void Scheduler::publish(Sequence& s) {
  if (!limits_.share_prefixes) return;
  if (s.computed == s.prompt_size) {
    if (const auto key = key_of_end(s)) pool_.publish(s.blocks[(s.prompt_size - 1) / kBlock], *key);
  }
  for (; (s.published + 1) * kBlock <= s.computed; ++s.published) {
    pool_.publish(s.blocks[s.published], key_of(s, s.published));
  }
}

void Scheduler::run_plan() {
  std::vector<StepSequence> step;
  step.reserve(plan_.size());
  for (const Planned& p : plan_) {
    const Sequence& s = *p.sequence;
    step.push_back({std::span(s.tokens).subspan(s.computed, p.count), static_cast<std::int32_t>(s.computed),
                    s.blocks, p.count == s.pending()});
  }
  auto ok = model_.step(step, logits_);
  rows_ += planned_rows_;
  const SteadyTime now = std::chrono::steady_clock::now();
  const auto width = static_cast<std::size_t>(model_.shape().vocab);
  std::span<float> rows = logits_;
  for (const Planned& p : plan_) {
    Sequence& s = *p.sequence;
    if (!ok) {
      s.error = ok.error();
      continue;
    }
    const bool whole = p.count == s.pending();
    s.computed += p.count;
    publish(s);
    if (!whole) continue;
    if (auto accepted = s.generation.accept(rows.first(width), s.tokens); !accepted)
      s.error = accepted.error();
    if (!s.first_token) s.first_token = now;
    rows = rows.subspan(width);
  }
}

void Scheduler::let_go(Sequence& s) {
  // From the end, so that of one sequence the blocks that most others can share stay longest.
  for (std::size_t b = s.blocks.size(); b-- > 0;) pool_.release(s.blocks[b]);
  s.blocks.clear();
  s.computed = 0;
  s.published = 0;
}

void Scheduler::collect_ended() {
  for (auto* list : {&running_, &waiting_}) {
    for (auto& s : *list) {
      if (!s->generation.finished() && !s->error) continue;
      let_go(*s);
      ended_.push_back(std::move(s));
    }
    list->erase(std::remove(list->begin(), list->end(), nullptr), list->end());
  }
}

}  // namespace assay::local
