#include "scorers/answer/verdict.h"

#include "harness/base/digest.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay::answer {
namespace {
constexpr std::size_t kMaxClass = 256;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kColumns = 80;
  // Cut before the escapes are written, so that a megabyte is not escaped for eighty columns.
  return format("'{}'", fit_columns(printable(truncate_utf8(text, 8 * kColumns)), kColumns));
}

Score compared(const Reading& reading, std::string_view target, bool equal) {
  Score s;
  s.outcome = equal ? Outcome::correct : Outcome::incorrect;
  s.value = equal ? 1 : 0;
  s.extracted = std::string(truncate_utf8(reading.found.text, kMaxExtracted));
  s.span = reading.found.span;
  s.rule = reading.found.rule;
  // A digest tells long answers apart as well, and is all that a vote needs.
  const bool is_short = reading.answer_class.size() <= kMaxClass;
  s.answer_class = is_short ? reading.answer_class : format("sha256:{}", sha256(reading.answer_class).hex());
  s.explanation = format("extracted {} ({}); target {}: {}", shown(reading.found.text), reading.found.rule,
                         shown(target), equal ? "equal" : "not equal");
  return s;
}

Score no_answer(std::string_view why) {
  Score s;
  s.outcome = Outcome::no_answer;
  s.explanation = std::string(why);
  return s;
}

Score unscored(std::string_view why) {
  Score s;
  s.outcome = Outcome::unscored;
  s.explanation = std::string(why);
  return s;
}

}  // namespace assay::answer
