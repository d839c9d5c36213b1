// Servers that a run starts and stops.
#include "harness/run/serve.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "harness/base/child_process.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace assay;
using namespace assay::test;

namespace {

bool alive(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  return (stat >> number >> name >> state) && state != "Z";
}

bool gone_soon(pid_t pid) {
  for (int i = 0; i < 300 && alive(pid); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  return !alive(pid);
}

pid_t pid_in(const std::filesystem::path& file) {
  for (int i = 0; i < 300; ++i) {
    std::ifstream in(file);
    pid_t pid = 0;
    if (in >> pid) return pid;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return 0;
}

// Writes its pid and that of a child, ignores SIGTERM where told to.
std::vector<std::string> sleeper(const TempDir& dir, const std::string& first = "") {
  const std::string files = "sleep 300 & echo $! > '" + (dir / "child") + "'; echo $$ > '" + (dir / "pid") + "'; ";
  return {"/bin/sh", "-c", first + files + "wait; sleep 300"};
}

bool has_python() {
  const auto ran = run_child({"python3", "-c", ""});
  return ran && ran->exit_code == 0;
}

}  // namespace

TEST_CASE("a server and what it started are gone when its run is") {
  for (const char* first : {"", "trap '' TERM; "}) {
    TempDir dir;
    auto server = ServerProcess::start(sleeper(dir, first), dir / "log", 0.2);
    REQUIRE(server.ok());
    const pid_t pid = pid_in(dir / "pid"), child = pid_in(dir / "child");
    REQUIRE(pid > 0);
    CHECK(alive(pid));
    CHECK_FALSE((*server)->ended());
    server->reset();
    CHECK(gone_soon(pid));
    CHECK(gone_soon(child));
  }
}

TEST_CASE("a server is gone too when we are killed") {
  TempDir dir;
  const pid_t us = fork();
  if (us == 0) {
    auto server = ServerProcess::start(sleeper(dir), dir / "log", 0.2);
    for (;;) pause();
  }
  const pid_t pid = pid_in(dir / "pid"), child = pid_in(dir / "child");
  REQUIRE(pid > 0);
  CHECK(alive(pid));
  kill(us, SIGKILL);
  waitpid(us, nullptr, 0);
  CHECK(gone_soon(pid));
  CHECK(gone_soon(child));
}

TEST_CASE("how a server ended is said, with the end of its log, and it never had our keys") {
  TempDir dir;
  setenv("ASSAY_TEST_API_KEY", "canary-1234567890", 1);
  auto server = ServerProcess::start({"/bin/sh", "-c", "env; echo no model found >&2; exit 3"}, dir / "log");
  unsetenv("ASSAY_TEST_API_KEY");
  REQUIRE(server.ok());
  for (int i = 0; i < 300 && !(*server)->ended(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK((*server)->ended() == std::optional<std::string>("exit code 3"));
  CHECK((*server)->log_tail().find("no model found") != std::string::npos);
  std::ifstream log(dir / "log");
  const std::string text((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
  CHECK(text.find("PATH=") != std::string::npos);
  CHECK(text.find("canary") == std::string::npos);
  ModelEntry entry;
  entry.name = "m";
  entry.base_url = "http://127.0.0.1:9/v1";
  entry.serve = ServeSpec{{"/no/such/program"}, "", 5};
  const auto absent = serve_model(entry, dir / "log2", nullptr);
  REQUIRE_FALSE(absent.ok());
  CHECK(absent.error().code == Code::invalid);
  CHECK(absent.error().message.find("model 'm': its server ended before it was ready (it cannot be executed") == 0);
  entry.serve = ServeSpec{{"/bin/sh", "-c", "echo loading; sleep 60"}, "", 0.3};
  const auto late = serve_model(entry, dir / "log3", nullptr);
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().message.find("did not answer at http://127.0.0.1:9/v1/models within 0.3 s") != std::string::npos);
  CHECK(late.error().message.find("... loading") != std::string::npos);
  const auto stopped = serve_model(entry, dir / "log4", [] { return true; });
  REQUIRE_FALSE(stopped.ok());
  CHECK(stopped.error().code == Code::cancelled);
}

TEST_CASE("a run waits until its server is ready, and takes no other for it") {
  if (!has_python()) {
    WARN("no python3");
    return;
  }
  TempDir dir;
  std::ofstream(dir / "models") << "{}";
  const int port = 20000 + static_cast<int>(getpid() % 20000);
  ModelEntry entry;
  entry.name = "m";
  entry.base_url = "http://127.0.0.1:" + std::to_string(port);
  const std::string serve = "sleep 0.5; cd '" + (dir / "") + "' && exec python3 -m http.server --bind 127.0.0.1 " +
                            std::to_string(port);
  entry.serve = ServeSpec{{"/bin/sh", "-c", serve}, "", 30};
  auto server = serve_model(entry, dir / "log", nullptr);
  if (!server) FAIL(server.error().message);
  CHECK_FALSE((*server)->ended());
  const auto second = serve_model(entry, dir / "log2", nullptr);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().message.find("somebody answers at") != std::string::npos);
}
