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

Result<void> check(const OpenAiForm& form, const Request& r) {
  if (r.choices < 1 || r.choices > form.max_choices) {
    return invalid(format("{} choices asked for; the model entry's max_choices is {}", r.choices, form.max_choices));
  }
  if (!r.prefix.empty() && form.continue_style == ContinueStyle::none) {
    return invalid("asked to go on from a cut answer; the model entry has no option `continue`");
  }
  const Sampling& s = r.sampling;
  if (form.reasoning == ReasoningStyle::openrouter) {
    if (s.thinking_budget && s.reasoning_effort) {
      return invalid("thinking_budget and reasoning_effort are both set; this API takes one of them");
    }
  } else if (s.thinking_budget && form.thinking_budget_field.empty()) {
    return invalid("thinking_budget is set; the model entry has no option thinking_budget_field");
  }
  return {};
}

void put_reasoning(const OpenAiForm& form, const Sampling& s, Json& body) {
  if (form.reasoning == ReasoningStyle::openrouter) {
    Json& to = body["reasoning"];
    if (s.reasoning_effort) to["effort"] = *s.reasoning_effort;
    if (s.thinking_budget) to["max_tokens"] = *s.thinking_budget;
    if (to.is_null()) body.erase("reasoning");
    return;
  }
  put(body, "reasoning_effort", s.reasoning_effort);
  if (s.thinking_budget) body[form.thinking_budget_field] = *s.thinking_budget;
}

// What a suite says under `extra`. It may fill in an object that is there, and not change what is set otherwise.
Result<void> put_extra(const Json& extra, const Json& always, Json& body) {
  if (!extra.is_object()) return {};
  for (const auto& [key, value] : extra.items()) {
    for (const char* ours : {"model", "messages", "prompt", "stream", "stream_options", "n"}) {
      if (key == ours) return invalid(format("sampling.extra may not set {}", ours));
    }
    if (body.contains(key) && body[key].is_object() && value.is_object()) {
      body[key].update(value);
    } else if (body.contains(key) && !always.contains(key) && body[key] != value) {
      return invalid(format("sampling.extra sets {}, which is set otherwise already",
                            printable(truncate_utf8(key, 80))));
    } else {
      body[key] = value;
    }
  }
  return {};
}

}  // namespace

Result<Json> openai_parameters(const OpenAiForm& form, const Request& r) {
  if (auto ok = check(form, r); !ok) return ok.error();
  const Sampling& s = r.sampling;
  Json body = form.always.is_object() ? form.always : Json::object();
  body["model"] = form.model;
  put(body, "temperature", s.temperature);
  put(body, "top_p", s.top_p);
  put(body, "min_p", s.min_p);
  put(body, "top_k", s.top_k);
  put(body, form.max_tokens_field.c_str(), s.max_tokens);
  put(body, "presence_penalty", s.presence_penalty);
  put(body, "frequency_penalty", s.frequency_penalty);
  put(body, "repetition_penalty", s.repetition_penalty);
  put(body, "seed", s.seed);
  put_reasoning(form, s, body);
  if (!s.stop.empty()) body["stop"] = s.stop;
  if (r.choices > 1) body["n"] = r.choices;
  if (form.stream) {
    body["stream"] = true;
    if (form.stream_usage) body["stream_options"] = {{"include_usage", true}};
  }
  if (auto ok = put_extra(s.extra, form.always, body); !ok) return ok.error();
  return body;
}

Result<std::string> openai_body(const OpenAiForm& form, const Request& r) {
  auto body = openai_parameters(form, r);
  if (!body) return body.error();
  (*body)["messages"] = messages_of(form, r);
  if (!r.prefix.empty() && form.continue_style == ContinueStyle::vllm) {
    (*body)["continue_final_message"] = true;
    (*body)["add_generation_prompt"] = false;
  }
  return dump_json(*body);
}

}  // namespace assay
