// Finds the sample that a recorded prompt is about: by its key, or by its question within the prompt.
//
// Cost: a few words of memory a sample; a look-up is linear in the prompt, whatever the number of samples.
// Hashes only propose; every match is checked against the sample's own text.
// Threads: const after build(), used concurrently.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/api/task.h"

namespace assay {

// Runs of white space become one space; none at the ends.
std::string collapse_space(std::string_view text);

class QuestionIndex {
 public:
  // Reads every sample once. `set` must outlive the index.
  static Result<QuestionIndex> build(const SampleSet& set);

  std::optional<std::uint64_t> by_key(const std::string& key) const;

  // The samples whose question is the longest that stands in `prompt`, in order of index; several only where
  // samples ask the same. `question` is what the caller takes the question to be, tried first. Questions
  // shorter than kWindow bytes are only found as the whole of `question`.
  std::vector<std::uint64_t> by_question(std::string_view question, std::string_view prompt) const;

  // Does `prompt` hold this sample's question? True where either is empty: then there is nothing to compare.
  bool agrees(const Sample& sample, std::string_view prompt) const;

  static constexpr std::size_t kWindow = 24;  // bytes of a question's beginning that are looked for

 private:
  explicit QuestionIndex(const SampleSet& set) : set_(&set) {}
  std::vector<std::uint64_t> verified(const std::vector<std::uint64_t>& found, std::string_view text) const;

  const SampleSet* set_;
  std::unordered_map<std::string, std::uint64_t> keys_;
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> questions_;  // by hash of the whole question
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> lengths_;      // by hash of the first kWindow bytes
};

}  // namespace assay
