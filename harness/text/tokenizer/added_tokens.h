// Added tokens ("<think>", "<|im_end|>"): found in a text before the model sees it, the leftmost first, of
// those that start at one place the longest.
//
// Threads: const once built. Time is linear in the text times the length of the longest token, at most
// kMaxBytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/text/tokenizer.h"

namespace assay {

struct AddedToken {
  static constexpr std::size_t kMaxBytes = 1024;
  std::string content;
  TokenId id = -1;
  bool single_word = false;  // only where no word character stands before or after it
  bool lstrip = false;       // takes the white space on its left with it
  bool rstrip = false;
  bool normalized = false;  // is looked for in the normalised text
  bool special = false;
};

class AddedTokenFinder {
 public:
  AddedTokenFinder() { root_.fill(-1); }
  // A second token of one content is not looked for. REQUIRES: content of 1 to kMaxBytes bytes.
  void add(AddedToken token);
  bool empty() const { return tokens_.empty(); }

  struct Part {
    std::size_t begin = 0;
    std::size_t end = 0;
    TokenId id = -1;  // -1: text between added tokens, never empty
  };
  void split(std::string_view text, std::vector<Part>& out) const;

 private:
  struct Node {  // of a trie over bytes; the children of a node are a list
    std::int32_t child = -1;
    std::int32_t sibling = -1;
    std::int32_t token = -1;
    unsigned char byte = 0;
  };
  std::int32_t child_of(std::int32_t node, unsigned char byte) const;
  // Index of the longest token at `at`, or -1.
  std::int32_t longest_at(std::string_view text, std::size_t at) const;

  std::vector<AddedToken> tokens_;
  std::vector<Node> nodes_;
  std::array<std::int32_t, 256> root_{};
};

}  // namespace assay
