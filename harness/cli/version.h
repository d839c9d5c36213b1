#pragma once

namespace assay {

inline constexpr const char* kVersion = "0.1.0";
inline constexpr const char* kProgram = "assay 0.1.0";

}  // namespace assay
