#include "backends/replay/recording.h"

#include "backends/remote/openai_usage.h"
#include "harness/base/format.h"
#include "harness/base/line_reader.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

// A field of the row that holds a text if it is there at all.
Result<std::optional<std::string>> text_field(const Json& row, const char* key) {
  const Json* found = json_find(row, key);
  if (found == nullptr || found->is_null()) return std::optional<std::string>();
  if (found->is_string()) return std::optional<std::string>(found->get<std::string>());
  // A list of one text, as recorders of several completions write it.
  if (found->is_array() && found->size() == 1 && found->front().is_string()) {
    return std::optional<std::string>(found->front().get<std::string>());
  }
  return invalid(format("`{}` must be a text", key));
}

Result<std::optional<std::string>> first_text(const Json& row, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    auto text = text_field(row, key);
    if (!text || text->has_value()) return text;
  }
  return std::optional<std::string>();
}

Result<std::optional<std::uint32_t>> index_field(const Json& row, const char* key) {
  const Json* found = json_find(row, key);
  if (found == nullptr || found->is_null()) return std::optional<std::uint32_t>();
  const auto value = json_int(row, key);
  if (!value || *value < 0 || *value > 1'000'000)
    return invalid(format("`{}` must be a whole number from 0 to 1000000", key));
  return std::optional<std::uint32_t>(static_cast<std::uint32_t>(*value));
}

// Our own buckets, or those of a chat completion's usage.
Result<Usage> usage_field(const Json& row) {
  const Json* found = json_find(row, "usage");
  if (found == nullptr || found->is_null()) return Usage{};
  if (!found->is_object()) return invalid("`usage` must be an object");
  if (found->contains("prompt_tokens") || found->contains("completion_tokens")) return openai_usage(*found);
  Usage out;
  struct Row {
    const char* key;
    std::optional<std::int64_t>* to;
  };
  const Row rows[] = {{"input", &out.input},
                      {"cached_input", &out.cached_input},
                      {"cache_write", &out.cache_write},
                      {"output", &out.output},
                      {"reasoning", &out.reasoning}};
  for (const Row& r : rows) {
    const Json* value = json_find(*found, r.key);
    if (value == nullptr || value->is_null()) continue;
    *r.to = json_int(*found, r.key);
    if (!r.to->has_value() || **r.to < 0)
      return invalid(format("`usage.{}` must be a whole number, not negative", r.key));
  }
  return out;
}

std::string joined(std::string_view task, std::string_view key) {
  std::string out(task);
  out += '\0';
  out += key;
  return out;
}

}  // namespace

Result<Response> recorded_response(const Json& row) {
  Response out;
  auto text = first_text(row, {"text", "output", "response"});
  if (!text) return text.error();
  auto reasoning = first_text(row, {"reasoning", "reasoning_content"});
  if (!reasoning) return reasoning.error();
  auto refusal = text_field(row, "refusal");
  if (!refusal) return refusal.error();
  auto finish = first_text(row, {"finish", "finish_reason"});
  if (!finish) return finish.error();
  auto model = text_field(row, "model");
  if (!model) return model.error();
  auto usage = usage_field(row);
  if (!usage) return usage.error();
  if (!*text && !*reasoning && !*refusal)
    return invalid("the row has no answer: `text` or `output` is missing");
  out.text = text->value_or("");
  out.reasoning = std::move(*reasoning);
  out.refusal = refusal->value_or("");
  out.finish_raw = finish->value_or("");
  out.finish = finish_from_name(out.finish_raw).value_or(FinishReason::unknown);
  if (out.finish_raw == "max_tokens") out.finish = FinishReason::length;
  if (out.finish_raw == "tool_calls") out.finish = FinishReason::tool_call;
  out.server_model = model->value_or("");
  out.usage = *usage;
  return out;
}

Result<void> Recording::take(const Json& row, RowsAre rows_are) {
  if (!row.is_object()) return invalid("a row must be a JSON object");
  auto key = first_text(row, {"sample_key", "id"});
  if (!key) return key.error();
  if (!*key) return invalid("the row names no sample: `sample_key` or `id` is missing");
  auto task = text_field(row, "task");
  if (!task) return task.error();
  auto epoch = index_field(row, "epoch");
  if (!epoch) return epoch.error();
  auto step = index_field(row, "step");
  if (!step) return step.error();
  auto draw = index_field(row, "draw");
  if (!draw) return draw.error();
  auto response = recorded_response(row);
  if (!response) return response.error();
  Answers& answers = samples_[joined(task->value_or(""), **key)];
  const bool numbered = epoch->has_value() || draw->has_value() || step->has_value();
  if (!answers.by_place.empty() && answers.numbered != numbered) {
    return invalid(
        format("sample {} has rows with `epoch`, `step` or `draw` and rows without", printable(**key)));
  }
  answers.numbered = numbered;
  Place place{epoch->value_or(0), step->value_or(0), draw->value_or(0)};
  if (!numbered) {
    const std::uint32_t n = answers.unnumbered++;
    place = rows_are == RowsAre::epochs ? Place{n, 0, 0} : Place{0, 0, n};
  }
  if (!answers.by_place.emplace(place, std::move(*response)).second) {
    return invalid(format("sample {} has a second row for epoch {}, step {}, draw {}", printable(**key),
                          std::get<0>(place), std::get<1>(place), std::get<2>(place)));
  }
  ++size_;
  return {};
}

Result<Recording> Recording::load(const std::filesystem::path& path, RowsAre rows_are) {
  auto reader = JsonlReader::open(path);
  if (!reader) return reader.error();
  Recording out;
  out.name_ = printable(path.string());
  DigestBuilder digest;
  while (true) {
    auto row = reader->next();
    if (!row) return row.error();
    if (!row->has_value()) break;
    digest.bytes(reader->text());
    digest.bytes("\n");
    if (auto ok = out.take(**row, rows_are); !ok) return reader->error(ok.error().message);
  }
  if (out.size_ == 0) return invalid(format("{}: no recorded answer in it", out.name_));
  out.digest_ = digest.finish();
  return out;
}

Result<const Response*> Recording::find(const Request& r, std::uint32_t choice) const {
  auto it = samples_.find(joined(r.task, r.sample_key));
  if (it == samples_.end()) it = samples_.find(joined("", r.sample_key));
  if (it == samples_.end()) {
    return invalid(format("replay: {} holds no answer to {} sample {}", name_, printable(r.task),
                          printable(r.sample_key)));
  }
  const Place place{r.epoch, r.step, r.draw + choice};
  const auto found = it->second.by_place.find(place);
  if (found != it->second.by_place.end()) return &found->second;
  return invalid(format("replay: {} holds {} answers to {} sample {}, none for epoch {}, step {}, draw {}",
                        name_, it->second.by_place.size(), printable(r.task), printable(r.sample_key),
                        r.epoch, r.step, std::uint64_t{r.draw} + choice));
}

}  // namespace assay
