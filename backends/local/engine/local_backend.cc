#include "backends/local/engine/local_backend.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "backends/local/engine/cache_plan.h"
#include "backends/local/engine/job.h"
#include "backends/local/engine/request_rules.h"
#include "harness/base/format.h"
#include "harness/base/model_cache.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

constexpr std::uint32_t kMaxChoices = 128;

// Declared in the order in which one needs the other.
struct Loaded {
  ModelFiles files;
  std::unique_ptr<Model> model;
  CachePlan plan;
};

class LocalBackend final : public Backend {
 public:
  LocalBackend(const LocalSettings& settings, Loaded loaded, PromptMaker maker)
      : settings_(settings),
        loaded_(std::move(loaded)),
        maker_(std::move(maker)),
        vocabulary_(*loaded_.files.tokenizer, loaded_.files.end_tokens),
        scheduler_(*loaded_.model,
                   SchedulerLimits{loaded_.plan.blocks, settings.max_batch, settings.step_rows}) {
    origin_.server_model = settings_.model;
    origin_.prompt_template = maker_.template_digest();
    thread_ = std::thread([this] { loop(); });
  }

  ~LocalBackend() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  BackendInfo describe() const override {
    BackendInfo info;
    info.id = "local";
    info.model = settings_.model;
    info.revision = format("{}+{}", loaded_.files.revision.hex(), reading_digest());
    info.context_limit = loaded_.plan.context;
    info.can_continue = true;
    info.max_choices = kMaxChoices;
    info.batch = static_cast<std::uint32_t>(settings_.max_batch);
    info.trace_kind = TraceKind::raw;
    info.opens_think = maker_.opens_think();
    return info;
  }

  TokenBound bound(const Request& request) const override {
    const auto prompt = maker_.prompt(request);
    if (!prompt) return {};
    const auto input = static_cast<std::int64_t>(prompt->ids.size());
    const std::int64_t room = std::max<std::int64_t>(loaded_.plan.context - input, 0);
    return {input, std::min(request.sampling.max_tokens.value_or(room), room) * request.choices};
  }

  void submit(Request request, Done done) override {
    auto job = std::make_unique<Job>();
    job->start = std::chrono::steady_clock::now();
    job->request = std::move(request);
    job->done = std::move(done);
    if (auto ok = prepare(*job); !ok) {
      const Request& r = job->request;
      return job->done(failed_reply(ok.error().code, format("local: {} sample {}: {}", printable(r.task),
                                                            printable(r.sample_key), ok.error().message)));
    }
    {
      const std::lock_guard lock(mutex_);
      inbox_.push_back(std::move(job));
    }
    wake_.notify_one();
  }

  void cancel(RequestId id) override {
    {
      const std::lock_guard lock(mutex_);
      cancelled_.push_back(id);
    }
    wake_.notify_one();
  }

 private:
  // Of what besides the weights decides how prompts are read and answers made, where a request says nothing.
  std::string reading_digest() const {
    const GenerationDefaults& g = loaded_.files.generation;
    DigestBuilder b;
    b.add("template", maker_.template_digest());
    b.add("sampling", format("{} {} {} {} {}", g.do_sample, g.temperature.value_or(-1), g.top_p.value_or(-1),
                             g.top_k.value_or(-1), g.repetition_penalty.value_or(-1)));
    for (const TokenId id : loaded_.files.end_tokens) b.add("end", std::int64_t{id});
    return b.finish().short_hex();
  }

  // On the thread that submits.
  Result<void> prepare(Job& job) const {
    const Request& request = job.request;
    if (request.choices < 1 || request.choices > kMaxChoices) {
      return invalid(format("{} choices asked for, 1 to {} can be had", request.choices, kMaxChoices));
    }
    auto prompt = maker_.prompt(request);
    if (!prompt) return prompt.error();
    job.prompt = std::move(*prompt);
    auto rules = generation_rules(request, job.prompt, loaded_.files.generation, loaded_.plan.context,
                                  settings_.logprobs);
    if (!rules) return rules.error();
    for (std::uint32_t c = 0; c < request.choices; ++c) {
      rules->sampling.stream = random_stream(request, c);
      auto sequence = std::make_unique<Sequence>(vocabulary_, *rules, job.prompt.ids);
      sequence->choice = c;
      sequence->deadline = request.deadline;
      job.sequences.push_back(std::move(sequence));
    }
    job.left = request.choices;
    job.ended.resize(request.choices);
    return {};
  }

  void loop() {
    while (take_in()) {
      scheduler_.expire(std::chrono::steady_clock::now());
      if (!scheduler_.idle()) scheduler_.step();
      hand_out();
    }
    for (const auto& [serial, job] : jobs_) scheduler_.cancel(serial);
    hand_out();
  }

  // Waits for something to do. False when the backend is to end, with everything handed in on the scheduler.
  bool take_in() {
    std::vector<std::unique_ptr<Job>> jobs;
    std::vector<RequestId> cancelled;
    bool stop = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(
          lock, [this] { return stopping_ || !inbox_.empty() || !cancelled_.empty() || !scheduler_.idle(); });
      jobs.swap(inbox_);
      cancelled.swap(cancelled_);
      stop = stopping_;
    }
    for (auto& job : jobs) {
      const std::uint64_t serial = serials_++;
      for (auto& sequence : job->sequences) {
        sequence->request = serial;
        scheduler_.add(std::move(sequence));
      }
      jobs_.emplace(serial, std::move(job));
    }
    for (const RequestId id : cancelled) {
      for (const auto& [serial, job] : jobs_) {
        if (job->request.id == id) scheduler_.cancel(serial);
      }
    }
    return !stop;
  }

  void hand_out() {
    // A choice that failed fails its request: the others end, too, which may give more to hand out.
    for (auto ended = scheduler_.take_ended(); !ended.empty(); ended = scheduler_.take_ended()) {
      for (auto& sequence : ended) {
        const auto at = jobs_.find(sequence->request);
        Job& job = *at->second;
        if (sequence->error) scheduler_.cancel(sequence->request);
        job.ended[sequence->choice] = std::move(sequence);
        if (--job.left > 0) continue;
        job.done(reply_of(job, origin_));
        jobs_.erase(at);
      }
    }
  }

  const LocalSettings settings_;
  Loaded loaded_;
  const PromptMaker maker_;
  const VocabularyText vocabulary_;
  Response origin_;

  // The thread's own.
  Scheduler scheduler_;
  std::map<std::uint64_t, std::unique_ptr<Job>> jobs_;  // by a serial number: ids are the caller's business
  std::uint64_t serials_ = 0;

  std::mutex mutex_;  // guards the four below
  std::condition_variable wake_;
  std::vector<std::unique_ptr<Job>> inbox_;
  std::vector<RequestId> cancelled_;
  bool stopping_ = false;
  std::thread thread_;
};

std::string template_of(const LocalSettings& settings, const ModelFiles& files) {
  if (!settings.use_chat_template) return "";
  return settings.chat_template.empty() ? files.chat_template : settings.chat_template;
}

Result<PromptMaker> prompt_maker(const LocalSettings& settings, const ModelFiles& files) {
  auto maker = PromptMaker::make(*files.tokenizer, template_of(settings, files), settings.template_variables);
  if (maker) return maker;
  return Error{maker.error().code, format("local: {}: {}", printable(settings.model), maker.error().message)};
}

// Positions that the loader is to see memory for before it loads anything.
std::int64_t positions_to_check(const LocalSettings& settings, const ModelConfig& config,
                                std::int64_t context) {
  if (!settings.kv.bytes) return std::min(context, kLeastContext);
  const std::int64_t head = settings.load.kv_cache == "int8" ? config.head_dim + 4  // and a scale
                            : settings.load.dtype == "fp32"  ? config.head_dim * 4
                                                             : config.head_dim * 2;
  const std::int64_t position = std::max<std::int64_t>(2 * config.layers * config.kv_heads * head, 1);
  return std::min(static_cast<std::int64_t>(*settings.kv.bytes) / position, context * settings.max_batch);
}

}  // namespace

Result<std::unique_ptr<Backend>> make_local_backend(const LocalSettings& settings, ModelFiles files,
                                                    std::unique_ptr<Model> model) {
  const ModelShape shape = model->shape();
  if (static_cast<std::int64_t>(files.tokenizer->size()) > shape.vocab) {
    return invalid(
        format("local: {}: the tokenizer has {} tokens, but the model only {}: they do not belong together",
               printable(settings.model), files.tokenizer->size(), shape.vocab));
  }
  auto maker = prompt_maker(settings, files);
  if (!maker) return maker.error();
  auto plan = plan_cache(shape, settings);
  if (!plan) return plan.error();
  if (auto ok = model->reserve(plan->blocks); !ok) return ok.error();
  Loaded loaded{std::move(files), std::move(model), *plan};
  return std::unique_ptr<Backend>(
      std::make_unique<LocalBackend>(settings, std::move(loaded), std::move(*maker)));
}

Result<std::unique_ptr<Backend>> make_local_backend(const BackendOptions& options, const ModelLoader& load) {
  auto settings = local_settings(options);
  if (!settings) return settings.error();
  auto path = resolve_model(settings->model);
  if (!path) return path.error();
  auto files = open_model(*path);
  if (!files) return files.error();
  // What costs nothing to find wrong is found before the weights are loaded.
  if (auto maker = prompt_maker(*settings, *files); !maker) return maker.error();
  const auto context = context_of(files->config.context, *settings);
  if (!context) return context.error();
  settings->load.cache_tokens = positions_to_check(*settings, files->config, *context);
  auto model = load(*files, settings->load);
  if (!model) return model.error();
  return make_local_backend(*settings, std::move(*files), std::move(*model));
}

}  // namespace assay::local
