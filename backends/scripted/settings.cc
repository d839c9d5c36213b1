// How a model entry's options become ScriptSettings.
#include <limits>

#include "backends/scripted/script.h"

namespace assay {
namespace {

const std::initializer_list<std::string_view> kBehaviours = {"perfect",    "wrong",    "slow", "failing",
                                                             "truncating", "refusing", "mixed"};

// A behaviour is a set of defaults; every single option wins over it.
ScriptSettings of_behaviour(std::string_view behaviour) {
  ScriptSettings s;
  if (behaviour == "wrong") s.accuracy = 0;
  if (behaviour == "slow") {
    s.latency_min_ms = 200;
    s.latency_max_ms = 800;
    s.drip = true;
  }
  if (behaviour == "failing") s.fail_rate = 1;
  if (behaviour == "truncating") s.truncate_rate = 1;
  if (behaviour == "refusing") s.refuse_rate = 1;
  if (behaviour == "mixed") {
    s.accuracy = 0.7;
    s.truncate_rate = 0.05;
    s.refuse_rate = 0.02;
    s.empty_rate = 0.02;
    s.fail_rate = 0.02;
  }
  return s;
}

Code code_named(std::string_view word) {
  for (const Code code : {Code::invalid, Code::exhausted, Code::deadline, Code::corrupt, Code::internal}) {
    if (word == name(code)) return code;
  }
  return Code::unavailable;
}

void read_latency(OptionReader& read, ScriptSettings& s) {
  const Json* latency = read.any("latency_ms");
  if (latency == nullptr) return;
  constexpr std::string_view kExpected = "a number of milliseconds or {min, max}, from 0 to 86400000";
  const auto usable = [](double ms) { return ms >= 0 && ms <= 86'400'000.0; };
  if (latency->is_number()) {
    s.latency_min_ms = s.latency_max_ms = latency->get<double>();
  } else {
    const auto low = json_number(*latency, "min");
    const auto high = json_number(*latency, "max");
    if (!low || !high || latency->size() != 2 || *low > *high) return read.fail("latency_ms", kExpected);
    s.latency_min_ms = *low;
    s.latency_max_ms = *high;
  }
  if (!usable(s.latency_min_ms) || !usable(s.latency_max_ms)) read.fail("latency_ms", kExpected);
}

}  // namespace

Result<ScriptSettings> script_settings(const std::string& model, OptionReader& read) {
  std::string behaviour = "perfect";
  for (const std::string_view word : kBehaviours) {
    if (model == word) behaviour = std::string(word);
  }
  behaviour = read.word("behaviour", behaviour, kBehaviours);
  ScriptSettings s = of_behaviour(behaviour);
  s.model = model.empty() ? behaviour : model;
  s.seed = static_cast<std::uint64_t>(read.integer("seed", 0, 0, INT64_MAX));
  s.accuracy = read.rate("accuracy", s.accuracy);
  s.refuse_rate = read.rate("refuse_rate", s.refuse_rate);
  s.empty_rate = read.rate("empty_rate", s.empty_rate);
  s.truncate_rate = read.rate("truncate_rate", s.truncate_rate);
  s.truncate_in_answer = read.word("truncate_in", "trace", {"trace", "answer"}) == "answer";
  s.fail_rate = read.rate("fail_rate", s.fail_rate);
  s.fail_first = read.integer("fail_first", 0, 0, 1000);
  s.fail_code =
      code_named(read.word("fail_code", "unavailable",
                           {"unavailable", "exhausted", "invalid", "deadline", "corrupt", "internal"}));
  const double retry_after = read.number("retry_after", 0, 0, 86400);
  if (read.has("retry_after")) s.retry_after = retry_after;
  read_latency(read, s);
  s.drip = read.flag("drip", s.drip);
  s.reasoning = read.word("reasoning", s.reasoning, {"tags", "field", "none"});
  s.trace_tokens = read.integer("trace_tokens", s.trace_tokens, 1, 1'000'000);
  s.output_limit = read.integer("output_limit", s.output_limit, 1, 10'000'000);
  s.answer = read.text("answer", s.answer);
  if (s.answer.find("{answer}") == std::string::npos) read.fail("answer", "a text with {answer} in it");
  return s;
}

}  // namespace assay
