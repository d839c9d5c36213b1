// Any bytes are either a task file or one line of error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "harness/base/utf8.h"
#include "tasks/task_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto specs = assay::parse_task_file(text, "f.yaml");
  if (specs) {
    if (specs->empty() || specs->front().info.scorers.empty()) std::abort();
  } else if (!specs.error().message.starts_with("f.yaml:") ||
             specs.error().message != assay::printable(specs.error().message)) {
    std::abort();
  }
  return 0;
}
