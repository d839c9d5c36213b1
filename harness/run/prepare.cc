#include <algorithm>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/run/strategies/strategies.h"
#include "harness/run/workload.h"

namespace assay {
namespace {

constexpr std::uint32_t kMaxConnections = 16;

Error within(const std::string& what, const std::string& name, const Error& error) {
  return {error.code, format("{} '{}': {}", what, printable(name), error.message)};
}

Result<std::unique_ptr<Model>> open_model(const ModelEntry& entry, const Plugins& plugins,
                                          const RunOptions& options, const TargetLookup& targets) {
  auto model = std::make_unique<Model>();
  model->entry = entry;
  model->options_text = dump_json(entry.options);
  const auto wanted = entry.max_connections ? entry.max_connections : options.max_connections;
  model->max_connections = std::max(1U, wanted.value_or(kMaxConnections));
  auto key = api_key(entry);
  if (!key) return key.error();
  BackendOptions o;
  o.model = entry.model;
  o.base_url = entry.base_url;
  o.replicas = entry.replicas;
  o.provider = entry.provider;
  o.model_tables = options.model_tables;
  o.api_key = std::move(*key);
  o.max_connections = model->max_connections;
  o.timeout_s = entry.timeout_s;
  o.options = entry.options;
  if (entry.backend == "scripted") o.targets = targets;  // harness/api/backend.h: given to it alone
  auto backend = plugins.backend(entry.backend, o);
  if (!backend) return within("model", entry.name, backend.error());
  model->backend = std::move(*backend);
  model->info = model->backend->describe();
  // A backend that makes batches itself is given the next one's requests while it works on this one's.
  if (!wanted) model->max_connections = std::max(model->max_connections, 2 * model->info.batch);
  model->info.think_tags.insert(model->info.think_tags.end(), entry.think_tags.begin(),
                                entry.think_tags.end());
  if (entry.opens_think) model->info.opens_think = *entry.opens_think;
  model->split = {model->info.think_tags, model->info.opens_think};
  if (model->info.provider.empty()) model->info.provider = entry.provider;
  model->pricing = Pricing(entry.price, entry.name, options.prices ? *options.prices : PriceTable::shipped(),
                           model->info.provider, entry.model);
  if (entry.recommended && !model->info.recommended) {
    return invalid(
        format("model '{}': recommended: nothing is known of what '{}' is best sampled with; set its sampling, or "
               "name a --model-table that has it",
               printable(entry.name), printable(entry.model)));
  }
  return model;
}

Result<std::unique_ptr<OpenTask>> open_task(const Suite& suite, const SuiteTask& wanted,
                                            const Variant& variant, const Plugins& plugins,
                                            const RunOptions& options) {
  auto task = plugins.task(wanted.id);
  if (!task) return task.error();
  TaskContext context;
  context.data_dirs = options.data_dirs;
  context.seed = suite.seed;
  context.limit = wanted.limit;
  context.options = wanted.options;
  context.prompt = variant.prompt;
  auto samples = (*task)->open(context);
  if (!samples) return within("task", wanted.id, samples.error());
  auto out = std::make_unique<OpenTask>();
  out->info = (*task)->describe();
  out->variant = variant.name;
  out->samples = std::move(*samples);
  if (out->samples->size() == 0) return invalid(format("task '{}' has no samples", printable(wanted.id)));
  if (out->info.scorers.empty()) return invalid(format("task '{}' names no scorer", printable(wanted.id)));
  for (const ScorerSpec& spec : out->info.scorers) {
    auto scorer = plugins.scorer(spec);
    if (!scorer) return within("task", wanted.id, scorer.error());
    out->scorers.push_back(std::move(*scorer));
  }
  return out;
}

// What the suite says, over what the model's makers recommend where the entry wants that.
Result<Sampling> sampling_of(const Suite& suite, const Model& model, const Variant& variant) {
  Sampling out = merge(merge(suite.sampling, model.entry.sampling), variant.sampling);
  if (model.entry.recommended && model.info.recommended) out = merge(*model.info.recommended, out);
  const Json set = to_json(out);
  for (const std::string& name : model.info.refuses) {
    if (!set.contains(name)) continue;
    return invalid(format("model '{}': '{}' refuses the parameter {} ({}); leave it out, or say otherwise in a file "
                          "of --model-table",
                          printable(model.entry.name), printable(model.entry.model), name,
                          printable(model.info.facts)));
  }
  return out;
}

Result<std::unique_ptr<Entry>> make_entry(const Suite& suite, Model& model, const OpenTask& task,
                                          const Variant& variant, std::uint32_t epochs) {
  auto entry = std::make_unique<Entry>();
  entry->model = &model;
  entry->task = &task;
  auto sampling = sampling_of(suite, model, variant);
  if (!sampling) return sampling.error();
  entry->sampling = std::move(*sampling);
  entry->seed = entry->sampling.seed;
  if (!entry->seed && model.entry.seed) entry->seed = suite.seed;
  entry->strategy = make_strategy(suite.strategy);
  EntryRecord& r = entry->record;
  r.model = {model.entry.name, model.entry.backend, model.info.revision, model.entry.base_url,
             to_json(model.entry)};
  r.task = task.info.id;
  r.task_version = task.info.version;
  r.variant = variant.name;
  r.strategy = entry->strategy->id();
  r.sampling = to_json(entry->sampling);
  r.scorers = task.info.scorers;
  r.factors = task.samples->factors();
  r.samples = task.samples->size();
  r.epochs = epochs;
  return entry;
}

}  // namespace

Result<Workload> prepare(const Suite& suite, const Plugins& plugins, const RunOptions& options,
                         const TargetLookup& targets) {
  if (auto sound = check_suite(suite); !sound) return sound.error();
  Workload work;
  for (const SuiteTask& task : suite.tasks) {
    for (const Variant& variant : suite.variants) {
      auto open = open_task(suite, task, variant, plugins, options);
      if (!open) return open.error();
      work.tasks.push_back(std::move(*open));
    }
  }
  for (const ModelEntry& entry : suite.models) {
    auto model = open_model(entry, plugins, options, targets);
    if (!model) return model.error();
    work.models.push_back(std::move(*model));
  }
  for (const auto& model : work.models) {
    for (std::size_t t = 0; t < suite.tasks.size(); ++t) {
      const std::uint32_t epochs = suite.tasks[t].epochs.value_or(suite.epochs);
      for (std::size_t v = 0; v < suite.variants.size(); ++v) {
        const OpenTask& task = *work.tasks[t * suite.variants.size() + v];
        auto made = make_entry(suite, *model, task, suite.variants[v], epochs);
        if (!made) return made.error();
        work.entries.push_back(std::move(*made));
      }
    }
  }
  return work;
}

}  // namespace assay
