// A model entry's options as the `openai` backend understands them.
#pragma once

#include <string>
#include <vector>

#include "backends/remote/openai_request.h"
#include "harness/base/http.h"

namespace assay {

struct OpenAiSettings {
  OpenAiForm form;
  std::string url;         // of the endpoint
  std::string who;         // "openai: https://host", in front of every message
  std::string api_key;     // empty: none is sent
  HttpHeaderList headers;  // everything that goes with each request, the key too
  HttpOptions http;
  HttpTimeouts timeouts;  // without the deadline
  double timeout_s = 600;
  std::size_t max_response = 0;  // bytes
  bool keep_raw = false;
  BackendInfo info;
};

Result<OpenAiSettings> openai_settings(const BackendOptions& options);

}  // namespace assay
