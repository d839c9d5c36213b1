#include "backends/remote/openai.h"

#include <fstream>
#include <sstream>

#include "backends/remote/batch_openai.h"
#include "backends/remote/chat_dialect.h"
#include "backends/remote/completions_dialect.h"
#include "backends/remote/openai_settings.h"
#include "backends/remote/remote.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr std::string_view kChatPath = "/chat/completions";

// `batches`: the server has the batch endpoints too.
std::unique_ptr<Backend> chat_backend(OpenAiSettings s, bool batches = false) {
  std::unique_ptr<BatchBackend> batch;
  if (batches) {
    OpenAiForm whole = s.form;
    whole.stream = false;
    batch = make_openai_batches(s.remote, make_chat_dialect(std::move(whole), s.path, s.key_header));
  }
  auto dialect = make_chat_dialect(std::move(s.form), std::move(s.path), std::move(s.key_header));
  return make_remote(std::move(s.remote), std::move(dialect), std::move(batch));
}

// A mapping that goes into every request under `field`.
void read_object(OptionReader& read, const char* option, const char* field, Json& always) {
  const Json* found = read.any(option);
  if (found == nullptr) return;
  if (!found->is_object()) return read.fail(option, "a mapping");
  always[field] = *found;
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) {
    return invalid(format("backend completions: option chat_template: {} cannot be read",
                          printable(truncate_utf8(path, 200))));
  }
  return text.str();
}

Result<PromptForm> prompt_form(OptionReader& read) {
  PromptForm out;
  out.bos_token = read.text("bos_token", "");
  out.eos_token = read.text("eos_token", "");
  if (const Json* variables = read.any("template_variables")) {
    if (variables->is_object()) {
      out.variables = OrderedJson(*variables);
    } else {
      read.fail("template_variables", "a mapping of names to values");
    }
  }
  const std::string path = read.text("chat_template", "none");
  if (path == "none") return out;
  auto source = read_file(path);
  if (!source) return source.error();
  auto parsed = ChatTemplate::parse(*source);
  if (!parsed) return invalid(format("backend completions: {}: {}", printable(path), parsed.error().message));
  out.chat_template = std::move(*parsed);
  return out;
}

}  // namespace

Result<std::unique_ptr<Backend>> make_openai(const BackendOptions& options) {
  OptionReader read("openai", options.options);
  auto s = openai_settings(read, options, {"openai", "https://api.openai.com/v1"}, kChatPath);
  if (!s) return s.error();
  const bool batches = read.flag("batches", is_at(s->remote, "https://api.openai.com"));
  if (auto ok = read.finish(); !ok) return ok.error();
  return chat_backend(std::move(*s), batches);
}

// api-docs.deepseek.com/guides/thinking_mode: {"thinking": {"type": "enabled"}}.
Result<std::unique_ptr<Backend>> make_deepseek(const BackendOptions& options) {
  OptionReader read("deepseek", options.options);
  auto s = openai_settings(read, options, {"deepseek", "https://api.deepseek.com"}, kChatPath);
  if (!s) return s.error();
  if (read.has("thinking")) s->form.always["thinking"]["type"] = read.flag("thinking", true) ? "enabled" : "disabled";
  read.any("thinking");
  if (auto ok = read.finish(); !ok) return ok.error();
  return chat_backend(std::move(*s));
}

// openrouter.ai/docs/use-cases/reasoning-tokens, .../features/provider-routing, .../use-cases/usage-accounting.
Result<std::unique_ptr<Backend>> make_openrouter(const BackendOptions& options) {
  OptionReader read("openrouter", options.options);
  auto s = openai_settings(read, options, {"openrouter", "https://openrouter.ai/api/v1"}, kChatPath);
  if (!s) return s.error();
  s->form.reasoning = ReasoningStyle::openrouter;
  s->form.always["usage"]["include"] = true;
  read_object(read, "provider", "provider", s->form.always);
  read_object(read, "reasoning", "reasoning", s->form.always);
  if (auto ok = read.finish(); !ok) return ok.error();
  return chat_backend(std::move(*s));
}

Result<std::unique_ptr<Backend>> make_completions(const BackendOptions& options) {
  OptionReader read("completions", options.options);
  auto s = openai_settings(read, options, {"completions", ""}, "/completions");
  if (!s) return s.error();
  auto prompt = prompt_form(read);
  if (!prompt) return prompt.error();
  if (auto ok = read.finish(); !ok) return ok.error();
  if (s->form.continue_style == ContinueStyle::none) s->form.continue_style = ContinueStyle::assistant;
  s->remote.info.can_continue = true;  // appending
  auto dialect = make_completions_dialect(std::move(s->form), std::move(*prompt), std::move(s->path),
                                          std::move(s->key_header));
  return make_remote(std::move(s->remote), std::move(dialect));
}

}  // namespace assay
