// A provider of batches on 127.0.0.1 for tests: OpenAI's files and batches, or Anthropic's message batches,
// as far as a client sees them. It keeps what it is given and answers each request with its own last message.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "tests/support/http_server.h"

namespace assay::test {

class BatchProvider {
 public:
  enum class Api { chat, responses, anthropic };
  explicit BatchProvider(Api api);

  std::string url() const { return server_->url() + "/v1"; }

  // What happens to the next requests whose path begins so: called before the provider acts; true: it has
  // answered.
  using Fault = std::function<bool(const ServedRequest&, Peer&)>;
  void fault(std::string method, std::string path, Fault fault);
  // The connection is cut after the provider has acted, so that the client does not see the answer.
  void lose_answer(std::string method, std::string path);

  void finish(
      const std::string& how = "completed");  // all batches: "completed", "expired", "cancelled", "failed"
  void answer_with(std::function<std::string(const Json& item)> line);  // instead of the usual line

  std::size_t batches() const;
  std::size_t files() const;
  std::vector<ServedRequest> requests() const;

 private:
  struct Batch {
    std::string id, status, tag, output, errors, input_file, endpoint;
    std::vector<Json> items;
  };

  void handle(const ServedRequest& r, Peer& peer);
  std::string act(const ServedRequest& r, int& status, std::string& type);
  std::string make_openai(const Json& body, int& status);
  std::string make_anthropic(const Json& body);
  std::string shown(const Batch& batch) const;
  std::string page(const ServedRequest& r) const;
  void end(Batch& batch, const std::string& how);
  std::string line_of(const Json& item) const;

  const Api api_;
  mutable std::mutex mutex_;  // guards all below but server_
  std::vector<Batch> batches_;
  std::map<std::string, std::string> files_;
  std::vector<std::pair<std::string, Fault>> faults_;  // by "METHOD path"
  std::string lose_;
  std::function<std::string(const Json&)> line_;
  std::vector<ServedRequest> requests_;
  std::unique_ptr<HttpServer> server_;  // last: its end comes first
};

}  // namespace assay::test
