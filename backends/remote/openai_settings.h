// The options that the backends of the OpenAI family have beside those of all remote ones.
#pragma once

#include <string>

#include "backends/remote/openai_request.h"
#include "backends/remote/remote_settings.h"

namespace assay {

struct OpenAiSettings {
  RemoteSettings remote;
  OpenAiForm form;
  std::string path;        // behind the base URL
  std::string key_header;
};

// Reads all options but the backend's own; read.finish() is the caller's.
Result<OpenAiSettings> openai_settings(OptionReader& read, const BackendOptions& options,
                                       const RemoteDefaults& defaults, std::string_view path);

}  // namespace assay
