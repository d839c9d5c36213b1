// What all remote backends' model entries have in common: addresses, key, headers, deadlines, limits.
//
//   OptionReader read("deepseek", options.options);
//   auto remote = remote_settings(read, options, {.id = "deepseek", .base_url = "https://api.deepseek.com"});
//   if (!remote) return remote.error();
//   form.thinking = read.word("thinking", ...);      // the dialect's own options
//   if (auto ok = read.finish(); !ok) return ok.error();
//   return make_remote(std::move(*remote), make_chat_dialect(form));
//
// Errors: Code::invalid for a bad address, no model, a key with a line break, or no key where the default
// address needs one. A wrong option is told by read.finish().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backends/options.h"
#include "backends/remote/model_table.h"
#include "harness/api/backend.h"
#include "harness/base/http.h"

namespace assay {

struct RemoteDefaults {
  std::string_view id;        // "openai", in front of every message
  std::string_view base_url;  // empty: the model entry must name one
  bool stream = true;
};

// One server that answers for the model.
struct Replica {
  std::string base;    // without a slash at its end, without a query
  std::string query;   // of the base URL, "?api-version=1", or empty
  std::string origin;  // "https://host:port", for messages
  std::string shown;   // origin and path, for the record; no user, password or query
};

struct RemoteSettings {
  std::string id;
  std::string model;
  bool stream = true;
  std::vector<Replica> replicas;  // at least one
  std::string api_key;            // empty: none is sent
  HttpHeaderList headers;         // of the user; they win over ours of the same name
  std::vector<std::string> secrets;  // key, secret headers, passwords of addresses
  HttpOptions http;
  HttpTimeouts timeouts;          // without the deadline
  double timeout_s = 600;
  std::size_t max_response = 0;   // bytes
  std::size_t max_exchange = 0;   // bytes of a response that are kept for the record
  bool keep_raw = false;          // Response::raw
  ModelFacts facts;               // what the model table says; `info` has it too
  BackendInfo info;               // can_continue and max_choices are the dialect's to set
};

Result<RemoteSettings> remote_settings(OptionReader& read, const BackendOptions& options,
                                       const RemoteDefaults& defaults);

// True when the only address is `origin` ("https://api.openai.com"), whose own names for things then hold.
bool is_at(const RemoteSettings& settings, std::string_view origin);

// Who is paid at this address: "openai", "deepseek", "together"; empty for addresses without a service's name.
std::string provider_of(std::string_view origin);

}  // namespace assay
