#include "tasks/procedural/procedural.h"

#include <optional>
#include <utility>

#include "harness/base/format.h"
#include "harness/base/rng.h"
#include "tasks/procedural/family.h"
#include "tasks/prompt.h"

namespace assay {
namespace {

using procedural::Family;
using procedural::Item;

constexpr std::uint64_t kDefaultSize = 100;
constexpr std::uint32_t kMaxFewshot = 64;
constexpr std::string_view kTemplate = "{question}\n\n{format}";

Result<int> level_of(const std::string& id, const Json& options) {
  if (!options.is_object()) return invalid(format("task {}: expected options as a mapping", id));
  for (const auto& option : options.items()) {
    if (option.key() != "level") {
      return invalid(format("task {}: unknown option '{}', expected 'level'", id, option.key()));
    }
  }
  if (json_find(options, "level") == nullptr) return procedural::kDefaultLevel;
  const auto level = json_int(options, "level");
  if (!level || *level < procedural::kMinLevel || *level > procedural::kMaxLevel) {
    return invalid(format("task {}: option 'level': expected a whole number from {} to {}", id,
                          procedural::kMinLevel, procedural::kMaxLevel));
  }
  return static_cast<int>(*level);
}

class GeneratedSet final : public SampleSet {
 public:
  GeneratedSet(const Family& family, const TaskContext& context, int level)
      : family_(family),
        level_(level),
        seed_(context.seed),
        size_(context.limit.value_or(kDefaultSize)),
        template_(context.prompt.prompt.value_or(std::string(kTemplate))),
        system_(context.prompt.system.value_or("")) {}

  // The examples and digests. Error: what the template asks for and nobody knows.
  Result<void> prepare(std::uint32_t fewshot) {
    DigestBuilder shots;
    fewshot_ = fewshot;
    for (std::uint32_t i = 0; fewshot > 0 && i <= fewshot; ++i) {  // and a spare one
      Item item = draw("fewshot", i);
      auto prompt = prompt_of(item);
      if (!prompt) return prompt.error();
      std::string answer = item.worked.empty() ? format("Answer: {}", item.targets.front()) : item.worked;
      shots.add("user", *prompt).add("assistant", answer);
      shots_.push_back({std::move(item.question),
                        {Role::user, *std::move(prompt)},
                        {Role::assistant, std::move(answer)}});
    }
    if (auto probe = prompt_of(Item{}); !probe) return probe.error();
    factors_.data = DigestBuilder()
                        .add("family", family_.id)
                        .add("version", std::int64_t{family_.version})
                        .add("seed", std::to_string(seed_))
                        .add("level", level_)
                        .finish();
    factors_.prompt = sha256(template_);
    if (fewshot > 0) factors_.fewshot = shots.finish();
    if (!system_.empty()) factors_.system = sha256(system_);
    return {};
  }

  std::uint64_t size() const override { return size_; }
  const TaskFactors& factors() const override { return factors_; }

  Result<Sample> at(std::uint64_t i) const override {
    if (i >= size_) return invalid(format("task {}: sample {} of {}", family_.id, i, size_));
    Item item = draw("sample", i);
    auto prompt = prompt_of(item);
    if (!prompt) return prompt.error();
    Sample sample;
    sample.key = format("l{}-s{}-{}", level_, seed_, i);
    if (!system_.empty()) sample.messages.push_back({Role::system, system_});
    add_shots(item.question, sample.messages);
    sample.messages.push_back({Role::user, *std::move(prompt)});
    sample.identity = identity_of(item, sample.key);
    sample.question = std::move(item.question);
    sample.targets = std::move(item.targets);
    sample.metadata = std::move(item.metadata);
    sample.metadata["level"] = level_;
    return sample;
  }

 private:
  struct Shot {
    std::string question;
    Message user;
    Message assistant;
  };

  // Never an example that asks the very question.
  void add_shots(const std::string& question, std::vector<Message>& messages) const {
    std::uint32_t added = 0;
    for (const Shot& shot : shots_) {
      if (added == fewshot_) return;
      if (shot.question == question) continue;
      messages.push_back(shot.user);
      messages.push_back(shot.assistant);
      ++added;
    }
  }

  Item draw(std::string_view stream, std::uint64_t i) const {
    const std::string version = std::to_string(family_.version);
    const std::string level = std::to_string(level_);
    Rng rng(Rng::seed_for(seed_, {family_.id, version, level, stream, std::to_string(i)}));
    return family_.make(rng, level_);
  }

  Result<std::string> prompt_of(const Item& item) const {
    auto text = render(template_, [&](std::string_view field) -> std::optional<std::string> {
      if (field == "question") return item.question;
      if (field == "format") return family_.ending;
      if (field == "level") return std::to_string(level_);
      return std::nullopt;
    });
    if (text) return text;
    return invalid(format("task {}: {}, expected {{question}}, {{format}} or {{level}}", family_.id,
                          text.error().message));
  }

  // The key is part of the row: two draws that happen to be equal stay two samples, without a
  // look at all earlier ones.
  Digest identity_of(const Item& item, const std::string& key) const {
    DigestBuilder builder;
    builder.add("family", family_.id).add("version", std::int64_t{family_.version}).add("key", key);
    builder.add("question", item.question);
    for (const std::string& target : item.targets) builder.add("target", target);
    return builder.finish();
  }

  const Family& family_;  // lives as long as the program
  int level_;
  std::uint64_t seed_;
  std::uint64_t size_;
  std::string template_;
  std::string system_;
  std::uint32_t fewshot_ = 0;
  std::vector<Shot> shots_;
  TaskFactors factors_;
};

class GeneratedTask final : public Task {
 public:
  explicit GeneratedTask(const Family& family) : family_(family) {
    info_.id = family.id;
    info_.version = family.version;
    info_.summary = family.summary;
    info_.scorers = family.scorers;
    info_.procedural = true;
  }

  const TaskInfo& describe() const override { return info_; }

  Result<std::unique_ptr<SampleSet>> open(const TaskContext& context) const override {
    const auto level = level_of(info_.id, context.options);
    if (!level) return level.error();
    const std::uint32_t fewshot = context.prompt.fewshot.value_or(0);
    if (fewshot > kMaxFewshot) {
      return invalid(format("task {}: fewshot: expected at most {}, found {}", info_.id, kMaxFewshot, fewshot));
    }
    auto set = std::make_unique<GeneratedSet>(family_, context, *level);
    if (auto ready = set->prepare(fewshot); !ready) return ready.error();
    return std::unique_ptr<SampleSet>(std::move(set));
  }

 private:
  const Family& family_;
  TaskInfo info_;
};

std::vector<TaskEntry> make_entries() {
  using namespace procedural;
  std::vector<TaskEntry> entries;
  for (const Family* family : {&list_transform(), &predict_output(), &dyck(), &knights_knaves(), &ordering(),
                               &tracking(), &zebra(), &arithmetic(), &countdown(), &linear_systems(),
                               &number_theory()}) {
    entries.push_back({family->id, family->summary, [family]() -> Result<std::unique_ptr<Task>> {
                         return std::unique_ptr<Task>(std::make_unique<GeneratedTask>(*family));
                       }});
  }
  return entries;
}

}  // namespace

std::span<const TaskEntry> procedural_tasks() {
  static const std::vector<TaskEntry> entries = make_entries();
  return entries;
}

}  // namespace assay
