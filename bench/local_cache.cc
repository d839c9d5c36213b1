// Peak memory and decode speed of a model whose every sequence of a batch is at its full length, with the
// cache as dtype and in int8: each in a process of its own, so that each has a peak of its own.
// usage: bench_local_cache MODEL [batch] [tokens] [threads]      (MODEL: a registered name or a path)
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "backends/local/decoder/load.h"
#include "backends/local/model_files.h"
#include "bench/machine.h"
#include "harness/base/model_cache.h"

namespace assay::bench {
namespace {

using local::kBlockTokens;

struct Work {
  std::filesystem::path model;
  int batch = 32, tokens = 2048, threads = 0;
};

constexpr int kChunk = 256;  // of a prompt: what the engine computes in a step by default
constexpr int kDecoded = 16;

double mb(double bytes) { return bytes / 1e6; }

double peak_bytes() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, 6, "VmHWM:") == 0) return std::atof(line.c_str() + 6) * 1024;
  }
  return 0;
}

struct Sequence {
  std::vector<TokenId> tokens;
  std::vector<std::int32_t> blocks;
};

std::vector<Sequence> sequences_of(const Work& work, std::int64_t vocab) {
  std::vector<Sequence> out(static_cast<std::size_t>(work.batch));
  const int blocks = (work.tokens + kBlockTokens - 1) / kBlockTokens;
  for (int i = 0; i < work.batch; ++i) {
    Sequence& s = out[static_cast<std::size_t>(i)];
    for (int t = 0; t < work.tokens; ++t)
      s.tokens.push_back(static_cast<TokenId>((i * 104729LL + t * 7919LL) % vocab));
    for (int b = 0; b < blocks; ++b) s.blocks.push_back(i * blocks + b);
  }
  return out;
}

Result<void> measure_cache(const Work& work, const char* kv_cache) {
  auto files = local::open_model(work.model);
  if (!files) return files.error();
  local::LoadOptions options;
  options.device = "cpu";
  options.threads = work.threads;
  options.kv_cache = kv_cache;
  auto model = local::load_model(*files, options);
  if (!model) return model.error();
  std::vector<Sequence> all = sequences_of(work, (*model)->shape().vocab);
  const auto blocks = static_cast<std::int32_t>(all.size() * all[0].blocks.size());
  if (auto ok = (*model)->reserve(blocks); !ok) return ok;
  std::vector<float> logits;
  const int prompt = work.tokens - kDecoded;
  double start = seconds_now();
  for (const Sequence& s : all) {
    for (int at = 0; at < prompt; at += kChunk) {
      const auto piece = std::span(s.tokens).subspan(static_cast<std::size_t>(at),
                                                     static_cast<std::size_t>(std::min(kChunk, prompt - at)));
      const local::StepSequence one{piece, at, s.blocks, at + kChunk >= prompt};
      if (auto ok = (*model)->step({&one, 1}, logits); !ok) return ok;
    }
  }
  const double filled = seconds_now() - start;
  double best = 1e30;
  for (int at = prompt; at < work.tokens; ++at) {
    std::vector<local::StepSequence> step;
    for (const Sequence& s : all)
      step.push_back({std::span(s.tokens).subspan(static_cast<std::size_t>(at), 1), at, s.blocks, true});
    start = seconds_now();
    if (auto ok = (*model)->step(step, logits); !ok) return ok;
    best = std::min(best, seconds_now() - start);
  }
  const local::ModelShape shape = (*model)->shape();
  std::printf("%-8s %10.0f %10.0f %10.0f %12.0f %12.0f\n", kv_cache,
              mb(static_cast<double>(shape.weight_bytes)),
              mb(static_cast<double>(shape.block_bytes) * blocks), mb(peak_bytes()),
              work.batch * prompt / filled, work.batch / best);
  return {};
}

int run(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_local_cache MODEL [batch] [tokens] [threads]\n");
    return 3;
  }
  auto path = resolve_model(argv[1]);
  if (!path) {
    std::fprintf(stderr, "%s\n", path.error().message.c_str());
    return 3;
  }
  Work work;
  work.model = *path;
  if (argc > 2) work.batch = std::max(1, std::atoi(argv[2]));
  if (argc > 3) work.tokens = std::max(2 * kDecoded, std::atoi(argv[3]));
  if (argc > 4) work.threads = std::max(0, std::atoi(argv[4]));
  std::printf("%s, bf16, %d sequences of %d tokens; MB, tokens/s\n", argv[1], work.batch, work.tokens);
  std::printf("%-8s %10s %10s %10s %12s %12s\n", "cache", "weights", "cache", "peak RSS",
              "prompts", "decode");
  std::fflush(stdout);
  int worst = 0;
  for (const char* kv_cache : {"auto", "int8"}) {
    const pid_t child = fork();
    if (child == 0) {
      const auto ok = measure_cache(work, kv_cache);
      if (!ok) std::fprintf(stderr, "%s\n", ok.error().message.c_str());
      std::fflush(stdout);
      _exit(ok ? 0 : 3);
    }
    int status = 0;
    waitpid(child, &status, 0);
    worst = std::max(worst, WIFEXITED(status) ? WEXITSTATUS(status) : 3);
  }
  return worst;
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) { return assay::bench::run(argc, argv); }
