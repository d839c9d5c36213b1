// A suite's JSON has the shape of its YAML, and JSON is YAML: the inverse is the YAML reader, so that a
// stored suite meets the same checks as a written one.
#include "harness/base/format.h"
#include "harness/base/units.h"
#include "harness/base/utf8.h"
#include "harness/run/suite.h"

namespace assay {
namespace {

std::string decimal(std::int64_t price) {
  std::string text = format("{}.{:06}", price / 1'000'000, price % 1'000'000);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

Json to_json(const Price& p) {
  Json out = Json::object();
  if (p.input) out["input"] = decimal(*p.input);
  if (p.cached_input) out["cached_input"] = decimal(*p.cached_input);
  if (p.cache_write) out["cache_write"] = decimal(*p.cache_write);
  if (p.output) out["output"] = decimal(*p.output);
  if (p.reasoning) out["reasoning"] = decimal(*p.reasoning);
  return out;
}

Json to_json(const ServeSpec& s) {
  Json out{{"command", s.command}, {"ready_s", s.ready_s}};
  if (!s.ready.empty()) out["ready"] = s.ready;
  return out;
}

Json to_json(const StrategySpec& s) {
  switch (s.kind) {
    case StrategyKind::single:
      return "single";
    case StrategyKind::self_consistency:
      return Json{{"self_consistency", Json{{"k", s.k}}}};
    case StrategyKind::continue_truncated:
      return Json{{"continue_truncated", Json{{"max_tokens", s.max_tokens}, {"rounds", s.rounds}}}};
  }
  return "single";
}

Json to_json(const SuiteTask& t) {
  Json out{{"task", t.id}};
  if (t.limit) out["limit"] = *t.limit;
  if (t.epochs) out["epochs"] = *t.epochs;
  if (!t.options.empty()) out["options"] = t.options;
  return out;
}

Json to_json(const Variant& v) {
  Json out{{"name", v.name}};
  if (v.prompt.prompt) out["prompt"] = *v.prompt.prompt;
  if (v.prompt.system) out["system"] = *v.prompt.system;
  if (v.prompt.fewshot) out["fewshot"] = *v.prompt.fewshot;
  if (Json sampling = to_json(v.sampling); !sampling.empty()) out["sampling"] = std::move(sampling);
  return out;
}

Json to_json(const SuiteLimits& l) {
  Json out = Json::object();
  if (l.error_rate) out["error_rate"] = *l.error_rate;
  if (l.tries) out["tries"] = *l.tries;
  if (l.attempt_s) out["attempt_s"] = *l.attempt_s;
  return out;
}

Json to_json(const BudgetLimits& b) {
  Json out = Json::object();
  if (b.cost_pico) out["max_cost"] = usd_exact(*b.cost_pico);
  if (b.cost_pico_per_model) out["max_cost_per_model"] = usd_exact(*b.cost_pico_per_model);
  if (b.tokens) out["max_tokens"] = *b.tokens;
  if (!b.envelope.empty()) out["envelope"] = b.envelope;
  return out;
}

// YAML allows fewer raw characters than JSON; the others go as escapes, which both read alike. They stand
// only in strings, since JSON's own syntax is ASCII.
std::string yaml_safe(const std::string& json) {
  std::string out;
  for (std::size_t i = 0; i < json.size();) {
    const CodePoint p = decode_utf8(json, i);
    const bool raw = (p.value < 0x7F || p.value > 0xA0) && p.value != 0x2028 && p.value != 0x2029 &&
                     p.value != 0xFEFF && (p.value & 0xFFFE) != 0xFFFE;
    if (raw)
      out.append(json, i, p.size);
    else if (p.value <= 0xFFFF)
      out += format("\\u{:04x}", static_cast<std::uint32_t>(p.value));
    else
      out += format("\\U{:08x}", static_cast<std::uint32_t>(p.value));
    i += p.size;
  }
  return out;
}

}  // namespace

Json to_json(const ModelEntry& m) {
  Json out{{"name", m.name}, {"backend", m.backend}, {"model", m.model}, {"timeout_s", m.timeout_s}};
  if (!m.base_url.empty()) out["base_url"] = m.base_url;
  if (!m.replicas.empty()) {
    out["base_url"] = Json::array({m.base_url});
    for (const std::string& url : m.replicas) out["base_url"].push_back(url);
  }
  if (!m.provider.empty()) out["provider"] = m.provider;
  if (!m.api_key_env.empty()) out["api_key_env"] = m.api_key_env;
  if (!m.options.empty()) out["options"] = m.options;
  if (Json sampling = to_json(m.sampling); !sampling.empty()) out["sampling"] = std::move(sampling);
  if (m.seed) out["seed"] = true;
  if (!m.think_tags.empty()) out["think_tags"] = m.think_tags;
  if (m.opens_think) out["opens_think"] = *m.opens_think;
  if (Json price = to_json(m.price); !price.empty()) out["price"] = std::move(price);
  if (m.machine_usd_per_hour) out["machine_usd_per_hour"] = decimal(*m.machine_usd_per_hour);
  if (m.max_connections) out["max_connections"] = *m.max_connections;
  if (m.rpm) out["rpm"] = *m.rpm;
  if (m.tpm) out["tpm"] = *m.tpm;
  if (m.serve) out["serve"] = to_json(*m.serve);
  if (m.recommended) out["recommended"] = true;
  return out;
}

Json to_json(const Suite& suite) {
  Json out{{"suite", suite.name}, {"seed", suite.seed}, {"epochs", suite.epochs}};
  for (const SuiteTask& t : suite.tasks) out["tasks"].push_back(to_json(t));
  for (const ModelEntry& m : suite.models) out["models"].push_back(to_json(m));
  for (const Variant& v : suite.variants) out["variants"].push_back(to_json(v));
  if (Json sampling = to_json(suite.sampling); !sampling.empty()) out["sampling"] = std::move(sampling);
  out["strategy"] = to_json(suite.strategy);
  if (Json limits = to_json(suite.limits); !limits.empty()) out["limits"] = std::move(limits);
  if (Json budget = to_json(suite.budget); !budget.empty()) out["budget"] = std::move(budget);
  return out;
}

Result<Suite> suite_from_json(const Json& json) {
  return parse_suite(yaml_safe(dump_json(json)), "stored suite");
}

}  // namespace assay
