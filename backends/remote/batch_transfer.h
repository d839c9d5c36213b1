// What the batch endpoints of all providers need of HTTP: calls that block, results that may be larger than
// memory, and replies made of single lines.
//
// Threads: any; every call blocks its caller, and callbacks run on the caller's thread.
// Errors: as of a request, by status; messages start with "id: https://host: " and name no secret.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "backends/remote/dialect.h"
#include "backends/remote/redact.h"
#include "backends/remote/remote_settings.h"
#include "harness/api/batch.h"

namespace assay {

struct BatchCall {
  std::string method = "GET";
  std::string path;  // behind the base URL
  std::string body;
  std::string content_type = "application/json";
};

class BatchTransfer {
 public:
  // The first replica is asked. `headers` go with every call, beside the key. `dialect` makes no streams.
  BatchTransfer(RemoteSettings settings, std::unique_ptr<Dialect> dialect, HttpHeaderList headers);

  const Dialect& dialect() const { return *dialect_; }
  Error error(Code code, std::string_view message) const;  // with the prefix

  // The object that the server answers with.
  Result<Json> call(BatchCall call) const;

  // Calls `each` with every line of a file that the server holds. Nothing is called before the file is whole
  // on disk, in a temporary file. Error: also the first of `each`.
  using EachLine = std::function<Result<void>(const Json& line)>;
  Result<void> lines(const std::string& path, const EachLine& each) const;

  // A reply as if `body` had come with `status`.
  BackendReply reply(int status, const Json& body, std::string_view request_id) const;

 private:
  HttpRequest request(BatchCall call) const;
  HttpResult exchange(HttpRequest request, HttpHandlers handlers) const;
  Error failure(const HttpResult& result, std::string body) const;
  Result<void> download(const std::string& path, int fd) const;

  const RemoteSettings settings_;
  const std::unique_ptr<Dialect> dialect_;
  const Redactor redactor_;
  HttpHeaderList headers_;
  // Made with its thread by the first call: most runs make no batch.
  mutable std::once_flag once_;
  mutable std::unique_ptr<HttpClient> client_;
};

// Refuses what no provider takes: no items, too many, an id that is malformed or there twice, a text to go on
// from.
Result<void> check_items(std::span<const BatchItem> items, const BatchLimits& limits);

// An id of the provider's that may stand in a path.
Result<void> check_batch_id(const std::string& id);

// A request's body as it stands in a batch, with choices made one. Error: names the item.
Result<WireRequest> batch_request(const Dialect& dialect, const BatchItem& item);

}  // namespace assay
