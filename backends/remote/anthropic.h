// `anthropic`: Anthropic's Messages, and every server that speaks the same. Options: docs/backends.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/remote/anthropic_request.h"
#include "backends/remote/dialect.h"

namespace assay {

struct AnthropicWire {
  std::string version = "2023-06-01";  // platform.claude.com/docs/en/api/versioning
  std::vector<std::string> beta;       // features that are not for everybody yet
  std::string key_header = "x-api-key";
};

std::unique_ptr<Dialect> make_anthropic_dialect(AnthropicForm form, const AnthropicWire& wire,
                                                TraceKind trace);

// Errors: as of remote_settings().
Result<std::unique_ptr<Backend>> make_anthropic(const BackendOptions& options);

}  // namespace assay
