// bench_local MODELS [LLAMA] [threads] [shape...]: tokens a second of the local backend on this CPU, in bf16,
// beside what memory and arithmetic allow (measured here, now) and beside llama.cpp on the same file.
// bench/local.sh runs it.
//
// MODELS: a folder where random models of the shapes are kept from run to run, as GGUF in BF16. LLAMA: the
// folder of llama.cpp's libraries; "-" leaves it out. The two take turns, and the best of several short tries
// counts, since other programs may run. Decoding goes on from 128 positions in each sequence; every sequence
// has blocks of its own.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "backends/local/decoder/load.h"
#include "backends/local/model_files.h"
#include "bench/llama_cpp.h"
#include "bench/machine.h"
#include "tests/backends/local/tiny_model.h"

namespace assay::bench {
namespace {

using local::kBlockTokens;
using local::ModelConfig;

constexpr int kStart = 128;  // positions before decoding
constexpr int kRoom = 512;   // positions a sequence of a batch may reach; a prompt is as long
constexpr int kSequences = 64;
constexpr int kPrompt = 512;

struct Shape {
  const char* name;
  ModelConfig config;
};

std::vector<Shape> shapes() {
  ModelConfig smol = test::tiny_config("llama");
  smol.vocab = 49152;
  smol.hidden = 576;
  smol.intermediate = 1536;
  smol.layers = 30;
  smol.heads = 9;
  smol.kv_heads = 3;
  smol.head_dim = 64;
  smol.context = 8192;
  smol.tied_head = true;
  smol.rope.theta = 1e5;
  ModelConfig qwen = test::tiny_config("qwen2");
  qwen.vocab = 151936;
  qwen.hidden = 896;
  qwen.intermediate = 4864;
  qwen.layers = 24;
  qwen.heads = 14;
  qwen.kv_heads = 2;
  qwen.head_dim = 64;
  qwen.context = 32768;
  qwen.tied_head = true;
  qwen.rope.theta = 1e6;
  return {{"SmolLM2-135M", smol}, {"Qwen2.5-0.5B", qwen}};
}

// Weights that a token is multiplied by; the tied head's count, rows of the embedding that are looked up do
// not.
double parameters(const ModelConfig& c, bool head) {
  const double attention = static_cast<double>(c.hidden * (c.heads * 2 + c.kv_heads * 2) * c.head_dim);
  const double mlp = 3.0 * static_cast<double>(c.hidden * c.intermediate);
  return static_cast<double>(c.layers) * (attention + mlp) +
         (head ? static_cast<double>(c.hidden * c.vocab) : 0.0);
}

// Tokens a second if weights and cache are read once a step at the rate of memory, and all products made at
// that of the fastest instruction: whichever takes longer.
double roofline(const ModelConfig& c, const Machine& machine, double tokens, double contexts,
                bool head_each) {
  const double cache = contexts * static_cast<double>(c.layers * c.kv_heads * c.head_dim) * 4;
  const double bytes = 2 * parameters(c, true) + cache;
  const double body = 2 * parameters(c, false);
  const double head = 2 * (parameters(c, true) - parameters(c, false)) * (head_each ? tokens : 1);
  return tokens / std::max(bytes / machine.read_bytes, (body * tokens + head) / machine.bf16_flops);
}

class Ours {
 public:
  Ours(local::Model& model) : model_(&model) {}

  bool prompt(std::span<const TokenId> tokens) {
    std::vector<std::int32_t> blocks = blocks_of(0);
    const local::StepSequence one{tokens, 0, blocks, true};
    return static_cast<bool>(model_->step({&one, 1}, logits));
  }
  void fan_out(int count) {
    for (int to = 1; to < count; ++to) {
      for (std::size_t b = 0; b < kStart / kBlockTokens; ++b)
        model_->copy_block(blocks_of(0)[b], blocks_of(to)[b]);
    }
  }
  bool decode(int count, std::int32_t position, std::span<const TokenId> tokens) {
    std::vector<std::vector<std::int32_t>> blocks;
    std::vector<local::StepSequence> step;
    for (int i = 0; i < count; ++i) blocks.push_back(blocks_of(i));
    for (int i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      step.push_back({tokens.subspan(at, 1), position, blocks[at], true});
    }
    return static_cast<bool>(model_->step(step, logits));
  }

  std::vector<float> logits;

 private:
  static std::vector<std::int32_t> blocks_of(int sequence) {
    std::vector<std::int32_t> out;
    for (std::int32_t b = 0; b < kRoom / kBlockTokens; ++b)
      out.push_back(sequence * (kRoom / kBlockTokens) + b);
    return out;
  }
  local::Model* model_;
};

class Theirs {
 public:
  explicit Theirs(LlamaCpp& llama) : llama_(&llama) {}
  bool prompt(std::span<const TokenId> tokens) {
    llama_->clear();
    std::vector<std::int32_t> ids(tokens.begin(), tokens.end());
    std::vector<std::int32_t> positions;
    for (std::size_t i = 0; i < ids.size(); ++i) positions.push_back(static_cast<std::int32_t>(i));
    std::vector<std::int8_t> wanted(ids.size(), 0);
    wanted.back() = 1;
    return llama_->decode(ids, positions, std::vector<std::int32_t>(ids.size(), 0), wanted);
  }
  void fan_out(int count) { llama_->fan_out(count); }
  bool decode(int count, std::int32_t position, std::span<const TokenId> tokens) {
    const auto n = static_cast<std::size_t>(count);
    const std::vector<std::int32_t> ids(tokens.begin(), tokens.begin() + count);
    std::vector<std::int32_t> sequences;
    for (int i = 0; i < count; ++i) sequences.push_back(i);
    return llama_->decode(ids, std::vector<std::int32_t>(n, position), sequences,
                          std::vector<std::int8_t>(n, 1));
  }

 private:
  LlamaCpp* llama_;
};

struct Best {
  double seconds = 1e30;
  bool failed = false;
  void time(const std::function<bool()>& run) {
    const double start = seconds_now();
    failed = failed || !run();
    seconds = std::min(seconds, seconds_now() - start);
  }
};

void print_row(const std::string& what, double tokens, const Best& ours, const std::optional<Best>& theirs,
               double most) {
  const double rate = tokens / ours.seconds;
  std::printf("%-16s %10.1f %10.0f %8.0f%%", what.c_str(), rate, most, 100 * rate / most);
  if (theirs) std::printf(" %10.1f %8.2fx", tokens / theirs->seconds, theirs->seconds / ours.seconds);
  std::printf("%s\n", ours.failed || (theirs && theirs->failed) ? "  FAILED" : "");
}

// Root mean square of the difference of the logits after a prompt, of theirs.
void compare(const std::vector<float>& ours, const float* theirs) {
  double difference = 0;
  double size = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    difference += std::pow(static_cast<double>(ours[i]) - theirs[i], 2);
    size += std::pow(static_cast<double>(theirs[i]), 2);
  }
  std::printf("logits after a prompt of %d: relative difference %.4f\n", kPrompt,
              std::sqrt(difference / size));
}

void decode_batch(int batch, const Shape& shape, const Machine& machine, Ours& ours,
                  std::optional<Theirs>& theirs, std::span<const TokenId> tokens) {
  Best mine;
  std::optional<Best> other;
  mine.failed = !ours.prompt(tokens.first(kStart));
  ours.fan_out(batch);
  if (theirs) {
    other.emplace();
    other->failed = !theirs->prompt(tokens.first(kStart));
    theirs->fan_out(batch);
  }
  // Short turns, so that both meet the same neighbours.
  const int rounds = 6;
  const int steps = batch == 1 ? 8 : 4;
  std::int32_t position = kStart;
  for (int round = 0; round < rounds; ++round) {
    for (int s = 0; s < steps; ++s) mine.time([&] { return ours.decode(batch, position + s, tokens); });
    for (int s = 0; theirs && s < steps; ++s) {
      other->time([&] { return theirs->decode(batch, position + s, tokens); });
    }
    position += steps;
  }
  print_row("decode, batch " + std::to_string(batch), batch, mine, other,
            roofline(shape.config, machine, batch, batch * (kStart + rounds * steps / 2.0), true));
}

Result<void> run_shape(const Shape& shape, const std::filesystem::path& folder, LlamaCpp* llama, int threads,
                       const Machine& machine) {
  const std::filesystem::path file = folder / (std::string(shape.name) + "-random-bf16.gguf");
  if (!std::filesystem::exists(file)) {
    if (auto ok = test::write_gguf({shape.config, 1, local::DType::bf16}, file); !ok) return ok;
  }
  auto files = local::open_model(file);
  if (!files) return files.error();
  local::LoadOptions options;
  options.device = "cpu";
  options.threads = threads;
  auto model = local::load_model(*files, options);
  if (!model) return model.error();
  if (auto ok = (*model)->reserve(kSequences * kRoom / kBlockTokens); !ok) return ok;
  Ours ours(**model);
  std::optional<Theirs> theirs;
  if (llama != nullptr) {
    if (auto ok = llama->load(file, threads, kSequences, kRoom); !ok) return ok;
    theirs.emplace(*llama);
  }
  std::vector<TokenId> tokens;
  for (int i = 0; i < kPrompt; ++i) tokens.push_back(static_cast<TokenId>((i * 7919 + 13) % 40000));

  std::printf("\n%s, random weights, bf16, %d threads\n", shape.name, threads);
  std::printf("%-16s %10s %10s %9s %10s %9s\n", "", "tokens/s", "roofline", "share", "llama.cpp", "ratio");
  for (const int batch : {1, 8, 32, 64}) decode_batch(batch, shape, machine, ours, theirs, tokens);
  Best mine;
  std::optional<Best> other;
  if (theirs) other.emplace();
  for (int round = 0; round < 4; ++round) {
    mine.time([&] { return ours.prompt(tokens); });
    if (theirs) other->time([&] { return theirs->prompt(tokens); });
  }
  print_row("prompt of 512", kPrompt, mine, other, roofline(shape.config, machine, kPrompt, kPrompt, false));
  if (llama != nullptr) compare(ours.logits, llama->last_logits);
  if (llama != nullptr) llama->unload();
  return {};
}

int run(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_local MODELS [LLAMA] [threads] [shape...]\n");
    return 3;
  }
  const std::string llama_folder = argc > 2 ? argv[2] : "-";
  const int threads =
      argc > 3 ? std::max(1, std::atoi(argv[3])) : static_cast<int>(std::thread::hardware_concurrency());
  std::optional<LlamaCpp> llama;
  if (llama_folder != "-") {
    auto opened = LlamaCpp::open(llama_folder);
    if (!opened) {
      std::fprintf(stderr, "%s\n", opened.error().message.c_str());
      return 3;
    }
    llama = *opened;
  }
  std::filesystem::create_directories(argv[1]);
  const Machine machine = measure(threads, true);
  std::printf("kernels: %s\n", std::string(local::kernels::isa_name(local::kernels::best_isa())).c_str());
  const std::vector<std::string> wanted(argv + std::min(argc, 4), argv + argc);
  for (const Shape& shape : shapes()) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), shape.name) == wanted.end()) continue;
    if (auto ok = run_shape(shape, argv[1], llama ? &*llama : nullptr, threads, machine); !ok) {
      std::fprintf(stderr, "%s\n", ok.error().message.c_str());
      return 3;
    }
  }
  return 0;
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  return assay::bench::run(argc, argv);
}
