#include "backends/remote/openai_response.h"

#include <algorithm>
#include <utility>

#include "backends/remote/http_errors.h"
#include "backends/remote/openai_usage.h"
#include "backends/remote/token_counts.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

BackendReply failure(BackendError error) {
  BackendReply reply;
  reply.error = std::move(error);
  return reply;
}

BackendError plain_error(Code code, std::string message) {
  BackendError error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

bool hex4(std::string_view text, unsigned& out) {
  if (text.size() < 4) return false;
  out = 0;
  for (const char c : text.substr(0, 4)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return false;
    out = out * 16 + static_cast<unsigned>(digit);
  }
  return true;
}

// Replaces the escapes of surrogate halves that have no other half.
std::string pair_surrogates(std::string text) {
  const std::string_view view = text;
  const auto half_at = [&view](std::size_t i, unsigned low, unsigned high) {
    unsigned value = 0;
    return view.substr(i, 2) == "\\u" && hex4(view.substr(i + 2), value) && value >= low && value <= high;
  };
  for (std::size_t i = 0; i + 1 < text.size();) {
    if (text[i] != '\\') {
      ++i;
    } else if (half_at(i, 0xD800, 0xDBFF) && i + 6 < text.size() && half_at(i + 6, 0xDC00, 0xDFFF)) {
      i += 12;
    } else if (half_at(i, 0xD800, 0xDFFF)) {
      for (std::size_t k = 0; k < 4; ++k) text[i + 2 + k] = "fffd"[k];
      i += 6;
    } else {
      i += 2;  // any other escape, an escaped backslash among them
    }
  }
  return text;
}

// Content is a text, or a list of parts of which some are thinking (Mistral).
void take_parts(const Json& content, ChatChoice& to) {
  if (content.is_string()) to.text += content.get_ref<const std::string&>();
  if (!content.is_array()) return;
  for (const Json& part : content) {
    const std::string type = json_string(part, "type").value_or("text");
    if (type == "text") to.text += json_string(part, "text").value_or("");
    if (type != "thinking") continue;
    if (const auto text = json_string(part, "thinking")) to.reasoning += *text;
    const Json* inner = json_find(part, "thinking");
    if (inner == nullptr || !inner->is_array()) continue;
    for (const Json& piece : *inner) to.reasoning += json_string(piece, "text").value_or("");
  }
}

// OpenRouter's list: reasoning.text, reasoning.summary, reasoning.encrypted. `has_text`: the plain field
// has been taken already, and the list only says of which kind it is.
void take_details(const Json& message, bool has_text, ChatChoice& to) {
  const Json* details = json_find(message, "reasoning_details");
  if (details == nullptr || !details->is_array()) return;
  for (const Json& detail : *details) {
    const std::string type = json_string(detail, "type").value_or("");
    if (type == "reasoning.text" && !has_text) to.reasoning += json_string(detail, "text").value_or("");
    if (type == "reasoning.summary") {
      to.reasoning_kind = TraceKind::summary;
      if (!has_text) to.reasoning += json_string(detail, "summary").value_or("");
    }
    if (type == "reasoning.encrypted" && to.reasoning_kind == TraceKind::raw && to.reasoning.empty()) {
      to.reasoning_kind = TraceKind::encrypted;
    }
  }
}

// A message or a delta.
void take_message(const Json& message, ChatChoice& to) {
  if (const Json* content = json_find(message, "content")) take_parts(*content, to);
  // Some servers send the same text under both names.
  std::string thought = json_string(message, "reasoning_content").value_or("");
  if (thought.empty()) thought = json_string(message, "reasoning").value_or("");
  to.reasoning += thought;
  take_details(message, !thought.empty(), to);
  if (to.reasoning_kind == TraceKind::encrypted && !to.reasoning.empty()) to.reasoning_kind = TraceKind::raw;
  to.refusal += json_string(message, "refusal").value_or("");
}

void take_head(const Json& body, ChatState& state) {
  if (auto id = json_string(body, "id"); id && !id->empty()) state.id = std::move(*id);
  if (auto model = json_string(body, "model"); model && !model->empty()) state.model = std::move(*model);
  if (auto mark = json_string(body, "system_fingerprint"); mark && !mark->empty())
    state.fingerprint = std::move(*mark);
  if (auto by = json_string(body, "provider"); by && !by->empty()) state.served_by = std::move(*by);
  const Json* usage = json_find(body, "usage");
  if (usage != nullptr && usage->is_object()) state.usage = *usage;
}

// {"error": ...}, or {"object": "error", "message": ...} as older vLLM has it. nullptr: no error.
const Json* error_in(const Json& body) {
  const Json* error = json_find(body, "error");
  if (error != nullptr && !error->is_null()) return error;
  return json_string(body, "object") == "error" ? &body : nullptr;
}

FinishReason finish_class(std::string_view word) {
  struct Row {
    std::string_view word;
    FinishReason reason;
  };
  static constexpr Row kRows[] = {
      {"stop", FinishReason::stop},
      {"eos", FinishReason::stop},
      {"eos_token", FinishReason::stop},
      {"end_turn", FinishReason::stop},
      {"stop_sequence", FinishReason::stop},
      {"length", FinishReason::length},
      {"max_tokens", FinishReason::length},
      {"model_length", FinishReason::length},
      {"content_filter", FinishReason::content_filter},
      {"tool_calls", FinishReason::tool_call},
      {"function_call", FinishReason::tool_call},
  };
  for (const Row& row : kRows) {
    if (row.word == word) return row.reason;
  }
  return FinishReason::unknown;
}

// Finish reasons that mean the server broke off: DeepSeek, OpenRouter, vLLM.
std::optional<Code> failing_finish(std::string_view word) {
  if (word == "insufficient_system_resource") return Code::exhausted;
  if (word == "error" || word == "abort") return Code::unavailable;
  return std::nullopt;
}

// Takes the list of choices in. Error when it is damaged, or a choice was broken off.
std::optional<BackendError> take_choices(const Json& list, std::uint32_t wanted,
                                         ChatState& state) {
  if (!list.is_array()) return plain_error(Code::corrupt, "`choices` is not a list");
  std::int64_t position = 0;
  for (const Json& item : list) {
    const std::int64_t index = json_int(item, "index").value_or(position++);
    if (index < 0 || index >= std::int64_t{wanted}) {
      return plain_error(Code::corrupt, format("choice {} came, {} were asked for", index, wanted));
    }
    ChatChoice& choice = state.choices[static_cast<std::uint32_t>(index)];
    if (const Json* error = json_find(item, "error"); error != nullptr && !error->is_null())
      return stated_error(*error);
    for (const char* key : {"message", "delta"}) {
      if (const Json* message = json_find(item, key)) take_message(*message, choice);
    }
    choice.text += json_string(item, "text").value_or("");  // a raw completion
    if (auto word = json_string(item, "finish_reason"); word && !word->empty()) {
      if (const auto code = failing_finish(*word)) {
        return plain_error(*code, format("the server broke off ({})", *word));
      }
      choice.finish_raw = std::move(*word);
      choice.finished = true;
    }
  }
  return std::nullopt;
}

// Reasoning that was counted and not shown, in a field or between tags.
void mark_hidden(Response& r) {
  if (r.usage.reasoning.value_or(0) <= 0 || r.reasoning || r.reasoning_kind != TraceKind::raw) return;
  if (r.text.find("<think") != std::string::npos || r.text.find("</think") != std::string::npos) return;
  r.reasoning_kind = TraceKind::hidden;
}

}  // namespace

Result<Json> parse_server_json(std::string_view text) {
  auto parsed = parse_json(text);
  if (parsed) return parsed;
  auto repaired = parse_json(pair_surrogates(repair_utf8(text)));
  return repaired ? std::move(repaired) : std::move(parsed);
}

std::vector<Response> chat_responses(const ChatState& state, std::uint32_t choices, bool cut) {
  std::vector<Response> out(choices);
  for (std::uint32_t i = 0; i < choices; ++i) {
    Response& r = out[i];
    r.server_model = state.model;
    r.fingerprint = state.fingerprint.empty() ? state.served_by : state.fingerprint;
    r.request_id = state.id;
    r.finish = cut ? FinishReason::deadline : FinishReason::unknown;
    const auto it = state.choices.find(i);
    if (it == state.choices.end()) continue;
    const ChatChoice& choice = it->second;
    r.text = choice.text;
    if (!choice.reasoning.empty()) r.reasoning = choice.reasoning;
    r.reasoning_kind = choice.reasoning_kind;
    r.refusal = choice.refusal;
    r.finish_raw = choice.finish_raw;
    if (choice.finished) r.finish = finish_class(choice.finish_raw);
  }
  if (state.usage && !out.empty()) {
    share_usage(openai_usage(*state.usage), out);
    out.front().provider_cost_pico = openai_cost_pico(*state.usage);
    for (Response& r : out) mark_hidden(r);
  }
  return out;
}

ChatReader::ChatReader(std::uint32_t choices)
    : choices_(choices), parser_([this](std::string_view data) { return take_event(data); }) {}

BackendReply ChatReader::reply(bool cut) const {
  BackendReply out;
  out.responses = chat_responses(state_, choices_, cut);
  return out;
}

BackendReply ChatReader::whole(std::string_view body) {
  auto parsed = parse_server_json(body);
  if (!parsed) {
    return failure(plain_error(Code::corrupt,
                               format("the response is not JSON: {}", printable(parsed.error().message))));
  }
  if (const Json* error = error_in(*parsed)) return failure(stated_error(*error));
  const Json* list = json_find(*parsed, "choices");
  if (list == nullptr) return failure(plain_error(Code::corrupt, "the response has no `choices`"));
  state_ = {};
  take_head(*parsed, state_);
  if (auto error = take_choices(*list, choices_, state_)) return failure(std::move(*error));
  if (state_.choices.size() != choices_) {
    return failure(
        plain_error(Code::corrupt, format("{} of {} choices came", state_.choices.size(), choices_)));
  }
  return reply(false);
}

bool ChatReader::feed(std::string_view bytes) {
  if (fault_) return false;
  if (done_mark_) return true;  // whatever a server adds behind [DONE]
  const auto fed = parser_.feed(bytes);
  if (!fed && !fault_ && fed.error().code != Code::cancelled) {
    fault_ = plain_error(fed.error().code, fed.error().message);
  }
  return !fault_;
}

// False stops the parser: [DONE], or fault_.
bool ChatReader::take_event(std::string_view data) {
  any_event_ = true;
  if (data == "[DONE]") {
    done_mark_ = true;
    return false;
  }
  if (data.find_first_not_of(" \t\n") == std::string_view::npos) return true;
  auto parsed = parse_server_json(data);
  if (!parsed || !parsed->is_object()) {
    fault_ = plain_error(Code::corrupt, format("an event of the stream is not a JSON object{}",
                                               parsed ? "" : ": " + printable(parsed.error().message)));
    return false;
  }
  if (const Json* error = error_in(*parsed)) {
    fault_ = stated_error(*error);
    return false;
  }
  take_head(*parsed, state_);
  const Json* list = json_find(*parsed, "choices");
  if (list != nullptr && !list->is_null()) fault_ = take_choices(*list, choices_, state_);
  for (const auto& entry : state_.choices) {
    any_token_ = any_token_ || !entry.second.text.empty() || !entry.second.reasoning.empty();
  }
  return !fault_;
}

bool ChatReader::complete() const {
  if (state_.choices.size() != choices_) return false;
  if (done_mark_) return true;
  return std::all_of(state_.choices.begin(), state_.choices.end(),
                     [](const auto& entry) { return entry.second.finished; });
}

BackendReply ChatReader::finish(const std::optional<Error>& transport) {
  if (!fault_ && !done_mark_ && !transport) {
    // Only a whole last event counts; half of one is a cut, not damage.
    const std::string rest = parser_.finish();
    if (rest == "[DONE]" || (!rest.empty() && parse_server_json(rest).ok())) take_event(rest);
  }
  if (fault_) return failure(std::move(*fault_));
  if (complete()) return reply(false);
  if (transport && transport->code == Code::deadline && any_token_) return reply(true);
  if (transport) return failure(plain_error(transport->code, transport->message));
  if (done_mark_) {
    return failure(
        plain_error(Code::corrupt, format("{} of {} choices came", state_.choices.size(), choices_)));
  }
  if (!any_event_) {
    return failure(plain_error(Code::corrupt, "the response holds neither JSON nor an event"));
  }
  return failure(plain_error(Code::unavailable, "the stream was cut before its end"));
}

}  // namespace assay
