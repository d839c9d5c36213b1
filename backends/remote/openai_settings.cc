#include "backends/remote/openai_settings.h"

#include "backends/options.h"
#include "harness/base/format.h"

namespace assay {
namespace {

constexpr std::string_view kOpenAi = "https://api.openai.com/v1";

std::string trim(std::string text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.back())) text.pop_back();
  while (!text.empty() && blank(text.front())) text.erase(0, 1);
  return text;
}

ContinueStyle continue_style(const std::string& word) {
  if (word == "assistant") return ContinueStyle::assistant;
  if (word == "prefix") return ContinueStyle::prefix;
  if (word == "vllm") return ContinueStyle::vllm;
  return ContinueStyle::none;
}

void read_form(OptionReader& read, bool at_openai, OpenAiForm& form) {
  form.stream = read.flag("stream", true);
  form.stream_usage = read.flag("stream_usage", true);
  form.max_tokens_field = read.word("max_tokens_field", at_openai ? "max_completion_tokens" : "max_tokens",
                                    {"max_tokens", "max_completion_tokens"});
  form.system_role = read.word("system_role", "system", {"system", "developer", "user"});
  form.thinking_budget_field = read.text("thinking_budget_field", "");
  form.continue_style =
      continue_style(read.word("continue", "none", {"none", "assistant", "prefix", "vllm"}));
  form.max_choices = static_cast<std::uint32_t>(read.integer("max_choices", 1, 1, 128));
}

void read_info(OptionReader& read, BackendInfo& info) {
  info.revision = read.text("revision", "");
  if (read.has("context_limit")) info.context_limit = read.integer("context_limit", 0, 1, INT64_MAX);
  if (read.has("output_limit")) info.output_limit = read.integer("output_limit", 0, 1, INT64_MAX);
  read.any("context_limit");
  read.any("output_limit");
  info.trace_kind =
      read.word("trace_kind", "raw", {"raw", "summary"}) == "raw" ? TraceKind::raw : TraceKind::summary;
  info.think_tags = read.texts("think_tags");
  info.opens_think = read.flag("opens_think", false);
}

void read_headers(OptionReader& read, HttpHeaderList& headers) {
  const Json* found = read.any("headers");
  if (found == nullptr) return;
  if (!found->is_object()) return read.fail("headers", "a mapping of header names to texts");
  for (const auto& [name, value] : found->items()) {
    if (!value.is_string()) return read.fail("headers", "a mapping of header names to texts");
    headers.emplace_back(name, value.get<std::string>());
  }
}

}  // namespace

Result<OpenAiSettings> openai_settings(const BackendOptions& options) {
  OpenAiSettings s;
  OptionReader read("openai", options.options);
  std::string base = options.base_url.empty() ? std::string(kOpenAi) : options.base_url;
  while (!base.empty() && base.back() == '/') base.pop_back();
  auto origin = http_origin(base);
  if (!origin) return invalid(format("backend openai: base URL: {}", origin.error().message));
  const bool at_openai = *origin == "https://api.openai.com";
  read_form(read, at_openai, s.form);
  read_info(read, s.info);
  read_headers(read, s.headers);
  s.url = base + read.text("path", "/chat/completions");
  s.who = "openai: " + *origin;
  s.form.model = options.model;
  s.info.id = "openai";
  s.info.model = options.model;
  s.info.can_continue = s.form.continue_style != ContinueStyle::none;
  s.info.max_choices = s.form.max_choices;
  s.http.max_connections = options.max_connections;
  s.http.ca_file = read.text("ca_file", "");
  s.http.use_proxy = read.flag("use_proxy", true);
  s.timeouts.connect_s = read.number("connect_timeout_s", 30, 0.001, 86400);
  s.timeouts.first_byte_s = read.number("first_byte_timeout_s", 0, 0, 86400);
  s.timeouts.idle_s = read.number("idle_timeout_s", s.form.stream ? 300 : 0, 0, 86400);
  s.timeout_s = options.timeout_s;
  // A streamed token costs some 300 bytes, so that 256 MB hold about 800,000 of them.
  s.max_response = static_cast<std::size_t>(
      read.integer("max_response_bytes", s.form.stream ? 256 << 20 : 64 << 20, 1024, std::int64_t{4} << 30));
  s.keep_raw = read.flag("keep_raw", !s.form.stream);
  if (auto ok = read.finish(); !ok) return ok.error();
  if (options.model.empty()) return invalid("backend openai: no model is named");
  s.api_key = trim(options.api_key);
  if (s.api_key.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
    return invalid("backend openai: the API key holds a line break");
  }
  if (s.api_key.empty() && at_openai)
    return invalid("backend openai: no API key is given, and api.openai.com needs one");
  s.headers.emplace_back("Content-Type", "application/json");
  s.headers.emplace_back("Accept",
                         s.form.stream ? "text/event-stream, application/json" : "application/json");
  if (!s.api_key.empty()) s.headers.emplace_back("Authorization", "Bearer " + s.api_key);
  return s;
}

}  // namespace assay
