// assay data list | pull NAME...
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/known_datasets.h"
#include "harness/base/utf8.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/run/datasets.h"

namespace assay {
namespace {

struct DataArgs {
  std::vector<std::string> names;
  std::string from;
  std::string into;
  std::vector<std::string> data_dirs;
};

int pull_command(const DataArgs& args) {
  PullOptions options;
  options.from = args.from;
  options.into = args.into;
  options.say = [](const std::string& line) { std::fprintf(stderr, "%s\n", printable(line).c_str()); };
  for (const std::string& name : args.names) {
    auto pulled = pull_dataset(name, options);
    if (!pulled) return fail(pulled.error());
    std::printf("%s: %zu files, %zu fetched, SHA-256 right\n", name.c_str(), pulled->files, pulled->fetched);
  }
  return kExitOk;
}

int list_command(const DataArgs& args) {
  const auto dirs = default_data_dirs(args.data_dirs);
  for (const KnownDataset& dataset : known_datasets()) {
    const auto found = find_dataset(dataset, dirs);
    std::printf("%-16s %-12s %s\n", dataset.name.c_str(), dataset.licence.c_str(),
                found ? printable(found->string()).c_str() : "not here");
  }
  return kExitOk;
}

}  // namespace

void add_data(CLI::App& app, int& exit_code) {
  auto args = std::make_shared<DataArgs>();
  app.require_subcommand(1);
  CLI::App* pull = app.add_subcommand("pull", "Download data sets, resuming, into the cache; SHA-256 is checked");
  pull->add_option("name", args->names, "Names, as `assay data list` has them")->required();
  pull->add_option("--from", args->from, "A mirror: a folder, or an address, that holds the same files");
  pull->add_option("--into", args->into, "Folder to put them in (default: the cache)");
  pull->footer("Example:\n  assay data pull gsm8k math500");
  pull->callback([args, &exit_code] { exit_code = pull_command(*args); });
  CLI::App* list = app.add_subcommand("list", "Known data sets and where they lie");
  list->add_option("--data-dir", args->data_dirs, "Also look in this folder");
  list->callback([args, &exit_code] { exit_code = list_command(*args); });
}

}  // namespace assay
