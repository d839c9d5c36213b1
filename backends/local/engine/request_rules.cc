#include "backends/local/engine/request_rules.h"

#include <algorithm>

#include "backends/local/engine/sampling_rules.h"
#include "harness/base/format.h"
#include "harness/base/units.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

Result<bool> wants_logprobs(const Json& extra) {
  bool wanted = false;
  if (!extra.is_object()) return wanted;
  for (const auto& [key, value] : extra.items()) {
    if (key != "logprobs") {
      return invalid(format("sampling.extra.{}: not known to the backend local; known is logprobs",
                            printable(truncate_utf8(key, 80))));
    }
    if (!value.is_boolean()) return invalid("sampling.extra.logprobs: expected true or false");
    wanted = value.get<bool>();
  }
  return wanted;
}

Result<void> check_lengths(const Request& request, std::int64_t prompt, std::int64_t context) {
  const Sampling& s = request.sampling;
  if (prompt >= context) {
    return invalid(format("the prompt has {} tokens, which leaves no room for an answer in a context of {}",
                          grouped_text(static_cast<std::uint64_t>(prompt)),
                          grouped_text(static_cast<std::uint64_t>(context))));
  }
  if (s.max_tokens && *s.max_tokens < 1)
    return invalid(format("max_tokens is {}, expected at least 1", *s.max_tokens));
  if (s.thinking_budget && *s.thinking_budget < 0) {
    return invalid(format("thinking_budget is {}, expected 0 or more", *s.thinking_budget));
  }
  for (const std::string& stop : s.stop) {
    if (stop.empty()) return invalid("a stop string is empty");
  }
  return {};
}

}  // namespace

Result<GenerationRules> generation_rules(const Request& request, const Prompt& prompt,
                                         const GenerationDefaults& recommended, std::int64_t context,
                                         bool logprobs) {
  const auto used = static_cast<std::int64_t>(prompt.ids.size());
  if (auto ok = check_lengths(request, used, context); !ok) return ok.error();
  const auto extra = wants_logprobs(request.sampling.extra);
  if (!extra) return extra.error();
  auto sampling = sampling_rules(request.sampling, recommended);
  if (!sampling) return sampling.error();
  GenerationRules rules;
  rules.sampling = *sampling;
  rules.sampling.stream = random_stream(request, 0);
  rules.sampling.logprobs = logprobs || *extra;
  rules.stops = request.sampling.stop;
  const std::int64_t room = context - used;
  rules.max_tokens = std::min(request.sampling.max_tokens.value_or(room), room);
  rules.to_context_end = rules.max_tokens == room && request.sampling.max_tokens.value_or(room + 1) > room;
  rules.thinking_budget = request.sampling.thinking_budget;
  rules.trace_open = prompt.trace_open;
  rules.continues = !request.prefix.empty();
  if (rules.continues && prompt.trace_open) rules.thinking_spent = prompt.prefix_tokens;
  return rules;
}

}  // namespace assay::local
