#include "scorers/math/c_api.h"

#include <cstring>
#include <string>

#include "scorers/math/grade.h"

namespace {

void put(const std::string& text, char* out, std::size_t size) {
  if (out == nullptr || size == 0) return;
  const std::size_t n = text.size() < size ? text.size() : size - 1;
  std::memcpy(out, text.data(), n);
  out[n] = '\0';
}

int code_of(const assay::math::Verdict& v) {
  if (v.equal == assay::math::Equal::yes) return ASSAY_TRUE;
  if (v.equal == assay::math::Equal::no) return ASSAY_FALSE;
  return v.prediction_at_fault ? ASSAY_UNDECIDED_AT_FAULT : ASSAY_UNDECIDED;
}

}  // namespace

extern "C" int assay_math_grade(const char* gold, unsigned long gold_size, const char* prediction, unsigned long prediction_size,
                                const char* options, char* reason, unsigned long reason_size) {
  assay::math::Policy policy;
  if (options != nullptr) {
    const auto json = assay::parse_json(options);
    const auto read = json ? assay::math::policy_from_json(*json) : assay::Result<assay::math::Policy>(json.error());
    if (!read) {
      put(read.error().message, reason, reason_size);
      return ASSAY_BAD_OPTIONS;
    }
    policy = *read;
  }
  const assay::math::Verdict v = assay::math::grade({gold, gold_size}, {prediction, prediction_size}, policy);
  put(v.reason, reason, reason_size);
  return code_of(v);
}
