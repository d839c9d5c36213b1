#include "scorers/trace/words.h"

#include <algorithm>

namespace assay::trace {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Words seen so far: open addressing, doubled when half full.
class Vocabulary {
 public:
  Vocabulary(std::string_view text, const Words& words) : text_(text), words_(words), slots_(1024) {}

  std::uint32_t id(std::uint64_t hash, std::uint32_t begin, std::uint32_t end, std::size_t index) {
    if (count_ * 2 >= slots_.size()) grow();
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[at];
      if (slot.id == kFree) {
        slot = {hash, static_cast<std::uint32_t>(index), count_};
        return count_++;
      }
      if (static_cast<std::uint32_t>(slot.hash >> 32) == tag && equal(slot.word, begin, end)) return slot.id;
    }
  }
  std::uint32_t count() const { return count_; }

 private:
  static constexpr std::uint32_t kFree = 0xFFFFFFFF;
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t word = 0;
    std::uint32_t id = kFree;
  };

  bool equal(std::uint32_t word, std::uint32_t begin, std::uint32_t end) const {
    const std::uint32_t other = words_.begin[word];
    if (words_.end[word] - other != end - begin) return false;
    for (std::uint32_t i = 0; i < end - begin; ++i) {
      if (lower(text_[other + i]) != lower(text_[begin + i])) return false;
    }
    return true;
  }

  void grow() {
    std::vector<Slot> bigger(slots_.size() * 2);
    for (const Slot& slot : slots_) {
      if (slot.id == kFree) continue;
      std::size_t at = slot.hash & (bigger.size() - 1);
      while (bigger[at].id != kFree) at = (at + 1) & (bigger.size() - 1);
      bigger[at] = slot;
    }
    slots_ = std::move(bigger);
  }

  std::string_view text_;
  const Words& words_;
  std::vector<Slot> slots_;
  std::uint32_t count_ = 0;
};

}  // namespace

std::size_t Words::count_until(std::size_t at) const {
  return static_cast<std::size_t>(std::upper_bound(end.begin(), end.end(), at) - end.begin());
}

Words split_words(std::string_view text) {
  Words out;
  Vocabulary vocabulary(text, out);
  const std::size_t guess = text.size() / 6 + 1;
  out.ids.reserve(guess);
  out.begin.reserve(guess);
  out.end.reserve(guess);
  for (std::size_t at = 0; at < text.size();) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    std::uint64_t hash = 0x9E3779B97F4A7C15;
    for (; at < text.size() && !is_space(text[at]); ++at) {
      hash = (hash ^ static_cast<unsigned char>(lower(text[at]))) * 0x100000001B3;
    }
    hash ^= hash >> 29;
    hash *= 0xBF58476D1CE4E5B9;
    hash ^= hash >> 32;
    const auto b = static_cast<std::uint32_t>(begin);
    const auto e = static_cast<std::uint32_t>(at);
    out.begin.push_back(b);
    out.end.push_back(e);
    out.ids.push_back(vocabulary.id(hash, b, e, out.begin.size() - 1));
  }
  out.distinct = vocabulary.count();
  return out;
}

}  // namespace assay::trace
