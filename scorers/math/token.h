// Tokens of mathematics as models write it: LaTeX, plain text and Unicode alike give the same tokens, so that
// the parser knows one notation. This is also where spelling is normalised: thousands separators, damaged
// escapes, doubled backslashes, typographic commands.
//
// Pure; linear in the text; never recursive; at most kMaxTokens tokens. Threads: any.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace assay::math {

enum class Tok : std::uint8_t {
  end,
  number,     // text: digits with a point, "2.5"
  repeating,  // text: "0.1(6)"
  symbol,     // text: a letter or a Greek letter's name
  word,       // text: two or more letters that are no name in mathematics
  func,       // text: a function's name, "sin"
  command,    // text: "frac", "sqrt", "binom", "sum", "prod", "int", "lim", "choose", ...
  accent,     // text: "bar", "hat", "vec", ...: makes a symbol of what follows
  constant,   // text: "pi", "e", "i", "inf", "empty"
  named_set,  // text: "R"
  plus, minus, times, slash, caret, under, bang, percent, degree, prime, comma, semicolon, colon, pm, mp,
  open, close, open_bracket, close_bracket, open_set, close_set, open_brace, close_brace,
  bar, open_bar, close_bar, open_floor, close_floor, open_ceil, close_ceil, open_angle, close_angle,
  relation,   // text: one sign as in Tree
  cup, cap, set_minus, amp, row, begin_env, end_env,  // text of the last two: the environment
  ellipsis, arrow, both,  // both: "and", "or"
  mod, currency,
  skip,       // deleted by the parser
  bad,        // a byte that means nothing in mathematics
};

struct Token {
  Tok type = Tok::end;
  bool space = false;         // white space stands before it
  bool in_text = false;       // within \text{...}
  std::uint32_t begin = 0;    // in the text
  std::uint32_t end = 0;
  std::string_view text;      // points into the text, into `owned`, or at a literal
};

struct Tokens {
  std::vector<Token> all;           // ends with Tok::end
  std::deque<std::string> owned;    // views into it stay valid as it grows
  bool over = false;                // too many tokens
};

Tokens tokenize(std::string_view text);

// What a command is worth, without its backslash; type Tok::bad when it is unknown.
struct Meaning {
  Tok type = Tok::bad;
  std::string_view text;
};
Meaning command_meaning(std::string_view name);
// A run of letters outside LaTeX: "sqrt", "pi", "and"; Tok::bad when it is no such name.
Meaning name_meaning(std::string_view letters);
// A code point outside ASCII.
Meaning unicode_meaning(char32_t c);
// "text", "mathrm", ...: commands whose argument is words.
bool is_text_command(std::string_view name);
// "left", "displaystyle", "quad", ...: white space to the parser.
bool is_layout_command(std::string_view name);
// A three-letter run such as "odd" that is a word and no product; lower case.
bool is_short_word(std::string_view letters);

}  // namespace assay::math
