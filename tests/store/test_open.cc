// Every way in which a database cannot be used gets one line that says what to do.
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <thread>

#include "harness/store/open.h"
#include "harness/store/schema.h"
#include "tests/store/fixtures.h"
#include "tests/store/schema_3.h"

namespace assay {
namespace {

// Plain SQLite, as another program would use it.
class Raw {
 public:
  explicit Raw(const std::filesystem::path& path) { REQUIRE(sqlite3_open(path.c_str(), &db_) == SQLITE_OK); }
  ~Raw() { sqlite3_close(db_); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;
  void exec(const std::string& sql) { REQUIRE(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK); }

 private:
  sqlite3* db_ = nullptr;
};

Error refused(const std::filesystem::path& path, StoreMode mode = StoreMode::read_write, int busy_ms = 10000) {
  StoreOptions options;
  options.busy_ms = busy_ms;
  auto store = Store::open(path, mode, options);
  if (store) return {Code::internal, "opened"};
  CHECK(store.error().message.find('\n') == std::string::npos);
  CHECK(store.error().message.find(path.string()) != std::string::npos);
  return store.error();
}

bool says(const Error& e, Code code, const std::string& words) {
  INFO(name(e.code) << ": " << e.message);
  CHECK(e.code == code);
  CHECK(e.message.find(words) != std::string::npos);
  return e.code == code && e.message.find(words) != std::string::npos;
}

void fill(const std::filesystem::path& path, std::uint64_t attempts) {
  auto store = open_store(path);
  const RunRecord run = run_record();
  REQUIRE(store->begin_run(run).ok());
  const EntryId entry = *store->add_entry(entry_record(run.run_id, "m", "t", attempts));
  for (std::uint64_t i = 0; i < attempts; ++i) put_attempt(*store, entry, i, 0, Outcome::correct, 1);
  REQUIRE(store->flush().ok());
}

TEST_CASE("files that are not our database are refused and left alone") {
  TempDir dir;
  const std::string text = "hello, this is a text file that is long enough to hold a header of one hundred bytes or some more";
  std::ofstream(dir / "text.db") << text;
  says(refused(dir / "text.db"), Code::invalid, "is not a SQLite database");
  std::ofstream(dir / "short.db") << "x";
  says(refused(dir / "short.db"), Code::invalid, "is not a SQLite database");
  Raw(dir / "other.db").exec("CREATE TABLE notes (x)");
  says(refused(dir / "other.db"), Code::invalid, "another program");
  says(refused(dir / "other.db", StoreMode::read_only), Code::invalid, "another program");
  Raw(dir / "app.db").exec("PRAGMA application_id = 42");
  says(refused(dir / "app.db"), Code::invalid, "another program");
  std::ifstream in(dir / "text.db");
  CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == text);
}

TEST_CASE("paths that cannot hold a database are refused") {
  TempDir dir;
  std::filesystem::create_directory(dir / "folder.db");
  says(refused(dir / "folder.db"), Code::invalid, "is a directory");
  says(refused(dir / "no/such/a.db"), Code::invalid, "does not exist");
  says(refused(dir / "none.db", StoreMode::read_only), Code::invalid, "no such database");
  CHECK_FALSE(std::filesystem::exists(dir / "none.db"));
  REQUIRE(mkfifo((dir / "pipe.db").c_str(), 0600) == 0);
  says(refused(dir / "pipe.db"), Code::invalid, "not a regular file");
  CHECK_FALSE(Store::open("", StoreMode::read_write).ok());
}

TEST_CASE("an empty file becomes a database") {
  TempDir dir;
  std::ofstream(dir / "e.db").close();
  CHECK(open_store(dir / "e.db")->runs()->empty());
}

TEST_CASE("names with marks that a URI gives a meaning to are plain names") {
  TempDir dir;
  for (const std::string odd : {"a?mode=ro.db", "b#c.db", "d%20e.db", "f g&h.db", "\xff.db"}) {
    INFO(odd);
    fill(dir / odd, 1);
    CHECK(std::filesystem::exists(dir / odd));
    CHECK(open_store(dir / odd, StoreMode::read_only)->runs()->size() == 1);
  }
}

TEST_CASE("a database of a newer assay is refused, an older one is upgraded") {
  TempDir dir;
  fill(dir / "new.db", 1);
  Raw(dir / "new.db").exec("PRAGMA user_version = " + std::to_string(schema_version() + 1));
  says(refused(dir / "new.db"), Code::invalid, "newer assay");
  says(refused(dir / "new.db", StoreMode::read_only), Code::invalid, "newer assay");

  // Version 1: tables without views, and a run in it.
  const std::string run_id = new_ulid();
  {
    auto db = Db::open(dir / "old.db", {});
    REQUIRE(db.ok());
    REQUIRE(migrate(**db, migrations().first(1)).ok());
    REQUIRE((*db)->exec("PRAGMA journal_mode = WAL").ok());
    Query q(**db, "INSERT INTO run (run_id, group_id, suite, spec, seed, program, host, command, state, started) "
                  "VALUES (?1, ?1, 's', '{}', 1, '', '', '', 2, 5)");
    REQUIRE(q.text(run_id).run().ok());
  }
  says(refused(dir / "old.db", StoreMode::read_only), Code::invalid, "schema 1");
  {
    auto store = open_store(dir / "old.db");
    REQUIRE(store->runs()->size() == 1);
    CHECK((*store->runs())[0].run_id == run_id);
    CHECK(store->check_integrity().ok());
  }
  CHECK(open_store(dir / "old.db", StoreMode::read_only)->leaderboard({})->empty());
  auto db = Db::open(dir / "old.db", {});
  Query q(**db, "SELECT count(*) FROM v_leaderboard");
  CHECK(*q.step());
}

TEST_CASE("a file of schema 3 is upgraded whole: results, views and sums") {
  TempDir dir;
  {
    Raw old(dir / "v3.db");
    old.exec("PRAGMA journal_mode = WAL");
    old.exec(kSchema3Dump);
  }
  says(refused(dir / "v3.db", StoreMode::read_only), Code::invalid, "schema 3");
  auto store = open_store(dir / "v3.db");
  CHECK(store->check_integrity().ok());
  const auto runs = store->runs();
  REQUIRE(runs->size() == 1);
  const auto attempts = store->attempts({}, "l2-s0-0");
  REQUIRE(attempts->size() == 1);
  const AttemptDetail& a = attempts->front();
  CHECK(a.traces.empty());
  REQUIRE(a.calls.size() == 1);
  CHECK(a.calls[0].call.response.split.answer == "The answer is -5\nAnswer: -5");
  CHECK(a.calls[0].call.response.usage.reasoning == 44);
  CHECK(a.calls[0].call.sent.empty());
  CHECK_FALSE(a.calls[0].call.bound_tokens);
  CHECK(a.calls[0].call.request["messages"].size() == a.sample.messages.size());
  const auto spent = store->spent((*runs)[0].run_id);
  REQUIRE(spent->size() == 1);
  CHECK(spent->front().tokens == 23 + 50 + 21 + 52);
  CHECK(spent->front().unknown == 2);
  auto db = Db::open(dir / "v3.db", {});
  for (const char* sql : {"SELECT count(*) = 2 FROM v_calls WHERE asked = 'm' AND endpoint IS NULL AND sent IS NULL",
                          "SELECT count(*) = 2 FROM v_attempts", "SELECT count(*) = 1 FROM v_leaderboard",
                          "SELECT count(*) = 0 FROM v_findings", "SELECT count(*) = 0 FROM v_metrics",
                          "SELECT count(*) = 0 FROM v_prices", "SELECT count(*) = 0 FROM v_batches",
                          "SELECT count(*) = 0 FROM v_reservations", "SELECT user_version = 4 FROM pragma_user_version"}) {
    INFO(sql);
    Query q(**db, sql);
    REQUIRE(*q.step());
    CHECK(q.integer_at(0) == 1);
  }
}

TEST_CASE("an upgrade that fails leaves the database as it was") {
  TempDir dir;
  auto db = Db::open(dir / "m.db", {});
  REQUIRE(db.ok());
  const Migration steps[] = {
      {1, "CREATE TABLE a (x); PRAGMA user_version = 1;"},
      {2, "CREATE TABLE b (x); CREATE TABLE a (x); PRAGMA user_version = 2;"},
  };
  REQUIRE(migrate(**db, std::span<const Migration>(steps).first(1)).ok());
  REQUIRE_FALSE(migrate(**db, steps).ok());
  Query q(**db, "SELECT (SELECT count(*) FROM sqlite_schema), user_version FROM pragma_user_version");
  REQUIRE(*q.step());
  CHECK(q.integer_at(0) == 1);
  CHECK(q.integer_at(1) == 1);
}

TEST_CASE("a lock of another process is waited for, with a bound") {
  TempDir dir;
  fill(dir / "l.db", 1);
  auto other = std::make_unique<Raw>(dir / "l.db");
  other->exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM entry_total");
  const auto start = std::chrono::steady_clock::now();
  says(refused(dir / "l.db", StoreMode::read_write, 200), Code::unavailable, "locked by another process");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  std::thread release([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    other.reset();
  });
  auto store = Store::open(dir / "l.db", StoreMode::read_write);
  release.join();
  CHECK(store.ok());
}

TEST_CASE("a writer waits for another's transaction and then gives up for good") {
  TempDir dir;
  fill(dir / "w.db", 1);
  StoreOptions options;
  options.busy_ms = 100;
  auto store = open_store(dir / "w.db", StoreMode::read_write, options);
  Raw other(dir / "w.db");
  other.exec("BEGIN IMMEDIATE");
  const auto first = store->begin_run(run_record());
  REQUIRE_FALSE(first.ok());
  says(first.error(), Code::unavailable, "locked by another process");
  other.exec("ROLLBACK");
  const auto second = store->begin_run(run_record());
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().message == first.error().message);
}

TEST_CASE("damage is found when the database is opened") {
  TempDir dir;
  fill(dir / "d.db", 200);
  const auto size = std::filesystem::file_size(dir / "d.db");
  std::filesystem::copy_file(dir / "d.db", dir / "cut.db");
  std::filesystem::resize_file(dir / "cut.db", size / 2);
  says(refused(dir / "cut.db"), Code::corrupt, "damaged");
  says(refused(dir / "cut.db", StoreMode::read_only), Code::corrupt, "damaged");
  std::fstream file(dir / "d.db", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(size / 2));
  file << std::string(8192, '\xa5');
  file.close();
  says(refused(dir / "d.db"), Code::corrupt, "damaged");
}

TEST_CASE("a full disk keeps what was committed and fails everything after") {
  TempDir dir;
  StoreOptions options;
  options.max_pages = 120;
  auto store = open_store(dir / "f.db", StoreMode::read_write, options);
  const RunRecord run = run_record();
  REQUIRE(store->begin_run(run).ok());
  const EntryId entry = *store->add_entry(entry_record(run.run_id, "m", "t", 5000));
  std::atomic<std::uint64_t> kept = 0, lost = 0;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const AttemptRef ref{entry, i, 0};
    store->add_call(ref, sample_of(i), call_record(i), {});
    store->finish_attempt(ref, sample_of(i), result_of(Outcome::correct, 1), [&](Result<void> r) { ++(r.ok() ? kept : lost); });
    if (i == 20) REQUIRE(store->flush().ok());
  }
  const auto flushed = store->flush();
  REQUIRE_FALSE(flushed.ok());
  says(flushed.error(), Code::invalid, "disk is full");
  CHECK(store->finish_run(run.run_id, "complete").error().message == flushed.error().message);
  CHECK(kept + lost == 5000);
  CHECK(kept >= 21);
  CHECK((*store->runs())[0].attempts == kept);
  CHECK(store->check_integrity().ok());
  store.reset();
  CHECK((*open_store(dir / "f.db")->runs())[0].attempts == kept);
}

// Runs fn as an ordinary user where the tests run as root, for whom no file is read-only.
std::string as_user(const std::function<std::string()>& fn) {
  if (geteuid() != 0) return fn();
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    std::string out = setgid(65534) == 0 && setuid(65534) == 0 ? fn() : "cannot become another user";
    const ssize_t n = write(ends[1], out.data(), out.size());
    _exit(n == static_cast<ssize_t>(out.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string out;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return out;
}

TEST_CASE("read-only files and folders can be read and not written") {
  TempDir dir;
  fill(dir / "r.db", 3);
  chmod((dir / "r.db").c_str(), 0444);
  chmod(dir.path().c_str(), 0555);
  const auto message = [&](StoreMode mode, const std::string& file) {
    return as_user([&] {
      auto store = Store::open(dir / file, mode);
      if (!store) return store.error().message;
      const auto runs = (*store)->runs();
      return runs ? "attempts " + std::to_string((*runs)[0].attempts) : runs.error().message;
    });
  };
  CHECK(message(StoreMode::read_write, "r.db").find("is read-only") != std::string::npos);
  CHECK(message(StoreMode::read_write, "new.db").find("folder is read-only") != std::string::npos);
  CHECK(message(StoreMode::read_only, "r.db") == "attempts 3");
  chmod(dir.path().c_str(), 0755);
  chmod((dir / "r.db").c_str(), 0000);
  CHECK(message(StoreMode::read_only, "r.db").find("cannot be read") != std::string::npos);
}

TEST_CASE("a local folder is no network filesystem") {
  TempDir dir;
  CHECK(network_filesystem(dir.path()).empty());
  CHECK(network_filesystem("/no/such/folder").empty());
}

}  // namespace
}  // namespace assay
