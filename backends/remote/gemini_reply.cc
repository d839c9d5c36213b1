#include "backends/remote/gemini_reply.h"

#include <algorithm>
#include <map>
#include <utility>

#include "backends/remote/event_reader.h"
#include "backends/remote/rate_limits.h"
#include "backends/remote/token_counts.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

// google.rpc.Code, where a stream states an error without a number (cloud.google.com/apis/design/errors).
constexpr ErrorWord kErrors[] = {
    {"INVALID_ARGUMENT", Code::invalid},
    {"FAILED_PRECONDITION", Code::invalid},
    {"PERMISSION_DENIED", Code::invalid},
    {"UNAUTHENTICATED", Code::invalid},
    {"NOT_FOUND", Code::invalid},
    {"RESOURCE_EXHAUSTED", Code::exhausted},
    {"UNAVAILABLE", Code::exhausted},
    {"INTERNAL", Code::unavailable},
    {"DEADLINE_EXCEEDED", Code::unavailable},
};

FinishReason finish_class(std::string_view word) {
  struct Row {
    std::string_view word;
    FinishReason reason;
  };
  static constexpr Row kRows[] = {
      {"STOP", FinishReason::stop},
      {"MAX_TOKENS", FinishReason::length},
      {"SAFETY", FinishReason::content_filter},
      {"RECITATION", FinishReason::content_filter},
      {"LANGUAGE", FinishReason::content_filter},
      {"BLOCKLIST", FinishReason::content_filter},
      {"PROHIBITED_CONTENT", FinishReason::content_filter},
      {"SPII", FinishReason::content_filter},
      {"MALFORMED_FUNCTION_CALL", FinishReason::tool_call},
      {"UNEXPECTED_TOOL_CALL", FinishReason::tool_call},
      {"TOO_MANY_TOOL_CALLS", FinishReason::tool_call},
  };
  for (const Row& row : kRows) {
    if (row.word == word) return row.reason;
  }
  return FinishReason::unknown;
}

struct Candidate {
  std::string text;
  std::string thoughts;
  std::string finish_raw;
  bool signature = false;
};

class GeminiReader final : public EventReader {
 public:
  explicit GeminiReader(std::uint32_t choices) : choices_(choices) {}

 private:
  std::optional<BackendError> take_body(const Json& body) override {
    if (auto error = take_event(body)) return error;
    if (!blocked_ && json_find(body, "candidates") == nullptr) {
      return reply_error(Code::corrupt, "the response has no `candidates`");
    }
    if (!blocked_ && candidates_.size() != choices_) {
      return reply_error(Code::corrupt, format("{} of {} choices came", candidates_.size(), choices_));
    }
    return std::nullopt;
  }

  std::optional<BackendError> take_event(const Json& event) override {
    const Json* error = json_find(event, "error");
    if (error != nullptr && !error->is_null()) return reported_error(*error, kErrors);
    if (auto id = json_string(event, "responseId")) id_ = std::move(*id);
    if (auto model = json_string(event, "modelVersion")) model_ = std::move(*model);
    const Json* usage = json_find(event, "usageMetadata");
    if (usage != nullptr && usage->is_object()) usage_ = *usage;
    if (const Json* feedback = json_find(event, "promptFeedback")) {
      if (auto reason = json_string(*feedback, "blockReason")) {
        blocked_ = std::move(*reason);
        blocked_message_ = json_string(*feedback, "blockReasonMessage").value_or("");
      }
    }
    const Json* list = json_find(event, "candidates");
    if (list == nullptr || list->is_null()) return std::nullopt;
    return take_candidates(*list);
  }

  std::optional<BackendError> take_candidates(const Json& list) {
    if (!list.is_array()) return reply_error(Code::corrupt, "`candidates` is not a list");
    std::int64_t position = 0;
    for (const Json& item : list) {
      const std::int64_t index = json_int(item, "index").value_or(position++);
      if (index < 0 || index >= std::int64_t{choices_}) {
        return reply_error(Code::corrupt, format("choice {} came, {} were asked for", index, choices_));
      }
      Candidate& candidate = candidates_[static_cast<std::uint32_t>(index)];
      if (const Json* content = json_find(item, "content")) take_content(*content, candidate);
      saw_token(!candidate.text.empty() || !candidate.thoughts.empty());
      auto word = json_string(item, "finishReason");
      if (!word || word->empty()) continue;
      if (*word == "MALFORMED_RESPONSE") {
        return reply_error(Code::unavailable, "the server broke off (MALFORMED_RESPONSE)");
      }
      candidate.finish_raw = std::move(*word);
    }
    return std::nullopt;
  }

  static void take_content(const Json& content, Candidate& to) {
    const Json* parts = json_find(content, "parts");
    if (parts == nullptr || !parts->is_array()) return;
    for (const Json& part : *parts) {
      if (json_find(part, "thoughtSignature") != nullptr) to.signature = true;
      const auto text = json_string(part, "text");
      if (!text) continue;
      (json_bool(part, "thought").value_or(false) ? to.thoughts : to.text) += *text;
    }
  }

  bool complete() const override {
    if (blocked_) return true;
    return candidates_.size() == choices_ &&
           std::all_of(candidates_.begin(), candidates_.end(),
                       [](const auto& entry) { return !entry.second.finish_raw.empty(); });
  }

  std::vector<Response> responses(bool cut) const override {
    std::vector<Response> out(choices_);
    const Usage usage = usage_ ? gemini_usage(*usage_) : Usage{};
    for (std::uint32_t i = 0; i < choices_; ++i) {
      Response& r = out[i];
      r.server_model = model_;
      r.request_id = id_;
      r.finish = cut ? FinishReason::deadline : FinishReason::unknown;
      const auto it = candidates_.find(i);
      if (it != candidates_.end()) fill(it->second, usage, r);
      if (!blocked_) continue;
      r.finish = FinishReason::content_filter;
      r.finish_raw = *blocked_;
      r.refusal = blocked_message_;
    }
    if (usage_) share_usage(usage, out);
    return out;
  }

  static void fill(const Candidate& candidate, const Usage& usage, Response& r) {
    r.text = candidate.text;
    r.finish_raw = candidate.finish_raw;
    if (!candidate.finish_raw.empty()) r.finish = finish_class(candidate.finish_raw);
    if (!candidate.thoughts.empty()) {
      r.reasoning = candidate.thoughts;
      r.reasoning_kind = TraceKind::summary;
    } else if (candidate.signature) {
      r.reasoning_kind = TraceKind::encrypted;
    } else if (usage.reasoning.value_or(0) > 0) {
      r.reasoning_kind = TraceKind::hidden;
    }
  }

  const std::uint32_t choices_;
  std::map<std::uint32_t, Candidate> candidates_;
  std::optional<Json> usage_;  // of the last event that had one: counts are cumulative
  std::optional<std::string> blocked_;
  std::string blocked_message_, id_, model_;
};

// The error's list of details; nullptr: none. `parsed` holds it.
const Json* details_in(std::string_view body, Json& parsed) {
  auto read = parse_json(body.substr(0, 1 << 20));
  if (!read) return nullptr;
  parsed = std::move(*read);
  const Json& top = parsed.is_array() && !parsed.empty() ? parsed.front() : parsed;
  const Json* error = json_find(top, "error");
  const Json* details = error == nullptr ? nullptr : json_find(*error, "details");
  return details != nullptr && details->is_array() ? details : nullptr;
}

bool is_type(const Json& detail, std::string_view type) {
  const std::string name = json_string(detail, "@type").value_or("");
  return name.size() >= type.size() && std::string_view(name).substr(name.size() - type.size()) == type;
}

}  // namespace

std::unique_ptr<ReplyReader> gemini_reader(std::uint32_t choices) {
  return std::make_unique<GeminiReader>(choices);
}

Usage gemini_usage(const Json& usage) {
  Usage out;
  const auto prompt = token_count(usage, "promptTokenCount");
  const auto tools = token_count(usage, "toolUsePromptTokenCount");
  out.cached_input = token_count(usage, "cachedContentTokenCount");
  out.input = without(prompt, out.cached_input);
  if (out.input) *out.input += tools.value_or(0);
  out.reasoning = token_count(usage, "thoughtsTokenCount");
  out.output = token_count(usage, "candidatesTokenCount");
  const auto total = token_count(usage, "totalTokenCount");
  if (!out.output && total && prompt) {
    const std::int64_t rest = *total - *prompt - tools.value_or(0) - out.reasoning.value_or(0);
    if (rest >= 0) out.output = rest;
  }
  return out;
}

std::optional<Code> gemini_error_code(int status, std::string_view body) {
  if (status != 429) return std::nullopt;
  Json parsed;
  const Json* details = details_in(body, parsed);
  if (details == nullptr) return std::nullopt;
  for (const Json& detail : *details) {
    const Json* violations =
        is_type(detail, "google.rpc.QuotaFailure") ? json_find(detail, "violations") : nullptr;
    if (violations == nullptr || !violations->is_array()) continue;
    for (const Json& violation : *violations) {
      if (json_string(violation, "quotaId").value_or("").find("PerDay") != std::string::npos)
        return Code::invalid;
    }
  }
  return std::nullopt;
}

std::optional<double> gemini_retry_delay(std::string_view body) {
  Json parsed;
  const Json* details = details_in(body, parsed);
  if (details == nullptr) return std::nullopt;
  for (const Json& detail : *details) {
    if (!is_type(detail, "google.rpc.RetryInfo")) continue;
    const auto delay = json_string(detail, "retryDelay");
    const auto seconds = delay ? duration_seconds(*delay) : std::nullopt;
    if (seconds) return std::min(*seconds, 86400.0);
  }
  return std::nullopt;
}

}  // namespace assay
