#include <cstdlib>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/run/workload.h"

namespace assay {
namespace {

std::string variable_for(std::string_view service) {
  std::string out;
  for (const char c : service) {
    if (c >= 'a' && c <= 'z')
      out += static_cast<char>(c - 'a' + 'A');
    else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
      out += c;
    else
      out += '_';
  }
  return out + "_API_KEY";
}

std::string_view host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of(":/?#"));
}

// Services whose variable has another name than their backend or their host.
std::string_view known_as(std::string_view service) {
  struct Row {
    std::string_view service;
    std::string_view key_of;
  };
  static constexpr Row kRows[] = {{"openai-responses", "openai"}, {"googleapis", "gemini"}, {"x", "xai"}};
  for (const Row& row : kRows) {
    if (row.service == service) return row.key_of;
  }
  return service;
}

// The label before the last one: "api.deepseek.com" is "deepseek". Empty for addresses and bare host names.
std::string_view service_of(std::string_view host) {
  const std::size_t last = host.rfind('.');
  if (last == std::string_view::npos || last + 1 >= host.size()) return {};
  const char first = host[last + 1];
  if (first >= '0' && first <= '9') return {};  // 127.0.0.1
  const std::string_view rest = host.substr(0, last);
  const std::size_t before = rest.rfind('.');
  return before == std::string_view::npos ? rest : rest.substr(before + 1);
}

}  // namespace

// A server without a service's name (127.0.0.1, a host in the cluster) is nobody's in particular: no key goes
// there unless one is named.
std::string api_key_variable(const ModelEntry& model) {
  if (!model.api_key_env.empty()) return model.api_key_env;
  if (model.base_url.empty()) return variable_for(known_as(model.backend));
  const std::string_view service = service_of(host_of(model.base_url));
  return service.empty() ? std::string() : variable_for(known_as(service));
}

Result<std::string> api_key(const ModelEntry& model) {
  const std::string variable = api_key_variable(model);
  if (variable.empty()) return std::string();
  const char* value = std::getenv(variable.c_str());
  if (value != nullptr && *value != '\0') return std::string(value);
  if (model.api_key_env.empty()) return std::string();
  return invalid(format("model '{}': the environment variable {} that should hold its key is not set",
                        printable(model.name), variable));
}

}  // namespace assay
