// split(): separates what a reasoning model thought from what it answered.
//
// Pure and total: any bytes, any combination of fields; linear in the text. Threads: any.
// The evidence is looked at in this order (docs/design.md section 3):
//
// 1. The server's own reasoning field, when it holds text or Response::reasoning_kind is `encrypted` or
//    `hidden`. The trace is that field. Tags in the content are still taken out of the answer.
// 2. Tags in the content, in any case of letters. `<think>` and `<thinking>` always; further ones when the
//    model's entry names them; `<reasoning>` and `<thought>`, which are plausible parts of an answer, also
//    when the content starts with one. A tag is not a tag where it is quoted: in a closed code fence, in
//    a code span on one line, or directly in quotation marks. The *last* closing tag ends the trace and the
//    first opening one starts it, so that nested, repeated and literally mentioned tags stay in the trace;
//    text in front of the first opening tag belongs to neither. A closing tag that is only found quoted
//    counts when a trace is known to be open and there is no better one. Tags that end the text, with nothing
//    behind and between them, are stray when all blocks before them are closed and followed by text: they
//    end no trace and start none, so that "<think>..</think>ANS</think>" answers ANS.
// 3. The finish reason. `length`, `deadline` and `cancelled` are cuts. An opening tag that is never closed
//    leaves no answer: truncated_in_trace on a cut or an unknown finish (models close their traces before
//    they stop), empty_answer when the model stopped by itself. So does the text of a model whose prompt
//    opens the trace (SplitOptions::opens_think) when it never closes it. Unless the response is known to be
//    cut, an unclosed opening tag in the middle of a line is a mention, not a trace: a server that gives no
//    finish reason must not cost the answer around a mention.
// 4. A count of reasoning tokens with nothing to show for them: trace kind `hidden`.
//
// After tags, the answer starts behind blank lines (its own indentation is kept) and ends before trailing
// white space; without tags it is the content byte for byte. An empty trace in tags has TraceKind::none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/api/response.h"
#include "harness/base/result.h"

namespace assay {

struct SplitOptions {
  // As in BackendInfo::think_tags: a name ("reasoning" is <reasoning>...</reasoning>), or both tags with an
  // ellipsis between ("<|begin_of_thought|>…<|end_of_thought|>", the ellipsis being U+2026 or three dots).
  std::vector<std::string> think_tags;
  bool opens_think = false;  // the prompt ends in an opening tag
};

struct ThinkTag {
  std::string open;  // lower case
  std::string close;
};

// Reads one entry of think_tags. Error: Code::invalid, for the reader of a model entry. split() itself
// passes over entries that do not parse.
Result<ThinkTag> parse_think_tag(std::string_view entry);

Split split(const Response& response, const SplitOptions& options);

}  // namespace assay
