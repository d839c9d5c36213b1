// Reading prose word by word: what the verifiers share.
//
// Tokens are lower-case words (letters and digits with inner apostrophes), numbers, and symbols of one
// character; an arrow of any kind is "->", curly quotes are straight. A hyphen between letters parts two
// words and is no token. Threads: plain values. Bounds: linear.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::verify {

inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string lowered(std::string_view text);  // ASCII letters only
std::string_view trimmed(std::string_view text);
bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words);

struct Token {
  enum class Kind : std::uint8_t { word, number, symbol };
  Kind kind = Kind::word;
  std::string_view text;
  std::size_t begin = 0;  // bytes of the text that was split
  std::size_t end = 0;
  bool is(std::string_view other) const { return text == other; }
  bool is_word() const { return kind == Kind::word; }
};

class Tokens {
 public:
  explicit Tokens(std::string_view text);
  Tokens(const Tokens&) = delete;
  Tokens& operator=(const Tokens&) = delete;

  std::size_t size() const { return tokens_.size(); }
  const Token& operator[](std::size_t i) const { return tokens_[i]; }
  // The text of token i; empty past the end.
  std::string_view at(std::size_t i) const {
    return i < tokens_.size() ? tokens_[i].text : std::string_view();
  }
  // Do the tokens from i on read as `words`, in this order?
  bool reads(std::size_t i, std::initializer_list<std::string_view> words) const;

 private:
  std::string low_;
  std::vector<Token> tokens_;
};

// "first", "1st", "third" ... -> 1, 1, 3; up to "twentieth". nullopt for any other word.
std::optional<int> ordinal(std::string_view word);
// "two", "2" -> 2; up to twenty in words.
std::optional<int> cardinal(std::string_view word);

// What comes after the last "answer is" or "answer:" in `text`, up to the end of the line; nullopt without
// one.
struct AnswerPart {
  std::size_t begin = 0;
  std::string_view text;
};
std::optional<AnswerPart> stated_answer(std::string_view text);
// The letter of an option, from "(C)", "C", "option c"; 'A'..'Z'.
std::optional<char> option_letter(std::string_view answer);

}  // namespace assay::verify
