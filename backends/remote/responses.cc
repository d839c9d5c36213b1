#include "backends/remote/responses.h"

#include "backends/remote/batch_openai.h"
#include "backends/remote/chat_dialect.h"
#include "backends/remote/remote.h"
#include "backends/remote/responses_reply.h"

namespace assay {
namespace {

class ResponsesDialect final : public Dialect {
 public:
  ResponsesDialect(ResponsesForm form, std::string key_header)
      : form_(std::move(form)), key_header_(std::move(key_header)) {}

  Result<WireRequest> request(const Request& r) const override {
    auto body = responses_body(form_, r);
    if (!body) return body.error();
    return WireRequest{"/responses", {}, std::move(*body)};
  }

  std::unique_ptr<ReplyReader> reader(const Request&) const override { return responses_reader(); }

  HttpHeaderList key_headers(const std::string& key) const override {
    return openai_key_headers(key_header_, key);
  }

  bool filtered(int status, std::string_view body) const override { return openai_filtered(status, body); }

  std::optional<Code> error_code(int, std::string_view) const override { return std::nullopt; }

 private:
  const ResponsesForm form_;
  const std::string key_header_;
};

}  // namespace

std::unique_ptr<Dialect> make_responses_dialect(ResponsesForm form, std::string key_header) {
  return std::make_unique<ResponsesDialect>(std::move(form), std::move(key_header));
}

Result<std::unique_ptr<Backend>> make_responses(const BackendOptions& options) {
  OptionReader read("openai-responses", options.options);
  auto s = remote_settings(read, options, {"openai-responses", "https://api.openai.com/v1"});
  if (!s) return s.error();
  ResponsesForm form;
  form.model = options.model;
  form.stream = s->stream;
  form.system_role = read.word("system_role", form.system_role, {"system", "developer"});
  const std::string summary = read.word("summary", "none", {"none", "auto", "concise", "detailed"});
  if (summary != "none") form.summary = summary;
  form.encrypted = read.flag("encrypted_reasoning", false);
  const std::string key_header = read.text("key_header", "Authorization");
  const bool at_home = is_at(*s, "https://api.openai.com");
  if (!read.has("trace_kind") && at_home) s->info.trace_kind = TraceKind::summary;
  const bool batches = read.flag("batches", at_home);
  if (auto ok = read.finish(); !ok) return ok.error();
  std::unique_ptr<BatchBackend> batch;
  if (batches) {
    ResponsesForm whole = form;
    whole.stream = false;
    batch = make_openai_batches(*s, make_responses_dialect(std::move(whole), key_header));
  }
  auto dialect = make_responses_dialect(std::move(form), key_header);
  return make_remote(std::move(*s), std::move(dialect), std::move(batch));
}

}  // namespace assay
