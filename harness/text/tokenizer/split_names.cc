#include "harness/text/tokenizer/split_names.h"

#include <string>
#include <utility>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

// The range lists of DeepSeek's expressions. The first is every letter that has case, as of Unicode 11.
constexpr const char* kCasedLetters =
    "A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-\u02AF"
    "\u0370-\u0373\u0376\u0377\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03F5"
    "\u03F7-\u0481\u048A-\u052F\u0531-\u0556\u10A0-\u10C5\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA"
    "\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45"
    "\u1F48-\u1F4D\u1F50-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4\u1FB6-\u1FBC\u1FBE"
    "\u1FC2-\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC\u2102"
    "\u2107\u210A-\u2113\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139"
    "\u213C-\u213F\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB-\u2CEE\u2CF2\u2CF3"
    "\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F\uA771-\uA787\uA78B-\uA78E\uAB70-\uABBF\uFB00-\uFB06"
    "\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A\U00010400-\U0001044F\U000104B0-\U000104D3"
    "\U000104D8-\U000104FB\U00010C80-\U00010CB2\U00010CC0-\U00010CF2\U000118A0-\U000118DF"
    "\U0001E900-\U0001E943";
constexpr const char* kAsciiPunctuation = "!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002";
constexpr const char* kHanAndKana = "\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF";
constexpr const char* kHanAndHangul = "\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF";

struct Known {
  Split split;
  std::string regex;
};

const std::vector<Known>& known_regexes() {
  static const std::vector<Known> all = {
      {Split::gpt2, R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"},
      {Split::qwen2, R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
                     R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
      {Split::llama3, R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
                      R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
      {Split::deepseek_v3,
       R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|)"
       R"( ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
      {Split::numbers_to_three, R"(\p{N}{1,3})"},
      {Split::han_and_kana, format("[{}]+", kHanAndKana)},
      {Split::line_breaks, R"([\r\n])"},
      {Split::cased_letters, format("\\s?[{}]+", kCasedLetters)},
      {Split::ascii_punctuation, format("\\s?[{}]+", kAsciiPunctuation)},
      {Split::space_at_end, R"(\s+$)"},
      {Split::han_and_hangul, format("[{}]+", kHanAndHangul)},
      {Split::letters, R"(\s?\p{L}+)"},
      {Split::punctuation, R"(\s?\p{P}+)"},
      {Split::digits_apart, R"(\p{N})"},
      {Split::digit_runs, R"(\p{N}+)"},
  };
  return all;
}

struct Named {
  std::string_view name;
  std::vector<Split> splits;
};

const std::vector<Named>& known_names() {
  static const std::vector<Named> all = {
      {"gpt-2", {Split::gpt2}},
      {"smollm", {Split::digits_apart, Split::gpt2}},
      {"llama-bpe", {Split::llama3}},
      {"llama3", {Split::llama3}},
      {"llama-v3", {Split::llama3}},
      {"qwen2", {Split::qwen2}},
      {"deepseek-r1-qwen", {Split::qwen2}},
      {"deepseek-llm",
       {Split::line_breaks, Split::cased_letters, Split::ascii_punctuation, Split::space_at_end,
        Split::han_and_hangul, Split::digits_apart}},
      {"deepseek-coder",
       {Split::line_breaks, Split::letters, Split::punctuation, Split::han_and_hangul, Split::digits_apart}},
      {"deepseek-v3", {Split::numbers_to_three, Split::han_and_kana, Split::deepseek_v3}},
  };
  return all;
}

}  // namespace

std::string_view ranges_of(Split split) {
  switch (split) {
    case Split::cased_letters:
      return kCasedLetters;
    case Split::ascii_punctuation:
      return kAsciiPunctuation;
    case Split::han_and_kana:
      return kHanAndKana;
    case Split::han_and_hangul:
      return kHanAndHangul;
    default:
      return {};
  }
}

std::optional<Split> split_of_regex(std::string_view regex) {
  // A line break within an expression is written as itself by some files and as \n by others.
  std::string written;
  for (const char c : regex) {
    if (c == '\r' || c == '\n') {
      written += c == '\r' ? "\\r" : "\\n";
    } else {
      written += c;
    }
  }
  for (const Known& known : known_regexes()) {
    if (known.regex == written) return known.split;
  }
  return std::nullopt;
}

Result<std::vector<Split>> splits_of_gguf_name(std::string_view name) {
  std::string names;
  for (const Named& known : known_names()) {
    if (known.name == name) return known.splits;
    if (!names.empty()) names += ", ";
    names += known.name;
  }
  return invalid(format("unknown pre-tokenizer '{}'; known are {}", printable(name.substr(0, 100)), names));
}

}  // namespace assay
