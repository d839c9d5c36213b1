// assay show RUN SAMPLE: one attempt, whole.
#include <unistd.h>

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/selection.h"
#include "harness/cli/terminal.h"
#include "harness/run/show.h"

namespace assay {
namespace {

struct ShowArgs {
  std::string run;
  std::string sample;
  std::string db = kDefaultDb;
  std::vector<std::string> tasks;
  std::vector<std::string> models;
  std::optional<std::uint32_t> epoch;
  bool full = false;
  bool calls = false;
  bool raw = false;
};

int show_command(const ShowArgs& args) {
  if (args.raw && isatty(STDOUT_FILENO) != 0) {
    return fail(invalid("--raw: expected the output to go into a file or a pipe; what a server sent may act on a terminal"));
  }
  auto selected = select_results(args.db, {args.run});
  if (!selected) return fail(selected.error());
  const ShowOptions options = [&args] {
    ShowOptions o;
    o.full = args.full;
    o.calls = args.calls;
    if (isatty(STDOUT_FILENO) != 0) {
      o.color = terminal_color();
      o.width = terminal_width();
    }
    return o;
  }();
  std::size_t shown = 0;
  for (const Selected& one : *selected) {
    Selection selection = one.selection;
    selection.tasks.insert(selection.tasks.end(), args.tasks.begin(), args.tasks.end());
    selection.models.insert(selection.models.end(), args.models.begin(), args.models.end());
    auto attempts = one.store->attempts(selection, args.sample);
    if (!attempts) return fail(attempts.error());
    for (const AttemptDetail& attempt : *attempts) {
      if (args.epoch && attempt.item.epoch != *args.epoch) continue;
      if (shown++ > 0) std::cout << "\n";
      if (args.raw)
        show_raw(attempt, std::cout);
      else
        show_attempt(attempt, std::cout, options);
    }
  }
  if (shown == 0) {
    return fail(invalid(format("no attempt of sample '{}' in '{}'; `assay report --items` lists sample keys",
                               args.sample, args.run)));
  }
  return kExitOk;
}

}  // namespace

void add_show(CLI::App& app, int& exit_code) {
  auto args = std::make_shared<ShowArgs>();
  app.add_option("run", args->run, "RUN[:MODEL], latest[~n][:MODEL] or FILE.db[#RUN][:MODEL]")->required();
  app.add_option("sample", args->sample, "The sample's key, or its number within its task")->required();
  app.add_option("--db", args->db, "The store")->capture_default_str();
  app.add_option("--tasks,--task", args->tasks, "Only of these tasks")->delimiter(',');
  app.add_option("--model", args->models, "Only of these models");
  app.add_option("--epoch", args->epoch, "Only this epoch");
  app.add_flag("--full", args->full, "Long texts uncut");
  app.add_flag("--calls", args->calls, "Of each call also endpoint, request id, price row, batch and bytes");
  app.add_flag("--raw", args->raw, "Only the bytes sent and received, as they are: for a file or a pipe");
  app.footer("Examples:\n  assay show latest gsm8k-main-test-#17\n  assay show latest:gpt-4o 17 --full");
  app.callback([args, &exit_code] { exit_code = show_command(*args); });
}

}  // namespace assay
