// What the engine adds to a scorer's verdict. Pure; any thread.
#pragma once

#include <string>

#include "harness/api/scorer.h"

namespace assay {

// The score as it is kept. A correct, partial or unscored verdict stays what it is; an `incorrect` or
// `no_answer` becomes
//   refused    when the server named a refusal or its content filter stopped the model, else
//   truncated  when the response was cut by a token limit or a deadline, by its finish reason or by its
//   split.
// Bounds and texts are made sound: value in [0, 1] and fitting the outcome, `extracted` of at most
// kMaxExtracted bytes, a span within the answer.
Score adjusted(Score score, const Response& response);

// An unscored verdict with its reason.
Score unscored(std::string reason);

}  // namespace assay
