// How fast all trace scorers are over real traces and over long ones.
//
//   bench_trace [FILE...]   FILE: JSON Lines with "steps", "trace" or "answer"; otherwise ProcessBench under
//   ASSAY_DATA
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/api/trace_checker.h"
#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/line_reader.h"

namespace fs = std::filesystem;
using namespace assay;

namespace {

// CPU time of this thread: other work on the machine does not count.
double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

std::vector<std::string> data_files() {
  const char* named = std::getenv("ASSAY_DATA");
  const fs::path dir = named != nullptr && *named != '\0'
                           ? fs::path(named)
                           : fs::path(ASSAY_SOURCE_DIR) / ".." / "shared" / "data";
  return {(dir / "trace/processbench/gsm8k.jsonl.gz").string(),
          (dir / "trace/processbench/math.jsonl.gz").string()};
}

Result<void> read(const std::string& file, std::vector<std::string>& out) {
  auto reader = JsonlReader::open(file);
  if (!reader) return reader.error();
  while (true) {
    auto row = reader->next();
    if (!row) return row.error();
    if (!row->has_value()) return {};
    std::string text;
    if (const Json* steps = json_find(**row, "steps"); steps != nullptr && steps->is_array()) {
      for (const Json& step : *steps) text += (step.is_string() ? step.get<std::string>() : "") + "\n\n";
    }
    for (const char* key : {"trace", "answer"}) {
      if (text.empty()) text = json_string(**row, key).value_or("");
    }
    out.push_back(std::move(text));
  }
}

void measure(const std::string& title, const std::vector<std::string>& traces) {
  std::size_t bytes = 0;
  std::size_t findings = 0;
  const double begin = cpu_seconds();
  for (const std::string& trace : traces) {
    TraceCase input;
    input.trace = trace;
    input.prompt = "How many apples are left?";
    input.gold.emplace("7");
    findings += check_trace(input).findings.size();
    bytes += trace.size();
  }
  const double took = cpu_seconds() - begin;
  std::fputs(format("{:<34} {:>6} traces {:>9.2f} MB {:>8.3f} s {:>7.1f} MB/s {:>6} findings\n", title,
                    traces.size(), static_cast<double>(bytes) / 1e6, took,
                    static_cast<double>(bytes) / 1e6 / took, findings)
                 .c_str(),
             stdout);
}

std::string grown(const std::string& text, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; out.size() < size && !text.empty(); ++i)
    out += format("Part {}. ", i) + text + "\n\n";
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> files =
      argc > 1 ? std::vector<std::string>(argv + 1, argv + argc) : data_files();
  std::vector<std::string> traces;
  for (const std::string& file : files) {
    if (const auto done = read(file, traces); !done) {
      std::fputs((done.error().message + "\n").c_str(), stderr);
      return 3;
    }
  }
  for (int pass = 0; pass < 3; ++pass) measure("real traces", traces);
  std::string all;
  for (const std::string& trace : traces) all += trace;
  for (const std::size_t size : {std::size_t{1} << 20, std::size_t{10} << 20, std::size_t{40} << 20}) {
    measure(format("all of them as one, {} MiB", size >> 20), {grown(all, size).substr(0, size)});
  }
  // What would take a careless reader quadratic time.
  const std::size_t n = std::size_t{10} << 20;
  const struct {
    const char* title;
    std::string text;
  } bad[] = {{"one letter", std::string(n, 'a')},
             {"open brackets", std::string(n, '(')},
             {"equals signs", std::string(n, '=')},
             {"\"1 = 1 + 1 =\"", grown("1 = 1 + 1 = 2 + 1", n)},
             {"\"so so so\"", grown("so so so so so so so so", n)},
             {"open dollars", grown("$ x ", n)},
             {"boxes never closed", grown("\\boxed{1", n)},
             {"one sum",
              [&] {
                std::string s = "1";
                while (s.size() < n) s += " + 1";
                return s + " = 2";
              }()},
             {"backticks", grown("` a ``` b", n)},
             {"answers", grown("the answer is 5 ", n)}};
  for (const auto& row : bad) measure(row.title, {row.text});
  return 0;
}
