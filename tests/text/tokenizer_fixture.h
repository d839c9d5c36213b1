// Small tokenizer.json files, made in memory.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/json.h"
#include "harness/text/tokenizer/byte_alphabet.h"

namespace assay::test {

// All 256 bytes in their order, then the results of some merges.
inline Json byte_level_json() {
  Json vocabulary = Json::object();
  Json merges = Json::array();
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(static_cast<unsigned char>(byte));
    vocabulary[bytes_to_alphabet(std::string_view(&c, 1))] = byte;
  }
  const std::vector<std::pair<std::string, std::string>> pairs = {{"h", "e"},    {"l", "l"},     {"he", "ll"},
                                                                  {"hell", "o"}, {" ", "hello"}, {"a", "a"},
                                                                  {"aa", "aa"},  {"1", "2"},     {" ", " "}};
  for (const auto& [left, right] : pairs) {
    vocabulary[bytes_to_alphabet(left + right)] = vocabulary.size();
    merges.push_back(bytes_to_alphabet(left) + " " + bytes_to_alphabet(right));
  }
  return {{"version", "1.0"},
          {"added_tokens", Json::array()},
          {"normalizer", nullptr},
          {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}}},
          {"post_processor", nullptr},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", merges}}}};
}

inline Json added_token(int id, const std::string& content, const std::vector<std::string>& flags) {
  Json token = {{"id", id}, {"content", content}};
  for (const char* flag : {"special", "single_word", "lstrip", "rstrip", "normalized"}) token[flag] = false;
  for (const std::string& flag : flags) token[flag] = true;
  return token;
}

// Llama 2's kind: bytes, a few letters, and merges over U+2581.
inline Json sentencepiece_json() {
  Json vocabulary = {{"<unk>", 0}, {"<s>", 1}, {"</s>", 2}};
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (int byte = 0; byte < 256; ++byte) {
    vocabulary[std::string("<0x") + kDigits[byte / 16] + kDigits[byte % 16] + ">"] = 3 + byte;
  }
  Json merges = Json::array();
  const std::string mark = "\u2581";
  for (const std::string& letter : {mark, std::string("a"), std::string("b"), std::string("\u00E9")}) {
    vocabulary[letter] = vocabulary.size();
  }
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"a", "b"}, {mark, "ab"}, {mark, mark}, {mark, "a"}};
  for (const auto& [left, right] : pairs) {
    vocabulary[left + right] = vocabulary.size();
    merges.push_back({left, right});
  }
  const Json replace = {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", mark}};
  const Json back = {{"type", "Replace"}, {"pattern", {{"String", mark}}}, {"content", " "}};
  return {{"added_tokens", {added_token(1, "<s>", {"special"}), added_token(2, "</s>", {"special"})}},
          {"normalizer",
           {{"type", "Sequence"}, {"normalizers", {{{"type", "Prepend"}, {"prepend", mark}}, replace}}}},
          {"pre_tokenizer", nullptr},
          {"decoder",
           {{"type", "Sequence"},
            {"decoders",
             {back,
              {{"type", "ByteFallback"}},
              {{"type", "Fuse"}},
              {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}}}}},
          {"model",
           {{"type", "BPE"},
            {"unk_token", "<unk>"},
            {"fuse_unk", true},
            {"byte_fallback", true},
            {"vocab", vocabulary},
            {"merges", merges}}}};
}

}  // namespace assay::test
