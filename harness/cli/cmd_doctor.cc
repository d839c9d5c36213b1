// assay doctor: what works on this machine, and why the rest does not.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "harness/api/catalog.h"
#include "harness/base/format.h"
#include "harness/base/http.h"
#include "harness/base/known_datasets.h"
#include "harness/base/utf8.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/selection.h"
#include "harness/cli/version.h"
#include "harness/run/datasets.h"
#include "harness/run/models.h"
#include "harness/store/store.h"

namespace assay {
namespace {

struct DoctorArgs {
  std::string db = kDefaultDb;
  std::vector<std::string> data_dirs;
};

enum class State { ok, missing, broken };

void line(State state, const std::string& what, const std::string& detail) {
  const char* mark = state == State::ok ? "ok     " : state == State::missing ? "missing" : "BROKEN ";
  std::printf("%s  %-22s %s\n", mark, what.c_str(), printable(detail).c_str());
}

void check_store(const std::string& db) {
  std::error_code ignored;
  if (std::filesystem::exists(db, ignored)) {
    auto store = Store::open(db, StoreMode::read_only);
    line(store ? State::ok : State::broken, "store", store ? db : store.error().message);
    return;
  }
  const auto folder = std::filesystem::absolute(db, ignored).parent_path();
  const bool writable = access(folder.c_str(), W_OK) == 0;
  line(writable ? State::ok : State::broken, "store",
       writable ? format("{} will be created", db) : format("{}: no permission to write", folder.string()));
}

void check_data(const std::vector<std::string>& flags) {
  const auto dirs = default_data_dirs(flags);
  for (const KnownDataset& dataset : known_datasets()) {
    const auto found = find_dataset(dataset, dirs);
    line(found ? State::ok : State::missing, "data " + dataset.name,
         found ? found->string() : format("`assay data pull {}`, or --data-dir", dataset.name));
  }
}

void check_models() {
  const auto models = list_models({});
  if (!models) return line(State::broken, "models", models.error().message);
  for (const ListedModel& m : *models) {
    const bool lost = !m.present && !m.model.in_place.empty();
    line(m.present ? State::ok : State::missing, "model " + m.model.name,
         m.present ? m.path.string() : lost ? m.path.string() + " is no longer there" : format("`assay models pull {}`", m.model.name));
  }
}

void check_keys() {
  constexpr const char* kKeys[] = {"OPENAI_API_KEY", "DEEPSEEK_API_KEY", "OPENROUTER_API_KEY"};
  for (const char* key : kKeys) {
    const char* value = std::getenv(key);
    const bool set = value != nullptr && *value != '\0';
    line(set ? State::ok : State::missing, key, set ? "set" : "not set in the environment");
  }
}

std::string working(const BackendEntry& backend) {
  if (backend.libraries == nullptr) return backend.summary;
  return format("{} ({})", backend.summary, printable(backend.libraries()));
}

int doctor_command(const DoctorArgs& args) {
  std::printf("assay %s, %u processors\n\n", kVersion, std::thread::hardware_concurrency());
  check_store(args.db);
  line(State::ok, "http", http_library());
  for (const BackendEntry& backend : backend_catalog()) {
    const std::string why = backend.unavailable == nullptr ? "" : backend.unavailable();
    line(why.empty() ? State::ok : State::missing, "backend " + backend.id, why.empty() ? working(backend) : why);
  }
  check_models();
  line(State::missing, "code sandbox", "not in this version; tasks that run code are unscored");
  check_data(args.data_dirs);
  check_keys();
  return kExitOk;
}

}  // namespace

void add_doctor(CLI::App& app, int& exit_code) {
  auto args = std::make_shared<DoctorArgs>();
  app.add_option("--db", args->db, "The store to check")->capture_default_str();
  app.add_option("--data-dir", args->data_dirs, "Folders to look for data sets in");
  app.callback([args, &exit_code] { exit_code = doctor_command(*args); });
}

}  // namespace assay
