// BatchBackend: requests handed in together, answered within hours at a lower price, and collected later,
// maybe by another process. The provider keeps the work; we keep its id.
//
// Order: submit() gives an id that the caller stores before anything else; poll() any number of times;
//   collect() once the state is `ended`, again after a crash: it gives the same results.
// Threads: any; every method blocks its caller for the time of its HTTP requests, and none runs on the
//   HTTP client's own thread.
// Errors: as in harness/api/backend.h; submit() with Code::unavailable may have reached the server: list()
//   then tells, by `tag`, whether the batch exists, so that nothing is paid for twice. Providers that store no tag
//   (Anthropic) leave it empty there: such a batch is known by its time of creation and its number of items.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/api/backend.h"

namespace assay {

// One request of a batch. `custom_id` is ours, unique in the batch, and comes back with the result.
struct BatchItem {
  std::string custom_id;  // [A-Za-z0-9_-]{1,64}
  Request request;        // choices, id and deadline are ignored: one choice each
};

enum class BatchState : std::uint8_t { working = 1, ended = 2, failed = 3, expired = 4, cancelled = 5 };

struct BatchStatus {
  std::string batch_id;   // the provider's
  std::string tag;        // ours, as given to submit()
  BatchState state = BatchState::working;
  std::uint64_t total = 0, succeeded = 0, failed = 0;
  std::string message;    // the provider's word on a failure; untrusted
  std::int64_t created = 0;  // unix seconds by the provider's clock; 0: unknown
};

struct BatchLimits {
  std::uint64_t max_items = 0;
  std::uint64_t max_bytes = 0;  // of the whole input
};

class BatchBackend {
 public:
  virtual ~BatchBackend() = default;
  virtual BatchLimits limits() const = 0;
  // `tag` is stored with the batch at the provider where it can be (metadata).
  virtual Result<BatchStatus> submit(const std::string& tag, std::span<const BatchItem> items) = 0;
  virtual Result<BatchStatus> poll(const std::string& batch_id) = 0;
  // The provider's batches with tags, newest first, as far back as it lists them.
  virtual Result<std::vector<BatchStatus>> list() = 0;
  // Calls `each` for every result that there is, in the provider's order; items without one (expired,
  // cancelled) are not called.
  using Each = std::function<void(const std::string& custom_id, BackendReply reply)>;
  virtual Result<void> collect(const std::string& batch_id, const Each& each) = 0;
  virtual Result<void> cancel(const std::string& batch_id) = 0;
};

}  // namespace assay
