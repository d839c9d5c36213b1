#include "backends/remote/openai_request.h"

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

std::string role_of(const OpenAiForm& form, Role role) {
  if (role == Role::system) return form.system_role;
  return role == Role::user ? "user" : "assistant";
}

Json messages_of(const OpenAiForm& form, const Request& r) {
  Json out = Json::array();
  for (const Message& m : r.messages)
    out.push_back({{"role", role_of(form, m.role)}, {"content", m.content}});
  if (!r.prefix.empty()) {
    Json last = {{"role", "assistant"}, {"content", r.prefix}};
    if (form.continue_style == ContinueStyle::prefix) last["prefix"] = true;
    out.push_back(std::move(last));
  }
  return out;
}

template <typename T>
void put(Json& body, const char* key, const std::optional<T>& value) {
  if (value) body[key] = *value;
}

}  // namespace

Result<std::string> openai_body(const OpenAiForm& form, const Request& r) {
  const Sampling& s = r.sampling;
  if (r.choices < 1 || r.choices > form.max_choices) {
    return invalid(format("openai: {} choices asked for; the model entry's max_choices is {}", r.choices,
                          form.max_choices));
  }
  if (!r.prefix.empty() && form.continue_style == ContinueStyle::none) {
    return invalid("openai: asked to go on from a cut answer; the model entry has no option `continue`");
  }
  if (s.thinking_budget && form.thinking_budget_field.empty()) {
    return invalid("openai: thinking_budget is set; the model entry has no option thinking_budget_field");
  }
  Json body = Json::object();
  if (s.extra.is_object()) {
    for (const auto& [key, value] : s.extra.items()) {
      for (const char* ours : {"model", "messages", "stream", "stream_options", "n"}) {
        if (key == ours) return invalid(format("openai: sampling.extra may not set {}", ours));
      }
      body[key] = value;
    }
  }
  body["model"] = form.model;
  body["messages"] = messages_of(form, r);
  put(body, "temperature", s.temperature);
  put(body, "top_p", s.top_p);
  put(body, "min_p", s.min_p);
  put(body, "top_k", s.top_k);
  put(body, form.max_tokens_field.c_str(), s.max_tokens);
  put(body, "presence_penalty", s.presence_penalty);
  put(body, "frequency_penalty", s.frequency_penalty);
  put(body, "repetition_penalty", s.repetition_penalty);
  put(body, "seed", s.seed);
  put(body, "reasoning_effort", s.reasoning_effort);
  if (s.thinking_budget) body[form.thinking_budget_field] = *s.thinking_budget;
  if (!s.stop.empty()) body["stop"] = s.stop;
  if (r.choices > 1) body["n"] = r.choices;
  if (form.stream) {
    body["stream"] = true;
    if (form.stream_usage) body["stream_options"] = {{"include_usage", true}};
  }
  if (!r.prefix.empty() && form.continue_style == ContinueStyle::vllm) {
    body["continue_final_message"] = true;
    body["add_generation_prompt"] = false;
  }
  return dump_json(body);
}

}  // namespace assay
