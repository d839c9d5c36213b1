// RemoteBackend: a model behind a server's API, in whatever dialect: connections, replicas, deadlines,
// cancelling, redaction, timing, rate limits and the record of what was said.
//
//   return make_remote(std::move(settings), make_chat_dialect(form));
//
// A request goes to the replica with the fewest in flight; the epochs of a sample stay on one (replicas.h).
// Error messages begin with "id: https://host: ".
#pragma once

#include <memory>

#include "backends/remote/dialect.h"
#include "backends/remote/remote_settings.h"
#include "harness/api/batch.h"

namespace assay {

// `batch`, where there is one, is what Backend::batches() gives.
std::unique_ptr<Backend> make_remote(RemoteSettings settings, std::unique_ptr<Dialect> dialect,
                                     std::unique_ptr<BatchBackend> batch = nullptr);

}  // namespace assay
