#include "harness/cli/cli.h"

int main(int argc, char** argv) { return assay::cli_main(argc, argv); }
