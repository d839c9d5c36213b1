// Grades labelled real answers, boxed and raw, and prints accuracy, time a pair and the rate on all cores.
//
//   bench_math [FILE]       FILE: JSON Lines of id, gold, pred, label; otherwise math/real.jsonl.gz under ASSAY_DATA
//   bench_math --pairs OUT  also writes the pairs as they were graded, for bench/compare_math_verify.py
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/line_reader.h"
#include "harness/base/parallel.h"
#include "scorers/math/grade.h"

namespace fs = std::filesystem;
using namespace assay;
using Clock = std::chrono::steady_clock;

namespace {

struct Pair {
  std::string id;
  std::string gold;
  std::string pred;
  bool label = false;
};

void print(const std::string& line) { std::fputs((line + "\n").c_str(), stdout); }

// CPU time of this thread: other work on the machine does not count.
double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double seconds(Clock::duration d) { return std::chrono::duration<double>(d).count(); }

fs::path data_file() {
  const char* named = std::getenv("ASSAY_DATA");
  const fs::path dir = named != nullptr && *named != '\0' ? fs::path(named) : fs::path(ASSAY_SOURCE_DIR) / ".." / "shared" / "data";
  return dir / "math" / "real.jsonl.gz";
}

Result<std::vector<Pair>> read(const fs::path& path) {
  auto reader = JsonlReader::open(path);
  if (!reader) return reader.error();
  std::vector<Pair> out;
  while (true) {
    auto row = reader->next();
    if (!row) return row.error();
    if (!row->has_value()) return out;
    const Json& r = **row;
    out.push_back({r.value("id", ""), r.value("gold", ""), r.value("pred", ""), r.value("label", false)});
  }
}

void time_each(const std::string& title, const std::vector<Pair>& pairs) {
  std::vector<double> micros;
  std::size_t right = 0;
  std::size_t false_positives = 0;
  for (const Pair& p : pairs) {
    const double begin = cpu_seconds();
    const math::Verdict v = math::grade(p.gold, p.pred, {});
    micros.push_back(1e6 * (cpu_seconds() - begin));
    const bool yes = v.equal == math::Equal::yes;
    right += yes == p.label ? 1 : 0;
    false_positives += yes && !p.label ? 1 : 0;
  }
  std::sort(micros.begin(), micros.end());
  double sum = 0;
  for (const double m : micros) sum += m;
  const std::size_t n = micros.size();
  print(format("{:<10} {} pairs: {:.2f} % right, {} false positives", title, n,
               100.0 * static_cast<double>(right) / static_cast<double>(n), false_positives));
  print(format("           mean {:.1f} us, median {:.1f}, p99 {:.1f}, most {:.0f}; CPU time {:.4f} s in all", sum / static_cast<double>(n),
               micros[n / 2], micros[n * 99 / 100], micros.back(), sum / 1e6));
}

// How many a second on all cores, repeated until at least a second has passed.
void rate(const std::string& title, const std::vector<Pair>& pairs) {
  Pool pool(0);
  constexpr std::size_t kChunk = 256;
  std::size_t done = 0;
  std::atomic<std::size_t> yes{0};
  const auto begin = Clock::now();
  while (seconds(Clock::now() - begin) < 1.0) {
    pool.parallel_for((pairs.size() + kChunk - 1) / kChunk, [&](std::size_t c) {
      std::size_t found = 0;
      for (std::size_t i = c * kChunk; i < std::min(pairs.size(), (c + 1) * kChunk); ++i) {
        found += math::grade(pairs[i].gold, pairs[i].pred, {}).equal == math::Equal::yes ? 1 : 0;
      }
      yes += found;
    });
    done += pairs.size();
  }
  print(format("{:<22} {:9.0f} answers/s on {} threads", title, static_cast<double>(done) / seconds(Clock::now() - begin),
               pool.threads()));
}

int write_pairs(const char* path, const std::vector<Pair>& boxed) {
  std::ofstream out(path);
  for (const Pair& p : boxed) {
    out << dump_json(Json{{"id", p.id}, {"gold", p.gold}, {"pred", p.pred}, {"label", p.label}}) << "\n";
  }
  return out.good() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const bool export_pairs = argc > 2 && std::string(argv[1]) == "--pairs";
  const fs::path path = argc > 1 && !export_pairs ? fs::path(argv[1]) : data_file();
  auto raw = read(path);
  if (!raw || raw->empty()) {
    std::fputs(format("bench_math: {}\n", raw ? format("{}: no pairs; set ASSAY_DATA", path.string()) : raw.error().message).c_str(), stderr);
    return 1;
  }
  std::vector<Pair> boxed = *raw;
  for (Pair& p : boxed) p.pred = format("\\boxed{{{}}}", p.pred);
  if (export_pairs) return write_pairs(argv[2], boxed);
  math::grade("\\sqrt{2}+1", "1+\\sqrt{2}", {});  // tables are built once
  time_each("boxed", boxed);
  time_each("raw", *raw);
  std::vector<Pair> numeric;
  std::vector<Pair> exact;
  for (std::size_t i = 0; i < 40000; ++i) {
    const auto n = static_cast<long>(i % 9973);
    numeric.push_back({"", std::to_string(n), format("so it is \\boxed{{{}}}", i % 3 == 0 ? n + 1 : n), false});
    exact.push_back({"", format("\\frac{{{}}}{{{}}}", n, n + 1), format("\\boxed{{{}/{}}}", 2 * n, 2 * n + 2), true});
  }
  rate("numeric tier, boxed", numeric);
  rate("exact tier, fractions", exact);
  std::vector<Pair> sums;
  for (std::size_t i = 0; i < 20000; ++i) {
    sums.push_back({"", format("{}+\\frac{{1}}{{3}}", i), format("\\boxed{{\\frac{{{}}}{{3}}}}", 3 * i + 1), true});
  }
  rate("exact tier, sums", sums);
  rate("real pairs, boxed", boxed);
  return 0;
}
