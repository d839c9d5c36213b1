#include "backends/remote/anthropic.h"

#include "backends/remote/anthropic_reply.h"
#include "backends/remote/batch_anthropic.h"
#include "backends/remote/chat_dialect.h"
#include "backends/remote/remote.h"

namespace assay {
namespace {

constexpr std::string_view kHome = "https://api.anthropic.com";

HttpHeaderList version_headers(const AnthropicWire& wire) {
  HttpHeaderList out = {{"anthropic-version", wire.version}};
  std::string beta;
  for (const std::string& name : wire.beta) beta += (beta.empty() ? "" : ",") + name;
  if (!beta.empty()) out.emplace_back("anthropic-beta", std::move(beta));
  return out;
}

class AnthropicDialect final : public Dialect {
 public:
  AnthropicDialect(AnthropicForm form, const AnthropicWire& wire, TraceKind trace)
      : form_(std::move(form)),
        key_header_(wire.key_header),
        trace_(trace),
        headers_(version_headers(wire)) {}

  Result<WireRequest> request(const Request& r) const override {
    auto body = anthropic_body(form_, r);
    if (!body) return body.error();
    return WireRequest{"/messages", headers_, std::move(*body)};
  }

  std::unique_ptr<ReplyReader> reader(const Request& r) const override {
    return anthropic_reader(trace_, std::string(unsent_blank(r.prefix)));
  }

  HttpHeaderList key_headers(const std::string& key) const override {
    return openai_key_headers(key_header_, key);
  }

  bool filtered(int status, std::string_view body) const override { return anthropic_filtered(status, body); }

  std::optional<Code> error_code(int, std::string_view body) const override {
    return anthropic_error_code(body);
  }

 private:
  const AnthropicForm form_;
  const std::string key_header_;
  const TraceKind trace_;
  const HttpHeaderList headers_;
};

void read_form(OptionReader& read, AnthropicForm& form) {
  const std::string thinking = read.word("thinking", "as_asked", {"as_asked", "adaptive", "disabled"});
  if (thinking == "adaptive") form.thinking = Thinking::adaptive;
  if (thinking == "disabled") form.thinking = Thinking::disabled;
  const std::string display = read.word("thinking_display", form.traits.hides_text ? "summarized" : "default",
                                        {"default", "summarized", "omitted"});
  if (display != "default") form.display = display;
  const std::string cache = read.word("cache", "none", {"none", "5m", "1h"});
  if (cache != "none") form.cache = cache;
  const std::string goes_on = form.traits.prefill ? "assistant" : "none";
  form.traits.prefill = read.word("continue", goes_on, {"none", "assistant"}) == "assistant";
}

}  // namespace

std::unique_ptr<Dialect> make_anthropic_dialect(AnthropicForm form, const AnthropicWire& wire,
                                                TraceKind trace) {
  return std::make_unique<AnthropicDialect>(std::move(form), wire, trace);
}

Result<std::unique_ptr<Backend>> make_anthropic(const BackendOptions& options) {
  OptionReader read("anthropic", options.options);
  auto s = remote_settings(read, options, {"anthropic", "https://api.anthropic.com/v1"});
  if (!s) return s.error();
  const bool at_home = is_at(*s, kHome);
  // The address as other clients have it, which add the version themselves.
  for (Replica& r : s->replicas) {
    if (r.base == kHome) r.base += "/v1", r.shown += "/v1";
  }
  AnthropicForm form;
  form.model = options.model;
  form.stream = s->stream;
  form.traits = claude_traits(options.model);
  form.output_limit = s->info.output_limit;
  read_form(read, form);
  AnthropicWire wire;
  wire.version = read.text("version", wire.version);
  wire.beta = read.texts("beta");
  wire.key_header = read.text("key_header", wire.key_header);
  if (!read.has("trace_kind")) s->info.trace_kind = form.traits.trace;
  s->info.can_continue = form.traits.prefill && form.thinking != Thinking::adaptive;
  const bool batches = read.flag("batches", at_home);
  if (auto ok = read.finish(); !ok) return ok.error();
  const TraceKind trace = s->info.trace_kind;
  std::unique_ptr<BatchBackend> batch;
  if (batches) {
    AnthropicForm whole = form;
    whole.stream = false;
    batch = make_anthropic_batches(*s, make_anthropic_dialect(std::move(whole), wire, trace),
                                   version_headers(wire));
  }
  auto dialect = make_anthropic_dialect(std::move(form), wire, trace);
  return make_remote(std::move(*s), std::move(dialect), std::move(batch));
}

}  // namespace assay
