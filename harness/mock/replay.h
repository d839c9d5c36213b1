// Recorded answers: JSON Lines, plain or gzip. A row's answer stands in `text` (or `output`, `response`), `reasoning`
// (or `reasoning_content`), `refusal`, `finish` (or `finish_reason`) and `usage` (as a chat completion's), as the
// replay backend reads them. What it answers:
//   `prompt`         the text of a request's last message, exactly
//   `messages`       likewise, its last message's text
//   `prompt_sha256`  the same as a digest
//   none of these    any request whose prompt no row names, in the order of the file, and from its start again
// Rows of one prompt are given in turn: the n-th request for it gets the n-th.
//
// Const after load(): any thread. Errors: Code::invalid, "file:line: what is wrong".
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/mock/planned.h"

namespace assay::mock {

struct Recorded {
  Choice choice;
  std::optional<std::int64_t> input_tokens;
  std::optional<std::int64_t> output_tokens;
  std::optional<std::int64_t> reasoning_tokens;
};

class Replay {
 public:
  static Result<Replay> load(const std::filesystem::path& path);

  // `turn` counts the requests for this prompt, `any_turn` those that no row names. Null: there is no answer.
  const Recorded* find(std::string_view prompt, std::uint64_t turn, std::uint64_t any_turn) const;
  bool names(std::string_view prompt) const;

 private:
  Result<void> take(const Json& row);

  std::map<Digest, std::vector<Recorded>> by_prompt_;
  std::vector<Recorded> any_;
};

}  // namespace assay::mock
