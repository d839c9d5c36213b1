// Reads rows that the ZeroEval harness recorded: one JSON object a line, with
//   id            a string or an integer
//   chat_history  the prompt, as the last string of a list
//   output        a list with one string: what the model sent back
//   answer        the expected answer, for some tasks ("# 18")
//   generator, configs and anything else, which is kept
// The prompt asks for a JSON object with `reasoning` and `answer`; models damage it in many ways.
//
// Threads: any; pure functions. Errors: only a line that is not such a row is one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay {

// Which rule found the answer in an output.
enum class AnswerRule : std::uint8_t {
  none,           // there is none
  json,           // the output, or what a fence or its outer braces hold, is valid JSON
  repaired_json,  // an object with damage inside its strings or between its fields
  field_scan,     // an `answer` field without the rest of an object, or a \boxed{} in prose
  whole_text,     // no JSON was attempted: the text itself is the answer
};
std::string_view name(AnswerRule);

struct ZeroEvalOutput {
  std::optional<std::string> reasoning;  // nullopt where there is none
  // Strings decoded, with LaTeX that JSON escapes had swallowed put back ("\frac"); numbers, arrays
  // and objects as the model wrote them.
  std::optional<std::string> answer;
  AnswerRule rule = AnswerRule::none;
  bool cut = false;  // the object that was begun does not end
};

// Total and linear: any bytes, any length.
ZeroEvalOutput read_zeroeval_output(std::string_view output);

struct ZeroEvalRow {
  std::string id;                   // as text; empty when the row has none
  std::string prompt;               // last entry of chat_history
  std::string question;             // what stands between the prompt's headings; the prompt if it has none
  std::string output;
  std::optional<std::string> gold;  // without the leading "# " of GSM8K
  Json others = Json::object();     // every other field, as it was
};

// Error: Code::invalid saying what is missing; no file and line, which the caller knows.
Result<ZeroEvalRow> read_zeroeval_row(std::string_view line);

// The id of a row that is otherwise bad, as far as there is one.
std::string zeroeval_row_id(std::string_view line);

}  // namespace assay
