// What the store's tests share: a folder that goes away, and small records.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "harness/base/clock.h"
#include "harness/store/store.h"
#include "tests/support/catch.h"

namespace assay {

class TempDir {
 public:
  TempDir() : path_(std::filesystem::temp_directory_path() / ("assay-store-" + new_ulid())) {
    std::filesystem::create_directories(path_);
  }
  ~TempDir() {
    std::error_code ec;
    std::filesystem::remove_all(path_, ec);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::unique_ptr<Store> open_store(const std::filesystem::path& path, StoreMode mode = StoreMode::read_write,
                                         const StoreOptions& options = {}) {
  auto store = Store::open(path, mode, options);
  if (!store) FAIL(store.error().message);
  return std::move(*store);
}

inline RunRecord run_record(const std::string& suite = "suite") {
  RunRecord run;
  run.run_id = new_ulid();
  run.group_id = run.run_id;
  run.suite = suite;
  run.spec = {{"suite", suite}};
  run.seed = 0xFFFFFFFFFFFFFFFFu;
  run.program = "assay test";
  run.host = "host";
  run.command = "assay run";
  return run;
}

inline EntryRecord entry_record(const std::string& run_id, const std::string& model = "model",
                                const std::string& task = "math/test", std::uint64_t samples = 10, std::uint32_t epochs = 1) {
  EntryRecord e;
  e.run_id = run_id;
  e.model.name = model;
  e.model.backend = "scripted";
  e.model.config = Json::object();
  e.task = task;
  e.strategy = "single";
  e.sampling = Json::object();
  e.scorers = {{"numeric", Json::object()}};
  e.factors.data = sha256("data");
  e.samples = samples;
  e.epochs = epochs;
  return e;
}

inline Sample sample_of(std::uint64_t i) {
  Sample s;
  s.key = "s-" + std::to_string(i);
  s.messages = {{Role::system, "be brief"}, {Role::user, "what is " + std::to_string(i) + "?"}};
  s.question = "what is " + std::to_string(i) + "?";
  s.targets = {std::to_string(i)};
  s.identity = sha256("row " + std::to_string(i));
  return s;
}

inline CallRecord call_record(std::uint64_t i, std::uint32_t epoch = 0, const std::string& text = "the answer") {
  CallRecord c;
  c.digest = sha256("call " + std::to_string(i) + "/" + std::to_string(epoch));
  c.request = {{"messages", {{{"role", "user"}, {"content", "what is " + std::to_string(i) + "?"}}}}};
  c.response.text = text;
  c.response.split.answer = text;
  c.response.finish = FinishReason::stop;
  c.response.usage.input = 100;
  c.response.usage.output = 10;
  c.response.timing.total = 0.5;
  c.started = 1'700'000'000'000'000 + static_cast<std::int64_t>(i) * 1'000'000;
  c.cost_pico = 1000;
  return c;
}

inline AttemptResult result_of(Outcome outcome, double value, const std::string& scorer = "numeric",
                               std::uint32_t version = 1) {
  AttemptResult r;
  r.outcome = outcome;
  r.chosen_step = 0;
  r.chosen_draw = 0;
  ScoreRecord s;
  s.scorer = scorer;
  s.scorer_version = version;
  s.primary = true;
  s.score.outcome = outcome;
  s.score.value = value;
  s.score.extracted = "42";
  s.score.rule = "last_number";
  s.score.explanation = "equal";
  s.score.answer_class = "42";
  r.scores.push_back(s);
  return r;
}

// Writes a whole attempt and does not wait.
inline void put_attempt(Store& store, EntryId entry, std::uint64_t i, std::uint32_t epoch, Outcome outcome, double value) {
  const AttemptRef ref{entry, i, epoch};
  store.add_call(ref, sample_of(i), call_record(i, epoch), {});
  store.finish_attempt(ref, sample_of(i), result_of(outcome, value), {});
}

}  // namespace assay
