// A short answer with a clause behind it: "Yes, it is plausible.", "Alice because she is tall". Part of exact.
//
// Fails closed: a list ("Alice, Bob") and an answer with its opposite behind it ("Yes. Or no.") have none.
// Pure; linear in the text; threads: any.
#pragma once

#include <string_view>

namespace assay::answer {

// One word or number of at most 24 bytes, and nothing else.
bool is_short(std::string_view text);

// The short answer that the text is, or begins with when a comma, a full stop or "because" follows and
// the rest explains it; Markdown and a full stop around it are no part. Empty where there is none. The
// result points into `text`.
std::string_view short_answer(std::string_view text);

}  // namespace assay::answer
