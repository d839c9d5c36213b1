#include "backends/remote/remote_settings.h"

#include <algorithm>
#include <cstdlib>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

std::string trim(std::string text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.back())) text.pop_back();
  while (!text.empty() && blank(text.front())) text.erase(0, 1);
  return text;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

// Header names whose values are secrets: Authorization, X-Api-Key, Ocp-Apim-Subscription-Key, Cookie, ...
bool names_secret(std::string_view header) {
  const std::string name = lowered(header);
  for (const char* word : {"auth", "key", "token", "secret", "cookie", "password", "credential"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return false;
}

// The value, and what stands behind its scheme: "Bearer abc" is the secret "abc".
void add_secret(std::vector<std::string>& secrets, const std::string& value) {
  const std::size_t blank = value.find(' ');
  secrets.push_back(blank == std::string::npos ? value : trim(value.substr(blank + 1)));
}

void read_info(OptionReader& read, BackendInfo& info) {
  info.revision = read.text("revision", info.revision);
  if (read.has("context_limit")) info.context_limit = read.integer("context_limit", 0, 1, INT64_MAX);
  if (read.has("output_limit")) info.output_limit = read.integer("output_limit", 0, 1, INT64_MAX);
  read.any("context_limit");
  read.any("output_limit");
  info.trace_kind = trace_kind_from_name(read.word("trace_kind", std::string(name(info.trace_kind)),
                                                   {"raw", "summary", "encrypted", "hidden", "none"}))
                        .value_or(TraceKind::raw);
  if (read.has("think_tags")) info.think_tags = read.texts("think_tags");
  read.any("think_tags");
  info.opens_think = read.flag("opens_think", info.opens_think);
}

void read_headers(OptionReader& read, RemoteSettings& s) {
  const Json* found = read.any("headers");
  if (found == nullptr) return;
  if (!found->is_object()) return read.fail("headers", "a mapping of header names to texts");
  for (const auto& [name, value] : found->items()) {
    if (!value.is_string()) return read.fail("headers", "a mapping of header names to texts");
    s.headers.emplace_back(name, value.get<std::string>());
    if (names_secret(name)) add_secret(s.secrets, s.headers.back().second);
  }
}

// Headers whose values come from the environment, and are secrets.
Result<void> read_secret_headers(OptionReader& read, RemoteSettings& s) {
  static constexpr const char* kWanted = "a mapping of header names to names of environment variables";
  const Json* found = read.any("header_env");
  if (found == nullptr) return {};
  if (!found->is_object()) return read.fail("header_env", kWanted), Result<void>{};
  for (const auto& [name, value] : found->items()) {
    if (!value.is_string()) return read.fail("header_env", kWanted), Result<void>{};
    const auto variable = value.get<std::string>();
    const char* text = std::getenv(variable.c_str());
    if (text == nullptr || *text == '\0') {
      return invalid(format("backend {}: option header_env: the environment variable {} is not set", s.id,
                            printable(truncate_utf8(variable, 80))));
    }
    s.headers.emplace_back(name, trim(text));
    add_secret(s.secrets, s.headers.back().second);
  }
  return {};
}

// The path of an absolute URL without its query, and the query.
void split_url(std::string_view url, std::string_view& rest, std::string_view& query) {
  url = url.substr(0, url.find('#'));
  const std::size_t mark = url.find('?');
  query = mark == std::string_view::npos ? std::string_view() : url.substr(mark);
  rest = url.substr(0, mark);
}

Result<Replica> replica(const RemoteSettings& s, const std::string& url, std::vector<std::string>& secrets) {
  Replica out;
  std::string_view rest, query;
  split_url(url, rest, query);
  while (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  out.base = rest;
  out.query = query.size() > 1 ? std::string(query) : std::string();
  auto origin = http_origin(out.base);
  if (!origin) return invalid(format("backend {}: base URL: {}", s.id, origin.error().message));
  out.origin = std::move(*origin);
  const std::size_t host = rest.find("://") + 3;
  const std::size_t slash = std::min(rest.find('/', host), rest.size());
  const std::string_view authority = rest.substr(host, slash - host);
  out.shown = out.origin + printable(rest.substr(slash));
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view user = authority.substr(0, at);
    const std::size_t colon = std::min(user.find(':'), user.size());
    secrets.emplace_back(user.substr(0, colon));
    if (colon < user.size()) secrets.emplace_back(user.substr(colon + 1));
  }
  return out;
}

Result<void> read_replicas(const BackendOptions& options, const RemoteDefaults& defaults, RemoteSettings& s) {
  std::vector<std::string> urls;
  const std::string base = options.base_url.empty() ? std::string(defaults.base_url) : options.base_url;
  if (base.empty() && options.replicas.empty()) {
    return invalid(format("backend {}: base_url is missing; this backend has no address of its own", s.id));
  }
  if (!base.empty()) urls.push_back(base);
  urls.insert(urls.end(), options.replicas.begin(), options.replicas.end());
  for (const std::string& url : urls) {
    auto made = replica(s, trim(url), s.secrets);
    if (!made) return made.error();
    const bool twice = std::any_of(s.replicas.begin(), s.replicas.end(), [&made](const Replica& r) {
      return r.base == made->base && r.query == made->query;
    });
    if (twice) return invalid(format("backend {}: an address at {} is named twice", s.id, made->origin));
    s.replicas.push_back(std::move(*made));
  }
  return {};
}

Result<void> read_key(const BackendOptions& options, const RemoteDefaults& defaults, RemoteSettings& s) {
  s.api_key = trim(options.api_key);
  if (s.api_key.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
    return invalid(format("backend {}: the API key holds a line break", s.id));
  }
  if (!s.api_key.empty()) s.secrets.push_back(s.api_key);
  const auto home = defaults.base_url.empty() ? Result<std::string>(std::string())
                                              : http_origin(std::string(defaults.base_url));
  const bool own_header = std::any_of(s.headers.begin(), s.headers.end(),
                                      [](const auto& header) { return names_secret(header.first); });
  if (s.api_key.empty() && !own_header && home.ok() && is_at(s, *home)) {
    return invalid(format("backend {}: no API key is given, and {} needs one", s.id, home->substr(8)));
  }
  return {};
}

void read_transfer(OptionReader& read, const BackendOptions& options, RemoteSettings& s) {
  s.http.max_connections = options.max_connections;
  s.http.ca_file = read.text("ca_file", "");
  s.http.use_proxy = read.flag("use_proxy", true);
  s.timeouts.connect_s = read.number("connect_timeout_s", 30, 0.001, 86400);
  s.timeouts.first_byte_s = read.number("first_byte_timeout_s", 0, 0, 86400);
  s.timeouts.idle_s = read.number("idle_timeout_s", s.stream ? 300 : 0, 0, 86400);
  s.timeout_s = options.timeout_s;
  // A streamed token costs some 300 bytes, so that 256 MB hold about 800,000 of them.
  s.max_response = static_cast<std::size_t>(
      read.integer("max_response_bytes", s.stream ? 256 << 20 : 64 << 20, 1024, std::int64_t{4} << 30));
  s.max_exchange = static_cast<std::size_t>(read.integer("keep_bytes", 64 << 20, 0, std::int64_t{1} << 30));
  s.keep_raw = read.flag("keep_raw", !s.stream);
}

}  // namespace

bool is_at(const RemoteSettings& settings, std::string_view origin) {
  return settings.replicas.size() == 1 && settings.replicas.front().origin == origin;
}

std::string provider_of(std::string_view origin) {
  struct Row {
    std::string_view host;
    std::string_view provider;
  };
  static constexpr Row kRows[] = {{"generativelanguage.googleapis.com", "google"},
                                  {"aiplatform.googleapis.com", "vertex"},
                                  {"amazonaws.com", "bedrock"},
                                  {"api.x.ai", "xai"},
                                  {"openai.azure.com", "azure"}};
  const std::size_t scheme = origin.find("://");
  if (scheme != std::string_view::npos) origin.remove_prefix(scheme + 3);
  std::string host = lowered(origin.substr(0, origin.find(':')));
  for (const Row& row : kRows) {
    const bool same = host.size() >= row.host.size() &&
                      host.compare(host.size() - row.host.size(), row.host.size(), row.host) == 0;
    if (same) return std::string(row.provider);
  }
  const std::size_t last = host.rfind('.');
  if (last == std::string::npos || last + 1 >= host.size()) return {};
  if (host[last + 1] >= '0' && host[last + 1] <= '9') return {};  // an address
  host.resize(last);
  const std::size_t before = host.rfind('.');
  return before == std::string::npos ? host : host.substr(before + 1);
}

Result<RemoteSettings> remote_settings(OptionReader& read, const BackendOptions& options,
                                       const RemoteDefaults& defaults) {
  RemoteSettings s;
  s.id = defaults.id;
  s.model = options.model;
  s.info.id = s.id;
  s.info.model = options.model;
  s.info.trace_kind = TraceKind::raw;
  if (auto ok = read_replicas(options, defaults, s); !ok) return ok.error();
  s.info.provider =
      options.provider.empty() ? provider_of(s.replicas.front().origin) : options.provider;
  auto facts = find_model_facts(s.info.provider, options.model, options.model_tables);
  if (!facts) return facts.error();
  fill_info(*facts, s.info);  // before the options, which win over them
  s.facts = std::move(*facts);
  s.stream = read.flag("stream", defaults.stream);
  read_info(read, s.info);
  read_headers(read, s);
  if (auto ok = read_secret_headers(read, s); !ok) return ok.error();
  read_transfer(read, options, s);
  if (options.model.empty()) return invalid(format("backend {}: no model is named", s.id));
  if (auto ok = read_key(options, defaults, s); !ok) return ok.error();
  return s;
}

}  // namespace assay
