#include "harness/cli/suite_args.h"

#include "harness/base/format.h"
#include "harness/cli/ranges.h"

namespace assay {
namespace {

// KEY=VALUE pairs as a JSON object; a value that is not JSON is a string.
Result<Json> options_object(const char* option, const std::vector<std::string>& pairs) {
  Json out = Json::object();
  for (const std::string& pair : pairs) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return invalid(format("{}: expected KEY=VALUE, not '{}'", option, pair));
    }
    const std::string value = pair.substr(equals + 1);
    auto parsed = parse_json(value);
    out[pair.substr(0, equals)] = parsed ? *parsed : Json(value);
  }
  return out;
}

Result<void> override_models(const SuiteArgs& args, Suite& suite) {
  auto options = options_object("--model-option", args.model_options);
  if (!options) return options.error();
  if (!args.models.empty()) {
    suite.models.clear();
    for (const std::string& name : args.models) {
      ModelEntry entry;
      entry.name = name;
      entry.model = name;
      entry.backend = args.backend.empty() ? "openai" : args.backend;
      suite.models.push_back(entry);
    }
  } else if (!args.backend.empty()) {
    return invalid("--backend goes with --model");
  }
  for (ModelEntry& entry : suite.models) {
    if (!args.base_url.empty()) entry.base_url = args.base_url;
    if (!args.api_key_env.empty()) entry.api_key_env = args.api_key_env;
    if (args.timeout_s) entry.timeout_s = *args.timeout_s;
    for (const auto& [key, value] : options->items()) entry.options[key] = value;
  }
  return {};
}

// What is said of this machine holds for the models that run on it.
Result<void> override_local_models(const SuiteArgs& args, Suite& suite) {
  const char* option = !args.device.empty()                 ? "--device"
                       : args.max_batch                     ? "--max-batch"
                       : !args.machine_usd_per_hour.empty() ? "--machine-usd-per-hour"
                                                            : nullptr;
  if (option == nullptr) return {};
  std::optional<std::int64_t> price;
  if (!args.machine_usd_per_hour.empty()) {
    auto parsed = parse_machine_price(args.machine_usd_per_hour);
    if (!parsed) return invalid("--machine-usd-per-hour: " + parsed.error().message);
    price = *parsed;
  }
  bool any = false;
  for (ModelEntry& entry : suite.models) {
    if (entry.backend != "local") continue;
    any = true;
    if (!args.device.empty()) entry.options["device"] = args.device;
    if (args.max_batch) entry.options["max_batch"] = *args.max_batch;
    if (price) entry.machine_usd_per_hour = price;
  }
  if (any) return {};
  return invalid(format("{}: is for local models, and no model has the backend 'local'", option));
}

Result<void> override_tasks(const SuiteArgs& args, Suite& suite) {
  auto options = options_object("--task-option", args.task_options);
  if (!options) return options.error();
  if (!args.tasks.empty()) {
    suite.tasks.clear();
    for (const std::string& id : args.tasks) {
      SuiteTask task;
      task.id = id;
      suite.tasks.push_back(task);
    }
  }
  for (SuiteTask& task : suite.tasks) {
    if (args.limit) task.limit = args.limit;
    if (args.epochs) task.epochs = args.epochs;
    for (const auto& [key, value] : options->items()) task.options[key] = value;
  }
  return {};
}

Result<Sampling> sampling_of(const SuiteArgs& args) {
  Json json = Json::object();
  if (args.temperature) json["temperature"] = *args.temperature;
  if (args.top_p) json["top_p"] = *args.top_p;
  if (args.top_k) json["top_k"] = *args.top_k;
  if (args.max_tokens) json["max_tokens"] = *args.max_tokens;
  if (!args.stop.empty()) json["stop"] = args.stop;
  if (!args.reasoning_effort.empty()) json["reasoning_effort"] = args.reasoning_effort;
  return sampling_from_json(json);
}

// Options of the command line go before the suite's and the models' own sampling.
Result<void> override_sampling(const SuiteArgs& args, Suite& suite) {
  auto over = sampling_of(args);
  if (!over) return over.error();
  suite.sampling = merge(suite.sampling, *over);
  for (ModelEntry& entry : suite.models) entry.sampling = merge(entry.sampling, *over);
  for (Variant& variant : suite.variants) {
    if (!args.system.empty()) variant.prompt.system = args.system;
    if (args.fewshot) variant.prompt.fewshot = args.fewshot;
  }
  return {};
}

Result<void> override_strategy(const SuiteArgs& args, Suite& suite) {
  if (args.retry_truncated && !args.strategy.empty()) {
    return invalid("--retry-truncated is --strategy continue_truncated; give one of the two");
  }
  const std::string wanted = args.retry_truncated ? "continue_truncated" : args.strategy;
  if (wanted.empty()) return {};
  auto strategy = parse_strategy(wanted);
  if (!strategy) return invalid("--strategy: " + strategy.error().message);
  suite.strategy = *strategy;
  return {};
}

}  // namespace

std::vector<CLI::Option*> add_suite_options(CLI::App& app, SuiteArgs& args) {
  std::vector<CLI::Option*> added;
  const auto add = [&added](CLI::Option* option) {
    added.push_back(option);
    return option;
  };
  add(app.add_option("suite", args.file, "Suite file (YAML); without it, --tasks and --model say what to run"));
  add(app.add_option("--tasks,--task", args.tasks, "Tasks, comma-separated (`assay list tasks`)"))->delimiter(',');
  add(app.add_option("--model", args.models, "Model name as the server knows it; may be repeated"));
  add(app.add_option("--backend", args.backend, "Backend of --model (default: openai, any compatible server)"));
  add(app.add_option("--base-url", args.base_url, "Address of the server, up to and including /v1"));
  add(app.add_option("--api-key-env", args.api_key_env, "Environment variable that holds the key"));
  add(app.add_option("--model-option,-M", args.model_options, "KEY=VALUE for the backend; may be repeated"));
  add(app.add_option("--task-option,-T", args.task_options, "KEY=VALUE for the tasks, such as level=3"));
  add(app.add_option("--limit", args.limit, "Only the first N samples of each task")->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1000000000})));
  add(app.add_option("--epochs", args.epochs, "Independent answers a sample")->check(CLI::Range(1, 1000000)));
  add(app.add_option("--seed", args.seed, "Seed of generated samples and of seeded sampling"));
  add(app.add_option("--temperature", args.temperature, "Sampling temperature"));
  add(app.add_option("--top-p", args.top_p, "Nucleus sampling"));
  add(app.add_option("--top-k", args.top_k, "Top-k sampling"));
  add(app.add_option("--max-tokens", args.max_tokens, "Limit of output tokens, reasoning included"));
  add(app.add_option("--stop", args.stop, "Stop string; may be repeated"));
  add(app.add_option("--reasoning-effort", args.reasoning_effort, "low, medium or high, where the model takes it"));
  add(app.add_option("--system", args.system, "System prompt instead of the task's"));
  add(app.add_option("--fewshot", args.fewshot, "Number of examples before the question"));
  add(app.add_option("--device", args.device, "Where local models run: auto, cpu or cuda:N"));
  add(app.add_option("--max-batch", args.max_batch, "Sequences that a local model works on at once"))
      ->check(CLI::Range(1, 100000));
  add(app.add_option("--machine-usd-per-hour", args.machine_usd_per_hour,
                     "What this machine costs: local models' answers then have a cost"));
  add(app.add_option("--timeout", args.timeout_s, "Seconds for one request, connect to last byte")->check(positive_number()));
  add(app.add_option("--strategy", args.strategy, "single, self_consistency[:K] or continue_truncated[:MAX_TOKENS]"));
  add(app.add_flag("--retry-truncated", args.retry_truncated, "Go on with answers that were cut (continue_truncated)"));
  return added;
}

Result<Suite> suite_from_args(const SuiteArgs& args) {
  Suite suite;
  if (!args.file.empty()) {
    auto read = read_suite(args.file);
    if (!read) return read.error();
    suite = std::move(*read);
  } else {
    if (args.tasks.empty()) return invalid("nothing to run: give a suite file, or --tasks and --model");
    if (args.models.empty()) return invalid("no model: give --model NAME, or a suite file");
    suite.name = "command-line";
    suite.variants.emplace_back();
  }
  if (args.seed) suite.seed = *args.seed;
  for (auto step : {override_models, override_local_models, override_tasks, override_sampling, override_strategy}) {
    if (auto done = step(args, suite); !done) return done.error();
  }
  if (auto checked = check_suite(suite); !checked) return checked.error();
  return suite;
}

}  // namespace assay
