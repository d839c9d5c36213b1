// One subcommand: what `assay --help` lists, and a function that adds its options to the parser.
//
// To add one: a file `cmd_NAME.cc` with `void add_NAME(CLI::App&, int& exit_code)`, a declaration
// here, and a row in cli.cc's table. The function adds options to the App it is given and sets a
// callback; the callback stores the process's exit code.
#pragma once

#include <CLI/CLI.hpp>

namespace assay {

struct Command {
  const char* name;
  const char* summary;
  void (*add)(CLI::App& app, int& exit_code);
};

void add_run(CLI::App&, int& exit_code);
void add_import(CLI::App&, int& exit_code);
void add_report(CLI::App&, int& exit_code);
void add_show(CLI::App&, int& exit_code);
void add_grade(CLI::App&, int& exit_code);
void add_trace(CLI::App&, int& exit_code);
void add_list(CLI::App&, int& exit_code);
void add_data(CLI::App&, int& exit_code);
void add_models(CLI::App&, int& exit_code);
void add_prices(CLI::App&, int& exit_code);
void add_sql(CLI::App&, int& exit_code);
void add_mock_server(CLI::App&, int& exit_code);
void add_doctor(CLI::App&, int& exit_code);
void add_completion(CLI::App&, int& exit_code);

// The finished parser's root, for `assay completion`; set by cli_main before parsing.
const CLI::App& root_app(const CLI::App& any);

}  // namespace assay
