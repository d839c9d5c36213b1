#include "harness/cli/cli.h"

#include <cstdio>
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/suggest.h"
#include "harness/base/utf8.h"
#include "harness/cli/command.h"
#include "harness/cli/command_line.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/version.h"

namespace assay {
namespace {

constexpr Command kCommands[] = {
    {"run", "Run a suite, or tasks given as options, over models", add_run},
    {"import", "Import recorded answers of another harness and score them", add_import},
    {"report", "Print leaderboards, or every attempt, of stored results", add_report},
    {"show", "Show one sample's prompt, trace, answer, score and why", add_show},
    {"grade", "Say whether predictions are the expected answers, mathematically", add_grade},
    {"trace", "Check reasoning traces: the first false step, form, language, loops, answers on the way", add_trace},
    {"list", "List tasks, scorers, backends, reports, models or runs", add_list},
    {"data", "List and download the data sets that tasks read", add_data},
    {"models", "List, register and download local models", add_models},
    {"prices", "List what tokens cost by provider, model and day; add and import prices", add_prices},
    {"sql", "Read-only SQL over the store", add_sql},
    {"mock-server", "Serve made-up or recorded answers over HTTP, with faults on demand", add_mock_server},
    {"doctor", "Say which optional parts work on this machine, and why not", add_doctor},
    {"completion", "Print a completion script for bash or zsh", add_completion},
};

constexpr const char* kFooter =
    "Examples:\n"
    "  assay run suites/quickstart.yaml\n"
    "  assay run --tasks math/gsm8k --model deepseek-reasoner --base-url https://api.deepseek.com --limit 100\n"
    "  assay import answers/*.jsonl.gz --format zeroeval --task math/gsm8k\n"
    "  assay report --format markdown\n"
    "\n"
    "Exit codes: 0 ok, 1 gate failed, 2 gate inconclusive, 3 wrong input, 4 incomplete results, 130 interrupted.";

// The option or subcommand nearest to what was typed, as " (did you mean '--x'?)", or "".
std::string suggestion_for(const CLI::App& app, const std::string& typed) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& long_name : option->get_lnames()) names.push_back("--" + long_name);
  }
  for (const CLI::App* sub : app.get_subcommands(nullptr)) names.push_back(sub->get_name());
  const std::vector<std::string_view> known(names.begin(), names.end());
  return did_you_mean(typed.substr(0, typed.find('=')), known);
}

const CLI::App& innermost(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : innermost(*chosen.front());
}

int parse_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& where = innermost(app);
  std::string message = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const auto extras = where.remaining();
    const std::string first = extras.empty() ? message : extras.front();
    const bool option = first.rfind("-", 0) == 0;
    message = format("unknown {} '{}'{}", option ? "option" : (where.get_parent() ? "argument" : "command"), first,
                     suggestion_for(where, first));
  }
  const std::string path = where.get_parent() == nullptr ? "assay" : "assay " + where.get_name();
  return fail(invalid(format("{} (see '{} --help')", message, path)));
}

}  // namespace

const CLI::App& root_app(const CLI::App& any) {
  return any.get_parent() == nullptr ? any : root_app(*any.get_parent());
}

int cli_main(int argc, char** argv) {
  CLI::App app{"Assay evaluates reasoning models: answers and traces, cost against accuracy, regressions.", "assay"};
  app.footer(kFooter);
  app.set_version_flag("--version", format("assay {}", kVersion));
  app.require_subcommand(0, 1);
  remember_command_line(argc, argv);
  int exit_code = kExitOk;
  for (const Command& command : kCommands) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary);
    command.add(*sub, exit_code);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    return parse_error(app, e);
  } catch (const std::exception& e) {
    return fail({Code::internal, format("internal error: {}", e.what())});
  }
  if (app.get_subcommands().empty()) {
    std::fputs(app.help().c_str(), stdout);
    return kExitOk;
  }
  return exit_code;
}

}  // namespace assay
