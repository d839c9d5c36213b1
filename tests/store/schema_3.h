// A real file of schema 3, as SQL.
#pragma once

namespace assay {

extern const char* const kSchema3Dump;

}  // namespace assay
