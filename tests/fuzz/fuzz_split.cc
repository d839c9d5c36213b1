// split() over any bytes, every finish reason, and with or without a separate field: it never crashes,
// invents
// nothing, and an answer is never part of an unclosed trace.
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/check.h"
#include "harness/text/trace_split.h"

namespace assay {
namespace {

void run(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  Response r;
  r.finish = static_cast<FinishReason>(1 + data[0] % 7);
  r.reasoning_kind = static_cast<TraceKind>(2 + (data[0] / 7) % 4);
  SplitOptions options;
  options.opens_think = (data[1] & 1) != 0;
  if ((data[1] & 2) != 0)
    options.think_tags = {"<|begin_of_thought|>...<|end_of_thought|>", "reasoning", "`...``"};
  if ((data[1] & 4) != 0) r.usage.reasoning = 7;
  if ((data[1] & 8) != 0) {
    r.reasoning = std::string(bytes.substr(0, bytes.size() / 2));
    r.text = std::string(bytes.substr(bytes.size() / 2));
  } else {
    r.text = std::string(bytes);
  }
  const Split s = split(r, options);
  CHECK_THAT_HOLDS(r.text.find(s.answer) != std::string::npos, "the answer is part of the text");
  const bool in_text = r.text.find(s.trace) != std::string::npos;
  CHECK_THAT_HOLDS(in_text || (r.reasoning && s.trace == *r.reasoning), "the trace is part of the response");
  CHECK_THAT_HOLDS(s.trace.size() + s.answer.size() <= bytes.size() || r.reasoning,
                   "trace and answer do not overlap");
  const bool blank = s.answer.find_first_not_of(" \t\r\n\f\v") == std::string::npos;
  if (s.verdict == SplitVerdict::truncated_in_trace || s.verdict == SplitVerdict::empty_answer) {
    CHECK_THAT_HOLDS(blank, "a response without an answer has none");
  }
  if (s.verdict == SplitVerdict::closed || s.verdict == SplitVerdict::orphan_close) {
    CHECK_THAT_HOLDS(!blank, "a closed trace with an answer has one");
  }
  parse_think_tag(bytes.substr(0, 64)).ok();
}

}  // namespace
}  // namespace assay

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  assay::run(data, size);
  return 0;
}
