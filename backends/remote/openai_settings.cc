#include "backends/remote/openai_settings.h"

namespace assay {
namespace {

ContinueStyle continue_style(const std::string& word) {
  if (word == "assistant") return ContinueStyle::assistant;
  if (word == "prefix") return ContinueStyle::prefix;
  if (word == "vllm") return ContinueStyle::vllm;
  return ContinueStyle::none;
}

}  // namespace

Result<OpenAiSettings> openai_settings(OptionReader& read, const BackendOptions& options,
                                       const RemoteDefaults& defaults, std::string_view path) {
  auto remote = remote_settings(read, options, defaults);
  if (!remote) return remote.error();
  OpenAiSettings s;
  s.remote = std::move(*remote);
  OpenAiForm& form = s.form;
  const bool at_openai = is_at(s.remote, "https://api.openai.com");
  form.model = options.model;
  form.stream = s.remote.stream;
  form.stream_usage = read.flag("stream_usage", true);
  const std::string max_tokens = at_openai ? "max_completion_tokens" : "max_tokens";
  form.max_tokens_field = read.word("max_tokens_field", s.remote.facts.max_tokens_field.value_or(max_tokens),
                                    {"max_tokens", "max_completion_tokens"});
  form.system_role = read.word("system_role", s.remote.facts.system_role.value_or("system"),
                               {"system", "developer", "user"});
  form.thinking_budget_field = read.text("thinking_budget_field", "");
  form.continue_style =
      continue_style(read.word("continue", "none", {"none", "assistant", "prefix", "vllm"}));
  form.max_choices = static_cast<std::uint32_t>(read.integer("max_choices", 1, 1, 128));
  s.path = read.text("path", std::string(path));
  s.key_header = read.text("key_header", "Authorization");
  s.remote.info.can_continue = form.continue_style != ContinueStyle::none;
  s.remote.info.max_choices = form.max_choices;
  return s;
}

}  // namespace assay
