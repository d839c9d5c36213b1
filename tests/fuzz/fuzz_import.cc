// Any bytes are an output with an answer, a reasoning, both or neither, and a row or one line of error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "harness/run/import/tolerant_json.h"
#include "harness/run/import/zeroeval.h"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void check_output(std::string_view text) {
  const assay::ZeroEvalOutput out = assay::read_zeroeval_output(text);
  must(out.answer.has_value() == (out.rule != assay::AnswerRule::none));
  // An escape of n bytes gives at most n bytes; a swallowed command gains one byte a control character.
  if (out.answer) must(out.answer->size() <= 2 * text.size());
  if (out.reasoning && out.reasoning->empty()) must(!text.empty());
  if (out.rule == assay::AnswerRule::whole_text) must(!out.reasoning);
  if (out.rule == assay::AnswerRule::json) must(!out.cut);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_output(text);
  const auto row = assay::read_zeroeval_row(text);
  if (row) {
    must(row->question.size() <= row->prompt.size());
    check_output(row->output);
  } else {
    must(!row.error().message.empty());
  }
  (void)assay::zeroeval_row_id(text);
  (void)assay::restore_latex(std::string(text));
  return 0;
}
