// How fast the store takes attempts and gives leaderboards. Usage: bench_store [folder] [attempts]
//
// An attempt is one call with its request, one response of about a kilobyte and one score, with
// every index in place; two threads hand them over, as two cores would. Then the leaderboard, the
// finished attempts and the listing are read from a database of a million scores.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/rng.h"
#include "harness/store/store.h"

namespace assay {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

[[noreturn]] void fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) fail(result.error());
  return std::move(*result);
}
void must(Result<void> result) {
  if (!result) fail(result.error());
}

// Text that compresses about as well as a model's reasoning does.
std::string prose(Rng& rng, std::size_t size) {
  static const std::vector<std::string> words = {
      "the", "number", "so", "we", "have", "then", "multiply", "each", "total", "of", "apples", "is", "therefore",
      "add", "divide", "by", "remaining", "cost", "per", "day", "hours", "answer", "let", "x", "equals", "first"};
  std::string out;
  while (out.size() < size) {
    out += rng.chance(0.2) ? std::to_string(rng.uniform(0, 9999)) : rng.pick(words);
    out += ' ';
  }
  return out;
}

struct Texts {
  std::vector<std::string> questions, answers;
};

Texts make_texts() {
  Rng rng(1);
  Texts t;
  for (int i = 0; i < 512; ++i) {
    t.questions.push_back(prose(rng, 300));
    t.answers.push_back(prose(rng, 1000));
  }
  return t;
}

Sample make_sample(const Texts& texts, std::uint64_t i) {
  Sample s;
  s.key = "sample-" + std::to_string(i);
  s.question = texts.questions[i % texts.questions.size()] + std::to_string(i);
  s.messages = {{Role::user, s.question}};
  s.targets = {std::to_string(i)};
  s.identity = sha256(s.question);
  return s;
}

void put(Store& store, EntryId entry, const Texts& texts, std::uint64_t i) {
  const Sample sample = make_sample(texts, i);
  CallRecord call;
  call.request = {{"messages", {{{"role", "user"}, {"content", sample.question}}}}, {"sampling", {{"temperature", 0}}}};
  call.digest = sha256(sample.question + std::to_string(entry));
  call.response.text = texts.answers[(i * 7) % texts.answers.size()] + std::to_string(i);
  call.response.split.answer = call.response.text;
  call.response.finish = FinishReason::stop;
  call.response.usage.input = 80;
  call.response.usage.output = 250;
  call.started = unix_micros();
  call.cost_pico = 12345;
  const AttemptRef ref{entry, i, 0};
  store.add_call(ref, sample, std::move(call), {});
  AttemptResult result;
  result.outcome = i % 3 ? Outcome::correct : Outcome::incorrect;
  result.chosen_step = result.chosen_draw = 0;
  ScoreRecord score;
  score.scorer = "numeric";
  score.primary = true;
  score.score.outcome = result.outcome;
  score.score.value = i % 3 ? 1 : 0;
  score.score.extracted = score.score.answer_class = std::to_string(i);
  score.score.rule = "boxed";
  score.score.explanation = "equal to the target";
  result.scores.push_back(std::move(score));
  store.finish_attempt(ref, sample, std::move(result), {});
}

EntryId add_entry(Store& store, const std::string& run, int model, std::uint64_t samples) {
  EntryRecord e;
  e.run_id = run;
  e.model.name = "model-" + std::to_string(model);
  e.model.backend = "replay";
  e.task = "math/bench";
  e.strategy = "single";
  e.sampling = Json::object();
  e.scorers = {{"numeric", Json::object()}};
  e.samples = samples;
  return must(store.add_entry(e));
}

std::string begin(Store& store) {
  RunRecord run;
  run.run_id = new_ulid();
  run.suite = "bench";
  run.spec = Json::object();
  must(store.begin_run(run));
  return run.run_id;
}

void bench_writes(const std::filesystem::path& path, const Texts& texts, std::uint64_t attempts) {
  auto store = must(Store::open(path, StoreMode::read_write));
  const EntryId entry = add_entry(*store, begin(*store), 0, attempts);
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = t; i < attempts; i += 2) put(*store, entry, texts, i);
    });
  }
  for (std::thread& t : threads) t.join();
  must(store->flush());
  const double seconds = seconds_since(start);
  const auto size = static_cast<double>(std::filesystem::file_size(path));
  std::printf("commit    %llu attempts in %.2f s: %.0f attempts/s (goal 20000), %.0f bytes an attempt\n",
              static_cast<unsigned long long>(attempts), seconds, static_cast<double>(attempts) / seconds,
              size / static_cast<double>(attempts));

  const auto resume = std::chrono::steady_clock::now();
  std::uint64_t found = 0;
  must(store->finished_attempts(entry, [&](std::uint64_t, std::uint32_t, Outcome, const Digest&) { ++found; }));
  std::printf("resume    %llu finished attempts read in %.3f s\n", static_cast<unsigned long long>(found), seconds_since(resume));

  const auto cached = std::chrono::steady_clock::now();
  std::uint64_t hits = 0;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    const Sample sample = make_sample(texts, i * 7 % attempts);
    if (must(store->find_cached(sha256(sample.question + std::to_string(entry))))) ++hits;
  }
  std::printf("cache     %llu of 10000 look-ups hit, %.1f us each\n", static_cast<unsigned long long>(hits),
              seconds_since(cached) * 100);
}

void bench_leaderboard(const std::filesystem::path& path, const Texts& texts, std::uint64_t attempts) {
  constexpr int kModels = 10;
  {
    auto store = must(Store::open(path, StoreMode::read_write));
    const std::string run = begin(*store);
    for (int m = 0; m < kModels; ++m) {
      const EntryId entry = add_entry(*store, run, m, attempts / kModels);
      for (std::uint64_t i = 0; i < attempts / kModels; ++i) put(*store, entry, texts, i);
    }
    must(store->flush());
  }
  auto store = must(Store::open(path, StoreMode::read_only));
  for (int repeat = 0; repeat < 3; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    const auto rows = must(store->leaderboard({}));
    std::uint64_t n = 0;
    for (const LeaderboardRow& row : rows) {
      for (const std::uint64_t count : row.outcomes) n += count;
    }
    std::printf("leaderboard  %zu rows over %llu scores in %.3f s (goal 0.5 s)\n", rows.size(),
                static_cast<unsigned long long>(n), seconds_since(start));
  }
  const auto start = std::chrono::steady_clock::now();
  auto items = must(store->items({}));
  std::vector<ItemRow> page;
  std::uint64_t n = 0;
  while (must(items.next_page(page))) n += page.size();
  std::printf("items     %llu rows in %.2f s\n", static_cast<unsigned long long>(n), seconds_since(start));
}

int run(int argc, char** argv) {
  const std::filesystem::path base = argc > 1 ? argv[1] : std::filesystem::temp_directory_path();
  const std::uint64_t attempts = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200000;
  const std::uint64_t scores = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1000000;
  const std::filesystem::path folder = base / ("assay-bench-" + new_ulid());
  std::filesystem::create_directories(folder);
  const Texts texts = make_texts();
  bench_writes(folder / "write.db", texts, attempts);
  if (scores > 0) bench_leaderboard(folder / "board.db", texts, scores);
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) { return assay::run(argc, argv); }
