// Text files compiled into the program by CMake's assay_embed.
#pragma once

#include <span>
#include <string_view>

namespace assay {

struct EmbeddedFile {
  std::string_view path;  // relative to its folder, with forward slashes: "math/gsm8k.yaml"
  std::string_view text;
};

std::span<const EmbeddedFile> embedded_tasks();   // tasks/**.yaml
std::span<const EmbeddedFile> embedded_prices();  // harness/run/prices/*.yaml
std::span<const EmbeddedFile> embedded_models();  // backends/remote/*.yaml

}  // namespace assay
