#include "backends/remote/gemini_request.h"

#include <limits>

#include "backends/remote/request_fields.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr std::size_t kMostStops = 5;  // stopSequences (docs: GenerationConfig)

Result<void> check_request(const GeminiForm& form, const Request& r) {
  const Sampling& s = r.sampling;
  if (r.choices < 1 || r.choices > form.max_choices) {
    return invalid(
        format("{} choices asked for; the model entry's max_choices is {}", r.choices, form.max_choices));
  }
  if (!r.prefix.empty()) return invalid("asked to go on from a cut answer, which this API cannot do");
  if (s.reasoning_effort && s.thinking_budget) {
    return invalid("reasoning_effort and thinking_budget are both set; this API takes one of them");
  }
  if (s.stop.size() > kMostStops) {
    return invalid(format("{} stop texts are set; this API takes at most {}", s.stop.size(), kMostStops));
  }
  if (s.seed && *s.seed > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max())) {
    return invalid(format("seed is {}; this API takes at most 2147483647", *s.seed));
  }
  return refuse_parameters(
      {{"min_p", s.min_p.has_value()}, {"repetition_penalty", s.repetition_penalty.has_value()}});
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return text;
}

Json thinking_config(const GeminiForm& form, const Sampling& s) {
  Json out = Json::object();
  if (form.include_thoughts) out["includeThoughts"] = true;
  put_field(out, "thinkingBudget", s.thinking_budget);
  if (s.reasoning_effort) out["thinkingLevel"] = upper(*s.reasoning_effort);  // enum ThinkingLevel
  return out;
}

Json generation_config(const GeminiForm& form, const Request& r) {
  const Sampling& s = r.sampling;
  Json out = Json::object();
  put_field(out, "temperature", s.temperature);
  put_field(out, "topP", s.top_p);
  put_field(out, "topK", s.top_k);
  put_field(out, "maxOutputTokens", s.max_tokens);
  put_field(out, "presencePenalty", s.presence_penalty);
  put_field(out, "frequencyPenalty", s.frequency_penalty);
  put_field(out, "seed", s.seed);
  if (!s.stop.empty()) out["stopSequences"] = s.stop;
  if (r.choices > 1) out["candidateCount"] = r.choices;
  Json thinking = thinking_config(form, s);
  if (!thinking.empty()) out["thinkingConfig"] = std::move(thinking);
  return out;
}

Json text_parts(const std::string& text) { return Json::array({Json{{"text", text}}}); }

bool names_model(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '/' || c == '@';
}

}  // namespace

bool gemini_thinks(std::string_view model) {
  static constexpr std::string_view kFamily = "gemini-";
  const std::size_t at = model.rfind(kFamily);
  if (at == std::string_view::npos) return false;
  const std::string_view v = model.substr(at + kFamily.size());
  const auto digit = [&v](std::size_t i) {
    return i < v.size() && v[i] >= '0' && v[i] <= '9' ? v[i] - '0' : -1;
  };
  if (digit(0) < 0) return true;  // "gemini-flash-latest"
  if (digit(1) >= 0 || digit(0) >= 3) return true;
  return digit(0) == 2 && v.size() > 1 && v[1] == '.' && digit(2) >= 5;
}

Result<std::string> gemini_path(const GeminiForm& form) {
  for (const char c : form.model) {
    if (!names_model(c))
      return invalid(format("model {}: not a name that this API has", printable(form.model)));
  }
  if (form.model.find("..") != std::string::npos) {
    return invalid(format("model {}: not a name that this API has", printable(form.model)));
  }
  const bool resource = form.model.find('/') != std::string::npos;
  return format("/{}{}:{}", resource ? "" : "models/", form.model,
                form.stream ? "streamGenerateContent?alt=sse" : "generateContent");
}

Result<std::string> gemini_body(const GeminiForm& form, const Request& r) {
  if (auto ok = check_request(form, r); !ok) return ok.error();
  auto conversation = split_system(r);
  if (!conversation) return conversation.error();
  Json body = Json::object();
  Json& contents = body["contents"] = Json::array();
  for (std::size_t i = conversation->begin; i < r.messages.size(); ++i) {
    const Message& m = r.messages[i];
    contents.push_back(
        {{"role", m.role == Role::assistant ? "model" : "user"}, {"parts", text_parts(m.content)}});
  }
  if (conversation->system) body["systemInstruction"] = {{"parts", text_parts(*conversation->system)}};
  Json config = generation_config(form, r);
  if (!config.empty()) body["generationConfig"] = std::move(config);
  if (auto ok = add_extra(r.sampling.extra, {"contents", "systemInstruction", "model"}, body); !ok)
    return ok.error();
  return dump_json(body);
}

}  // namespace assay
