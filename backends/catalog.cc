#include "harness/api/catalog.h"

#include "backends/scripted/scripted.h"

namespace assay {
namespace {

std::string nothing() { return {}; }

}  // namespace

std::span<const BackendEntry> backend_catalog() {
  static const BackendEntry kEntries[] = {
      {"scripted", "says what it is told to, from the targets: for tests and demonstrations", make_scripted, nothing},
  };
  return kEntries;
}

}  // namespace assay
