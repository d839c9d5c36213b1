#include "harness/mock/replay.h"

#include <utility>

#include "harness/base/format.h"
#include "harness/base/line_reader.h"
#include "harness/base/utf8.h"

namespace assay::mock {
namespace {

std::optional<std::string> first_text(const Json& row, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (auto text = json_string(row, key)) return text;
  }
  return std::nullopt;
}

Finish finish_of(std::string_view name) {
  if (name == "length" || name == "max_tokens") return Finish::length;
  return name == "content_filter" ? Finish::content_filter : Finish::stop;
}

Result<Recorded> answer_of(const Json& row) {
  const auto text = first_text(row, {"text", "output", "response"});
  const auto reasoning = first_text(row, {"reasoning", "reasoning_content"});
  const auto refusal = json_string(row, "refusal");
  if (!text && !reasoning && !refusal) return invalid("the row has no answer: `text` or `output` is missing");
  Recorded out;
  out.choice.content = Text(text.value_or(""));
  out.choice.reasoning = Text(reasoning.value_or(""));
  out.choice.refusal = refusal.value_or("");
  out.choice.finish = finish_of(first_text(row, {"finish", "finish_reason"}).value_or(""));
  const Json* usage = json_find(row, "usage");
  if (usage == nullptr || !usage->is_object()) return out;
  out.input_tokens = json_int(*usage, "prompt_tokens");
  out.output_tokens = json_int(*usage, "completion_tokens");
  if (const Json* details = json_find(*usage, "completion_tokens_details")) {
    out.reasoning_tokens = json_int(*details, "reasoning_tokens");
  }
  for (const auto& count : {out.input_tokens, out.output_tokens, out.reasoning_tokens}) {
    if (count.value_or(0) < 0 || count.value_or(0) > 1'000'000'000) return invalid("`usage` holds an absurd count");
  }
  return out;
}

// The digest of the prompt that a row answers; nullopt where it answers any.
Result<std::optional<Digest>> prompt_of(const Json& row) {
  using Out = std::optional<Digest>;
  if (const auto hex = json_string(row, "prompt_sha256")) {
    const auto digest = Digest::from_hex(*hex);
    if (!digest) return invalid("`prompt_sha256` must be 64 hexadecimal digits");
    return Out(*digest);
  }
  if (const auto prompt = json_string(row, "prompt")) return Out(sha256(*prompt));
  const Json* messages = json_find(row, "messages");
  if (messages == nullptr || messages->is_null()) return Out();
  if (!messages->is_array() || messages->empty()) return invalid("`messages` must be a list of messages");
  const auto content = json_string(messages->back(), "content");
  if (!content) return invalid("the last of `messages` has no text `content`");
  return Out(sha256(*content));
}

}  // namespace

Result<void> Replay::take(const Json& row) {
  if (!row.is_object()) return invalid("a row must be a JSON object");
  auto answer = answer_of(row);
  if (!answer) return answer.error();
  auto prompt = prompt_of(row);
  if (!prompt) return prompt.error();
  auto& rows = prompt->has_value() ? by_prompt_[**prompt] : any_;
  rows.push_back(std::move(*answer));
  return {};
}

Result<Replay> Replay::load(const std::filesystem::path& path) {
  auto reader = JsonlReader::open(path);
  if (!reader) return reader.error();
  Replay out;
  while (true) {
    auto row = reader->next();
    if (!row) return row.error();
    if (!row->has_value()) break;
    if (auto ok = out.take(**row); !ok) return reader->error(ok.error().message);
  }
  if (out.any_.empty() && out.by_prompt_.empty()) {
    return invalid(format("{}: no recorded answer in it", printable(path.string())));
  }
  return out;
}

bool Replay::names(std::string_view prompt) const { return by_prompt_.count(sha256(prompt)) > 0; }

const Recorded* Replay::find(std::string_view prompt, std::uint64_t turn, std::uint64_t any_turn) const {
  const auto it = by_prompt_.find(sha256(prompt));
  if (it != by_prompt_.end()) return &it->second[turn % it->second.size()];
  return any_.empty() ? nullptr : &any_[any_turn % any_.size()];
}

}  // namespace assay::mock
