#include "harness/base/result.h"

namespace assay {

const char* name(Code code) {
  switch (code) {
    case Code::invalid: return "invalid";
    case Code::unavailable: return "unavailable";
    case Code::exhausted: return "exhausted";
    case Code::deadline: return "deadline";
    case Code::corrupt: return "corrupt";
    case Code::internal: return "internal";
    case Code::cancelled: return "cancelled";
  }
  return "unknown";
}

}  // namespace assay
