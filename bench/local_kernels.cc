// bench_local_kernels [threads]: what this machine can read and compute, measured, and how near to it the CPU
// kernels of local models come, at the shapes of SmolLM2-135M and Qwen2.5-0.5B; each beside its plain
// version.
//
// Times are the best of many short repetitions, since other programs may run. Weights are cold: copies of a
// matrix take turns until they are more than most caches hold.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "backends/local/kernels/attention.h"
#include "backends/local/kernels/buffer.h"
#include "backends/local/kernels/elementwise.h"
#include "backends/local/kernels/packed_matrix.h"
#include "bench/machine.h"

namespace assay::local::kernels {
namespace {

using bench::best_seconds;

struct Shape {
  const char* name;
  std::int64_t outputs, inputs;
};
constexpr Shape kShapes[] = {
    {"135M qkv", 960, 576},      {"135M o", 576, 576},      {"135M gate up", 3072, 576},
    {"135M down", 576, 1536},    {"135M head", 49152, 576}, {"0.5B qkv", 1152, 896},
    {"0.5B gate up", 9728, 896}, {"0.5B down", 896, 4864},  {"0.5B head", 151936, 896},
};

// GFLOP/s of the plain version, on as much of the shape as takes some milliseconds.
double plain_gflops(const Shape& shape, std::int64_t rows, Team& team, Precision precision) {
  const std::int64_t outputs = std::min<std::int64_t>(shape.outputs, 128);
  const std::int64_t some = std::min<std::int64_t>(rows, 4);
  const PackedMatrix matrix(outputs, shape.inputs, precision);
  const std::vector<float> x(static_cast<std::size_t>(some * shape.inputs), 0.5f);
  std::vector<float> y(static_cast<std::size_t>(some * outputs));
  const double seconds = best_seconds(5, 0.003, [&] {
    matrix.multiply({Isa::plain, &team}, x.data(), shape.inputs, some, y.data(), outputs);
  });
  return 2e-9 * static_cast<double>(some * outputs * shape.inputs) / seconds;
}

// Memory that was never written need not be memory of its own: one row of each 16 reaches every page.
void write_pages(PackedMatrix& matrix) {
  const std::vector<float> row(static_cast<std::size_t>(matrix.inputs()), 0.25f);
  for (std::int64_t n = 0; n < matrix.outputs(); n += 16) matrix.set_rows(n, row);
}

void matrices(const bench::Machine& machine, Team& team, Precision precision) {
  const bool bf16 = precision == Precision::bf16;
  std::printf(
      "\nMatrices, %s, %s, %d threads. roofline: the time that memory or arithmetic allows, of the time "
      "taken.\n",
      bf16 ? "bf16" : "f32", std::string(isa_name(best_isa())).c_str(), team.size());
  std::printf("%-14s %5s %10s %8s %9s %9s %9s\n", "shape", "rows", "us", "GB/s", "GFLOP/s", "roofline",
              "x plain");
  for (const Shape& shape : kShapes) {
    const auto bytes = static_cast<double>(PackedMatrix::bytes(shape.outputs, shape.inputs, precision));
    std::vector<PackedMatrix> copies;
    for (double total = 0; total < static_cast<double>(bench::kColdBytes); total += bytes) {
      copies.emplace_back(shape.outputs, shape.inputs, precision);
      write_pages(copies.back());
    }
    for (const std::int64_t rows : {1, 8, 32, 64, 512}) {
      if (shape.outputs > 40000 && rows == 512) continue;  // the head sees the last token of a prompt only
      const std::vector<float> x(static_cast<std::size_t>(rows * shape.inputs), 0.5f);
      std::vector<float> y(static_cast<std::size_t>(rows * shape.outputs));
      std::size_t next = 0;
      const double seconds = best_seconds(7, 0.004, [&] {
        copies[next].multiply({best_isa(), &team}, x.data(), shape.inputs, rows, y.data(), shape.outputs);
        next = (next + 1) % copies.size();
      });
      const double flops = 2.0 * static_cast<double>(rows * shape.outputs * shape.inputs);
      const double least =
          std::max(bytes / machine.read_bytes, flops / (bf16 ? machine.bf16_flops : machine.f32_flops));
      Team one(1);
      const double plain = plain_gflops(shape, rows, one, precision) * team.size();
      std::printf("%-14s %5lld %10.1f %8.1f %9.0f %8.0f%% %8.0fx\n", shape.name, static_cast<long long>(rows),
                  seconds * 1e6, bytes / seconds * 1e-9, flops / seconds * 1e-9, 100 * least / seconds,
                  flops / seconds * 1e-9 / plain);
    }
  }
}

struct AttentionCase {
  const char* name;
  std::int32_t heads, kv_heads, sequences, context, shared, rows;  // rows: last positions of each sequence
};
constexpr AttentionCase kAttention[] = {
    {"135M 1 x 2048", 9, 3, 1, 2048, 0, 1},     {"135M 8 x 1024", 9, 3, 8, 1024, 0, 1},
    {"135M 64 x 2048", 9, 3, 64, 2048, 0, 1},   {"135M 64 x 2048, 1920 shared", 9, 3, 64, 2048, 1920, 1},
    {"135M prompt 512", 9, 3, 1, 512, 0, 512},  {"0.5B 64 x 2048", 14, 2, 64, 2048, 0, 1},
    {"0.5B prompt 512", 14, 2, 1, 512, 0, 512},
};

void attention_case(const AttentionCase& c, const bench::Machine& machine, Team& team) {
  const AttentionShape shape{c.heads, c.kv_heads, 64, Precision::bf16, 0.125f};
  std::vector<std::vector<std::int32_t>> tables(static_cast<std::size_t>(c.sequences));
  std::int32_t blocks = c.shared / kBlock;
  for (auto& table : tables) {
    for (std::int32_t b = 0; b < c.context / kBlock; ++b)
      table.push_back(b < c.shared / kBlock ? b : blocks++);
  }
  Buffer memory(static_cast<std::size_t>(blocks) * block_bytes(shape));
  std::memset(memory.as<char>(), 0x3c, memory.bytes());
  const KvCache cache{memory.as<std::byte>(), block_bytes(shape)};
  std::vector<Query> queries;
  double pairs = 0;
  for (const auto& table : tables) {
    for (std::int32_t p = c.context - c.rows; p < c.context; ++p) {
      queries.push_back({p, table});
      pairs += p + 1;
    }
  }
  const std::int64_t width = c.heads * 64;
  const std::vector<float> q(queries.size() * static_cast<std::size_t>(width), 0.25f);
  std::vector<float> out(q.size());
  const AttentionPlan plan(shape, queries);
  const auto run = [&](Isa isa) {
    attend({isa, &team}, shape, cache, plan, q.data(), width, out.data(), width);
  };
  const double seconds = best_seconds(7, 0.01, [&] { run(best_isa()); });
  const double flops = pairs * c.heads * 64 * 4;
  const auto bytes = static_cast<double>(memory.bytes());
  const double least = std::max(bytes / machine.read_bytes, flops / machine.bf16_flops);
  double plain = 0;
  if (flops < 1e9) plain = best_seconds(2, 0.001, [&] { run(Isa::plain); });
  std::printf("%-28s %10.1f %8.1f %9.0f %8.0f%%", c.name, seconds * 1e6, bytes / seconds * 1e-9,
              flops / seconds * 1e-9, 100 * least / seconds);
  plain > 0 ? std::printf(" %8.0fx\n", plain / seconds) : std::printf("\n");
}

template <typename Run>
void row_case(const char* name, Team& team, Run run) {
  const double fast = best_seconds(9, 0.002, [&] { run(Exec{best_isa(), &team}); });
  const double avx2 = best_isa() >= Isa::avx2 ? best_seconds(9, 0.002,
                                                             [&] {
                                                               run(Exec{Isa::avx2, &team});
                                                             })
                                              : fast;
  const double plain = best_seconds(9, 0.002, [&] { run(Exec{Isa::plain, &team}); });
  std::printf("%-28s %10.2f %9.2f %9.2f %8.1fx\n", name, fast * 1e6, avx2 * 1e6, plain * 1e6, plain / fast);
}

void elementwise() {
  Team one(1);
  std::printf("\nBetween matrices, 1 thread, one row (of 576, 960, 1536 values, as in SmolLM2-135M)\n");
  std::printf("%-28s %10s %9s %9s %9s\n", "", "us", "us avx2", "us plain", "x plain");
  std::vector<float> x(4096, 0.5f);
  std::vector<float> y(4096);
  const std::vector<float> weight(4096, 1.0f);
  RopeTable table(std::vector<double>(32, 0.01));
  table.reserve(16);
  const std::vector<std::int32_t> positions = {3};
  row_case("rms_norm", one,
           [&](const Exec& e) { rms_norm(e, x.data(), 576, 1, 576, weight.data(), 1e-5f, y.data(), 576); });
  row_case("rope, 12 heads", one, [&](const Exec& e) { rope(e, y.data(), 960, positions, 12, table); });
  row_case("rope with norm, 12 heads", one,
           [&](const Exec& e) { rope(e, y.data(), 960, positions, 12, table, weight.data(), 1e-6f); });
  row_case("silu_mul", one, [&](const Exec& e) { silu_mul(e, x.data(), 3072, 1, 1536, y.data(), 1536); });
}

int main_of(int threads) {
  const bench::Machine machine = bench::measure(threads, true);
  Team team(threads);
  const double region = best_seconds(20, 0.001, [&] {
    for (int i = 0; i < 100; ++i) team.run(threads, [](std::int64_t) {});
  });
  std::printf("An empty parallel region: %.2f us\n", region * 1e4);
  matrices(machine, team, Precision::bf16);
  std::printf("\nAttention, bf16, %d threads\n%-28s %10s %8s %9s %9s %9s\n", threads, "sequences x context",
              "us", "GB/s", "GFLOP/s", "roofline", "x plain");
  for (const AttentionCase& c : kAttention) attention_case(c, machine, team);
  elementwise();
  return 0;
}

}  // namespace
}  // namespace assay::local::kernels

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : static_cast<int>(std::thread::hardware_concurrency());
  return assay::local::kernels::main_of(std::max(threads, 1));
}
