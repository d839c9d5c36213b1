// assay models add SOURCE | pull NAME... | list | remove NAME
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/units.h"
#include "harness/base/utf8.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/listing.h"
#include "harness/run/models.h"

namespace assay {
namespace {

struct ModelsArgs {
  AddModel add;
  std::string sha256;
  std::vector<std::string> names;
  bool json = false;
};

ModelOptions options_here() {
  ModelOptions out;
  out.say = [](const std::string& line) { std::fprintf(stderr, "%s\n", printable(line).c_str()); };
  return out;
}

void print_pulled(const PulledModel& pulled) {
  const std::string how = pulled.files == 0 ? std::string("registered where it lies")
                                            : format("{} files, {} fetched, checked", pulled.files, pulled.fetched);
  std::printf("%s: %s, %s\n", pulled.model.name.c_str(), how.c_str(), printable(pulled.path.string()).c_str());
}

int add_command(const ModelsArgs& args) {
  AddModel add = args.add;
  if (!args.sha256.empty()) {
    add.sha256 = Digest::from_hex(args.sha256);
    if (!add.sha256) return fail(invalid("--sha256: expected 64 hex digits"));
  }
  auto pulled = add_model(add, options_here());
  if (!pulled) return fail(pulled.error());
  print_pulled(*pulled);
  return kExitOk;
}

int pull_command(const ModelsArgs& args) {
  for (const std::string& name : args.names) {
    auto pulled = pull_model(name, options_here());
    if (!pulled) return fail(pulled.error());
    print_pulled(*pulled);
  }
  return kExitOk;
}

int remove_command(const ModelsArgs& args) {
  for (const std::string& name : args.names) {
    auto removed = remove_model(name, options_here());
    if (!removed) return fail(removed.error());
    if (!*removed) return fail(invalid(format("no model '{}' here; `assay models list` shows them", name)));
    std::printf("%s: removed\n", name.c_str());
  }
  return kExitOk;
}

void print_models_json(const std::vector<ListedModel>& models) {
  Json out = Json::array();
  for (const ListedModel& m : models) {
    out.push_back({{"name", m.model.name},
                   {"format", m.model.format},
                   {"bytes", m.bytes > 0 ? Json(m.bytes) : Json()},
                   {"source", m.model.source},
                   {"present", m.present},
                   {"licence", m.model.licence},
                   {"path", m.path.string()}});
  }
  std::puts(dump_json_pretty(out).c_str());
}

int list_command(const ModelsArgs& args) {
  ModelOptions options;
  auto models = list_models(options);
  if (!models) return fail(models.error());
  if (args.json) {
    print_models_json(*models);
    return kExitOk;
  }
  Listing listing{{"model", "format", "bytes", "state", "licence", "from"}, {}};
  for (const ListedModel& m : *models) {
    const char* state = m.present ? "here" : m.model.in_place.empty() ? "not here" : "gone";
    listing.rows.push_back({m.model.name, m.model.format, m.bytes > 0 ? grouped_text(m.bytes) : "?", state,
                            m.model.licence.empty() ? "?" : m.model.licence, m.model.source});
  }
  print_table(listing);
  return kExitOk;
}

}  // namespace

void add_models(CLI::App& app, int& exit_code) {
  auto args = std::make_shared<ModelsArgs>();
  app.require_subcommand(1);
  CLI::App* add = app.add_subcommand("add", "Give a model a name, and fetch it where it is not here");
  add->add_option("source", args->add.source,
                  "hf:ORG/NAME[@REVISION], hf:ORG/NAME/FILE.gguf[@REVISION], the address of a .gguf file, or a path")
      ->required();
  add->add_option("--name", args->add.name, "Its name (default: after the source)");
  add->add_option("--sha256", args->sha256, "What the one file must have");
  add->footer(
      "Examples:\n"
      "  assay models add hf:Qwen/Qwen2.5-0.5B-Instruct\n"
      "  assay models add /data/checkpoints/step-9000 --name mine\n"
      "\n"
      "HF_ENDPOINT names another hub, HF_TOKEN opens private and gated models; it is sent to that hub alone.");
  add->callback([args, &exit_code] { exit_code = add_command(*args); });
  CLI::App* pull = app.add_subcommand("pull", "Fetch what is missing of models, resuming; SHA-256 is checked");
  pull->add_option("name", args->names, "Names, as `assay models list` has them")->required();
  pull->footer("Example:\n  assay models pull smollm2-135m");
  pull->callback([args, &exit_code] { exit_code = pull_command(*args); });
  CLI::App* list = app.add_subcommand("list", "Models that have a name, and whether they are here");
  list->add_flag("--json", args->json, "As JSON");
  list->callback([args, &exit_code] { exit_code = list_command(*args); });
  CLI::App* remove = app.add_subcommand("remove", "Forget a model; its files in the cache go too, others stay");
  remove->add_option("name", args->names, "Names, as `assay models list` has them")->required();
  remove->callback([args, &exit_code] { exit_code = remove_command(*args); });
}

}  // namespace assay
