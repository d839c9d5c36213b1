// The words and signs of a text that may hold arithmetic, in plain text and LaTeX.
//
// Pure; linear. Threads: any.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace assay::trace {

enum class Tok : std::uint8_t {
  number = 1,
  op,    // sign: + - * / ^
  open,  // ( [ {
  close,
  fraction,  // \frac
  binomial,  // \binom
  root,      // \sqrt
  pi,
  percent,
  factorial,
  power,  // a superscript: its digits are the token's text
  word,   // letters; a unit, a variable or prose
  equals,
  approx,
  congruent,
  modulo,   // "mod"
  unknown,  // mathematics that is not read: \sin, an ellipsis, a subscript
  line,     // the end of a line, or \\ in an array
  stop,     // punctuation or a sign that parts clauses
};

struct Token {
  Tok kind = Tok::stop;
  char sign = 0;        // of op: + - * / ^; of open and close: ( or {
  bool math = false;    // of word: a variable of mathematics, not prose
  bool money = false;   // of number: a sign of money stands before it
  bool spaced = false;  // white space before it
  bool rough = false;   // of number: digits go on ("0.333...")
  std::uint8_t decimals = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// REQUIRES: text.size() < 2^32.
std::vector<Token> lex_claims(std::string_view text);

}  // namespace assay::trace
