// The caller's half of a write: JSON, digests, compression.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/store/row_writer.h"

namespace assay {
namespace {

// What a server claims is bounded, so that sums over any number of calls stay in range.
constexpr std::int64_t kMaxTokens = 10'000'000'000'000;         // 1e13
constexpr std::int64_t kMaxCostPico = 1'000'000'000'000'000;    // 1,000 dollars a call

std::optional<std::int64_t> bounded(std::optional<std::int64_t> value, std::int64_t most) {
  if (!value || *value < 0) return std::nullopt;  // a negative count is no count
  return std::min(*value, most);
}

double finite_seconds(double seconds) { return std::isfinite(seconds) ? std::clamp(seconds, 0.0, 1e9) : 0.0; }

Result<void> check_size(std::string_view text, const char* what) {
  if (text.size() <= kMaxText) return {};
  return invalid(format("{} of {} bytes: the store keeps texts of up to {} bytes", what, text.size(), kMaxText));
}

// memmem is linear, whatever the texts are; std::string::find is not.
std::optional<Span> find_in(std::string_view text, std::string_view part) {
  if (part.empty() || part.size() > text.size()) return std::nullopt;
  const void* at = memmem(text.data(), text.size(), part.data(), part.size());
  if (!at) return std::nullopt;
  const auto begin = static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
  return Span{begin, begin + part.size()};
}

PreparedPart prepare_part(std::string_view part, const Response& response, PartSource first) {
  PreparedPart out;
  if (part.empty()) return out;
  const PartSource order[] = {first, first == PartSource::text ? PartSource::reasoning : PartSource::text};
  for (const PartSource source : order) {
    if (source == PartSource::reasoning && !response.reasoning) continue;
    const std::string_view whole = source == PartSource::text ? response.text : *response.reasoning;
    // An answer stands at the end: look there before searching.
    std::optional<Span> span;
    if (whole.ends_with(part)) {
      span = Span{whole.size() - part.size(), whole.size()};
    } else {
      span = find_in(whole, part);
    }
    if (!span) continue;
    out.source = source;
    out.begin = static_cast<std::int64_t>(span->begin);
    out.end = static_cast<std::int64_t>(span->end);
    return out;
  }
  out.own = pack(part);
  return out;
}

// 32-bit IEEE 754, little-endian whatever the machine.
std::string packed_floats(const std::vector<float>& values) {
  std::string out;
  out.reserve(4 * values.size());
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>((bits >> shift) & 0xFF);
  }
  return out;
}

bool is_text(const Json* value, std::string_view text) {
  const auto* string = value ? value->get_ptr<const Json::string_t*>() : nullptr;
  return string && *string == text;
}

// Does the request send just what the sample says, in the shape that prepare_sample keeps?
bool same_messages(const Json& request, const Sample& sample) {
  const Json* messages = json_find(request, "messages");
  if (!messages || !messages->is_array() || messages->size() != sample.messages.size()) return false;
  for (std::size_t i = 0; i < sample.messages.size(); ++i) {
    const Json& m = (*messages)[i];
    if (!m.is_object() || m.size() != 2) return false;
    if (!is_text(json_find(m, "role"), name(sample.messages[i].role))) return false;
    if (!is_text(json_find(m, "content"), sample.messages[i].content)) return false;
  }
  return true;
}

// The wire's bytes. A body that was sent is mostly the request's own words, so that next to nothing is kept of it.
Result<void> pack_exchange(CallRecord& call, PreparedCall& out) {
  if (!call.sent.empty()) {
    if (auto r = check_size(call.sent, "request body"); !r) return r;
    out.sent = pack_against(call.sent, dump_json(call.request));
  }
  if (!call.received.empty() && call.status == CallStatus::failed) {
    if (auto r = check_size(call.received, "response body"); !r) return r;
    out.received = pack(call.received);
  }
  call.sent = {};
  call.received = {};
  return {};
}

// JSON has no place for a NaN, and a figure that is none is not known.
void keep_known(std::vector<TraceRecord>& traces) {
  for (TraceRecord& t : traces) {
    for (Metric& m : t.metrics) {
      if (m.value && !std::isfinite(*m.value)) m.value.reset();
    }
    for (Finding& f : t.findings) {
      if (f.detail.size() > kMaxExtracted) f.detail.resize(truncate_utf8(f.detail, kMaxExtracted).size());
    }
  }
}

}  // namespace

PreparedSample prepare_sample(const Sample& sample) {
  Json body = Json::object();
  Json messages = Json::array();
  for (const Message& m : sample.messages) messages.push_back({{"content", m.content}, {"role", std::string(name(m.role))}});
  body["messages"] = std::move(messages);
  body["question"] = sample.question;
  body["targets"] = sample.targets;
  body["choices"] = sample.choices;
  body["metadata"] = sample.metadata;
  PreparedSample out;
  out.key = sample.key;
  out.identity = sample.identity;
  out.occurrence = sample.occurrence;
  out.cluster = sample.cluster;
  const std::string text = dump_json(body);
  out.body = pack(text);
  out.digest = DigestBuilder()
                   .add("key", sample.key)
                   .add("identity", sample.identity.view())
                   .add("occurrence", sample.occurrence)
                   .add("cluster", sample.cluster)
                   .add("body", text)
                   .finish();
  return out;
}

Result<PreparedCall> prepare_call(const AttemptRef& ref, const Sample& sample, CallRecord call) {
  PreparedCall out;
  out.ref = ref;
  if (auto r = pack_exchange(call, out); !r) return r.error();
  if (same_messages(call.request, sample)) {
    // What is left, the sampling, is the same for most calls of an entry: one blob for all.
    out.sample_messages = true;
    call.request.erase("messages");
  }
  const std::string request = dump_json(call.request);
  if (auto r = check_size(request, "request"); !r) return r.error();
  out.request = pack_blob(request);
  call.request = nullptr;
  Response& response = call.response;
  if (call.status != CallStatus::failed) {
    for (const std::string* text :
         {&response.text, &response.raw, &response.split.trace, &response.split.answer, &response.prompt}) {
      if (auto r = check_size(*text, "response"); !r) return r.error();
    }
    out.trace = prepare_part(response.split.trace, response, response.reasoning ? PartSource::reasoning : PartSource::text);
    out.answer = prepare_part(response.split.answer, response, PartSource::text);
    out.text = pack(response.text);
    out.raw = pack(response.raw);
    if (!response.prompt.empty()) out.prompt = pack_blob(response.prompt);
    out.logprobs = packed_floats(response.logprobs);
    if (auto r = check_size(out.logprobs, "log-probabilities"); !r) return r.error();
    if (response.reasoning) {
      if (auto r = check_size(*response.reasoning, "reasoning"); !r) return r.error();
      out.reasoning = pack(*response.reasoning);
    }
  }
  response.text = {};
  response.reasoning.reset();
  response.raw = {};
  response.prompt = {};
  response.logprobs = {};
  response.split.trace = {};
  response.split.answer = {};
  response.timing.total = finite_seconds(response.timing.total);
  if (response.timing.first_token) response.timing.first_token = finite_seconds(*response.timing.first_token);
  Usage& usage = response.usage;
  if (call.status == CallStatus::failed) usage = {};
  for (auto* tokens : {&usage.input, &usage.cached_input, &usage.cache_write, &usage.output, &usage.reasoning, &usage.cache_write_1h}) {
    *tokens = bounded(*tokens, kMaxTokens);
  }
  call.bound_tokens = bounded(call.bound_tokens, kMaxTokens);
  call.bound_cost_pico = bounded(call.bound_cost_pico, kMaxCostPico);
  call.cost_pico = call.status == CallStatus::cached ? 0 : bounded(call.cost_pico, kMaxCostPico);
  out.call = std::move(call);
  return out;
}

Result<PreparedFinish> prepare_finish(const AttemptRef& ref, AttemptResult result) {
  for (ScoreRecord& s : result.scores) {
    if (!(s.score.value >= 0 && s.score.value <= 1)) {
      return Error{Code::internal, format("scorer {}: value {} is not in [0, 1]", s.scorer, s.score.value)};
    }
    if (s.score.extracted.size() > kMaxExtracted) s.score.extracted.resize(kMaxExtracted);
  }
  keep_known(result.traces);
  return PreparedFinish{ref, std::nullopt, std::move(result), unix_micros()};
}

std::size_t size_of(const PreparedCall& c) {
  std::size_t n = 1024 + c.request.text.bytes.size() + c.text.bytes.size() + c.raw.bytes.size();
  n += c.trace.own.bytes.size() + c.answer.own.bytes.size() + (c.reasoning ? c.reasoning->bytes.size() : 0);
  n += c.logprobs.size() + (c.prompt ? c.prompt->text.bytes.size() : 0);
  n += (c.sent ? c.sent->bytes.size() : 0) + (c.received ? c.received->bytes.size() : 0);
  if (c.sample) n += c.sample->body.bytes.size() + c.sample->key.size();
  return n;
}

std::size_t size_of(const PreparedFinish& f) {
  std::size_t n = 512;
  for (const ScoreRecord& s : f.result.scores) {
    n += 256 + s.score.extracted.size() + s.score.explanation.size() + s.score.answer_class.size();
  }
  for (const TraceRecord& t : f.result.traces) {
    n += 64 * t.metrics.size();
    for (const Finding& finding : t.findings) n += 128 + finding.detail.size();
  }
  if (f.sample) n += f.sample->body.bytes.size();
  return n;
}

}  // namespace assay
