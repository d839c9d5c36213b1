#include "harness/run/import/import_plan.h"

#include <algorithm>
#include <set>

#include "harness/base/format.h"
#include "harness/base/known_datasets.h"

namespace assay {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string model_name(const ImportOptions& options, const std::filesystem::path& path) {
  if (!options.model.empty()) return options.model;
  std::string name = path.filename().string();
  for (const std::string_view end : {".gz", ".jsonl", ".json"}) {
    if (ends_with(name, end) && name.size() > end.size()) name.resize(name.size() - end.size());
  }
  return name;
}

// The prompt with its question taken out. The question stands in it, if at all, as it is.
Digest template_digest(const ZeroEvalRow& row) {
  std::string text = row.prompt;
  const std::size_t at = row.question.empty() ? std::string::npos : text.find(row.question);
  if (at != std::string::npos) text.replace(at, row.question.size(), "{question}");
  return sha256(text);
}

class FilePlanner {
 public:
  FilePlanner(ImportPlan& plan, const QuestionIndex* index, std::unordered_map<std::string, std::uint64_t>& own)
      : plan_(plan), index_(index), own_(own), base_(plan.set ? plan.set->size() : 0) {}

  Result<PlannedFile> run(const std::filesystem::path& path, std::string model) {
    file_.path = path;
    file_.report.path = path.string();
    file_.report.model = std::move(model);
    auto reader = LineReader::open(path);
    if (!reader) return reader.error();
    DigestBuilder digest;
    while (true) {
      auto line = reader->next();
      if (!line) return line.error();
      if (!*line) break;
      digest.bytes(**line).bytes("\n");
      if ((*line)->find_first_not_of(" \t\r") == std::string_view::npos) continue;
      plan_row(**line, reader->line());
    }
    file_.digest = digest.finish();
    if (file_.report.rows == 0) return invalid(nothing_good());
    count_epochs();
    return std::move(file_);
  }

 private:
  std::string nothing_good() const {
    if (file_.rows.empty()) return format("{}: holds no rows", file_.report.path);
    return format("{}: holds no good row; the first is bad: {}", file_.report.path, first_bad_);
  }

  void plan_row(std::string_view line, std::uint64_t number) {
    PlannedRow planned;
    planned.line = number;
    auto row = read_zeroeval_row(line);
    if (!row) {
      const std::string id = zeroeval_row_id(line);
      const auto sample = index_ && !id.empty() ? index_->by_key(id) : std::nullopt;
      if (sample) planned.sample = *sample;
      planned.place = sample ? RowPlace::error : RowPlace::none;
      bad(number, row.error().message);
    } else if (!place_row(*row, planned)) {
      bad(number, format("no sample of {} has this id or question, and there is no `answer` to score against",
                         plan_.task.id));
    } else {
      if (++file_.report.rows == 1) first_good(*row);
    }
    if (planned.place != RowPlace::none) planned.epoch = seen_[planned.sample]++;
    file_.rows.push_back(planned);
  }

  bool place_row(const ZeroEvalRow& row, PlannedRow& planned) {
    planned.place = RowPlace::task;
    if (const auto sample = sample_by_id(row)) {
      planned.sample = *sample;
      ++file_.report.by_id;
      return true;
    }
    if (const auto sample = sample_by_question(row)) {
      planned.sample = *sample;
      ++file_.report.by_question;
      return true;
    }
    if (!row.gold) {
      planned.place = RowPlace::none;
      return false;
    }
    planned.place = RowPlace::row;
    const Sample own = sample_of_row(row);
    planned.sample = own_.emplace(own.key + '\n' + own.identity.hex(), base_ + own_.size()).first->second;
    ++file_.report.from_row;
    return true;
  }

  std::optional<std::uint64_t> sample_by_id(const ZeroEvalRow& row) const {
    if (index_ == nullptr || row.id.empty()) return std::nullopt;
    const auto found = index_->by_key(row.id);
    if (!found) return std::nullopt;
    const Result<Sample> sample = plan_.set->at(*found);
    // An id like "7" may be that of another data set's question.
    if (!sample || !index_->agrees(*sample, row.prompt)) return std::nullopt;
    return found;
  }

  // Of several samples that ask the same, one whose target is the row's, and of those the least used.
  std::optional<std::uint64_t> sample_by_question(const ZeroEvalRow& row) {
    if (index_ == nullptr) return std::nullopt;
    std::vector<std::uint64_t> found = index_->by_question(row.question, row.prompt);
    if (found.size() > 1 && row.gold) {
      std::vector<std::uint64_t> agreeing;
      for (const std::uint64_t i : found) {
        const Result<Sample> sample = plan_.set->at(i);
        if (!sample) continue;
        const auto& targets = sample->targets;
        if (std::find(targets.begin(), targets.end(), *row.gold) != targets.end()) agreeing.push_back(i);
      }
      if (!agreeing.empty()) found = std::move(agreeing);
    }
    const auto least = std::min_element(found.begin(), found.end(), [this](std::uint64_t a, std::uint64_t b) {
      return uses(a) < uses(b);
    });
    if (least == found.end()) return std::nullopt;
    return *least;
  }

  std::uint32_t uses(std::uint64_t sample) const {
    const auto place = seen_.find(sample);
    return place == seen_.end() ? 0 : place->second;
  }

  void first_good(const ZeroEvalRow& row) {
    file_.prompt = template_digest(row);
    file_.sampling = sampling_of_row(row);
    file_.generator = json_string(row.others, "generator").value_or("");
  }

  void bad(std::uint64_t number, std::string_view reason) {
    ++file_.report.bad;
    const std::string line = line_error(file_.path, number, reason).message;
    if (first_bad_.empty()) first_bad_ = line;
    if (plan_.bad_rows.size() < kMaxBadRowsNamed) plan_.bad_rows.push_back(line);
  }

  void count_epochs() {
    std::uint32_t most = 0;
    std::uint32_t least = UINT32_MAX;
    for (const auto& [sample, count] : seen_) {
      most = std::max(most, count);
      least = std::min(least, count);
    }
    file_.samples = seen_.size();
    file_.report.epochs = most;
    file_.even = most == least && std::none_of(file_.rows.begin(), file_.rows.end(), [](const PlannedRow& r) {
      return r.place == RowPlace::none;
    });
  }

  ImportPlan& plan_;
  const QuestionIndex* index_;
  std::unordered_map<std::string, std::uint64_t>& own_;  // rows' own samples, of all files
  const std::uint64_t base_;
  PlannedFile file_;
  std::unordered_map<std::uint64_t, std::uint32_t> seen_;  // rows a sample
  std::string first_bad_;
};

Result<void> check_options(const ImportOptions& options) {
  const std::vector<std::string> formats = import_formats();
  if (std::find(formats.begin(), formats.end(), options.format) == formats.end()) {
    return invalid(format("--format {}: unknown; known: {}", options.format, formats.front()));
  }
  if (options.files.empty()) return invalid("import: no file given");
  std::set<std::string> models;
  for (const std::filesystem::path& path : options.files) {
    const std::string model = model_name(options, path);
    if (models.insert(model).second) continue;
    return invalid(options.model.empty()
                       ? format("{}: another file is named {} too; a file's name is its model's name", path.string(), model)
                       : format("--model {}: names one model, but there are {} files", model, options.files.size()));
  }
  return {};
}

// A data set that is not on this machine, as opposed to one that is wrong.
bool data_is_missing(const TaskInfo& task, const std::vector<std::filesystem::path>& dirs) {
  const KnownDataset* known = known_dataset(task.dataset);
  if (known != nullptr) return !find_dataset(*known, dirs);
  const std::filesystem::path path(task.dataset);  // the task's own file
  std::error_code ec;
  return !task.dataset.empty() && path.is_relative() &&
         std::none_of(dirs.begin(), dirs.end(), [&](const auto& dir) { return std::filesystem::exists(dir / path, ec); });
}

}  // namespace

std::vector<std::string> import_formats() { return {"zeroeval"}; }

Sample sample_of_row(const ZeroEvalRow& row) {
  Sample sample;
  sample.question = row.question;
  sample.messages = {Message{Role::user, row.prompt.empty() ? row.question : row.prompt}};
  sample.targets = {*row.gold};
  sample.identity = DigestBuilder().add("question", collapse_space(row.question)).add("target", *row.gold).finish();
  sample.key = row.id.empty() ? "row-" + sample.identity.short_hex() : row.id;
  return sample;
}

Sampling sampling_of_row(const ZeroEvalRow& row) {
  Sampling sampling;
  const Json* configs = json_find(row.others, "configs");
  if (configs == nullptr) return sampling;
  sampling.temperature = json_number(*configs, "temperature");
  sampling.top_p = json_number(*configs, "top_p");
  sampling.repetition_penalty = json_number(*configs, "repetition_penalty");
  sampling.max_tokens = json_int(*configs, "max_tokens");
  return sampling;
}

Result<ImportPlan> plan_import(const ImportOptions& options, const Plugins& plugins) {
  if (auto ok = check_options(options); !ok) return ok.error();
  auto task = plugins.task(options.task);
  if (!task) return task.error();
  ImportPlan plan;
  plan.task = (*task)->describe();
  TaskContext context;
  context.data_dirs = options.data_dirs;
  context.seed = options.seed;
  std::optional<QuestionIndex> index;
  if (auto set = (*task)->open(context)) {
    plan.set = std::move(*set);
    plan.factors = plan.set->factors();
    auto built = QuestionIndex::build(*plan.set);
    if (!built) return built.error();
    index = std::move(*built);
  } else if (data_is_missing(plan.task, options.data_dirs)) {
    plan.data_note = "each row brings its own question and answer: " + set.error().message;
  } else {
    return set.error();
  }
  std::unordered_map<std::string, std::uint64_t> own;
  for (const std::filesystem::path& path : options.files) {
    auto file = FilePlanner(plan, index ? &*index : nullptr, own).run(path, model_name(options, path));
    if (!file) return file.error();
    plan.files.push_back(std::move(*file));
  }
  return plan;
}

}  // namespace assay
