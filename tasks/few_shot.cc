#include "tasks/few_shot.h"

#include <algorithm>
#include <numeric>

#include "harness/base/format.h"
#include "harness/base/rng.h"
#include "tasks/data_file.h"
#include "tasks/prompt.h"
#include "tasks/row_reader.h"

namespace assay {
namespace {

Error at_task(const TaskSpec& spec, std::string_view message) {
  return invalid(format("task {}: few-shot examples: {}", spec.info.id, message));
}

// The text of an example's own prompt. Its fields are the row's, or the question itself.
Result<std::string> example_prompt(const std::string& prompt, const Json& example, const std::string& question) {
  return render(prompt, [&](std::string_view name) -> std::optional<std::string> {
    if (name == "question") return question;
    const Json* value = row_field(example, name);
    return value == nullptr ? std::nullopt : scalar_text(*value);
  });
}

}  // namespace

Result<void> FewShot::write_inline(const TaskSpec& spec, const std::string& prompt) {
  if (count_ > spec.fewshot.examples.size()) {
    return at_task(spec, format("{} are asked for, the task has {}", count_, spec.fewshot.examples.size()));
  }
  for (std::uint32_t i = 0; i < count_; ++i) {
    const Json& example = spec.fewshot.examples[i];
    std::string question;
    if (const Json* own = json_find(example, "question")) {
      question = own->get<std::string>();
    } else {
      auto text = spec.fields.question.text(example, i);
      if (!text) return at_task(spec, format("example {}: {}", i + 1, text.error().message));
      question = std::move(*text);
    }
    auto user = example_prompt(prompt, example, question);
    if (!user) return at_task(spec, format("example {}: {}", i + 1, user.error().message));
    examples_.push_back({question, {Role::user, std::move(*user)}, {Role::assistant, example["answer"].get<std::string>()}});
  }
  return {};
}

Result<void> FewShot::draw(const TaskSpec& spec, const std::string& prompt, const TaskContext& ctx) {
  const auto located = locate_data(*spec.fewshot.data, spec.info.id, spec.folder, ctx.data_dirs);
  if (!located) return located.error();
  const auto rows = RowStore::open(located->path, spec.fewshot.data->layout);
  if (!rows) return rows.error();
  const std::size_t wanted = std::size_t{count_} + 1;  // one to spare
  if ((*rows)->size() < wanted) {
    return at_task(spec, format("{} are asked for, and {} has {} rows; one must be left over", count_,
                                located->path.string(), (*rows)->size()));
  }
  std::vector<std::size_t> order((*rows)->size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng(Rng::seed_for(ctx.seed, {"few-shot", spec.info.id}));
  rng.shuffle(order);
  for (std::size_t n = 0; n < wanted; ++n) {
    const std::size_t i = order[n];
    const auto row = (*rows)->row(i);
    if (!row) return row.error();
    const auto sample = read_row(spec, *row, i);
    if (!sample) return (*rows)->error(i, sample.error().message);
    const auto fields = [&](std::string_view name) { return prompt_field(*sample, *row, i, name); };
    auto user = render(prompt, fields);
    if (!user) return (*rows)->error(i, user.error().message);
    auto assistant = render(spec.fewshot.answer, [&](std::string_view name) -> std::optional<std::string> {
      if (name == "target" && !sample->targets.empty()) return sample->targets.front();
      return fields(name);
    });
    if (!assistant) return (*rows)->error(i, assistant.error().message);
    examples_.push_back({sample->question, {Role::user, std::move(*user)}, {Role::assistant, std::move(*assistant)}});
  }
  return {};
}

Result<FewShot> FewShot::make(const TaskSpec& spec, const std::string& prompt, const TaskContext& ctx) {
  FewShot out;
  out.count_ = ctx.prompt.fewshot.value_or(spec.fewshot.count);
  if (out.count_ == 0) return out;
  if (auto made = spec.fewshot.data ? out.draw(spec, prompt, ctx) : out.write_inline(spec, prompt); !made) {
    return made.error();
  }
  DigestBuilder builder;
  builder.add("count", static_cast<std::int64_t>(out.count_));
  for (const Example& e : out.examples_) builder.add("user", e.user.content).add("assistant", e.assistant.content);
  out.digest_ = builder.finish();
  return out;
}

Result<std::vector<Message>> FewShot::messages_for(const Sample& sample) const {
  std::vector<Message> out;
  std::uint32_t taken = 0;
  for (const Example& e : examples_) {
    if (taken == count_) break;
    if (e.question == sample.question) continue;
    out.push_back(e.user);
    out.push_back(e.assistant);
    ++taken;
  }
  if (taken < count_) return invalid("a few-shot example asks the same question as this sample");
  return out;
}

}  // namespace assay
