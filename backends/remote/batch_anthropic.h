// Anthropic's Message Batches (platform.claude.com/docs/en/build-with-claude/batch-processing,
// .../api/creating-message- batches).
//
// The API keeps no tag: list() leaves it empty, and a batch whose id was lost is known by when it was created
// and how many items it has (BatchStatus::created and ::total), then by the custom ids of its results.
#pragma once

#include <memory>

#include "backends/remote/batch_transfer.h"

namespace assay {

// `headers`: of the API's version.
std::unique_ptr<BatchBackend> make_anthropic_batches(RemoteSettings settings,
                                                     std::unique_ptr<Dialect> dialect,
                                                     HttpHeaderList headers);

}  // namespace assay
