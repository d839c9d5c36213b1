#include "backends/remote/batch_anthropic.h"

#include <unordered_set>

#include "backends/remote/rate_limits.h"
#include "harness/base/format.h"

namespace assay {
namespace {

constexpr BatchLimits kLimits = {100'000, 256'000'000};  // docs: batch processing, limitations
constexpr int kMostPages = 100;                          // of 1,000 batches

std::uint64_t count_in(const Json* counts, const char* key) {
  const auto value = counts == nullptr ? std::nullopt : json_int(*counts, key);
  return value && *value > 0 ? static_cast<std::uint64_t>(*value) : 0;
}

BatchStatus status_in(const Json& batch) {
  BatchStatus out;
  out.batch_id = json_string(batch, "id").value_or("");
  const Json* counts = json_find(batch, "request_counts");
  out.succeeded = count_in(counts, "succeeded");
  out.failed = count_in(counts, "errored");
  const std::uint64_t cancelled = count_in(counts, "canceled");
  const std::uint64_t expired = count_in(counts, "expired");
  out.total = out.succeeded + out.failed + cancelled + expired + count_in(counts, "processing");
  if (json_string(batch, "processing_status") == "ended") {
    // The API knows one end; which it was shows in what became of the requests.
    out.state = expired > 0 ? BatchState::expired : cancelled > 0 ? BatchState::cancelled : BatchState::ended;
  }
  const auto created = rfc3339_seconds(json_string(batch, "created_at").value_or(""));
  if (created && *created > 0 && *created < 1e12) out.created = static_cast<std::int64_t>(*created);
  return out;
}

class AnthropicBatches final : public BatchBackend {
 public:
  AnthropicBatches(RemoteSettings settings, std::unique_ptr<Dialect> dialect, HttpHeaderList headers)
      : transfer_(std::move(settings), std::move(dialect), std::move(headers)) {}

  BatchLimits limits() const override { return kLimits; }

  Result<BatchStatus> submit(const std::string& tag, std::span<const BatchItem> items) override {
    if (auto ok = check_items(items, kLimits); !ok) return ok.error();
    auto body = input(items);
    if (!body) return body.error();
    auto made = status(transfer_.call({"POST", "/messages/batches", std::move(*body)}));
    if (made) made->tag = tag;
    return made;
  }

  Result<BatchStatus> poll(const std::string& id) override {
    if (auto ok = check_batch_id(id); !ok) return ok.error();
    return status(transfer_.call({"GET", "/messages/batches/" + id, ""}));
  }

  Result<std::vector<BatchStatus>> list() override {
    std::vector<BatchStatus> out;
    std::string after;
    for (int page = 0; page < kMostPages; ++page) {
      auto answer = transfer_.call({"GET", "/messages/batches?limit=1000" + after, ""});
      if (!answer) return answer.error();
      const Json* data = json_find(*answer, "data");
      if (data == nullptr || !data->is_array())
        return transfer_.error(Code::corrupt, "the list of batches has no `data`");
      for (const Json& batch : *data) out.push_back(status_in(batch));
      if (!json_bool(*answer, "has_more").value_or(false) || data->empty()) break;
      if (auto ok = check_batch_id(out.back().batch_id); !ok)
        return transfer_.error(Code::corrupt, ok.error().message);
      after = "&after_id=" + out.back().batch_id;
    }
    return out;
  }

  // By the batch's own path and not by its results_url, which could lead the key elsewhere.
  Result<void> collect(const std::string& id, const Each& each) override {
    auto batch = poll(id);
    if (!batch) return batch.error();
    if (batch->state == BatchState::working) {
      return transfer_.error(Code::unavailable, format("batch {} is not done yet", id));
    }
    std::unordered_set<std::string> seen;
    return transfer_.lines(format("/messages/batches/{}/results", id),
                           [&](const Json& line) { return take_line(line, seen, each); });
  }

  Result<void> cancel(const std::string& id) override {
    if (auto ok = check_batch_id(id); !ok) return ok;
    auto answer = transfer_.call({"POST", format("/messages/batches/{}/cancel", id), ""});
    if (!answer) return answer.error();
    return {};
  }

 private:
  Result<BatchStatus> status(Result<Json> batch) const {
    if (!batch) return batch.error();
    BatchStatus out = status_in(*batch);
    if (out.batch_id.empty()) return transfer_.error(Code::corrupt, "the answer about a batch has no `id`");
    return out;
  }

  Result<std::string> input(std::span<const BatchItem> items) const {
    std::string out = R"({"requests":[)";
    for (const BatchItem& item : items) {
      auto wire = batch_request(transfer_.dialect(), item);
      if (!wire) return wire.error();
      if (out.back() == '}') out += ',';
      out += format(R"({{"custom_id":"{}","params":{}}})", item.custom_id, wire->body);
      if (out.size() > kLimits.max_bytes) {
        return invalid(
            format("a batch of {} requests is larger than {} bytes", items.size(), kLimits.max_bytes));
      }
    }
    return out + "]}";
  }

  // {"custom_id", "result": {"type": "succeeded", "message"} or {"type": "errored", "error"} or canceled or
  // expired}
  Result<void> take_line(const Json& line, std::unordered_set<std::string>& seen, const Each& each) const {
    const auto id = json_string(line, "custom_id");
    const Json* result = json_find(line, "result");
    if (!id || result == nullptr) {
      return transfer_.error(Code::corrupt, "a line of the results has no `custom_id` or no `result`");
    }
    const std::string type = json_string(*result, "type").value_or("");
    if (type == "canceled" || type == "expired" || !seen.insert(*id).second) return {};
    const Json* body = json_find(*result, type == "errored" ? "error" : "message");
    BackendReply reply = transfer_.reply(200, body == nullptr ? Json() : *body, "");
    if (reply.error && type == "errored")
      reply.error->may_be_billed = false;  // docs: errored requests are not billed
    each(*id, std::move(reply));
    return {};
  }

  const BatchTransfer transfer_;
};

}  // namespace

std::unique_ptr<BatchBackend> make_anthropic_batches(RemoteSettings settings,
                                                     std::unique_ptr<Dialect> dialect,
                                                     HttpHeaderList headers) {
  return std::make_unique<AnthropicBatches>(std::move(settings), std::move(dialect), std::move(headers));
}

}  // namespace assay
