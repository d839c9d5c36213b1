#include "backends/remote/responses_reply.h"

#include <map>
#include <utility>

#include "backends/remote/event_reader.h"
#include "backends/remote/openai_usage.h"
#include "backends/remote/token_counts.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr std::int64_t kMostParts = 1 << 20;

// Codes of response.error, and of the error events (docs: responses/object, guides/error-codes).
constexpr ErrorWord kErrors[] = {
    {"server_error", Code::unavailable},        {"rate_limit_exceeded", Code::exhausted},
    {"server_is_overloaded", Code::exhausted},  {"insufficient_quota", Code::invalid},
    {"invalid_prompt", Code::invalid},          {"invalid_request_error", Code::invalid},
    {"context_length_exceeded", Code::invalid}, {"model_not_found", Code::invalid},
};

using Parts = std::map<std::int64_t, std::string>;  // by content_index or summary_index

std::string joined(const Parts& parts, const char* between) {
  std::string out;
  for (const auto& part : parts) {
    if (!out.empty() && !part.second.empty()) out += between;
    out += part.second;
  }
  return out;
}

std::size_t size_of(const Parts& parts) {
  std::size_t n = 0;
  for (const auto& part : parts) n += part.second.size();
  return n;
}

void keep_longer(Parts& into, Parts&& other) {
  if (size_of(other) > size_of(into)) into = std::move(other);
}

// One of the output's items: a message, a piece of reasoning, or a call of a tool.
struct Item {
  Parts text, refusal, summary, reasoning;
  bool encrypted = false;
  bool call = false;
};

void take_parts(const Json& item, const char* list, const char* type, const char* key, Parts& to) {
  const Json* parts = json_find(item, list);
  if (parts == nullptr || !parts->is_array()) return;
  std::int64_t index = 0;
  for (const Json& part : *parts) {
    const std::int64_t at = index++;
    if (json_string(part, "type").value_or(type) != type) continue;
    if (auto text = json_string(part, key)) to[at] += *text;
  }
}

Item read_item(const Json& item) {
  Item out;
  const std::string type = json_string(item, "type").value_or("");
  if (type == "message") {
    take_parts(item, "content", "output_text", "text", out.text);
    take_parts(item, "content", "refusal", "refusal", out.refusal);
  } else if (type == "reasoning") {
    take_parts(item, "summary", "summary_text", "text", out.summary);
    take_parts(item, "content", "reasoning_text", "text", out.reasoning);
    out.encrypted = !json_string(item, "encrypted_content").value_or("").empty();
  } else if (type.size() > 5 && type.compare(type.size() - 5, 5, "_call") == 0) {
    out.call = true;
  }
  return out;
}

void take_item(Item& into, Item&& other) {
  keep_longer(into.text, std::move(other.text));
  keep_longer(into.refusal, std::move(other.refusal));
  keep_longer(into.summary, std::move(other.summary));
  keep_longer(into.reasoning, std::move(other.reasoning));
  into.encrypted = into.encrypted || other.encrypted;
  into.call = into.call || other.call;
}

std::optional<std::int64_t> index_in(const Json& event, const char* key) {
  const std::int64_t index = json_int(event, key).value_or(0);
  if (index < 0 || index >= kMostParts) return std::nullopt;
  return index;
}

class ResponsesReader final : public EventReader {
 private:
  std::optional<BackendError> take_body(const Json& body) override {
    if (json_find(body, "output") == nullptr && json_find(body, "status") == nullptr) {
      const Json* error = json_find(body, "error");
      if (error != nullptr && !error->is_null()) return reported_error(*error, kErrors);
      return reply_error(Code::corrupt, "the response has no `output`");
    }
    return take_end(body);
  }

  std::optional<BackendError> take_event(const Json& event) override {
    const std::string type = json_string(event, "type").value_or("");
    const Json* error = json_find(event, "error");
    if (type == "error" || type.empty()) {
      const bool inner = error != nullptr && !error->is_null();
      if (type.empty() && !inner) return std::nullopt;
      return reported_error(inner ? *error : event, kErrors);
    }
    if (type == "response.completed" || type == "response.incomplete" || type == "response.failed") {
      const Json* response = json_find(event, "response");
      if (response == nullptr)
        return reply_error(Code::corrupt, format("an event {} has no `response`", type));
      return take_end(*response);
    }
    if (type == "response.output_item.added" || type == "response.output_item.done")
      return take_item_event(event);
    return take_delta(type, event);
  }

  std::optional<BackendError> take_item_event(const Json& event) {
    const auto index = index_in(event, "output_index");
    if (!index) return reply_error(Code::corrupt, "an event's output_index is out of range");
    if (const Json* item = json_find(event, "item")) take_item(items_[*index], read_item(*item));
    note_tokens(items_[*index]);
    return std::nullopt;
  }

  std::optional<BackendError> take_delta(std::string_view type, const Json& event) {
    struct Row {
      std::string_view type;
      Parts Item::*parts;
      const char* index;
    };
    static constexpr Row kRows[] = {
        {"response.output_text.delta", &Item::text, "content_index"},
        {"response.refusal.delta", &Item::refusal, "content_index"},
        {"response.reasoning_summary_text.delta", &Item::summary, "summary_index"},
        {"response.reasoning_text.delta", &Item::reasoning, "content_index"},
    };
    for (const Row& row : kRows) {
      if (row.type != type) continue;
      const auto item = index_in(event, "output_index");
      const auto part = index_in(event, row.index);
      if (!item || !part) return reply_error(Code::corrupt, "an event's index is out of range");
      (items_[*item].*row.parts)[*part] += json_string(event, "delta").value_or("");
      note_tokens(items_[*item]);
    }
    return std::nullopt;
  }

  void note_tokens(const Item& item) {
    if (any_token()) return;
    saw_token(size_of(item.text) + size_of(item.summary) + size_of(item.reasoning) > 0);
  }

  // The response as it is at its end.
  std::optional<BackendError> take_end(const Json& response) {
    status_ = json_string(response, "status").value_or("");
    const Json* error = json_find(response, "error");
    if (error != nullptr && !error->is_null()) return reported_error(*error, kErrors);
    if (status_ != "completed" && status_ != "incomplete") {
      const std::string word = printable(truncate_utf8(status_, 80));
      return reply_error(Code::unavailable,
                         format("the server ended the response as {}", word.empty() ? "nothing" : word));
    }
    if (const Json* details = json_find(response, "incomplete_details")) {
      reason_ = json_string(*details, "reason").value_or("");
    }
    id_ = json_string(response, "id").value_or("");
    model_ = json_string(response, "model").value_or("");
    const Json* usage = json_find(response, "usage");
    if (usage != nullptr && usage->is_object()) usage_ = *usage;
    const Json* output = json_find(response, "output");
    if (output != nullptr && output->is_array()) {
      std::int64_t index = 0;
      for (const Json& item : *output) take_item(last_[index++], read_item(item));
    }
    ended_ = true;
    end_of_stream();
    return std::nullopt;
  }

  bool complete() const override { return ended_; }

  struct Said {
    std::string text, refusal, summary, reasoning;
    bool encrypted = false;
    bool call = false;
  };

  static Said said(const std::map<std::int64_t, Item>& items) {
    Said out;
    const auto add = [](std::string& to, const Parts& parts, const char* between) {
      const std::string more = joined(parts, between);
      if (!to.empty() && !more.empty()) to += between;
      to += more;
    };
    for (const auto& entry : items) {
      add(out.text, entry.second.text, "");
      add(out.refusal, entry.second.refusal, "");
      add(out.summary, entry.second.summary, "\n\n");
      add(out.reasoning, entry.second.reasoning, "\n\n");
      out.encrypted = out.encrypted || entry.second.encrypted;
      out.call = out.call || entry.second.call;
    }
    return out;
  }

  static std::string longer(std::string a, std::string b) { return a.size() >= b.size() ? a : b; }

  std::vector<Response> responses(bool cut) const override {
    Said end = said(last_), events = said(items_);
    std::vector<Response> out(1);
    Response& r = out.front();
    r.text = longer(std::move(end.text), std::move(events.text));
    r.refusal = longer(std::move(end.refusal), std::move(events.refusal));
    std::string raw = longer(std::move(end.reasoning), std::move(events.reasoning));
    std::string summary = longer(std::move(end.summary), std::move(events.summary));
    if (usage_) {
      r.usage = responses_usage(*usage_);
      r.provider_cost_pico = openai_cost_pico(*usage_);
    }
    if (!raw.empty()) {
      r.reasoning = std::move(raw);
    } else if (!summary.empty()) {
      r.reasoning = std::move(summary);
      r.reasoning_kind = TraceKind::summary;
    } else if (end.encrypted || events.encrypted) {
      r.reasoning_kind = TraceKind::encrypted;
    } else if (r.usage.reasoning.value_or(0) > 0) {
      r.reasoning_kind = TraceKind::hidden;
    }
    const bool call = (end.call || events.call) && r.text.empty();
    r.finish_raw = reason_.empty() ? status_ : reason_;
    r.finish = cut ? FinishReason::deadline : class_of(call);
    r.server_model = model_;
    r.request_id = id_;
    return out;
  }

  FinishReason class_of(bool call) const {
    if (status_ == "incomplete") {
      return reason_ == "content_filter" ? FinishReason::content_filter : FinishReason::length;
    }
    return call ? FinishReason::tool_call : FinishReason::stop;
  }

  std::map<std::int64_t, Item> items_;  // by output_index, as the events said
  std::map<std::int64_t, Item> last_;   // as the end says
  std::optional<Json> usage_;
  std::string status_, reason_, id_, model_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ReplyReader> responses_reader() { return std::make_unique<ResponsesReader>(); }

Usage responses_usage(const Json& usage) {
  Usage out;
  out.cached_input = token_count(usage, "input_tokens_details", "cached_tokens");
  out.cache_write = token_count(usage, "input_tokens_details", "cache_write_tokens");
  out.input = without(without(token_count(usage, "input_tokens"), out.cached_input), out.cache_write);
  out.reasoning = token_count(usage, "output_tokens_details", "reasoning_tokens");
  out.output = without(token_count(usage, "output_tokens"), out.reasoning);
  return out;
}

}  // namespace assay
