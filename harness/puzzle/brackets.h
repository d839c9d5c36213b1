// A stack of brackets: what is open after some text, and what would close it.
//
// Four kinds: ( ), [ ], { }, < >. Threads: plain value. Memory: one byte an open bracket.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay::puzzle {

class BracketStack {
 public:
  // Opens or closes. False, with nothing changed, when `c` is no bracket or closes what is not the
  // innermost open one.
  bool feed(char c);
  // Feeds every character but spaces; stops at the first that does not fit and gives its byte offset.
  std::optional<std::size_t> feed_all(std::string_view text);

  bool balanced() const { return open_.empty(); }
  std::string_view open() const { return open_; }  // outermost first
  std::string closing() const;                     // what balances it, innermost first

 private:
  std::string open_;
};

// The bracket that closes `open`, or 0 when `open` opens nothing.
char closing_of(char open);

}  // namespace assay::puzzle
