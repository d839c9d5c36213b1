// What is kept of a call. Internal to harness/run; for call.cc and call_keep.cc.
#pragma once

#include "harness/run/call.h"

namespace assay {

// Of the account, whatever the request was.
inline bool is_refusal(int http_status) { return http_status == 401 || http_status == 402 || http_status == 403; }

// Commits an earlier run's response as this wish's, and hands it over.
void keep_cached(Session& session, Call::Wish wish, Response response);

}  // namespace assay
