#include "backends/remote/gemini.h"

#include "backends/remote/gemini_reply.h"
#include "backends/remote/remote.h"
#include "harness/base/format.h"

namespace assay {
namespace {

class GeminiDialect final : public Dialect {
 public:
  explicit GeminiDialect(GeminiForm form) : form_(std::move(form)) {}

  Result<WireRequest> request(const Request& r) const override {
    auto path = gemini_path(form_);
    if (!path) return path.error();
    auto body = gemini_body(form_, r);
    if (!body) return body.error();
    return WireRequest{std::move(*path), {}, std::move(*body)};
  }

  std::unique_ptr<ReplyReader> reader(const Request& r) const override { return gemini_reader(r.choices); }

  // In a header, since an address is logged on the way.
  HttpHeaderList key_headers(const std::string& key) const override { return {{"x-goog-api-key", key}}; }

  std::optional<Code> error_code(int status, std::string_view body) const override {
    return gemini_error_code(status, body);
  }

  std::optional<double> retry_after(std::string_view body) const override { return gemini_retry_delay(body); }

 private:
  const GeminiForm form_;
};

}  // namespace

std::unique_ptr<Dialect> make_gemini_dialect(GeminiForm form) {
  return std::make_unique<GeminiDialect>(std::move(form));
}

Result<std::unique_ptr<Backend>> make_gemini(const BackendOptions& options) {
  OptionReader read("gemini", options.options);
  auto s = remote_settings(read, options, {"gemini", "https://generativelanguage.googleapis.com/v1beta"});
  if (!s) return s.error();
  GeminiForm form;
  form.model = options.model;
  form.stream = s->stream;
  form.include_thoughts = read.flag("include_thoughts", gemini_thinks(options.model));
  form.max_choices = static_cast<std::uint32_t>(read.integer("max_choices", 1, 1, 8));
  if (!read.has("trace_kind")) s->info.trace_kind = TraceKind::summary;
  s->info.max_choices = form.max_choices;
  if (auto ok = read.finish(); !ok) return ok.error();
  if (auto path = gemini_path(form); !path)
    return invalid(format("backend gemini: {}", path.error().message));
  auto dialect = make_gemini_dialect(std::move(form));
  return make_remote(std::move(*s), std::move(dialect));
}

}  // namespace assay
