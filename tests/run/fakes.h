// A small task, its scorers and a backend that a test scripts by function; the store is the real one.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "backends/scripted/scripted.h"
#include "harness/base/format.h"
#include "harness/run/run.h"
#include "harness/store/store.h"

namespace assay::test {

// Sample i asks "What is i + i?".
class SumSamples final : public SampleSet {
 public:
  SumSamples(std::uint64_t n, std::string data, std::optional<std::uint64_t> bad_row)
      : n_(n), bad_row_(bad_row) {
    factors_.data = sha256(data);
  }
  std::uint64_t size() const override { return n_; }
  Result<Sample> at(std::uint64_t i) const override {
    if (bad_row_ == i) return invalid(format("row {} is bad", i));
    Sample s;
    s.key = format("sum-{}", i);
    s.question = format("What is {} + {}?", i, i);
    s.messages = {{Role::user, s.question}};
    s.targets = {std::to_string(2 * i)};
    s.identity = sha256(s.question);
    return s;
  }
  const TaskFactors& factors() const override { return factors_; }

 private:
  std::uint64_t n_;
  std::optional<std::uint64_t> bad_row_;
  TaskFactors factors_;
};

class SumTask final : public Task {
 public:
  SumTask(std::vector<ScorerSpec> scorers, std::string data, std::optional<std::uint64_t> bad_row,
          std::string id)
      : data_(std::move(data)), bad_row_(bad_row) {
    info_.id = std::move(id);
    info_.scorers = std::move(scorers);
    info_.procedural = true;
  }
  const TaskInfo& describe() const override { return info_; }
  Result<std::unique_ptr<SampleSet>> open(const TaskContext& c) const override {
    return std::unique_ptr<SampleSet>(std::make_unique<SumSamples>(c.limit.value_or(10), data_, bad_row_));
  }

 private:
  TaskInfo info_;
  std::string data_;
  std::optional<std::uint64_t> bad_row_;
};

// The answer is what follows "Answer: ", or the whole of it.
class LastLine final : public Scorer {
 public:
  explicit LastLine(std::string id) { info_.id = std::move(id); }
  const ScorerInfo& describe() const override { return info_; }
  std::variant<Score, std::vector<Work>> score(const Sample& s, const Response& r,
                                               std::span<const WorkResult>) const override {
    Score out;
    const std::size_t at = r.split.answer.rfind("Answer: ");
    out.extracted = at == std::string::npos ? r.split.answer : r.split.answer.substr(at + 8);
    out.answer_class = out.extracted;
    out.rule = "answer";
    if (out.extracted.empty())
      out.outcome = Outcome::no_answer;
    else
      out.outcome = out.extracted == s.targets[0] ? Outcome::correct : Outcome::incorrect;
    return out;
  }

 private:
  ScorerInfo info_;
};

// Asks another model, and is right where that one answers "yes".
class Judge final : public Scorer {
 public:
  explicit Judge(std::string model) : model_(std::move(model)) { info_.id = "judge"; }
  const ScorerInfo& describe() const override { return info_; }
  std::variant<Score, std::vector<Work>> score(const Sample&, const Response& r,
                                               std::span<const WorkResult> results) const override {
    if (results.empty())
      return std::vector<Work>{ModelCall{model_, {{Role::user, "Right? " + r.split.answer}}, {}}};
    Score out;
    if (!results[0]) {
      out.explanation = results[0].error().message;
      return out;
    }
    const bool yes = json_string(*results[0], "answer").value_or("") == "yes";
    out.outcome = yes ? Outcome::correct : Outcome::incorrect;
    return out;
  }

 private:
  std::string model_;
  ScorerInfo info_;
};

// Asks for work that this engine has nobody for.
class NeedsProgram final : public Scorer {
 public:
  NeedsProgram() { info_.id = "program"; }
  const ScorerInfo& describe() const override { return info_; }
  std::variant<Score, std::vector<Work>> score(const Sample&, const Response&,
                                               std::span<const WorkResult>) const override {
    return std::vector<Work>{ProgramRun{}};
  }

 private:
  ScorerInfo info_;
};

// Answers as a function says, at once, and keeps what it was asked.
class FakeBackend final : public Backend {
 public:
  using Answer = std::function<BackendReply(const Request&)>;
  struct Asked {
    std::mutex mutex;
    std::vector<Request> requests;
    std::atomic<int> at_once{0}, most_at_once{0};
    std::size_t size() {
      const std::lock_guard lock(mutex);
      return requests.size();
    }
  };
  FakeBackend(Answer answer, std::shared_ptr<Asked> asked, bool can_continue, std::uint32_t batch)
      : answer_(std::move(answer)), asked_(std::move(asked)), can_continue_(can_continue), batch_(batch) {}
  BackendInfo describe() const override {
    BackendInfo i;
    i.id = "fake";
    i.model = "fake";
    i.can_continue = can_continue_;
    i.batch = batch_;
    return i;
  }
  TokenBound bound(const Request& r) const override { return {10, r.sampling.max_tokens}; }
  void submit(Request request, Done done) override {
    {
      const std::lock_guard lock(asked_->mutex);
      asked_->requests.push_back(request);
    }
    done(answer_(request));
  }
  void cancel(RequestId) override {}

 private:
  Answer answer_;
  std::shared_ptr<Asked> asked_;
  bool can_continue_;
  std::uint32_t batch_;
};

inline BackendReply says(std::string text, FinishReason finish = FinishReason::stop) {
  BackendReply reply;
  Response r;
  r.text = std::move(text);
  r.finish = finish;
  r.usage.input = 100;
  r.usage.output = 10;
  reply.responses.push_back(std::move(r));
  return reply;
}
inline BackendReply fails(Code code, std::optional<double> retry_after = std::nullopt, int http_status = 0) {
  BackendReply reply;
  reply.error = BackendError{{code, "it failed"}, retry_after, http_status, ""};
  return reply;
}
// The right answer to a SumSamples question.
inline std::string right(const Request& r) {
  return "Answer: " + std::to_string(2 * std::stoull(r.sample_key.substr(4)));
}

struct World {
  std::vector<ScorerSpec> scorers = {{"last_line", Json::object()}};
  std::string data = "sums";
  std::optional<std::uint64_t> bad_row;
  bool can_continue = false;
  std::uint32_t batch = 0;
  FakeBackend::Answer answer = [](const Request& r) { return says(right(r)); };
  FakeBackend::Answer second = [](const Request&) { return says("yes"); };  // of backend "second"
  std::shared_ptr<FakeBackend::Asked> asked = std::make_shared<FakeBackend::Asked>();

  Plugins plugins() const {
    Plugins p;
    const World world = *this;
    p.task = [world](const std::string& id) -> Result<std::unique_ptr<Task>> {
      if (id.rfind("sums", 0) != 0) return invalid("unknown task '" + id + "'");
      return std::unique_ptr<Task>(std::make_unique<SumTask>(world.scorers, world.data, world.bad_row, id));
    };
    p.scorer = [](const ScorerSpec& spec) -> Result<std::unique_ptr<Scorer>> {
      if (spec.id == "judge") return std::unique_ptr<Scorer>(std::make_unique<Judge>("judge"));
      if (spec.id == "program") return std::unique_ptr<Scorer>(std::make_unique<NeedsProgram>());
      return std::unique_ptr<Scorer>(std::make_unique<LastLine>(spec.id));
    };
    p.backend = [world](const std::string& id, const BackendOptions& o) -> Result<std::unique_ptr<Backend>> {
      if (id == "scripted") return make_scripted(o);
      return std::unique_ptr<Backend>(
          std::make_unique<FakeBackend>(id == "second" ? world.second : world.answer, world.asked,
                                        world.can_continue, world.batch));
    };
    return p;
  }
};

class Silent final : public Progress {
 public:
  void started(const Plan&, const std::string& id) override { run_id = id; }
  void tick(const Snapshot& s) override { last = s; }
  void finished(const RunOutcome&) override { ++finishes; }
  std::string run_id;
  Snapshot last;
  int finishes = 0;
};

inline Suite suite_of(std::uint64_t samples, const std::string& backend = "fake",
                      Json options = Json::object()) {
  Suite s;
  s.name = "test";
  s.seed = 7;
  SuiteTask t;
  t.id = "sums";
  t.limit = samples;
  s.tasks.push_back(t);
  ModelEntry m;
  m.name = m.model = "model";
  m.backend = backend;
  m.options = std::move(options);
  s.models.push_back(m);
  s.variants.emplace_back();
  return s;
}

inline RunOptions quick_options() {
  RunOptions o;
  o.retry.base_s = 0.001;
  o.retry.cap_s = 0.002;
  o.grace_s = 5;
  o.program = "test";
  return o;
}

inline std::uint64_t count(const RunOutcome& out, Outcome o) {
  return out.outcomes[static_cast<std::size_t>(o)];
}

}  // namespace assay::test
