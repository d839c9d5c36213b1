// What the tests of the procedural families share.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tasks/procedural/procedural.h"
#include "tests/support/catch.h"

namespace assay::testing {

inline std::unique_ptr<SampleSet> open_family(const std::string& id, const TaskContext& context) {
  for (const TaskEntry& entry : procedural_tasks()) {
    if (entry.id != id) continue;
    auto task = entry.make();
    REQUIRE(task);
    auto set = (*task)->open(context);
    REQUIRE(set);
    return *std::move(set);
  }
  FAIL("no family " << id);
  return nullptr;
}

inline std::vector<Sample> samples_of(const std::string& id, int level, std::uint64_t count, std::uint64_t seed = 11) {
  TaskContext context;
  context.seed = seed;
  context.limit = count;
  context.options["level"] = level;
  const auto set = open_family(id, context);
  std::vector<Sample> out;
  for (std::uint64_t i = 0; i < set->size(); ++i) {
    auto sample = set->at(i);
    REQUIRE(sample);
    out.push_back(*std::move(sample));
  }
  return out;
}

inline std::vector<std::string> split_text(const std::string& text, const std::string& by) {
  std::vector<std::string> out;
  std::size_t from = 0;
  for (std::size_t at = text.find(by); at != std::string::npos; at = text.find(by, from)) {
    out.push_back(text.substr(from, at - from));
    from = at + by.size();
  }
  out.push_back(text.substr(from));
  return out;
}

inline bool has_text(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// "a, b and c"
inline std::vector<std::string> split_names(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string& part : split_text(text, ", ")) {
    for (const std::string& name : split_text(part, " and ")) out.push_back(name);
  }
  return out;
}

// What stands between two texts. REQUIRES: both are there.
inline std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const std::size_t from = text.find(before);
  if (from == std::string::npos) return "";
  const std::size_t start = from + before.size();
  return text.substr(start, text.find(after, start) - start);
}

// Whole numbers in a text, in order; a "-" right before a digit is its sign.
inline std::vector<std::int64_t> numbers_in(const std::string& text) {
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] < '0' || text[i] > '9') {
      ++i;
      continue;
    }
    std::int64_t n = 0;
    const bool negative = i > 0 && text[i - 1] == '-';
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) n = n * 10 + (text[i] - '0');
    out.push_back(negative ? -n : n);
  }
  return out;
}

}  // namespace assay::testing
