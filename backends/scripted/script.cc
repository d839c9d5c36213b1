#include "backends/scripted/script.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "backends/scripted/wrong_answer.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

Rng stream(const ScriptSettings& s, const Request& r, std::string_view purpose, std::uint32_t choice) {
  return Rng(Rng::seed_for(s.seed, {purpose, r.task, r.sample_key, std::to_string(r.epoch),
                                    std::to_string(std::uint64_t{r.draw} + choice)}));
}

bool drawn(const ScriptSettings& s, const Request& r, std::string_view purpose, std::uint32_t choice,
           double rate) {
  if (rate <= 0) return false;
  return rate >= 1 || stream(s, r, purpose, choice).chance(rate);
}

bool space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string trimmed(std::string_view text) {
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return std::string(text);
}

// Filler without digits and without anything that a scorer takes for an answer.
std::string make_trace(std::int64_t tokens, Rng rng) {
  static constexpr std::string_view kLines[] = {
      "I read the question again and note what is given.",
      "First I name the unknown and what it depends on.",
      "I try the simplest case before the general one.",
      "That step holds, so I go on from there.",
      "I check the last step against the question.",
      "Another way to look at it leads to the same place.",
      "Wait, I should not skip a case here.",
      "Nothing seems to be left out now.",
  };
  std::string out;
  for (std::int64_t n = 0; n < tokens;) {
    const std::string_view line = kLines[rng.uniform(0, 7)];
    if (!out.empty()) out += n % 3 == 0 ? '\n' : ' ';
    out += line;
    n += count_tokens(line);
  }
  return out;
}

std::string say(const ScriptSettings& s, const std::string& answer) {
  if (is_code(answer)) {
    const std::string fence = answer.find("```") == std::string::npos ? "```" : "~~~~";
    const bool python =
        answer.find("def ") != std::string::npos || answer.find("return") != std::string::npos;
    return "The answer is:\n" + fence + (python ? "python" : "") + "\n" + answer + "\n" + fence;
  }
  std::string out;
  std::string_view rest = s.answer;
  static constexpr std::string_view kHole = "{answer}";
  for (std::size_t at = rest.find(kHole); at != std::string_view::npos; at = rest.find(kHole)) {
    out += rest.substr(0, at);
    out += answer;
    rest.remove_prefix(at + kHole.size());
  }
  return out += rest;
}

// Leading and trailing blank lines go; a function body keeps its indentation.
std::string first_target(const std::vector<std::string>& targets) {
  if (targets.empty()) return {};
  std::string_view text = targets.front();
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  if (text.find('\n') == std::string_view::npos) return trimmed(text);
  while (!text.empty() && (text.front() == '\n' || text.front() == '\r')) text.remove_prefix(1);
  return std::string(text);
}

struct Whole {        // everything the model would say with unlimited tokens
  std::string trace;  // tokens of it; also inside `text` where tags are used
  std::string text;
};

Whole whole_answer(const ScriptSettings& s, const Request& r, std::uint32_t choice,
                   const std::vector<std::string>& targets) {
  Whole out;
  if (s.reasoning != "none") out.trace = make_trace(s.trace_tokens, stream(s, r, "trace", choice));
  if (s.reasoning == "tags") out.text = "<think>\n" + out.trace + "\n</think>\n\n";
  if (drawn(s, r, "empty", choice, s.empty_rate)) {
    out.text += s.reasoning == "tags" ? "" : "I leave it at that.";
  } else if (drawn(s, r, "accuracy", choice, s.accuracy)) {
    out.text += say(s, first_target(targets));
  } else {
    Rng rng = stream(s, r, "wrong", choice);
    out.text += say(s, wrong_answer(targets, rng));
  }
  return out;
}

Usage usage_of(const Request& r, const Response& response, std::int64_t trace_tokens) {
  Usage usage;
  std::int64_t input = count_tokens(r.prefix);
  for (const Message& m : r.messages) input += count_tokens(m.content);
  usage.input = input;
  usage.cached_input = 0;
  usage.cache_write = 0;
  const std::int64_t text = count_tokens(response.text);
  if (response.reasoning) {
    usage.reasoning = count_tokens(*response.reasoning);
    usage.output = text;
  } else {
    usage.reasoning = std::min(trace_tokens, text);
    usage.output = text - *usage.reasoning;
  }
  return usage;
}

// How many tokens of the answer are inside its think tags, the tags included.
std::int64_t tagged_tokens(std::string_view text) {
  if (text.find("<think>") == std::string_view::npos) return 0;
  const std::size_t close = text.find("</think>");
  return close == std::string_view::npos ? count_tokens(text) : count_tokens(text.substr(0, close)) + 1;
}

Response refusal(const Request& r) {
  Response out;
  out.refusal = "I cannot help with this request.";
  out.finish = FinishReason::stop;
  out.finish_raw = "stop";
  out.usage = usage_of(r, out, 0);
  out.usage.output = count_tokens(out.refusal);
  return out;
}

}  // namespace

std::int64_t count_tokens(std::string_view text) {
  std::int64_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++i) n += !space(text[i]) && (i == 0 || space(text[i - 1]));
  return n;
}

std::string_view first_tokens(std::string_view text, std::int64_t n) {
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool ends = !space(text[i]) && (i + 1 == text.size() || space(text[i + 1]));
    if (n <= 0) break;
    if (ends && ++seen == n) return text.substr(0, i + 1);
  }
  return n <= 0 ? text.substr(0, 0) : text;
}

double script_latency_ms(const ScriptSettings& s, const Request& r) {
  if (s.latency_max_ms <= s.latency_min_ms) return s.latency_min_ms;
  Rng rng(
      Rng::seed_for(s.seed, {"latency", r.task, r.sample_key, std::to_string(r.epoch), std::to_string(r.step),
                             std::to_string(r.draw), std::to_string(r.attempt_try)}));
  return s.latency_min_ms + rng.unit() * (s.latency_max_ms - s.latency_min_ms);
}

std::optional<BackendError> script_failure(const ScriptSettings& s, const Request& r) {
  bool fails = static_cast<std::int64_t>(r.attempt_try) < s.fail_first || s.fail_rate >= 1;
  if (!fails && s.fail_rate > 0) {
    Rng rng(
        Rng::seed_for(s.seed, {"fail", r.task, r.sample_key, std::to_string(r.epoch), std::to_string(r.step),
                               std::to_string(r.draw), std::to_string(r.attempt_try)}));
    fails = rng.chance(s.fail_rate);
  }
  if (!fails) return std::nullopt;
  BackendError error;
  error.code = s.fail_code;
  error.message = format("scripted: try {} of {} sample {} fails as told", r.attempt_try + 1,
                         printable(r.task), printable(r.sample_key));
  error.retry_after = s.retry_after;
  return error;
}

Response script_response(const ScriptSettings& s, const Request& r, std::uint32_t choice,
                         const std::vector<std::string>& targets) {
  if (drawn(s, r, "refuse", choice, s.refuse_rate)) {
    Response out = refusal(r);
    out.server_model = s.model;
    return out;
  }
  Whole all = whole_answer(s, r, choice, targets);
  Response out;
  out.server_model = s.model;
  std::int64_t limit = std::min(r.sampling.max_tokens.value_or(s.output_limit), s.output_limit);
  const bool field = s.reasoning == "field";
  if (r.kind != CallKind::continuation && drawn(s, r, "truncate", choice, s.truncate_rate)) {
    const std::int64_t traced = field ? count_tokens(all.trace) : tagged_tokens(all.text);
    const std::int64_t total = count_tokens(all.text) + (field ? traced : 0);
    const std::int64_t cut = s.truncate_in_answer || traced == 0 ? traced + (total - traced) / 2 : traced / 2;
    limit = std::min(limit, std::max<std::int64_t>(cut, 1));
  }
  // A prefix that we did not write is gone on from as if it were the prompt's.
  std::string_view rest = all.text;
  bool goes_on = !r.prefix.empty();
  std::int64_t traced = tagged_tokens(all.text);
  if (goes_on && rest.substr(0, r.prefix.size()) == r.prefix) {
    rest.remove_prefix(r.prefix.size());
    traced = std::max<std::int64_t>(0, traced - count_tokens(r.prefix));
  }
  std::int64_t left = limit;
  bool cut = false;
  if (field && !goes_on) {
    out.reasoning = std::string(first_tokens(all.trace, left));
    cut = out.reasoning->size() < all.trace.size();
    left -= count_tokens(*out.reasoning);
  }
  if (!cut) out.text = std::string(first_tokens(rest, left));
  cut = cut || count_tokens(out.text) < count_tokens(rest);
  if (!cut) out.text = std::string(rest);
  out.finish = cut ? FinishReason::length : FinishReason::stop;
  out.finish_raw = cut ? "length" : "stop";
  out.usage = usage_of(r, out, traced);
  return out;
}

Response script_part(const Response& whole, double fraction) {
  Response out = whole;
  const std::int64_t thought = whole.reasoning ? count_tokens(*whole.reasoning) : 0;
  const std::int64_t said = count_tokens(whole.text);
  const auto arrived = static_cast<std::int64_t>(
      std::floor(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(thought + said)));
  if (whole.reasoning) out.reasoning = std::string(first_tokens(*whole.reasoning, arrived));
  out.text = std::string(first_tokens(whole.text, arrived - thought));
  out.finish = FinishReason::deadline;
  out.finish_raw.clear();
  out.usage = Usage{};  // a server reports usage at the end, which never came
  return out;
}

}  // namespace assay
