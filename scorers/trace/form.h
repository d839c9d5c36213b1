// The form of a response: its think block, the format rewards of the field, and whether it was cut.
//
// format_strict and tag_count are open-r1's: the whole is <think>\n...\n</think>\n<answer>\n...\n</answer>; a
// quarter for exactly one each of "<think>\n", "\n</think>\n", "\n<answer>\n" and "\n</answer>".
//
// Pure; linear. Threads: any.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "harness/api/response.h"

namespace assay::trace {

enum class Cut : std::uint8_t {
  none = 1,
  length,     // the server said so
  no_close,   // the think block is not closed
  no_answer,  // nothing follows it
  box,        // within \boxed{
  math,       // within mathematics
  fence,      // within a code fence
  json,       // within an object that the text starts
  sentence,   // within a word or sentence
};

const char* name(Cut cut);

struct Form {
  bool tagged = false;  // has a think tag; else only `cut` is known
  bool closed = false;  // one opening tag, one closing tag, in this order
  bool empty = false;   // nothing in the block
  bool nested = false;
  std::size_t blocks = 0;  // opening tags
  bool text_before = false;
  bool answer_empty = false;
  bool format_strict = false;
  double tag_count = 0;
  Span trace;   // within the block, or the whole text
  Span answer;  // behind it; empty where there is none
  Cut cut = Cut::none;
  std::size_t cut_at = 0;  // where what is not closed was opened, or the end of the text
};

struct FormOptions {
  bool opens_think = false;  // the prompt opened the block
  bool cut_by_length = false;
  bool has_answer = false;  // the answer stands elsewhere
};

Form form_of(std::string_view response, const FormOptions& options);

}  // namespace assay::trace
