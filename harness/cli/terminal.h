// What standard output can show.
#pragma once

#include <cstddef>

namespace assay {

std::size_t terminal_width();  // columns; 0 when unknown
bool terminal_color();         // NO_COLOR unset or empty (no-color.org), and the terminal not dumb

}  // namespace assay
