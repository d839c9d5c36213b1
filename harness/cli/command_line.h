// The command as it was typed, for the run's record.
#pragma once

#include <string>

namespace assay {

// Keeps argv for command_line(). Called once by cli_main.
void remember_command_line(int argc, char** argv);

// "assay run --tasks math/gsm8k", with user:password@ in addresses replaced by "***@".
std::string command_line();

}  // namespace assay
