// Imports and scores recorded GSM8K answers into a fresh database.
//
//   bench_import [FOLDER]      FOLDER holds *.jsonl.gz; otherwise they are looked for under ASSAY_DATA
//
// Prints the seconds of each stage and how many answers were scored a second.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "harness/base/format.h"
#include "harness/run/import/import.h"
#include "harness/run/import/zeroeval.h"

namespace fs = std::filesystem;
using namespace assay;

namespace {

fs::path data_dir() {
  const char* named = std::getenv("ASSAY_DATA");
  return named != nullptr && *named != '\0' ? fs::path(named) : fs::path(ASSAY_SOURCE_DIR) / ".." / "shared" / "data";
}

void print(const std::string& line) { std::fputs((line + "\n").c_str(), stdout); }

int fail(const std::string& message) {
  std::fputs(("bench_import: " + message + "\n").c_str(), stderr);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path folder = argc > 1 ? fs::path(argv[1]) : data_dir() / "recorded" / "zeroeval" / "gsm";
  ImportOptions options;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(folder, ec)) {
    if (entry.path().extension() == ".gz") options.files.push_back(entry.path());
  }
  if (options.files.empty()) return fail(format("{}: no *.jsonl.gz; set ASSAY_DATA", folder.string()));
  std::sort(options.files.begin(), options.files.end());
  options.task = "math/gsm8k";
  options.data_dirs = {data_dir()};

  const auto stamp = std::chrono::steady_clock::now().time_since_epoch().count();
  const fs::path db = fs::temp_directory_path() / format("assay-bench-import-{}.db", stamp);
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t rows = 0;
  ImportOutcome outcome;
  {
    auto plugins = catalog_plugins();
    if (!plugins) return fail(plugins.error().message);
    auto store = Store::open(db, StoreMode::read_write);
    if (!store) return fail(store.error().message);
    auto imported = import_files(options, **store, *plugins);
    if (!imported) return fail(imported.error().message);
    outcome = std::move(*imported);
  }
  const double total = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::array<std::uint64_t, 5> rules{};
  for (const ImportedFile& file : outcome.files) {
    rows += file.rows;
    for (std::size_t i = 0; i < rules.size(); ++i) rules[i] += file.rules[i];
  }
  print(format("{} answers of {} files", rows, outcome.files.size()));
  for (std::size_t i = 0; i < rules.size(); ++i) {
    print(format("  {:<14} {}", name(static_cast<AnswerRule>(i)), rules[i]));
  }
  print(format("read and match          {:7.3f} s", outcome.plan_s));
  print(format("read, score and store   {:7.3f} s", outcome.score_s));
  print(format("last commit             {:7.3f} s", outcome.commit_s));
  print(format("all, open to close      {:7.3f} s   {:.0f} answers/s", total, static_cast<double>(rows) / total));
  print(format("database                {:7.1f} MiB", static_cast<double>(fs::file_size(db, ec)) / 1048576));
  for (const char* end : {"", "-wal", "-shm"}) fs::remove(db.string() + end, ec);
  return 0;
}
