#include "harness/mock/openai.h"

#include <utility>

#include "harness/base/format.h"
#include "harness/mock/token_stream.h"

namespace assay::mock {
namespace {

constexpr std::int64_t kMessageTokens = 4;  // of each message, beside its text
constexpr std::int64_t kMostTokens = 1'000'000'000;
constexpr std::int64_t kCreated = 1'767'225'600;  // 2026-01-01; fixed, so that equal requests get equal bytes

// The text of a message's `content`: a string, or a list of parts of which those of type text count.
std::optional<std::string> content_of(const Json& message) {
  const Json* content = json_find(message, "content");
  if (content == nullptr || content->is_null()) return std::string();
  if (content->is_string()) return content->get<std::string>();
  if (!content->is_array()) return std::nullopt;
  std::string out;
  for (const Json& part : *content) out += json_string(part, "text").value_or("");
  return out;
}

Result<Asked> read_common(const Json& body) {
  if (!body.is_object()) return invalid("the body must be a JSON object");
  Asked out;
  const auto model = json_string(body, "model");
  if (!model) return invalid("`model` is missing");
  out.model = *model;
  for (const char* key : {"max_completion_tokens", "max_tokens"}) {
    const Json* found = json_find(body, key);
    if (found == nullptr || found->is_null() || out.max_tokens) continue;
    out.max_tokens = json_int(body, key);
    if (!out.max_tokens || *out.max_tokens < 1 || *out.max_tokens > kMostTokens) {
      return invalid(format("`{}` must be a whole number from 1 to {}", key, kMostTokens));
    }
  }
  if (const Json* n = json_find(body, "n"); n != nullptr && !n->is_null()) {
    const auto choices = json_int(body, "n");
    if (!choices || *choices < 1 || *choices > 100'000) return invalid("`n` must be a whole number of at least 1");
    out.choices = static_cast<std::uint32_t>(*choices);
  }
  out.stream = json_bool(body, "stream").value_or(false);
  if (const Json* options = json_find(body, "stream_options")) {
    out.stream_usage = json_bool(*options, "include_usage").value_or(false);
  }
  return out;
}

Result<Asked> read_chat(const Json& body, const MockRequest&) {
  auto out = read_common(body);
  if (!out) return out;
  const Json* messages = json_find(body, "messages");
  if (messages == nullptr || !messages->is_array() || messages->empty()) {
    return invalid("`messages` must be a list of at least one message");
  }
  for (const Json& message : *messages) {
    if (!json_string(message, "role")) return invalid("a message has no `role`");
    auto content = content_of(message);
    if (!content) return invalid("a message's `content` must be a text or a list of parts");
    out->input_tokens += tokens_of(*content) + kMessageTokens;
    out->last_text = std::move(*content);
  }
  return out;
}

Result<Asked> read_completion(const Json& body, const MockRequest&) {
  auto out = read_common(body);
  if (!out) return out;
  const Json* prompt = json_find(body, "prompt");
  if (prompt != nullptr && prompt->is_array() && prompt->size() == 1) prompt = &prompt->front();
  if (prompt == nullptr || !prompt->is_string()) return invalid("`prompt` must be a text");
  out->last_text = prompt->get<std::string>();
  out->input_tokens = tokens_of(out->last_text) + kMessageTokens;
  return out;
}

const char* finish_name(Finish finish) {
  if (finish == Finish::length) return "length";
  return finish == Finish::content_filter ? "content_filter" : "stop";
}

void append_usage(std::string& out, const Planned& p) {
  out += format(
      "\"usage\":{{\"prompt_tokens\":{},\"completion_tokens\":{},\"total_tokens\":{},"
      "\"completion_tokens_details\":{{\"reasoning_tokens\":{}}}}}",
      p.input_tokens, p.output_tokens, p.input_tokens + p.output_tokens, p.reasoning_tokens);
}

void append_head(std::string& out, const Planned& p, bool chat, bool event) {
  out += format("{{\"id\":\"{}-{:016x}\",\"object\":\"{}{}\",\"created\":{},\"model\":\"", chat ? "chatcmpl" : "cmpl",
                p.key, chat ? "chat.completion" : "text_completion", chat && event ? ".chunk" : "", kCreated);
  append_escaped(out, p.model);
  out += "\",\"system_fingerprint\":\"fp_mock\",";
}

const char* reasoning_field(const Planned& p) {
  return p.reasoning_as == ReasoningAs::reasoning ? "reasoning" : "reasoning_content";
}

// The reasoning of a raw completion is always in tags.
bool in_tags(const Planned& p, bool chat) { return !chat || p.reasoning_as == ReasoningAs::tags; }

void append_choice_text(std::string& out, const Planned& p, const Choice& c, bool chat) {
  if (in_tags(p, chat) && c.reasoning.tokens() > 0) {
    out += "<think>\\n";
    c.reasoning.append(out, 0, c.reasoning.tokens());
    if (c.content.tokens() > 0 || c.finish == Finish::stop) out += "\\n</think>\\n\\n";
  }
  c.content.append(out, 0, c.content.tokens());
}

std::string whole_error(std::string_view message, std::string_view type, std::string_view code) {
  return error_body(message, type, code);
}

std::string whole(const Planned& p, bool chat) {
  if (p.fails) return error_body("mock fault error-in-stream: an error instead of an answer", "server_error", "mock_fault");
  std::string out;
  append_head(out, p, chat, false);
  out += "\"choices\":[";
  for (std::size_t i = 0; i < p.choices.size(); ++i) {
    const Choice& c = p.choices[i];
    out += format("{}{{\"index\":{},", i == 0 ? "" : ",", i);
    out += chat ? "\"message\":{\"role\":\"assistant\",\"content\":\"" : "\"text\":\"";
    append_choice_text(out, p, c, chat);
    out += '"';
    if (chat && !in_tags(p, chat) && c.reasoning.tokens() > 0) {
      out += format(",\"{}\":\"", reasoning_field(p));
      c.reasoning.append(out, 0, c.reasoning.tokens());
      out += '"';
    }
    if (chat && !c.refusal.empty()) {
      out += ",\"refusal\":\"";
      append_escaped(out, c.refusal);
      out += '"';
    }
    out += format("{},\"logprobs\":null,\"finish_reason\":\"{}\"}}", chat ? "}" : "", finish_name(c.finish));
  }
  out += ']';
  if (p.usage) {
    out += ',';
    append_usage(out, p);
  }
  out += '}';
  return out;
}

// Server-sent events of one answer.
class Events final : public Body {
 public:
  Events(Planned plan, bool chat) : stream_(std::move(plan)), chat_(chat) {
    head_ = "data: ";
    append_head(head_, stream_.plan(), chat, true);
  }

  Next next(std::string& out, double& wait_s) override {
    using Kind = Step::Kind;
    Step step = stream_.next();
    while (step.kind == Kind::start && !chat_) step = stream_.next();  // raw completions announce nothing
    wait_s = step.wait_s;
    switch (step.kind) {
      case Kind::end: return Next::end;
      case Kind::done: out += "data: [DONE]\n\n"; return Next::piece;
      case Kind::error:
        out += "data: " + error_body("mock fault error-in-stream", "server_error", "mock_fault") + "\n\n";
        return Next::piece;
      case Kind::usage:
        out += head_ + "\"choices\":[],";
        append_usage(out, stream_.plan());
        out += "}\n\n";
        return Next::piece;
      default: append_choice(out, step); return Next::piece;
    }
  }

 private:
  void append_choice(std::string& out, const Step& step) {
    const Choice& c = stream_.plan().choices[step.choice];
    out += head_;
    out += format("\"choices\":[{{\"index\":{},", step.choice);
    out += chat_ ? "\"delta\":{" : "\"text\":\"";
    if (step.kind == Step::Kind::start) out += "\"role\":\"assistant\",\"content\":\"\"";
    if (step.kind == Step::Kind::finish && chat_ && !c.refusal.empty()) {
      out += "\"refusal\":\"";
      append_escaped(out, c.refusal);
      out += '"';
    }
    if (step.kind == Step::Kind::reasoning || step.kind == Step::Kind::content) append_text(out, step, c);
    out += chat_ ? "}" : "\"";
    out += ",\"finish_reason\":";
    out += step.kind == Step::Kind::finish ? format("\"{}\"", finish_name(c.finish)) : "null";
    out += "}]}\n\n";
  }

  void append_text(std::string& out, const Step& step, const Choice& c) {
    const Planned& p = stream_.plan();
    const bool thinks = step.kind == Step::Kind::reasoning;
    const bool tags = in_tags(p, chat_);
    if (chat_) out += format("\"{}\":\"", thinks && !tags ? reasoning_field(p) : "content");
    if (thinks && tags && step.from == 0) out += "<think>\\n";
    (thinks ? c.reasoning : c.content).append(out, step.from, step.to);
    const bool closes = c.content.tokens() > 0 || c.finish == Finish::stop;
    if (thinks && tags && step.last && closes) out += "\\n</think>\\n\\n";
    if (chat_) out += '"';
  }

  TokenStream stream_;
  const bool chat_;
  std::string head_;
};

constexpr Shape kChat = {read_chat, [](const Planned& p) { return whole(p, true); },
                         [](Planned p) -> std::unique_ptr<Body> { return std::make_unique<Events>(std::move(p), true); },
                         whole_error};
constexpr Shape kCompletion = {
    read_completion, [](const Planned& p) { return whole(p, false); },
    [](Planned p) -> std::unique_ptr<Body> { return std::make_unique<Events>(std::move(p), false); }, whole_error};

}  // namespace

Answer answer_chat(const MockRequest& request, Context& context) { return answer_model(request, context, kChat); }
Answer answer_completion(const MockRequest& request, Context& context) {
  return answer_model(request, context, kCompletion);
}

}  // namespace assay::mock
