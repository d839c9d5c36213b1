#include "tasks/task_file.h"

#include <array>
#include <set>

#include "harness/base/format.h"
#include "harness/base/known_datasets.h"
#include "harness/base/suggest.h"
#include "tasks/prompt.h"

namespace assay {
namespace {

constexpr std::uint32_t kMaxFewShot = 1000;

// Scorers that check an answer without a target: by running it, or by evaluating it.
constexpr std::array<std::string_view, 2> kTargetless = {"program", "countdown"};

// A subset's own keys go before the file's.
struct Scope {
  const YamlNode& root;
  const YamlNode* subset = nullptr;  // nullptr: the file defines one task
  std::string name;                  // of the subset

  const YamlNode* get(std::string_view key) const {
    if (subset != nullptr) {
      if (const YamlNode* own = subset->get(key)) return own;
    }
    return root.get(key);
  }
  Result<YamlNode> need(std::string_view key) const {
    if (const YamlNode* node = get(key)) return *node;
    return root.need(key);
  }
};

// Copies a typed value into `out`; the error, if any.
template <typename T>
std::optional<Error> put(T& out, Result<T> value) {
  if (!value) return value.error();
  out = std::move(*value);
  return std::nullopt;
}

bool is_task_name(std::string_view id) {
  bool after_slash = true;
  for (const char c : id) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word && (after_slash || (c != '/' && c != '_' && c != '-' && c != '.'))) return false;
    after_slash = c == '/';
  }
  return !after_slash;
}

std::optional<Error> read_layout(const YamlNode& node, DataFile& file) {
  if (const YamlNode* f = node.get("format")) {
    if (f->text() == "jsonl") {
      file.layout.format = DataFormat::jsonl;
    } else if (f->text() == "json") {
      file.layout.format = DataFormat::json;
    } else if (f->text() == "csv") {
      file.layout.format = DataFormat::csv;
    } else {
      return f->error(format("expected jsonl, json or csv, got '{}'", f->text()));
    }
  } else {
    auto known = format_of(file.path);
    if (!known) return node.error(known.error().message);
    file.layout.format = *known;
  }
  if (const YamlNode* records = node.get("records")) {
    if (file.layout.format != DataFormat::json) return records->error("`records` is for the format json only");
    return put(file.layout.records, records->as_string());
  }
  return std::nullopt;
}

std::optional<Error> read_known(const YamlNode& node, const YamlNode& name, const std::string& subset, DataFile& file) {
  const KnownDataset* set = known_dataset(name.text());
  if (set == nullptr) {
    std::vector<std::string_view> names;
    for (const KnownDataset& s : known_datasets()) names.push_back(s.name);
    return name.error(format("unknown data set '{}'{}; `path` names a file of your own", name.text(),
                             did_you_mean(name.text(), names)));
  }
  file.name = set->name;
  const KnownFile* chosen = set->files.size() == 1 ? &set->files.front() : nullptr;
  if (const YamlNode* wanted = node.get("file")) {
    const auto path = render(wanted->text(), [&](std::string_view field) -> std::optional<std::string> {
      if (field != "subset" || subset.empty()) return std::nullopt;
      return subset;
    });
    if (!path) return wanted->error(path.error().message);
    chosen = nullptr;
    for (const KnownFile& f : set->files) {
      if (f.path == *path) chosen = &f;
    }
    if (chosen == nullptr) return wanted->error(format("the data set '{}' has no file '{}'", set->name, *path));
  }
  if (chosen == nullptr) return node.error(format("the data set '{}' has several files; `file` names one", set->name));
  file.path = chosen->path;
  file.sha256 = chosen->sha256;
  return std::nullopt;
}

Result<DataFile> read_data(const YamlNode& node, const std::string& subset) {
  if (auto keys = node.only_keys({"name", "file", "path", "format", "records", "sha256"}); !keys) return keys.error();
  DataFile file;
  const YamlNode* name = node.get("name");
  const YamlNode* path = node.get("path");
  if ((name != nullptr) == (path != nullptr)) return node.error("expected `name` of a known data set, or `path` of a file");
  if (name != nullptr) {
    for (const char* key : {"sha256"}) {
      if (const YamlNode* extra = node.get(key)) return extra->error("a known data set has its own sha256");
    }
    if (auto e = read_known(node, *name, subset, file)) return *e;
  } else {
    if (const YamlNode* extra = node.get("file")) return extra->error("`file` goes with `name`, not with `path`");
    auto text = path->as_string();
    if (!text) return text.error();
    const auto rendered = render(*text, [&](std::string_view field) -> std::optional<std::string> {
      if (field != "subset" || subset.empty()) return std::nullopt;
      return subset;
    });
    if (!rendered) return path->error(rendered.error().message);
    if (rendered->empty()) return path->error("expected the path of a data file, got an empty text");
    file.path = *rendered;
    if (const YamlNode* sum = node.get("sha256")) {
      file.sha256 = Digest::from_hex(sum->text());
      if (!file.sha256) return sum->error(format("expected 64 hexadecimal digits, got '{}'", sum->text()));
    }
  }
  if (auto e = read_layout(node, file)) return *e;
  return file;
}

std::optional<Error> read_target(const YamlNode& node, FieldRules& fields) {
  if (!node.is_sequence()) {
    fields.target.emplace_back();
    return put(fields.target.back(), FieldRule::parse(node));
  }
  if (node.items().empty()) return node.error("expected at least one target");
  for (const YamlNode& item : node.items()) {
    fields.target.emplace_back();
    if (auto e = put(fields.target.back(), FieldRule::parse(item))) return e;
  }
  return std::nullopt;
}

std::optional<Error> read_choices(const YamlNode& node, FieldRules& fields) {
  const YamlNode* lettered = node.get("lettered");
  if (lettered == nullptr) return put(fields.choices, FieldRule::parse(node));
  if (auto keys = node.only_keys({"lettered"}); !keys) return keys.error();
  return put(fields.lettered, FieldRule::parse(*lettered));
}

Result<FieldRules> read_fields(const YamlNode& node) {
  if (auto keys = node.only_keys({"question", "target", "targets", "choices", "key", "cluster", "metadata"}); !keys) {
    return keys.error();
  }
  FieldRules fields;
  auto question = node.need("question");
  if (!question) return question.error();
  if (auto e = put(fields.question, FieldRule::parse(*question))) return *e;
  const YamlNode* target = node.get("target");
  const YamlNode* targets = node.get("targets");
  if (target != nullptr && targets != nullptr) return targets->error("expected `target` or `targets`, not both");
  if (target != nullptr) {
    if (auto e = read_target(*target, fields)) return *e;
  }
  if (targets != nullptr) {
    if (auto e = put(fields.targets, FieldRule::parse(*targets))) return *e;
    if (fields.targets.is_template()) return targets->error("expected the name of a field that holds a list");
  }
  if (const YamlNode* choices = node.get("choices")) {
    if (auto e = read_choices(*choices, fields)) return *e;
  }
  if (const YamlNode* key = node.get("key")) {
    if (auto e = put(fields.key, FieldRule::parse(*key))) return *e;
  }
  if (const YamlNode* cluster = node.get("cluster")) {
    if (auto e = put(fields.cluster, FieldRule::parse(*cluster))) return *e;
  }
  if (const YamlNode* metadata = node.get("metadata")) {
    if (auto e = put(fields.metadata, metadata->as_strings())) return *e;
  }
  return fields;
}

Result<std::vector<ScorerSpec>> read_scorers(const YamlNode& node) {
  if (!node.is_sequence() || node.items().empty()) return node.error("expected a list of at least one scorer");
  std::vector<ScorerSpec> out;
  for (const YamlNode& item : node.items()) {
    ScorerSpec spec;
    if (item.is_map()) {
      if (item.entries().size() != 1) return item.error("expected one scorer and its options, as {numeric: {...}}");
      const YamlEntry& entry = item.entries().front();
      spec.id = entry.key;
      if (!entry.value.is_null() && !entry.value.is_map()) return entry.value.error("expected the scorer's options as a mapping");
      if (entry.value.is_map()) spec.options = entry.value.to_json();
    } else if (auto e = put(spec.id, item.as_string())) {
      return *e;
    }
    if (spec.id.empty()) return item.error("expected the name of a scorer, got an empty text");
    out.push_back(std::move(spec));
  }
  return out;
}

Result<FewShotSpec> read_fewshot(const YamlNode& node, const std::string& subset) {
  if (auto keys = node.only_keys({"count", "examples", "data", "answer"}); !keys) return keys.error();
  FewShotSpec spec;
  const YamlNode* examples = node.get("examples");
  const YamlNode* data = node.get("data");
  if ((examples != nullptr) == (data != nullptr)) return node.error("expected `examples`, or `data` that is not the task's own");
  if (examples != nullptr) {
    if (!examples->is_sequence() || examples->items().empty()) return examples->error("expected a list of examples");
    for (const YamlNode& item : examples->items()) {
      auto answer = item.need("answer");
      if (!answer) return answer.error();
      Json example = Json::object();
      for (const YamlEntry& entry : item.entries()) {
        auto text = entry.value.as_string();
        if (!text) return text.error();
        example[entry.key] = std::move(*text);
      }
      spec.examples.push_back(std::move(example));
    }
    spec.count = static_cast<std::uint32_t>(spec.examples.size());
    if (const YamlNode* extra = node.get("answer")) return extra->error("`answer` goes with `data`; each example has its own");
  } else {
    auto file = read_data(*data, subset);
    if (!file) return file.error();
    spec.data = std::move(*file);
    auto answer = node.need("answer");
    if (!answer) return answer.error();
    if (auto e = put(spec.answer, answer->as_string())) return *e;
    spec.count = 0;
  }
  if (const YamlNode* count = node.get("count")) {
    auto n = count->as_uint();
    if (!n) return n.error();
    const std::uint64_t most = spec.data ? kMaxFewShot : spec.examples.size();
    if (*n > most) return count->error(format("expected at most {} examples, got {}", most, *n));
    spec.count = static_cast<std::uint32_t>(*n);
  }
  return spec;
}

std::optional<Error> check_metrics(const YamlNode& node) {
  auto names = node.as_strings();
  if (!names) return names.error();
  for (const YamlNode& item : node.items()) {
    if (item.text() != "accuracy") return item.error(format("unknown metric '{}'; known is accuracy", item.text()));
  }
  return std::nullopt;
}

std::optional<Error> check_targets(const YamlNode& fields, const TaskSpec& spec) {
  const std::string& scorer = spec.info.scorers.front().id;
  const bool has = !spec.fields.target.empty() || !spec.fields.targets.empty();
  for (const std::string_view id : kTargetless) {
    if (scorer == id) return std::nullopt;
  }
  if (has || scorer.starts_with("exec:")) return std::nullopt;
  return fields.error(format("`target` or `targets` is missing, and the scorer '{}' needs one", scorer));
}

std::optional<Error> read_info(const Scope& scope, TaskSpec& spec) {
  auto id = scope.root.need("task");
  if (!id) return id.error();
  if (auto e = put(spec.info.id, id->as_string())) return e;
  if (!is_task_name(spec.info.id)) {
    return id->error(format("expected a task name such as math/my-set, got '{}'", spec.info.id));
  }
  if (!scope.name.empty()) spec.info.id += "/" + scope.name;
  auto summary = scope.need("summary");
  if (!summary) return summary.error();
  if (auto e = put(spec.info.summary, summary->as_string())) return e;
  auto version = scope.need("version");
  if (!version) return version.error();
  const auto number = version->as_uint();
  if (!number) return number.error();
  if (*number < 1 || *number > UINT32_MAX) return version->error("expected a version from 1");
  spec.info.version = static_cast<std::uint32_t>(*number);
  auto scorers = scope.need("scorers");
  if (!scorers) return scorers.error();
  return put(spec.info.scorers, read_scorers(*scorers));
}

std::optional<Error> read_prompt(const Scope& scope, TaskSpec& spec) {
  auto prompt = scope.need("prompt");
  if (!prompt) return prompt.error();
  if (auto e = put(spec.prompt, prompt->as_string())) return e;
  if (placeholders(spec.prompt).empty()) return prompt->error("the prompt has no {field} of the data, expected {question} at least");
  if (const YamlNode* system = scope.get("system")) {
    if (auto e = put(spec.system, system->as_string())) return e;
  }
  if (const YamlNode* fewshot = scope.get("fewshot")) return put(spec.fewshot, read_fewshot(*fewshot, scope.name));
  return std::nullopt;
}

Result<TaskSpec> read_task(const Scope& scope) {
  TaskSpec spec;
  if (auto e = read_info(scope, spec)) return *e;
  auto data = scope.need("dataset");
  if (!data) return data.error();
  if (auto e = put(spec.data, read_data(*data, scope.name))) return *e;
  spec.info.dataset = spec.data.name.empty() ? spec.data.path : spec.data.name;
  auto fields = scope.need("fields");
  if (!fields) return fields.error();
  if (auto e = put(spec.fields, read_fields(*fields))) return *e;
  if (auto e = check_targets(*fields, spec)) return *e;
  if (auto e = read_prompt(scope, spec)) return *e;
  if (spec.fewshot.data && spec.fewshot.data->path == spec.data.path) {
    return scope.get("fewshot")->error("the examples must not come from the rows that are scored");
  }
  if (const YamlNode* metrics = scope.get("metrics")) {
    if (auto e = check_metrics(*metrics)) return *e;
  }
  return spec;
}

}  // namespace

Result<std::vector<TaskSpec>> parse_task_file(std::string_view text, const std::string& filename) {
  auto root = parse_yaml(text, filename);
  if (!root) return root.error();
  if (auto keys = root->only_keys({"task", "version", "summary", "dataset", "fields", "prompt", "system", "fewshot",
                                   "scorers", "metrics", "subsets"});
      !keys) {
    return keys.error();
  }
  std::vector<TaskSpec> out;
  const YamlNode* subsets = root->get("subsets");
  if (subsets == nullptr) {
    auto spec = read_task({*root, nullptr, ""});
    if (!spec) return spec.error();
    out.push_back(std::move(*spec));
    return out;
  }
  if (!subsets->is_map() || subsets->entries().empty()) return subsets->error("expected a mapping of subsets");
  for (const YamlEntry& entry : subsets->entries()) {
    const YamlNode& own = entry.value;
    if (!is_task_name(entry.key)) return own.error(format("expected a plain subset name, got '{}'", entry.key));
    if (!own.is_null()) {
      if (auto keys = own.only_keys({"version", "summary", "dataset", "fields", "prompt", "system", "fewshot", "scorers",
                                     "metrics"});
          !keys) {
        return keys.error();
      }
    }
    auto spec = read_task({*root, &own, entry.key});
    if (!spec) return spec.error();
    out.push_back(std::move(*spec));
  }
  return out;
}

}  // namespace assay
