// Words that the generated puzzles are about. Changing or reordering a list changes samples: raise
// the versions of the families that use it.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/rng.h"

namespace assay::procedural {

inline constexpr std::array<std::string_view, 40> kNames = {
    "Ada",   "Ben",   "Cleo",  "Dan",   "Elsa",  "Finn",  "Gita",  "Hugo",  "Ines",  "Jon",
    "Kira",  "Liam",  "Maya",  "Nils",  "Olga",  "Paul",  "Quinn", "Rosa",  "Sam",   "Tess",
    "Uma",   "Vera",  "Will",  "Xena",  "Yara",  "Zoe",   "Amir",  "Bela",  "Carl",  "Dora",
    "Emil",  "Faye",  "Gus",   "Hana",  "Ivan",  "Jade",  "Kofi",  "Lena",  "Milo",  "Nora"};

// `count` different words of `from`, in random order. REQUIRES: count <= from.size().
template <typename Words>
std::vector<std::string> draw_words(Rng& rng, const Words& from, std::size_t count) {
  std::vector<std::string> all(from.begin(), from.end());
  rng.shuffle(all);
  all.resize(count);
  return all;
}

// "a, b, c" with the given joint.
inline std::string join_words(const std::vector<std::string>& words, std::string_view joint) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += joint;
    out += words[i];
  }
  return out;
}

// "a, b and c"
inline std::string enumerate_words(const std::vector<std::string>& words) {
  if (words.size() < 2) return join_words(words, "");
  const std::vector<std::string> head(words.begin(), words.end() - 1);
  return join_words(head, ", ") + " and " + words.back();
}

inline std::string capitalized(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace assay::procedural
