// The canonical digest of a call: what it asks, of whom, and as which of several equal questions it does so.
//
// Two calls with equal digests ask the same thing in the same role, so that one's response may stand for the
// other's in a later run (--cache). Within one run no two calls have equal digests: the model entry, the
// variant, the sample (its identity and occurrence), epoch, step and draw are part of it, so that equal
// questions are never merged. Changing what goes in here makes every cached call unknown; raise
// kCallDigestVersion then. Pure; any thread.
#pragma once

#include <string>

#include "harness/api/backend.h"
#include "harness/base/digest.h"

namespace assay {

inline constexpr int kCallDigestVersion = 2;

struct CallRole {
  std::string model_entry;  // ModelEntry::name
  std::string base_url;
  std::string options;      // ModelEntry::options as canonical JSON: what the backend adds to each request
  std::string variant;
  Digest identity;  // of the sample
  std::uint32_t occurrence = 0;
};

Digest call_digest(const BackendInfo&, const CallRole&, const Request&);

// What the store keeps of the request: messages, sampling and prefix as sent.
Json request_json(const Request&);

}  // namespace assay
