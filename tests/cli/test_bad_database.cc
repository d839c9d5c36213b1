// Databases that cannot be used: one line, exit code 3, the file as it was.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace assay::test {
namespace {

const std::vector<std::string> kRun = {"run",   "--tasks", "math/arithmetic", "--limit", "5", "--model", "m", "--backend", "scripted",
                                       "--quiet", "--db"};

ProcessResult run_into(const std::string& db, const TempDir& dir) {
  auto args = kRun;
  args.push_back(db);
  return assay(args, {}, dir.str());
}

void check_refused(const ProcessResult& result, const char* says) {
  INFO(result.err);
  CHECK(result.exit_code == 3);
  CHECK_THAT(result.err, has(says));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
}

void sqlite(const std::string& db, const std::string& sql) {
  const auto done = run_process({"/usr/bin/env", "python3", "-c",
                                 "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1])\nc.executescript(sys.argv[2])\nc.commit()", db, sql});
  REQUIRE(done.exit_code == 0);
}

}  // namespace

TEST_CASE("a file that is no database, or another program's, is left alone") {
  const TempDir dir;
  const std::string text = dir.file("text.db", "this is not a database, but some text that is long enough to be one\n");
  check_refused(run_into(text, dir), "text.db");
  CHECK(read_file(text).rfind("this is not", 0) == 0);

  const std::string foreign = dir / "foreign.db";
  sqlite(foreign, "create table mine (x); insert into mine values (1);");
  const std::string before = read_file(foreign);
  check_refused(run_into(foreign, dir), "foreign.db");
  CHECK(read_file(foreign) == before);

  std::filesystem::create_directory(dir / "folder.db");
  check_refused(run_into(dir / "folder.db", dir), "folder.db");
  check_refused(run_into(dir / "no/such/folder/x.db", dir), "no/such/folder");
}

TEST_CASE("a database newer than the program, corrupt, or locked is refused") {
  const TempDir dir;
  const std::string db = dir / "a.db";
  REQUIRE(run_into(db, dir).exit_code == 0);

  SECTION("newer") {
    sqlite(db, "pragma user_version = 999;");
    check_refused(run_into(db, dir), "newer");
    check_refused(assay({"report", "--db", db}, {}, dir.str()), "newer");
  }
  SECTION("corrupt") {
    std::filesystem::resize_file(db, 20000);
    auto result = assay({"report", "--db", db}, {}, dir.str());
    INFO(result.err);
    CHECK(result.exit_code == 3);
    CHECK_THAT(result.err, has("a.db"));
  }
  SECTION("locked by another process") {
    const auto locked = run_process({"/usr/bin/env", "python3", "-c",
                                     "import sqlite3,subprocess,sys\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\n"
                                     "c.execute('begin exclusive')\n"
                                     "p=subprocess.run(sys.argv[2:],capture_output=True,text=True)\n"
                                     "sys.stderr.write(p.stderr)\nsys.exit(p.returncode)",
                                     db, ASSAY_BINARY, kRun[0], kRun[1], kRun[2], kRun[3], kRun[4], kRun[5], kRun[6], kRun[7], kRun[8],
                                     kRun[9], kRun[10], db});
    check_refused(locked, "lock");
  }
}

TEST_CASE("a full disk stops the run with one line, and what was committed stays whole") {
  const TempDir dir;
  const std::string db = dir / "a.db";
  // A file size limit is the disk that anybody can fill.
  const auto full = run_process({"/bin/bash", "-c",
                                 "trap '' XFSZ; ulimit -f 600; exec \"$0\" run --tasks math/arithmetic --limit 3000 --model m "
                                 "--backend scripted --quiet --db \"$1\"",
                                 ASSAY_BINARY, db});
  INFO(full.err);
  CHECK(full.exit_code == 3);
  CHECK_THAT(full.err, has("a.db"));
  const auto checked = run_process({"/usr/bin/env", "python3", "-c",
                                    "import sqlite3,sys\nprint(sqlite3.connect(sys.argv[1]).execute('pragma integrity_check').fetchone()[0])", db});
  CHECK(checked.out == "ok\n");
  // With room again, the run goes on.
  const auto resumed = assay({"run", "--resume", "--quiet", "--db", db}, {}, dir.str());
  INFO(resumed.err);
  CHECK(resumed.exit_code == 0);
}

}  // namespace assay::test
