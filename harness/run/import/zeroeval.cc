#include "harness/run/import/zeroeval.h"

#include <utility>

#include "harness/run/import/tolerant_json.h"

namespace assay {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kFence = "```";

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// What the last fence that opens before a brace holds; all of `text` where there is none. Looks at
// a bounded number of fences, since each look may cost the length of the text.
std::string_view last_fenced(std::string_view text) {
  constexpr int kFences = 16;
  std::size_t at = text.rfind(kFence);
  for (int i = 0; i < kFences && at != std::string_view::npos; ++i) {
    std::string_view body = text.substr(at + kFence.size());
    std::size_t language = 0;
    while (language < body.size() && body[language] >= 'a' && body[language] <= 'z') ++language;
    body = trim(body.substr(language));
    if (!body.empty() && body.front() == '{') return trim(body.substr(0, body.find(kFence)));
    at = at == 0 ? std::string_view::npos : text.rfind(kFence, at - 1);
  }
  return text;
}

std::string_view outer_braces(std::string_view text) {
  const std::size_t open = text.find('{');
  const std::size_t close = text.rfind('}');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  return text.substr(open, close - open + 1);
}

// How a model may write a key: as it was told to, or in other cases of letters. Best first.
constexpr std::string_view kAnswerKeys[] = {"answer", "Answer", "ANSWER"};
constexpr std::string_view kReasoningKeys[] = {"reasoning", "Reasoning", "REASONING"};

template <std::size_t N>
const Json* find_value(const Json& object, const std::string_view (&keys)[N], std::string_view& found) {
  for (const std::string_view key : keys) {
    const Json* value = json_find(object, key);
    if (value == nullptr) continue;
    found = key;
    return value;
  }
  return nullptr;
}

template <std::size_t N, typename Find>
std::optional<FieldPlace> find_place(std::string_view text, const std::string_view (&keys)[N], Find find) {
  for (const std::string_view key : keys) {
    if (auto place = find(text, key)) return place;
  }
  return std::nullopt;
}

// Valid JSON with an answer, or nothing.
std::optional<ZeroEvalOutput> from_valid_json(std::string_view text) {
  if (text.empty() || text.front() != '{') return std::nullopt;
  const Result<Json> parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  std::string_view key;
  const Json* answer = find_value(*parsed, kAnswerKeys, key);
  if (answer == nullptr) return std::nullopt;
  ZeroEvalOutput out;
  out.rule = AnswerRule::json;
  if (answer->is_string()) {
    out.answer = restore_latex(answer->get<std::string>());
  } else if (const auto place = find_last_field(text, key)) {
    out.answer = read_field_value(text, place->value).text;  // as written: 44.670 stays so
  }
  const Json* reasoning = find_value(*parsed, kReasoningKeys, key);
  if (reasoning != nullptr && reasoning->is_string()) out.reasoning = restore_latex(reasoning->get<std::string>());
  if (reasoning != nullptr && reasoning->is_structured()) out.reasoning = dump_json(*reasoning);
  return out;
}

std::optional<std::string> last_boxed(std::string_view text) {
  constexpr std::string_view kBoxed = "\\boxed{";
  const std::size_t at = text.rfind(kBoxed);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t begin = at + kBoxed.size();
  std::size_t depth = 1;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      return std::string(text.substr(begin, i - begin));
    }
  }
  return std::nullopt;
}

// Prose in front of an object that has only the answer.
std::optional<std::string> prose_before(std::string_view text) {
  constexpr std::string_view kJsonFence = "```json";
  text = trim(text);
  while (!text.empty() && text.back() == '{') text = trim(text.substr(0, text.size() - 1));
  if (text.size() >= kJsonFence.size() && text.substr(text.size() - kJsonFence.size()) == kJsonFence) {
    text = trim(text.substr(0, text.size() - kJsonFence.size()));
  }
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

// A damaged object with an answer at `answer`. The reasoning goes up to the answer's key, if that
// comes behind it, whatever quotes are in between.
ZeroEvalOutput from_damaged_object(std::string_view text, const FieldPlace& answer) {
  ZeroEvalOutput out;
  const auto reasoning = find_place(text, kReasoningKeys, find_first_field);
  if (reasoning && reasoning->value <= answer.key) {
    out.reasoning = restore_latex(read_string_before(text, reasoning->value, answer.key).text);
  } else if (reasoning) {
    out.reasoning = restore_latex(read_field_value(text, reasoning->value).text);
  } else {
    out.reasoning = prose_before(text.substr(0, answer.key));
  }
  FieldValue value = read_field_value(text, answer.value);
  out.cut = !value.closed;
  out.rule = reasoning && value.closed ? AnswerRule::repaired_json : AnswerRule::field_scan;
  out.answer = value.quoted ? restore_latex(std::move(value.text)) : std::move(value.text);
  return out;
}

ZeroEvalOutput from_damaged(std::string_view text) {
  if (const auto answer = find_place(text, kAnswerKeys, find_last_field)) return from_damaged_object(text, *answer);
  ZeroEvalOutput out;
  if (const auto reasoning = find_place(text, kReasoningKeys, find_first_field)) {
    FieldValue value = read_field_value(text, reasoning->value);
    out.cut = !value.closed;
    out.reasoning = restore_latex(std::move(value.text));
  } else if (auto boxed = last_boxed(text)) {
    out.answer = std::move(*boxed);
    out.reasoning = std::string(text);
    out.rule = AnswerRule::field_scan;
  } else if (!text.empty()) {
    out.answer = std::string(text);
    out.rule = AnswerRule::whole_text;
  }
  return out;
}

// The question inside ZeroEval's prompt template.
std::string_view question_of(std::string_view prompt) {
  constexpr std::string_view kBegin = "## Question:";
  constexpr std::string_view kEnd = "## Instruction";
  const std::size_t begin = prompt.find(kBegin);
  if (begin == std::string_view::npos) return trim(prompt);
  prompt.remove_prefix(begin + kBegin.size());
  return trim(prompt.substr(0, prompt.rfind(kEnd)));
}

std::optional<std::string> gold_of(const Json& value) {
  if (value.is_null()) return std::nullopt;
  if (!value.is_string()) return dump_json(value);
  std::string text = value.get<std::string>();
  if (text.rfind("# ", 0) == 0) text.erase(0, 2);
  return text;
}

// Nothing for an id of another type; an empty text for none.
std::optional<std::string> id_of(const Json& row) {
  const Json* id = json_find(row, "id");
  if (id == nullptr || id->is_null()) return std::string();
  if (id->is_string()) return id->get<std::string>();
  if (id->is_number_integer()) return dump_json(*id);
  return std::nullopt;
}

// The last string of a list of strings, or a string itself.
const std::string* last_string(const Json& object, std::string_view key) {
  const Json* value = json_find(object, key);
  if (value == nullptr) return nullptr;
  if (value->is_array() && !value->empty()) value = &value->back();
  return value->is_string() ? value->get_ptr<const std::string*>() : nullptr;
}

}  // namespace

std::string_view name(AnswerRule rule) {
  switch (rule) {
    case AnswerRule::none: return "none";
    case AnswerRule::json: return "json";
    case AnswerRule::repaired_json: return "repaired_json";
    case AnswerRule::field_scan: return "field_scan";
    case AnswerRule::whole_text: return "whole_text";
  }
  return "none";
}

ZeroEvalOutput read_zeroeval_output(std::string_view output) {
  const std::string_view text = trim(output);
  const std::string_view fenced = last_fenced(text);
  std::string_view tried;
  for (const std::string_view candidate : {fenced, outer_braces(fenced), outer_braces(text)}) {
    if (candidate == tried) continue;
    if (auto valid = from_valid_json(candidate)) return std::move(*valid);
    tried = candidate;
  }
  return from_damaged(text);
}

Result<ZeroEvalRow> read_zeroeval_row(std::string_view line) {
  Result<Json> parsed = parse_json(line);
  if (!parsed) return parsed.error();
  if (!parsed->is_object()) return invalid("a row must be a JSON object");
  ZeroEvalRow row;
  std::optional<std::string> id = id_of(*parsed);
  if (!id) return invalid("`id` must be a string or an integer");
  row.id = std::move(*id);
  const Json* output = json_find(*parsed, "output");
  if (output == nullptr) return invalid("`output` is missing; expected a list with one string");
  const std::string* text = last_string(*parsed, "output");
  if (text == nullptr || (output->is_array() && output->size() != 1)) {
    return invalid("`output` must be a list with one string");
  }
  row.output = *text;
  if (const std::string* prompt = last_string(*parsed, "chat_history")) row.prompt = *prompt;
  row.question = std::string(question_of(row.prompt));
  if (const Json* gold = json_find(*parsed, "answer")) row.gold = gold_of(*gold);
  for (auto& [key, value] : parsed->items()) {
    if (key != "id" && key != "output" && key != "chat_history" && key != "answer") row.others[key] = std::move(value);
  }
  return row;
}

std::string zeroeval_row_id(std::string_view line) {
  const Result<Json> parsed = parse_json(line);
  return parsed ? id_of(*parsed).value_or("") : "";
}

}  // namespace assay
