#include "backends/remote/batch_openai.h"

#include <unordered_set>

#include "harness/base/digest.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr BatchLimits kLimits = {50'000, 200'000'000};  // of an input file (docs: guides/batch, rate limits)
constexpr const char* kTag = "assay_tag";               // of the metadata
constexpr std::size_t kMaxTag = 512;                    // characters of a value of the metadata
constexpr int kMostPages = 200;                         // of 100 batches

BatchState state_of(std::string_view status) {
  if (status == "completed") return BatchState::ended;
  if (status == "failed") return BatchState::failed;
  if (status == "expired") return BatchState::expired;
  if (status == "cancelled") return BatchState::cancelled;
  return BatchState::working;  // validating, in_progress, finalizing, cancelling
}

std::uint64_t count_in(const Json* counts, const char* key) {
  const auto value = counts == nullptr ? std::nullopt : json_int(*counts, key);
  return value && *value > 0 ? static_cast<std::uint64_t>(*value) : 0;
}

// {"errors": {"data": [{"code", "message", "line"}]}}
std::string first_error(const Json& batch) {
  const Json* errors = json_find(batch, "errors");
  const Json* data = errors == nullptr ? nullptr : json_find(*errors, "data");
  if (data == nullptr || !data->is_array() || data->empty()) return {};
  std::string text =
      json_string(data->front(), "message").value_or(json_string(data->front(), "code").value_or(""));
  if (const auto line = json_int(data->front(), "line")) text += format(" (line {})", *line);
  return printable(truncate_utf8(text, 300));
}

BatchStatus status_in(const Json& batch) {
  BatchStatus out;
  out.batch_id = json_string(batch, "id").value_or("");
  out.state = state_of(json_string(batch, "status").value_or(""));
  if (const Json* metadata = json_find(batch, "metadata"))
    out.tag = json_string(*metadata, kTag).value_or("");
  const Json* counts = json_find(batch, "request_counts");
  out.total = count_in(counts, "total");
  out.succeeded = count_in(counts, "completed");
  out.failed = count_in(counts, "failed");
  out.message = first_error(batch);
  out.created = json_int(batch, "created_at").value_or(0);
  return out;
}

class OpenAiBatches final : public BatchBackend {
 public:
  OpenAiBatches(RemoteSettings settings, std::unique_ptr<Dialect> dialect)
      : transfer_(std::move(settings), std::move(dialect), {}) {}

  BatchLimits limits() const override { return kLimits; }

  Result<BatchStatus> submit(const std::string& tag, std::span<const BatchItem> items) override {
    if (tag.empty() || tag.size() > kMaxTag)
      return invalid(format("a batch's tag has 1 to {} characters", kMaxTag));
    if (auto ok = check_items(items, kLimits); !ok) return ok.error();
    std::string endpoint;
    auto lines = input_lines(items, endpoint);
    if (!lines) return lines.error();
    auto file = upload(tag, std::move(*lines));
    if (!file) return file.error();
    const Json body = {{"input_file_id", *file},
                       {"endpoint", endpoint},
                       {"completion_window", "24h"},  // the only one there is
                       {"metadata", {{kTag, tag}}}};
    return status(transfer_.call({"POST", "/batches", dump_json(body)}));
  }

  Result<BatchStatus> poll(const std::string& id) override { return status(get(id)); }

  Result<std::vector<BatchStatus>> list() override {
    std::vector<BatchStatus> out;
    std::string after;
    for (int page = 0; page < kMostPages; ++page) {
      auto answer = transfer_.call({"GET", "/batches?limit=100" + after, ""});
      if (!answer) return answer.error();
      const Json* data = json_find(*answer, "data");
      if (data == nullptr || !data->is_array())
        return transfer_.error(Code::corrupt, "the list of batches has no `data`");
      for (const Json& batch : *data) out.push_back(status_in(batch));
      if (!json_bool(*answer, "has_more").value_or(false) || data->empty()) break;
      if (auto ok = check_batch_id(out.back().batch_id); !ok)
        return transfer_.error(Code::corrupt, ok.error().message);
      after = "&after=" + out.back().batch_id;
    }
    return out;
  }

  Result<void> collect(const std::string& id, const Each& each) override {
    auto batch = get(id);
    if (!batch) return batch.error();
    if (status_in(*batch).state == BatchState::working) {
      return transfer_.error(Code::unavailable, format("batch {} is not done yet", id));
    }
    std::unordered_set<std::string> seen;
    for (const char* key : {"output_file_id", "error_file_id"}) {
      const auto file = json_string(*batch, key);
      if (!file || file->empty()) continue;
      if (auto ok = check_batch_id(*file); !ok) return transfer_.error(Code::corrupt, ok.error().message);
      auto ok = transfer_.lines(format("/files/{}/content", *file),
                                [&](const Json& line) { return take_line(line, seen, each); });
      if (!ok) return ok;
    }
    return {};
  }

  Result<void> cancel(const std::string& id) override {
    if (auto ok = check_batch_id(id); !ok) return ok;
    auto answer = transfer_.call({"POST", format("/batches/{}/cancel", id), ""});
    if (!answer) return answer.error();
    return {};
  }

 private:
  Result<Json> get(const std::string& id) const {
    if (auto ok = check_batch_id(id); !ok) return ok.error();
    return transfer_.call({"GET", "/batches/" + id, ""});
  }

  Result<BatchStatus> status(Result<Json> batch) const {
    if (!batch) return batch.error();
    BatchStatus out = status_in(*batch);
    if (out.batch_id.empty()) return transfer_.error(Code::corrupt, "the answer about a batch has no `id`");
    return out;
  }

  // {"custom_id", "method", "url", "body"} a line. The bodies are JSON already.
  Result<std::string> input_lines(std::span<const BatchItem> items, std::string& endpoint) const {
    std::string out;
    for (const BatchItem& item : items) {
      auto wire = batch_request(transfer_.dialect(), item);
      if (!wire) return wire.error();
      endpoint =
          "/v1" + wire->path.substr(0, wire->path.find('?'));  // as the API names it, whatever the base URL
      out += format(R"({{"body":{},"custom_id":"{}","method":"POST","url":"{}"}})", wire->body,
                    item.custom_id, endpoint);
      out += '\n';
      if (out.size() > kLimits.max_bytes) {
        return invalid(
            format("a batch of {} requests is larger than {} bytes", items.size(), kLimits.max_bytes));
      }
    }
    return out;
  }

  // As a form of parts (RFC 7578). The boundary is of the content's digest, so that the content cannot hold
  // it.
  Result<std::string> upload(const std::string& tag, std::string lines) const {
    const std::string boundary = "assay-" + sha256(lines).hex();
    std::string head = format(
        "--{0}\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
        "--{0}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"assay-{1}.jsonl\"\r\n"
        "Content-Type: application/jsonl\r\n\r\n",
        boundary, sha256(tag).short_hex());
    lines.insert(0, head);
    lines += format("\r\n--{}--\r\n", boundary);
    auto answer =
        transfer_.call({"POST", "/files", std::move(lines), "multipart/form-data; boundary=" + boundary});
    if (!answer) return answer.error();
    auto id = json_string(*answer, "id");
    if (!id || id->empty())
      return transfer_.error(Code::corrupt, "the answer about an uploaded file has no `id`");
    return std::move(*id);
  }

  // {"custom_id", "response": {"status_code", "request_id", "body"}, "error": {"code", "message"}}
  Result<void> take_line(const Json& line, std::unordered_set<std::string>& seen, const Each& each) const {
    const auto id = json_string(line, "custom_id");
    if (!id) return transfer_.error(Code::corrupt, "a line of the results has no `custom_id`");
    const Json* error = json_find(line, "error");
    const bool failed = error != nullptr && !error->is_null();
    if (failed) {
      const std::string code = json_string(*error, "code").value_or("");
      if (code == "batch_expired" || code == "batch_cancelled") return {};  // it was never asked
    }
    if (!seen.insert(*id).second) return {};
    const Json* response = json_find(line, "response");
    if (response == nullptr || !response->is_object()) {
      each(*id, transfer_.reply(200, failed ? Json{{"error", *error}} : Json::object(), ""));
      return {};
    }
    const Json* body = json_find(*response, "body");
    const auto status = json_int(*response, "status_code").value_or(200);
    each(*id, transfer_.reply(status >= 100 && status <= 599 ? static_cast<int>(status) : 500,
                              body == nullptr ? Json() : *body,
                              json_string(*response, "request_id").value_or("")));
    return {};
  }

  const BatchTransfer transfer_;
};

}  // namespace

std::unique_ptr<BatchBackend> make_openai_batches(RemoteSettings settings, std::unique_ptr<Dialect> dialect) {
  return std::make_unique<OpenAiBatches>(std::move(settings), std::move(dialect));
}

}  // namespace assay
