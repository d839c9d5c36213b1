// Number ranges for options. CLI11's own let NaN through.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace assay {

CLI::Validator number_between(double low, double high);  // both ends included, NaN refused
CLI::Validator positive_number();                        // finite and above zero

}  // namespace assay
