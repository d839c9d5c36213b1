// SIGKILL in the middle of writing: the file is whole, and so is everything that was reported as
// committed.
#include <signal.h>
#include <sys/wait.h>

#include <thread>

#include "harness/base/rng.h"
#include "tests/store/fixtures.h"

namespace assay {
namespace {

// Writes attempts until killed, and says by a byte in the pipe for each that was committed.
[[noreturn]] void write_forever(const std::filesystem::path& path, const std::string& run_id, int pipe_end) {
  auto store = Store::open(path, StoreMode::read_write);
  if (!store) _exit(2);
  RunRecord run = run_record();
  run.run_id = run_id;
  if (!(*store)->begin_run(run)) _exit(3);
  const auto entry = (*store)->add_entry(entry_record(run_id, "m", "t", 1000000));
  if (!entry) _exit(4);
  for (std::uint64_t i = 0;; ++i) {
    const AttemptRef ref{*entry, i, 0};
    (*store)->add_call(ref, sample_of(i), call_record(i), {});
    (*store)->finish_attempt(ref, sample_of(i), result_of(Outcome::correct, 1), [&](Result<void> r) {
      const char c = r.ok() ? 'k' : 'e';
      if (write(pipe_end, &c, 1) != 1) _exit(5);
    });
  }
}

void kill_at(const std::filesystem::path& path, std::uint64_t after_ms, std::uint64_t& committed, std::uint64_t& stored) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const std::string run_id = new_ulid();
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    write_forever(path, run_id, ends[1]);
  }
  close(ends[1]);
  std::thread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(after_ms));
    kill(child, SIGKILL);
  });
  committed = 0;
  bool failed = false;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof buffer)) > 0;) {
    committed += static_cast<std::uint64_t>(n);
    for (ssize_t k = 0; k < n; ++k) failed = failed || buffer[k] != 'k';
  }
  close(ends[0]);
  killer.join();
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  CHECK_FALSE(failed);
  auto store = open_store(path);
  const auto whole = store->check_integrity();
  if (!whole) FAIL(whole.error().message);
  stored = 0;
  const auto runs = store->runs();
  REQUIRE(runs.ok());
  for (const RunInfo& run : *runs) {
    if (run.run_id == run_id) stored = run.attempts;
  }
  const auto entries = store->entries(run_id);
  REQUIRE(entries.ok());
  for (const EntrySummary& entry : *entries) {
    std::uint64_t finished = 0;
    REQUIRE(store->finished_attempts(entry.id, [&](std::uint64_t, std::uint32_t, Outcome, const Digest&) { ++finished; }).ok());
    CHECK(finished == stored);
  }
}

void kill_often(int times, std::uint64_t most_ms, std::uint64_t seed) {
  TempDir dir;
  Rng rng(seed);
  std::uint64_t all = 0;
  for (int i = 0; i < times; ++i) {
    std::uint64_t committed = 0, stored = 0;
    kill_at(dir / "k.db", static_cast<std::uint64_t>(rng.uniform(5, static_cast<std::int64_t>(most_ms))), committed, stored);
    CHECK(stored >= committed);  // what was reported is there
    all += stored;
  }
  CHECK(all > 0);
}

TEST_CASE("a killed writer leaves a whole file with all it had committed") { kill_often(8, 150, 99); }

TEST_CASE("a hundred kills leave whole files", "[slow]") {
  for (int i = 0; i < 10; ++i) kill_often(10, 300, static_cast<std::uint64_t>(i));
}

}  // namespace
}  // namespace assay
