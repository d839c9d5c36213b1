#include "backends/remote/anthropic_request.h"

#include "backends/remote/request_fields.h"
#include "harness/base/format.h"

namespace assay {
namespace {

constexpr std::int64_t kLeastBudget = 1024;  // tokens (docs: extended thinking)
constexpr double kLeastTopP = 0.95;          // with thinking (docs: extended thinking, feature compatibility)

struct Plan {
  Json thinking;  // null: nothing is said
  std::optional<std::string> effort;
  bool thinks = false;
};

Result<Plan> plan_effort(const AnthropicForm& form, const std::string& effort) {
  if (!form.traits.effort) {
    return invalid(
        format("{} has no effort levels; set thinking_budget instead of reasoning_effort", form.model));
  }
  Plan out;
  out.effort = effort;
  out.thinks = form.traits.adaptive;
  if (out.thinks) out.thinking = {{"type", "adaptive"}};
  return out;
}

Result<Plan> plan_budget(const AnthropicForm& form, std::int64_t budget, std::int64_t max_tokens) {
  Plan out;
  if (budget == 0) {
    out.thinking = {{"type", "disabled"}};
    return out;
  }
  if (!form.traits.budget) {
    return invalid(format("{} takes no thinking_budget{}", form.model,
                          form.traits.effort ? "; set reasoning_effort instead" : ""));
  }
  if (budget < kLeastBudget) {
    return invalid(format("thinking_budget is {}; it is 0, or at least {}", budget, kLeastBudget));
  }
  if (budget >= max_tokens) {
    return invalid(
        format("thinking_budget is {} and max_tokens {}; the budget is a part of max_tokens and must "
               "be smaller",
               budget, max_tokens));
  }
  out.thinking = {{"type", "enabled"}, {"budget_tokens", budget}};
  out.thinks = true;
  return out;
}

Result<Plan> plan_thinking(const AnthropicForm& form, const Sampling& s, std::int64_t max_tokens) {
  Plan out;
  if (s.reasoning_effort && s.thinking_budget) {
    // Opus 4.5 alone takes both; elsewhere one would win over the other unseen.
    if (!form.traits.budget || form.traits.adaptive || !form.traits.effort) {
      return invalid("reasoning_effort and thinking_budget are both set; one of them says how much to think");
    }
    auto planned = plan_budget(form, *s.thinking_budget, max_tokens);
    if (planned) planned->effort = s.reasoning_effort;
    return planned;
  }
  if (form.thinking == Thinking::disabled && !s.thinking_budget) {
    out.thinking = {{"type", "disabled"}};
    if (!s.reasoning_effort) return out;
    if (!form.traits.effort) return plan_effort(form, *s.reasoning_effort);  // its error
    out.effort = s.reasoning_effort;
    return out;
  }
  if (s.reasoning_effort && *s.reasoning_effort == "none") {
    out.thinking = {{"type", "disabled"}};
    return out;
  }
  if (s.reasoning_effort) return plan_effort(form, *s.reasoning_effort);
  if (s.thinking_budget) return plan_budget(form, *s.thinking_budget, max_tokens);
  if (form.thinking == Thinking::adaptive) {
    if (!form.traits.adaptive)
      return invalid(format("{} has no adaptive thinking; set thinking_budget", form.model));
    out.thinking = {{"type", "adaptive"}};
    out.thinks = true;
  }
  return out;
}

// What the API would refuse with status 400.
Result<void> check_sampling(const AnthropicForm& form, const Sampling& s, bool thinks) {
  const bool warm = s.temperature && *s.temperature != 1;
  if (!form.traits.sampling && (warm || (s.top_p && *s.top_p != 1) || s.top_k)) {
    return invalid(
        format("{} takes no temperature, top_p and top_k; leave them out for this model", form.model));
  }
  if (s.temperature && (*s.temperature < 0 || *s.temperature > 1)) {
    return invalid(format("temperature is {}; this API takes 0 to 1", *s.temperature));
  }
  if (!thinks) return {};
  if (warm) return invalid(format("temperature is {}; with thinking it can only be 1", *s.temperature));
  if (s.top_k) return invalid("top_k is set; with thinking it cannot be");
  if (s.top_p && *s.top_p < kLeastTopP) {
    return invalid(format("top_p is {}; with thinking it is at least {}", *s.top_p, kLeastTopP));
  }
  return {};
}

Result<void> check_request(const AnthropicForm& form, const Request& r) {
  const Sampling& s = r.sampling;
  if (r.choices != 1) return invalid(format("{} choices asked for; this API makes one a request", r.choices));
  if (!s.max_tokens && !form.output_limit) {
    return invalid("max_tokens is not set, and this API needs it; set it, or the model entry's output_limit");
  }
  if (!r.prefix.empty() && !form.traits.prefill) {
    return invalid(format("asked to go on from a cut answer, which {} cannot do", form.model));
  }
  return refuse_parameters({{"min_p", s.min_p.has_value()},
                            {"presence_penalty", s.presence_penalty.has_value()},
                            {"frequency_penalty", s.frequency_penalty.has_value()},
                            {"repetition_penalty", s.repetition_penalty.has_value()},
                            {"seed", s.seed.has_value()}});
}

Json messages_of(const Request& r, std::size_t begin) {
  Json out = Json::array();
  for (std::size_t i = begin; i < r.messages.size(); ++i) {
    const Message& m = r.messages[i];
    out.push_back({{"role", m.role == Role::assistant ? "assistant" : "user"}, {"content", m.content}});
  }
  if (r.prefix.empty()) return out;
  const std::size_t kept = r.prefix.size() - unsent_blank(r.prefix).size();
  if (kept > 0) out.push_back({{"role", "assistant"}, {"content", r.prefix.substr(0, kept)}});
  return out;
}

}  // namespace

std::string_view unsent_blank(std::string_view prefix) {
  const std::size_t last = prefix.find_last_not_of(" \t\r\n\f\v");
  return prefix.substr(last == std::string_view::npos ? 0 : last + 1);
}

Result<std::string> anthropic_body(const AnthropicForm& form, const Request& r) {
  const Sampling& s = r.sampling;
  if (auto ok = check_request(form, r); !ok) return ok.error();
  const std::int64_t max_tokens = s.max_tokens ? *s.max_tokens : *form.output_limit;
  auto plan = plan_thinking(form, s, max_tokens);
  if (!plan) return plan.error();
  if (auto ok = check_sampling(form, s, plan->thinks); !ok) return ok.error();
  if (plan->thinks && !r.prefix.empty()) {
    return invalid("asked to go on from a cut answer while thinking is on; this API does one or the other");
  }
  auto conversation = split_system(r);
  if (!conversation) return conversation.error();
  Json body = {{"model", form.model}, {"max_tokens", max_tokens}};
  body["messages"] = messages_of(r, conversation->begin);
  put_field(body, "system", conversation->system);
  put_field(body, "temperature", s.temperature);
  put_field(body, "top_p", s.top_p);
  put_field(body, "top_k", s.top_k);
  if (!s.stop.empty()) body["stop_sequences"] = s.stop;
  if (plan->thinks && !form.display.empty()) plan->thinking["display"] = form.display;
  if (!plan->thinking.is_null()) body["thinking"] = plan->thinking;
  if (plan->effort) body["output_config"] = {{"effort", *plan->effort}};
  if (!form.cache.empty()) body["cache_control"] = {{"type", "ephemeral"}, {"ttl", form.cache}};
  if (form.stream) body["stream"] = true;
  if (auto ok = add_extra(s.extra, {"model", "messages", "system", "stream", "max_tokens"}, body); !ok) {
    return ok.error();
  }
  return dump_json(body);
}

}  // namespace assay
