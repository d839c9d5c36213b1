// OpenAI's Batch API, for chat completions and responses alike, and what speaks the same
// (platform.openai.com/docs/guides/batch, .../api-reference/batch, .../api-reference/files).
//
// The requests are a file that is uploaded first; the batch then names it, with the tag in its metadata.
// Between the two only a file is left behind by a crash, and nothing is billed.
#pragma once

#include <memory>

#include "backends/remote/batch_transfer.h"

namespace assay {

std::unique_ptr<BatchBackend> make_openai_batches(RemoteSettings settings, std::unique_ptr<Dialect> dialect);

}  // namespace assay
