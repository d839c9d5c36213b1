// Peak and current memory of a long run: 200,000 generated samples (or the number given), the scripted
// backend, the real store, printed at each quarter. Flat means that the quarters are alike.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "harness/run/run.h"

namespace {

using namespace assay;

double current_mb() {
  std::ifstream statm("/proc/self/statm");
  long total = 0, resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

double peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

class Quarters final : public Progress {
 public:
  void started(const Plan& plan, const std::string&) override {
    std::printf("%llu attempts; %.1f MB before the first\n", static_cast<unsigned long long>(plan.attempts),
                current_mb());
  }
  void tick(const Snapshot& s) override {
    if (s.done * 4 < next_ * s.planned) return;
    std::printf("%3llu %%: now %.1f MB, peak %.1f MB, %.0f attempts/s\n",
                static_cast<unsigned long long>(25 * next_), current_mb(), peak_mb(),
                static_cast<double>(s.done) / s.elapsed_s);
    std::fflush(stdout);
    ++next_;
  }
  void finished(const RunOutcome& out) override {
    std::printf("finished %llu of %llu in %.1f s, exit code %d\n",
                static_cast<unsigned long long>(out.finished), static_cast<unsigned long long>(out.planned),
                out.elapsed_s, out.exit_code);
  }

 private:
  std::uint64_t next_ = 1;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string samples = argc > 1 ? argv[1] : "200000";
  auto suite = parse_suite("suite: memory\nseed: 1\ntasks: [{task: math/arithmetic, limit: " + samples +
                               "}]\nmodels: [{name: m, backend: scripted, options: {accuracy: 0.7}}]\n",
                           "bench");
  auto plugins = catalog_plugins();
  const std::filesystem::path db =
      std::filesystem::temp_directory_path() / ("assay-bench-" + std::to_string(getpid()));
  auto store = Store::open(db, StoreMode::read_write);
  if (!suite || !plugins || !store) {
    const Error& e = !suite ? suite.error() : !plugins ? plugins.error() : store.error();
    std::fprintf(stderr, "%s\n", e.message.c_str());
    return 1;
  }
  RunOptions options;
  options.max_connections = 64;
  options.program = "bench";
  Quarters progress;
  auto out = execute(*suite, **store, *plugins, options, progress);
  store->reset();
  std::printf("database: %.1f MB\n", static_cast<double>(std::filesystem::file_size(db)) / 1e6);
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(db.string() + suffix);
  if (!out) std::fprintf(stderr, "%s\n", out.error().message.c_str());
  return out ? out->exit_code : 1;
}
