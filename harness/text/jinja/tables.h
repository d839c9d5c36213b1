// The parts of the library's tables, each beside its functions.
#pragma once

#include <span>

#include "harness/text/jinja/library.h"

namespace assay::jinja {

std::span<const Filter> text_filters();
std::span<const Filter> number_filters();
std::span<const Filter> list_filters();
std::span<const Filter> selecting_filters();
std::span<const Test> tests();
std::span<const Function> functions();
std::span<const MethodEntry> text_methods();
std::span<const MethodEntry> other_methods();

}  // namespace assay::jinja
