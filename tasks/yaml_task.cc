#include "tasks/yaml_task.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "tasks/data_file.h"
#include "tasks/few_shot.h"
#include "tasks/prompt.h"
#include "tasks/row_reader.h"
#include "tasks/row_store.h"

namespace assay {
namespace {

struct DigestHash {
  std::size_t operator()(const Digest& d) const {
    std::size_t out = 0;
    for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | d.bytes[i];
    return out;
  }
};

class YamlSampleSet : public SampleSet {
 public:
  explicit YamlSampleSet(std::shared_ptr<const TaskSpec> spec) : spec_(std::move(spec)) {}

  static Result<std::unique_ptr<SampleSet>> open(std::shared_ptr<const TaskSpec> spec, const TaskContext& ctx);

  std::uint64_t size() const override { return rows_->size(); }
  const TaskFactors& factors() const override { return factors_; }

  Result<Sample> at(std::uint64_t i) const override {
    auto row = rows_->row(i);
    if (!row) return row.error();
    auto sample = read(*row, i);
    if (!sample) return sample.error();
    if (sample->identity != identities_[i]) return rows_->error(i, "the file changed while it was in use");
    sample->occurrence = occurrences_[i];
    return sample;
  }

 private:
  Result<Sample> read(const Json& row, std::uint64_t i) const;
  Result<void> set_prompt(const PromptOverride& prompt);
  Result<void> scan();

  std::shared_ptr<const TaskSpec> spec_;
  std::string prompt_;
  std::string system_;
  FewShot fewshot_;
  std::unique_ptr<RowStore> rows_;
  std::vector<Digest> identities_;
  std::vector<std::uint32_t> occurrences_;
  TaskFactors factors_;
};

// A prompt that shows what is asked for would measure nothing.
bool gives_target_away(const TaskSpec& spec, std::string_view field) {
  const auto reads = [&](const FieldRule& rule) {
    const auto names = rule.reads();
    return std::find(names.begin(), names.end(), field) != names.end();
  };
  return reads(spec.fields.targets) || std::any_of(spec.fields.target.begin(), spec.fields.target.end(), reads);
}

Result<void> YamlSampleSet::set_prompt(const PromptOverride& prompt) {
  prompt_ = prompt.prompt.value_or(spec_->prompt);
  system_ = prompt.system.value_or(spec_->system);
  for (const std::string& field : placeholders(prompt_)) {
    if (gives_target_away(*spec_, field)) {
      return invalid(format("task {}: the prompt's {{{}}} holds the answer", spec_->info.id, printable(field)));
    }
  }
  if (placeholders(prompt_).empty()) {
    return invalid(format("task {}: the prompt has no {{field}} of the data, expected {{question}} at least", spec_->info.id));
  }
  factors_.prompt = sha256(prompt_);
  if (!system_.empty()) factors_.system = sha256(system_);
  return {};
}

Result<Sample> YamlSampleSet::read(const Json& row, std::uint64_t i) const {
  auto sample = read_row(*spec_, row, i);
  if (!sample) return rows_->error(i, sample.error().message);
  auto text = render(prompt_, [&](std::string_view name) { return prompt_field(*sample, row, i, name); });
  if (!text) return rows_->error(i, text.error().message);
  if (!system_.empty()) sample->messages.push_back({Role::system, system_});
  auto examples = fewshot_.messages_for(*sample);
  if (!examples) return rows_->error(i, examples.error().message);
  for (Message& m : *examples) sample->messages.push_back(std::move(m));
  sample->messages.push_back({Role::user, std::move(*text)});
  return std::move(*sample);
}

// Reads every row once, so that a bad one is found before anything is asked of a model.
Result<void> YamlSampleSet::scan() {
  std::unordered_map<Digest, std::uint32_t, DigestHash> seen;
  std::unordered_map<Digest, std::uint64_t, DigestHash> keys;  // of the key's digest: keys may be long
  identities_.reserve(rows_->size());
  occurrences_.reserve(rows_->size());
  for (std::uint64_t i = 0; i < rows_->size(); ++i) {
    const auto row = rows_->row(i);
    if (!row) return row.error();
    const auto sample = read(*row, i);
    if (!sample) return sample.error();
    const auto [first, added] = keys.emplace(sha256(sample->key), i);
    if (!added) {
      return rows_->error(i, format("the key '{}' is that of row {} too, expected one of its own", sample->key,
                                    first->second + 1));
    }
    identities_.push_back(sample->identity);
    occurrences_.push_back(seen[sample->identity]++);
  }
  return {};
}

Result<std::unique_ptr<SampleSet>> YamlSampleSet::open(std::shared_ptr<const TaskSpec> spec, const TaskContext& ctx) {
  const std::string& id = spec->info.id;
  if (ctx.options.is_object() && !ctx.options.empty()) {
    return invalid(format("task {}: unknown option '{}'; this task takes none", id, printable(ctx.options.begin().key())));
  }
  auto set = std::make_unique<YamlSampleSet>(spec);
  if (auto ok = set->set_prompt(ctx.prompt); !ok) return ok.error();
  auto fewshot = FewShot::make(*spec, set->prompt_, ctx);
  if (!fewshot) return fewshot.error();
  set->fewshot_ = std::move(*fewshot);
  set->factors_.fewshot = set->fewshot_.digest();
  const auto located = locate_data(spec->data, id, spec->folder, ctx.data_dirs);
  if (!located) return located.error();
  set->factors_.data = located->sha256;
  auto rows = RowStore::open(located->path, spec->data.layout, ctx.limit.value_or(UINT64_MAX));
  if (!rows) return rows.error();
  set->rows_ = std::move(*rows);
  if (auto ok = set->scan(); !ok) return ok.error();
  if (set->size() == 0 && ctx.limit.value_or(1) > 0) {
    return invalid(format("task {}: {} has no rows", id, printable(located->path.string())));
  }
  return std::unique_ptr<SampleSet>(std::move(set));
}

class YamlTask : public Task {
 public:
  explicit YamlTask(std::shared_ptr<const TaskSpec> spec) : spec_(std::move(spec)) {}
  const TaskInfo& describe() const override { return spec_->info; }
  Result<std::unique_ptr<SampleSet>> open(const TaskContext& ctx) const override {
    return YamlSampleSet::open(spec_, ctx);
  }

 private:
  std::shared_ptr<const TaskSpec> spec_;
};

}  // namespace

std::unique_ptr<Task> make_yaml_task(std::shared_ptr<const TaskSpec> spec) {
  return std::make_unique<YamlTask>(std::move(spec));
}

}  // namespace assay
