// Cuts a template into text and tokens. White space control, trim_blocks and lstrip_blocks, comments and raw
// blocks end here: the parser sees only what is left.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/text/jinja/machine.h"

namespace assay::jinja {

enum class TokenKind {
  text,
  print_begin,
  print_end,
  block_begin,
  block_end,
  name,
  string,
  integer,
  real,
  sign,
  end
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;  // of a string: its value; of a sign: "==" and the like
  Position at;
};

// The last token is always `end`.
Result<std::vector<Token>> lex(std::string_view source);

}  // namespace assay::jinja
