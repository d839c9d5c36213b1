#include "backends/remote/chat_dialect.h"

#include "backends/remote/openai_response.h"

namespace assay {
namespace {

class ChatDialect final : public Dialect {
 public:
  ChatDialect(OpenAiForm form, std::string path, std::string key_header)
      : form_(std::move(form)), path_(std::move(path)), key_header_(std::move(key_header)) {}

  Result<WireRequest> request(const Request& r) const override {
    auto body = openai_body(form_, r);
    if (!body) return body.error();
    WireRequest out;
    out.path = path_;
    out.body = std::move(*body);
    return out;
  }

  std::unique_ptr<ReplyReader> reader(const Request& r) const override {
    return std::make_unique<ChatReader>(r.choices);
  }

  HttpHeaderList key_headers(const std::string& key) const override {
    return openai_key_headers(key_header_, key);
  }

  // Used-up quotas behind 429 are http_errors.h's, for all servers.
  std::optional<Code> error_code(int, std::string_view) const override { return std::nullopt; }
  bool filtered(int status, std::string_view body) const override { return openai_filtered(status, body); }

 private:
  const OpenAiForm form_;
  const std::string path_;
  const std::string key_header_;
};

}  // namespace

HttpHeaderList openai_key_headers(const std::string& header, const std::string& key) {
  return {{header, header == "Authorization" ? "Bearer " + key : key}};
}

bool openai_filtered(int status, std::string_view body) {
  if (status != 400 || body.find("content_filter") == std::string_view::npos) return false;
  const auto parsed = parse_json(body);
  if (!parsed) return false;
  const Json* error = json_find(*parsed, "error");
  return error != nullptr && json_string(*error, "code") == "content_filter";
}

std::unique_ptr<Dialect> make_chat_dialect(OpenAiForm form, std::string path, std::string key_header) {
  return std::make_unique<ChatDialect>(std::move(form), std::move(path), std::move(key_header));
}

}  // namespace assay
