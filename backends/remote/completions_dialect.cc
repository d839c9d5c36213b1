#include "backends/remote/completions_dialect.h"

#include "backends/remote/chat_dialect.h"
#include "backends/remote/openai_response.h"

namespace assay {
namespace {

// A moment for templates that show the date: 26 July 2024, as for local models, so that prompts do not change by day.
constexpr std::int64_t kToday = 1721952000;

// Adds what was rendered here to the responses.
class CompletionReader final : public ReplyReader {
 public:
  CompletionReader(std::uint32_t choices, std::string prompt, std::string prompt_template)
      : inner_(choices), prompt_(std::move(prompt)), prompt_template_(std::move(prompt_template)) {}

  BackendReply whole(std::string_view body) override { return with_prompt(inner_.whole(body)); }
  bool feed(std::string_view bytes) override { return inner_.feed(bytes); }
  bool any_token() const override { return inner_.any_token(); }
  BackendReply finish(const std::optional<Error>& transport) override {
    return with_prompt(inner_.finish(transport));
  }

 private:
  BackendReply with_prompt(BackendReply reply) const {
    for (Response& r : reply.responses) {
      r.prompt = prompt_;
      r.prompt_template = prompt_template_;
    }
    return reply;
  }

  ChatReader inner_;
  const std::string prompt_;
  const std::string prompt_template_;
};

class CompletionsDialect final : public Dialect {
 public:
  CompletionsDialect(OpenAiForm form, PromptForm prompt, std::string path, std::string key_header)
      : form_(std::move(form)),
        prompt_(std::move(prompt)),
        path_(std::move(path)),
        key_header_(std::move(key_header)) {}

  Result<WireRequest> request(const Request& r) const override {
    auto body = openai_parameters(form_, r);
    if (!body) return body.error();
    auto prompt = render_prompt(prompt_, r);
    if (!prompt) return prompt.error();
    (*body)["prompt"] = *prompt + r.prefix;
    WireRequest out;
    out.path = path_;
    out.body = dump_json(*body);
    return out;
  }

  std::unique_ptr<ReplyReader> reader(const Request& r) const override {
    const auto& t = prompt_.chat_template;
    auto prompt = render_prompt(prompt_, r);
    return std::make_unique<CompletionReader>(r.choices, prompt.ok() ? *prompt + r.prefix : std::string(),
                                              t ? t->digest().hex() : std::string());
  }

  HttpHeaderList key_headers(const std::string& key) const override {
    return openai_key_headers(key_header_, key);
  }

  std::optional<Code> error_code(int, std::string_view) const override { return std::nullopt; }
  bool filtered(int status, std::string_view body) const override { return openai_filtered(status, body); }

 private:
  const OpenAiForm form_;
  const PromptForm prompt_;
  const std::string path_;
  const std::string key_header_;
};

}  // namespace

Result<std::string> render_prompt(const PromptForm& form, const Request& r) {
  if (form.chat_template) {
    ChatInput input;
    input.messages = r.messages;
    input.bos_token = form.bos_token;
    input.eos_token = form.eos_token;
    input.variables = form.variables;
    input.unix_seconds = kToday;
    if (r.sampling.reasoning_effort) input.variables["reasoning_effort"] = *r.sampling.reasoning_effort;
    return form.chat_template->render(input);
  }
  std::string out;
  for (const Message& m : r.messages) {
    if (!out.empty()) out += "\n\n";
    out += m.content;
  }
  return out;
}

std::unique_ptr<Dialect> make_completions_dialect(OpenAiForm form, PromptForm prompt, std::string path,
                                                  std::string key_header) {
  return std::make_unique<CompletionsDialect>(std::move(form), std::move(prompt), std::move(path),
                                              std::move(key_header));
}

}  // namespace assay
