#include "tests/backends/local/tiny_tokenizer.h"

#include "harness/base/check.h"
#include "harness/base/utf8.h"

namespace assay::test {
namespace {

// GPT-2's alphabet: bytes that print stand for themselves, the others for U+0100 and on.
std::string letter_of(int byte) {
  int next = 256;
  char32_t value = 0;
  for (int b = 0; b <= byte; ++b) {
    const bool prints = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
    value = static_cast<char32_t>(prints ? b : next++);
  }
  std::string out;
  append_utf8(out, value);
  return out;
}

}  // namespace

Vocabulary tiny_vocabulary() {
  Vocabulary out;
  out.tokens = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
  for (int b = 0; b < 256; ++b) out.tokens.push_back(letter_of(b));
  out.types.assign(out.tokens.size(), Vocabulary::Type::normal);
  for (std::size_t i = 0; i < 3; ++i) out.types[i] = Vocabulary::Type::control;
  const std::string space = letter_of(' ');
  out.merges = {{"h", "e"}, {"i", "n"},   {space, "t"},        {"e", "r"},
                {"l", "l"}, {"he", "ll"}, {space + "t", "he"}, {"hell", "o"}};
  for (const auto& merge : out.merges) {
    out.tokens.push_back(merge.first + merge.second);
    out.types.push_back(Vocabulary::Type::normal);
  }
  CHECK_THAT_HOLDS(out.tokens.size() == kTinyVocabulary, "the size that models count on");
  out.pre_tokenizer = "gpt-2";
  out.bos = kTinyEndOfText;
  out.eos = kTinyEnd;
  out.add_space_prefix = false;
  return out;
}

Json tiny_tokenizer_json() {
  const Vocabulary vocabulary = tiny_vocabulary();
  Json tokens = Json::object();
  Json added = Json::array();
  Json merges = Json::array();
  for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
    tokens[vocabulary.tokens[i]] = i;
    if (vocabulary.types[i] != Vocabulary::Type::control) continue;
    added.push_back({{"id", i}, {"content", vocabulary.tokens[i]}, {"single_word", false}, {"lstrip", false},
                     {"rstrip", false}, {"normalized", false}, {"special", true}});
  }
  for (const auto& merge : vocabulary.merges) merges.push_back(merge.first + " " + merge.second);
  const Json byte_level = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true},
                           {"use_regex", true}};
  const Json model = {{"type", "BPE"},
                      {"dropout", nullptr},
                      {"unk_token", nullptr},
                      {"continuing_subword_prefix", nullptr},
                      {"end_of_word_suffix", nullptr},
                      {"fuse_unk", false},
                      {"byte_fallback", false},
                      {"vocab", tokens},
                      {"merges", merges}};
  return {{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}, {"added_tokens", added},
          {"normalizer", nullptr}, {"pre_tokenizer", byte_level}, {"post_processor", byte_level},
          {"decoder", byte_level}, {"model", model}};
}

std::string tiny_chat_template() {
  return "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + "
         "'<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' "
         "}}{% endif %}";
}

}  // namespace assay::test
