// The command line: arguments to structs, subcommands, exit codes.
#pragma once

namespace assay {

// Runs `assay` and gives its exit code. Call it once a process, from the main thread.
int cli_main(int argc, char** argv);

}  // namespace assay
