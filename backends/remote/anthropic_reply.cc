#include "backends/remote/anthropic_reply.h"

#include <map>
#include <utility>

#include "backends/remote/event_reader.h"
#include "backends/remote/token_counts.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr std::int64_t kMostBlocks = 1 << 20;

// platform.claude.com/docs/en/api/errors
constexpr ErrorWord kErrors[] = {
    {"invalid_request_error", Code::invalid}, {"authentication_error", Code::invalid},
    {"billing_error", Code::invalid},         {"permission_error", Code::invalid},
    {"not_found_error", Code::invalid},       {"request_too_large", Code::invalid},
    {"rate_limit_error", Code::exhausted},    {"overloaded_error", Code::exhausted},
    {"timeout_error", Code::unavailable},     {"api_error", Code::unavailable},
};

constexpr std::string_view kFiltered = "content_filter";  // our word where the API has none

FinishReason finish_class(std::string_view word) {
  struct Row {
    std::string_view word;
    FinishReason reason;
  };
  // pause_turn: the server stopped in the middle of a turn, so that the text is a part of the answer.
  static constexpr Row kRows[] = {
      {"end_turn", FinishReason::stop},          {"stop_sequence", FinishReason::stop},
      {"max_tokens", FinishReason::length},      {"model_context_window_exceeded", FinishReason::length},
      {"pause_turn", FinishReason::length},      {"tool_use", FinishReason::tool_call},
      {"refusal", FinishReason::content_filter}, {kFiltered, FinishReason::content_filter},
  };
  for (const Row& row : kRows) {
    if (row.word == word) return row.reason;
  }
  return FinishReason::unknown;
}

struct Block {
  std::string text;
  std::string thinking;
};

const Json* error_in(const Json& object) {
  const Json* error = json_find(object, "error");
  return error != nullptr && !error->is_null() ? error : nullptr;
}

// The output filter speaks as an error: invalid_request_error, "Output blocked by content filtering policy".
bool is_filter(const Json& error) {
  return json_string(error, "message").value_or("").find("content filtering policy") != std::string::npos;
}

class MessageReader final : public EventReader {
 public:
  MessageReader(TraceKind trace, std::string blank) : trace_(trace), blank_(std::move(blank)) {}

 private:
  std::optional<BackendError> take_body(const Json& body) override {
    if (const Json* error = error_in(body)) return take_error(*error);
    const Json* content = json_find(body, "content");
    if (content == nullptr || !content->is_array()) {
      return reply_error(Code::corrupt, "the response has no `content`");
    }
    take_message(body);
    final_usage_ = true;
    return std::nullopt;
  }

  std::optional<BackendError> take_event(const Json& event) override {
    const std::string type = json_string(event, "type").value_or("");
    const Json* error = error_in(event);
    if (type == "error" || error != nullptr) return take_error(error == nullptr ? event : *error);
    if (type == "message_start") {
      const Json* message = json_find(event, "message");
      if (message != nullptr) take_message(*message);
      started_ = true;
    } else if (type == "content_block_start" || type == "content_block_delta") {
      return take_block_event(event, type == "content_block_start" ? "content_block" : "delta");
    } else if (type == "message_delta") {
      if (const Json* delta = json_find(event, "delta")) take_stop(*delta);
      take_usage(event);
      final_usage_ = true;
    } else if (type == "message_stop") {
      stopped_ = true;
      end_of_stream();
    }
    return std::nullopt;  // ping, content_block_stop, and events to come: the API adds some (docs:
                          // versioning)
  }

  std::optional<BackendError> take_error(const Json& error) {
    if (!is_filter(error)) return reported_error(error, kErrors);
    started_ = true;
    stop_reason_ = kFiltered;
    refusal_ = printable(truncate_utf8(json_string(error, "message").value_or(""), 300));
    final_usage_ = false;
    end_of_stream();
    return std::nullopt;
  }

  std::optional<BackendError> take_block_event(const Json& event, const char* key) {
    const std::int64_t index = json_int(event, "index").value_or(0);
    if (index < 0 || index >= kMostBlocks) {
      return reply_error(Code::corrupt, format("a content block has the index {}", index));
    }
    started_ = true;
    const Json* block = json_find(event, key);
    if (block != nullptr) take_block(*block, blocks_[index]);
    return std::nullopt;
  }

  // A block, or a delta of one.
  void take_block(const Json& block, Block& to) {
    if (auto text = json_string(block, "text")) to.text += *text;
    if (auto thinking = json_string(block, "thinking")) to.thinking += *thinking;
    if (json_string(block, "type") == "redacted_thinking") sealed_ = true;
    if (auto mark = json_string(block, "signature"); mark && !mark->empty()) sealed_ = true;
    saw_token(!to.text.empty() || !to.thinking.empty());
  }

  void take_message(const Json& message) {
    if (auto id = json_string(message, "id")) id_ = std::move(*id);
    if (auto model = json_string(message, "model")) model_ = std::move(*model);
    take_stop(message);
    take_usage(message);
    const Json* content = json_find(message, "content");
    if (content == nullptr || !content->is_array()) return;
    std::int64_t index = 0;
    for (const Json& block : *content) take_block(block, blocks_[index++]);
  }

  void take_stop(const Json& from) {
    if (auto word = json_string(from, "stop_reason")) stop_reason_ = std::move(*word);
    const Json* details = json_find(from, "stop_details");
    if (details == nullptr || !details->is_object()) return;
    refusal_ = json_string(*details, "explanation").value_or(json_string(*details, "category").value_or(""));
  }

  // Counts of a stream are cumulative: a later one replaces an earlier one.
  void take_usage(const Json& from) {
    const Json* usage = json_find(from, "usage");
    if (usage == nullptr || !usage->is_object()) return;
    for (const auto& [key, value] : usage->items()) {
      if (!value.is_null()) usage_[key] = value;
    }
  }

  bool complete() const override { return started_ && (stopped_ || !stop_reason_.empty()); }

  std::vector<Response> responses(bool cut) const override {
    std::vector<Response> out(1);
    Response& r = out.front();
    std::string thinking;
    for (const auto& entry : blocks_) {
      r.text += entry.second.text;
      if (entry.second.thinking.empty()) continue;
      thinking += (thinking.empty() ? "" : "\n\n") + entry.second.thinking;
    }
    if (!blank_.empty()) r.text.erase(0, common_start(r.text, blank_));
    r.usage = anthropic_usage(usage_);
    if (!final_usage_)
      r.usage.output = r.usage.reasoning = std::nullopt;  // what the start says is not the end's
    r.reasoning_kind = trace_;
    if (!thinking.empty()) {
      r.reasoning = std::move(thinking);
    } else if (sealed_) {
      r.reasoning_kind = TraceKind::encrypted;
    } else if (r.usage.reasoning.value_or(0) > 0) {
      r.reasoning_kind = TraceKind::hidden;
    }
    r.finish_raw = stop_reason_;
    r.finish = cut ? FinishReason::deadline : finish_class(stop_reason_);
    if (stop_reason_ == "refusal" || stop_reason_ == kFiltered)
      r.refusal = refusal_.empty() ? "refusal" : refusal_;
    r.server_model = model_;
    r.request_id = id_;
    return out;
  }

  static std::size_t common_start(std::string_view a, std::string_view b) {
    std::size_t n = 0;
    while (n < a.size() && n < b.size() && a[n] == b[n]) ++n;
    return n;
  }

  const TraceKind trace_;
  const std::string blank_;
  std::map<std::int64_t, Block> blocks_;
  Json usage_ = Json::object();
  std::string id_, model_, stop_reason_, refusal_;
  bool sealed_ = false;  // thinking came that cannot be read
  bool started_ = false;
  bool stopped_ = false;
  bool final_usage_ = false;
};

}  // namespace

std::unique_ptr<ReplyReader> anthropic_reader(TraceKind trace, std::string blank) {
  return std::make_unique<MessageReader>(trace, std::move(blank));
}

Usage anthropic_usage(const Json& usage) {
  Usage out;
  out.input = token_count(usage, "input_tokens");
  out.cached_input = token_count(usage, "cache_read_input_tokens");
  out.cache_write = token_count(usage, "cache_creation_input_tokens");
  out.cache_write_1h = token_count(usage, "cache_creation", "ephemeral_1h_input_tokens");
  const auto short_write = token_count(usage, "cache_creation", "ephemeral_5m_input_tokens");
  if (!out.cache_write && (out.cache_write_1h || short_write)) {
    out.cache_write = out.cache_write_1h.value_or(0) + short_write.value_or(0);
  }
  if (out.cache_write_1h && *out.cache_write_1h > out.cache_write.value_or(0))
    out.cache_write_1h = out.cache_write;
  out.reasoning = token_count(usage, "output_tokens_details", "thinking_tokens");
  out.output = without(token_count(usage, "output_tokens"), out.reasoning);
  return out;
}

bool anthropic_filtered(int status, std::string_view body) {
  if (status != 400 || body.find("content filtering policy") == std::string_view::npos) return false;
  const auto parsed = parse_json(body.substr(0, 1 << 20));
  const Json* error = parsed ? json_find(*parsed, "error") : nullptr;
  return error != nullptr && is_filter(*error);
}

std::optional<Code> anthropic_error_code(std::string_view body) {
  const auto parsed = parse_json(body.substr(0, 1 << 20));
  if (!parsed) return std::nullopt;
  const Json* error = json_find(*parsed, "error");
  if (error == nullptr) return std::nullopt;
  const Json* details = json_find(*error, "details");
  if (details != nullptr && json_string(*details, "error_code") == "enforced_spend_limit_reached")
    return Code::invalid;
  return std::nullopt;
}

}  // namespace assay
