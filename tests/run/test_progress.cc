#include "harness/run/progress.h"

#include <cstdlib>

#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace assay;

namespace {

Snapshot snapshot(double at) {
  Snapshot s;
  s.planned = 400;
  s.done = 120;
  s.done_before = 20;
  s.elapsed_s = at;
  s.in_flight = 16;
  return s;
}

std::string shown(const ConsoleOptions& options) {
  test::TempDir dir;
  const std::string path = dir / "out";
  std::FILE* out = std::fopen(path.c_str(), "w");
  REQUIRE(out != nullptr);
  auto progress = console_progress(out, options);
  Plan plan;
  plan.suite = "s\x1b[31m";
  plan.attempts = 400;
  PlanEntry entry;
  entry.model = "bad\n\x1b]0;title\x07name";
  plan.entries = {entry, entry};
  progress->started(plan, "RUN");
  for (int i = 0; i < 100; ++i) progress->tick(snapshot(i * 0.1));
  RunOutcome outcome;
  outcome.notes = {"go on with: assay run --resume RUN"};
  progress->finished(outcome);
  std::fclose(out);
  return test::read_file(path);
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("the line says what is done, how fast, what failed, what it cost and how long it takes") {
  Snapshot s = snapshot(10);
  CHECK(progress_line(s) == "120/400 30% | 10.0/s | 16 in flight | cost unknown | ETA 0:28");
  s.errors = 1;
  s.retries = 2;
  s.calls = 100;
  s.cost_pico = {1500000000000, 99};
  CHECK(progress_line(s) ==
        "120/400 30% | 10.0/s | 16 in flight | 1 error | 2 retries | >= $1.5000 | ETA 0:28");
  s.stopping = true;
  CHECK(progress_line(s).find("stopping") != std::string::npos);
  CHECK(progress_line(Snapshot{}) == "0/0 100% | 0.0/s | 0 in flight | cost unknown | ETA ?");
}

TEST_CASE("off a terminal there is a plain line every few seconds and no escape") {
  const std::string out = shown({});
  CHECK(count(out, "120/400") == 1);  // at 5 s, of 10
  CHECK(out.find('\x1b') == std::string::npos);
  CHECK(out.find('\r') == std::string::npos);
  CHECK(out.find('\x07') == std::string::npos);
  CHECK(out.find("--resume RUN\n") != std::string::npos);
}

TEST_CASE("on a terminal one line is rewritten, in colour only where wanted") {
  ConsoleOptions options;
  options.terminal = true;
  options.width = 30;
  const std::string out = shown(options);
  CHECK(count(out, "\r\x1b[K") > 40);
  CHECK(count(out, "\n") == 3);
  CHECK(out.find("\x1b[3") == std::string::npos);
  CHECK(out.find("]0;") == out.find("\\x1b]0;") + 4);  // made visible
  CHECK(out.find("ETA") == std::string::npos);         // cut to the width
  options.color = true;
  CHECK(shown(options).find("\x1b[2m") != std::string::npos);
  options.quiet = true;
  CHECK(count(shown(options), "\n") == 1);
}

TEST_CASE("NO_COLOR and files switch colour off") {
  test::TempDir dir;
  std::FILE* file = std::fopen((dir / "x").c_str(), "w");
  REQUIRE(file != nullptr);
  CHECK_FALSE(console_options(file).terminal);
  CHECK_FALSE(console_options(file).color);
  std::fclose(file);
}
