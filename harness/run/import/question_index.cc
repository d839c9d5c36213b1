#include "harness/run/import/question_index.h"

#include <algorithm>

namespace assay {
namespace {

// Polynomial hashing modulo the Mersenne prime 2^61 - 1, so that the hash of any piece of a text comes from
// the hashes of its prefixes (R. M. Karp and M. O. Rabin, "Efficient randomized pattern-matching
// algorithms", 1987).
constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;
constexpr std::uint64_t kBase = 0x1F3D5B79A2C4E681u % kPrime;

__extension__ using Wide = unsigned __int128;

std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  const std::uint64_t sum = static_cast<std::uint64_t>(product & kPrime) + static_cast<std::uint64_t>(product >> 61);
  return sum >= kPrime ? sum - kPrime : sum;
}

class PrefixHashes {
 public:
  explicit PrefixHashes(std::string_view text) : hashes_(text.size() + 1), powers_(text.size() + 1) {
    powers_[0] = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
      powers_[i + 1] = multiply(powers_[i], kBase);
      hashes_[i + 1] = (multiply(hashes_[i], kBase) + static_cast<unsigned char>(text[i]) + 1) % kPrime;
    }
  }
  std::uint64_t of(std::size_t begin, std::size_t length) const {
    const std::uint64_t low = multiply(hashes_[begin], powers_[length]);
    const std::uint64_t high = hashes_[begin + length];
    return high >= low ? high - low : high + kPrime - low;
  }

 private:
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint64_t> powers_;
};

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0;
  for (const char c : text) hash = (multiply(hash, kBase) + static_cast<unsigned char>(c) + 1) % kPrime;
  return hash;
}

// A question and its length have one hash, so that pieces of different lengths do not meet.
std::uint64_t with_length(std::uint64_t hash, std::size_t length) { return hash * 31 + length; }

}  // namespace

std::string collapse_space(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    if (!space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

Result<QuestionIndex> QuestionIndex::build(const SampleSet& set) {
  QuestionIndex index(set);
  for (std::uint64_t i = 0; i < set.size(); ++i) {
    Result<Sample> sample = set.at(i);
    if (!sample) return sample.error();
    index.keys_.emplace(std::move(sample->key), i);
    const std::string question = collapse_space(sample->question);
    if (question.empty()) continue;
    index.questions_[with_length(hash_of(question), question.size())].push_back(i);
    if (question.size() < kWindow) continue;
    std::vector<std::size_t>& lengths = index.lengths_[hash_of(std::string_view(question).substr(0, kWindow))];
    const auto place = std::lower_bound(lengths.begin(), lengths.end(), question.size());
    if (place == lengths.end() || *place != question.size()) lengths.insert(place, question.size());
  }
  return index;
}

std::optional<std::uint64_t> QuestionIndex::by_key(const std::string& key) const {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::uint64_t> QuestionIndex::verified(const std::vector<std::uint64_t>& found,
                                                   std::string_view text) const {
  std::vector<std::uint64_t> out;
  for (const std::uint64_t i : found) {
    const Result<Sample> sample = set_->at(i);
    if (sample && collapse_space(sample->question) == text) out.push_back(i);
  }
  return out;
}

std::vector<std::uint64_t> QuestionIndex::by_question(std::string_view question, std::string_view prompt) const {
  const std::string whole = collapse_space(question);
  if (whole.empty()) return {};
  if (const auto exact = questions_.find(with_length(hash_of(whole), whole.size())); exact != questions_.end()) {
    std::vector<std::uint64_t> out = verified(exact->second, whole);
    if (!out.empty()) return out;
  }
  const std::string text = collapse_space(prompt);
  if (text.size() < kWindow) return {};
  const PrefixHashes hashes(text);
  std::vector<std::uint64_t> best;
  std::size_t best_length = 0;
  for (std::size_t at = 0; at + kWindow <= text.size(); ++at) {
    const auto lengths = lengths_.find(hashes.of(at, kWindow));
    if (lengths == lengths_.end()) continue;
    for (auto length = lengths->second.rbegin(); length != lengths->second.rend(); ++length) {
      if (*length > text.size() - at) continue;
      if (*length <= best_length) break;
      const auto found = questions_.find(with_length(hashes.of(at, *length), *length));
      if (found == questions_.end()) continue;
      std::vector<std::uint64_t> checked = verified(found->second, std::string_view(text).substr(at, *length));
      if (checked.empty()) continue;
      best = std::move(checked);
      best_length = *length;
      break;
    }
  }
  return best;
}

bool QuestionIndex::agrees(const Sample& sample, std::string_view prompt) const {
  const std::string question = collapse_space(sample.question);
  const std::string text = collapse_space(prompt);
  return question.empty() || text.empty() || text.find(question) != std::string::npos;
}

}  // namespace assay
