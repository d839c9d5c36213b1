#include "scorers/trace/loops.h"

#include <algorithm>
#include <bit>

namespace assay::trace {
namespace {

constexpr std::size_t kMaxPeriod = 200;
constexpr std::size_t kMinTailWords = 20;
constexpr std::size_t kMinLoopWords = 15;
constexpr std::size_t kShortPeriod =
    5;  // "0 + 0 + 0 + ...": fewer words than this repeat in sums and tables,
constexpr std::size_t kMinShortWords = 40;  // so that more copies make a loop
constexpr std::size_t kGram = 5;
constexpr std::size_t kMaxLoops = 64;

// A fingerprint of the n words that end at each position, mod 2^61 - 1 with the words' numbers mixed first.
class Rolling {
 public:
  Rolling(const std::vector<std::uint32_t>& ids, std::size_t n) : ids_(ids), n_(n) {
    for (std::size_t i = 0; i < n; ++i) highest_ = multiply(highest_, kBase);
  }
  // To be called for each position in order; the value counts from position n - 1 on.
  std::uint64_t push(std::size_t at) {
    value_ = reduce(multiply(value_, kBase) + mixed(ids_[at]));
    if (at >= n_) value_ = reduce(value_ + kPrime - multiply(highest_, mixed(ids_[at - n_])));
    return value_;
  }

 private:
  static constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;
  static constexpr std::uint64_t kBase = 0x1F3D5B79A2C4E681 % kPrime;

  static std::uint64_t reduce(std::uint64_t x) { return x >= kPrime ? x - kPrime : x; }
  static std::uint64_t mixed(std::uint64_t id) {
    id = (id + 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9;
    id = (id ^ (id >> 27)) * 0x94D049BB133111EB;
    return (id ^ (id >> 31)) & (kPrime >> 1);
  }
  static std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
    const std::uint64_t al = a & 0xFFFFFFFF, ah = a >> 32, bl = b & 0xFFFFFFFF, bh = b >> 32;
    const std::uint64_t low = al * bl;
    const std::uint64_t middle = al * bh + (low >> 32);
    const std::uint64_t middle2 = ah * bl + (middle & 0xFFFFFFFF);
    const std::uint64_t high = ah * bh + (middle >> 32) + (middle2 >> 32);
    const std::uint64_t bottom = (middle2 << 32) | (low & 0xFFFFFFFF);
    const std::uint64_t sum = (bottom & kPrime) + ((bottom >> 61) | (high << 3));
    return reduce((sum & kPrime) + (sum >> 61));
  }

  const std::vector<std::uint32_t>& ids_;
  std::size_t n_;
  std::uint64_t highest_ = 1;
  std::uint64_t value_ = 0;
};

struct Slot {
  std::uint32_t tag = 0;
  std::uint32_t end = 0;  // one more than the position; 0: free
};

// Where each n-gram was seen last; `room` is for use again.
class Grams {
 public:
  Grams(const std::vector<std::uint32_t>& ids, std::size_t n, std::vector<Slot>& room)
      : ids_(ids), n_(n), slots_(room) {
    slots_.assign(std::bit_ceil(std::max<std::size_t>(64, 2 * ids.size())), Slot{});
  }

  // The end of the last equal n-gram before the one that ends at `at`, which takes its place; nullopt: the
  // first.
  std::optional<std::size_t> swap(std::uint64_t hash, std::size_t at) {
    const auto tag = static_cast<std::uint32_t>(hash >> 29);
    for (std::size_t i = slot_of(hash);; i = (i + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[i];
      if (slot.end == 0) {
        slot = {tag, static_cast<std::uint32_t>(at + 1)};
        return std::nullopt;
      }
      const std::size_t other = slot.end - 1;
      if (slot.tag != tag || !equal(other, at)) continue;
      last_at_ = at;
      last_other_ = other;
      slot.end = static_cast<std::uint32_t>(at + 1);
      return other;
    }
  }
  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[slot_of(hash)]); }

 private:
  // Behind an equal pair, the last words tell.
  bool equal(std::size_t other, std::size_t at) const {
    if (at == last_at_ + 1 && other == last_other_ + 1 && last_at_ > 0) return ids_[at] == ids_[other];
    for (std::size_t i = 0; i < n_; ++i) {
      if (ids_[at - i] != ids_[other - i]) return false;
    }
    return true;
  }
  std::size_t slot_of(std::uint64_t hash) const { return (hash ^ (hash >> 30)) & (slots_.size() - 1); }

  const std::vector<std::uint32_t>& ids_;
  std::size_t n_;
  std::vector<Slot>& slots_;
  std::size_t last_at_ = 0;  // the equal pair before; no n-gram of several words ends at 0
  std::size_t last_other_ = 0;
};

// visit(at, end of the last equal n-gram) for each position from n - 1 on. Hashes run ahead of look-ups, so
// that memory is there when it is asked for.
template <typename Visit>
void each_gram(const std::vector<std::uint32_t>& ids, std::size_t n, std::vector<Slot>& room, Visit visit) {
  constexpr std::size_t kAhead = 16;
  Rolling rolling(ids, n);
  Grams grams(ids, n, room);
  std::uint64_t hashes[kAhead] = {};
  for (std::size_t at = 0; at < ids.size() + kAhead; ++at) {
    if (at >= kAhead && at - kAhead + 1 >= n)
      visit(at - kAhead, grams.swap(hashes[at % kAhead], at - kAhead));
    if (at >= ids.size()) continue;
    hashes[at % kAhead] = rolling.push(at);
    grams.prefetch(hashes[at % kAhead]);
  }
}

// z[p]: how many of the last words equal those p words before them (the Z function of the reversed text).
std::vector<std::size_t> tail_matches(const std::vector<std::uint32_t>& ids, std::size_t size) {
  const auto word = [&](std::size_t i) { return ids[size - 1 - i]; };
  const std::size_t most = std::min(kMaxPeriod + 1, size);
  std::vector<std::size_t> z(most, 0);
  std::size_t left = 0;
  std::size_t right = 0;
  for (std::size_t i = 1; i < most; ++i) {
    if (i < right && z[i - left] < right - i) {
      z[i] = z[i - left];
      continue;
    }
    std::size_t end = std::max(i, right);
    while (end < size && word(end) == word(end - i)) ++end;
    z[i] = end - i;
    left = i;
    right = end;
  }
  return z;
}

Loop loop_at(const Words& words, std::size_t begin, std::size_t end, std::size_t period) {
  return {period, (end - begin) / period, {words.begin[begin], words.end[end - 1]}};
}

std::optional<double> repetition_in(const Words& words, std::size_t n, std::vector<Slot>& room) {
  if (n < 2 || words.size() < n) return std::nullopt;
  std::size_t repeated = 0;
  each_gram(words.ids, n, room,
            [&](std::size_t, std::optional<std::size_t> before) { repeated += before.has_value(); });
  return static_cast<double>(repeated) / static_cast<double>(words.size() - n + 1);
}

std::vector<Loop> loops_in(const Words& words, std::vector<Slot>& room) {
  std::vector<Loop> out;
  const auto& ids = words.ids;
  std::size_t period = 0;                // of the run that is being followed; 0: none
  std::size_t run = 0;                   // words up to here that equal those a period before
  std::size_t budget = 16 * ids.size();  // for looking back, so that the whole stays linear
  const auto close = [&](std::size_t end) {
    const std::size_t least = period < kShortPeriod ? kMinShortWords : kMinLoopWords;
    if (period > 0 && run >= 2 * period && run + period >= least && out.size() < kMaxLoops) {
      out.push_back(loop_at(words, end - run - period, end, period));
    }
    period = 0;
  };
  each_gram(ids, kGram, room, [&](std::size_t at, std::optional<std::size_t> before) {
    if (period > 0 && ids[at] == ids[at - period]) {
      ++run;
      return;
    }
    close(at);
    if (!before || at - *before > kMaxPeriod) return;
    period = at - *before;
    run = kGram;
    while (at - run >= period && ids[at - run] == ids[at - run - period] && budget > 0) {
      ++run;
      --budget;
      if (at < run) break;
    }
  });
  close(ids.size());
  return out;
}

}  // namespace

std::optional<double> repetition(const Words& words, std::size_t n) {
  std::vector<Slot> room;
  return repetition_in(words, n, room);
}

std::optional<Loop> tail_loop(const Words& words) {
  for (std::size_t cut = 0; cut < 2 && words.size() > cut; ++cut) {
    const std::size_t size = words.size() - cut;
    const std::vector<std::size_t> z = tail_matches(words.ids, size);
    for (std::size_t p = z.size(); p-- > 1;) {
      const std::size_t repeats = z[p] / p + 1;
      if (repeats >= 3 && repeats * p >= kMinTailWords) return loop_at(words, size - z[p] - p, size, p);
    }
  }
  return std::nullopt;
}

std::vector<Loop> find_loops(const Words& words) {
  std::vector<Slot> room;
  return loops_in(words, room);
}

Repetitions repetitions_of(const Words& words) {
  std::vector<Slot> room;
  Repetitions out;
  out.of_3 = repetition_in(words, 3, room);
  out.of_20 = repetition_in(words, 20, room);
  out.tail = tail_loop(words);
  out.loops = loops_in(words, room);
  return out;
}

}  // namespace assay::trace
