#include <bit>
#include <string_view>

#include "harness/base/format.h"
#include "harness/store/packed_text.h"
#include "harness/store/reader.h"
#include "harness/store/row_writer.h"

namespace assay {
namespace {

// One list of columns for every query that reads a call with its response.
#define ASSAY_CALL_COLUMNS                                                                                     \
  "SELECT c.id, c.step, c.draw, c.try, c.kind, c.status, c.digest, c.started, c.seconds, "                     \
  "c.first_token_seconds, c.input_tokens, c.cached_input_tokens, c.cache_write_tokens, c.output_tokens, "      \
  "c.reasoning_tokens, c.cost_pico, c.http_status, c.error_code, c.error_message, q.codec, q.bytes, "          \
  "c.sample_messages, p.body_codec, p.body, "                                                                  \
  "r.call, r.finish, r.finish_raw, r.text_codec, r.text, r.reasoning_kind, r.reasoning_codec, r.reasoning, "   \
  "r.split_verdict, r.trace_kind, r.trace_source, r.trace_begin, r.trace_end, r.trace_codec, r.trace, "        \
  "r.answer_source, r.answer_begin, r.answer_end, r.answer_codec, r.answer, r.budget_forced, r.refusal, "      \
  "r.server_model, r.fingerprint, r.request_id, r.provider_cost_pico, r.raw_codec, r.raw, "                    \
  "w.codec, w.bytes, r.prompt_template, r.logprobs, "                                                          \
  "wa.text, we.text, wn.text, wb.text, c.bound_tokens, c.bound_cost_pico, c.request_id, c.sent_codec, c.sent, " \
  "c.received_codec, c.received, c.cache_write_1h_tokens "                                                                            \
  "FROM call c JOIN attempt a ON a.id = c.attempt JOIN sample p ON p.id = a.sample "                           \
  "JOIN blob q ON q.id = c.request LEFT JOIN response r ON r.call = c.id LEFT JOIN blob w ON w.id = r.prompt "  \
  "LEFT JOIN word wa ON wa.id = c.asked LEFT JOIN word we ON we.id = c.price_row "                             \
  "LEFT JOIN word wn ON wn.id = c.endpoint LEFT JOIN word wb ON wb.id = c.batch_id "

constexpr int kResponse = 24;  // the first of the response's columns
constexpr int kExchange = kResponse + 32;

Result<std::string> part_at(const Query& q, int column, const Response& response) {
  const std::int64_t source = q.integer_at(column);
  if (source == static_cast<std::int64_t>(PartSource::own)) return unpack(q.integer_at(column + 3), q.text_at(column + 4));
  const bool from_text = source == static_cast<std::int64_t>(PartSource::text);
  if (!from_text && !response.reasoning) return Error{Code::corrupt, "stored response: a part of a reasoning that is not there"};
  const std::string& whole = from_text ? response.text : *response.reasoning;
  const auto size = static_cast<std::int64_t>(whole.size());
  const std::int64_t begin = q.integer_at(column + 1);
  const std::int64_t end = q.integer_at(column + 2);
  if (begin < 0 || begin > end || end > size) return Error{Code::corrupt, "stored response: a part outside its text"};
  return whole.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

// As prepare.cc packs them.
std::vector<float> floats_at(const Query& q, int column) {
  std::vector<float> out;
  if (q.null_at(column)) return out;
  const std::string_view bytes = q.text_at(column);
  for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 4; ++k) bits |= std::uint32_t{static_cast<unsigned char>(bytes[i + k])} << (8 * k);
    out.push_back(std::bit_cast<float>(bits));
  }
  return out;
}

Result<void> read_response(const Query& q, Response& out) {
  const int c = kResponse;
  out.finish = enum_at(q, c + 1, 7, FinishReason::unknown);
  out.finish_raw = q.text_at(c + 2);
  auto text = unpack(q.integer_at(c + 3), q.text_at(c + 4));
  if (!text) return text.error();
  out.text = std::move(*text);
  out.reasoning_kind = enum_at(q, c + 5, 5, TraceKind::none);
  if (!q.null_at(c + 7)) {
    auto reasoning = unpack(q.integer_at(c + 6), q.text_at(c + 7));
    if (!reasoning) return reasoning.error();
    out.reasoning = std::move(*reasoning);
  }
  out.split.verdict = enum_at(q, c + 8, 6, SplitVerdict::no_trace);
  out.split.trace_kind = enum_at(q, c + 9, 5, TraceKind::none);
  auto trace = part_at(q, c + 10, out);
  if (!trace) return trace.error();
  out.split.trace = std::move(*trace);
  auto answer = part_at(q, c + 15, out);
  if (!answer) return answer.error();
  out.split.answer = std::move(*answer);
  out.budget_forced = (q.integer_at(c + 20) & 1) != 0;
  out.split.budget_forced = (q.integer_at(c + 20) & 2) != 0;
  out.refusal = q.text_at(c + 21);
  out.server_model = q.text_at(c + 22);
  out.fingerprint = q.text_at(c + 23);
  out.request_id = q.text_at(c + 24);
  out.provider_cost_pico = q.maybe_integer_at(c + 25);
  auto raw = unpack(q.integer_at(c + 26), q.text_at(c + 27));
  if (!raw) return raw.error();
  out.raw = std::move(*raw);
  if (!q.null_at(c + 29)) {
    auto prompt = unpack(q.integer_at(c + 28), q.text_at(c + 29));
    if (!prompt) return prompt.error();
    out.prompt = std::move(*prompt);
  }
  if (!q.null_at(c + 30)) out.prompt_template = q.digest_at(c + 30).hex();
  out.logprobs = floats_at(q, c + 31);
  return {};
}

Result<void> read_exchange(const Query& q, CallRecord& call) {
  const int c = kExchange;
  call.asked = q.text_at(c);
  call.price_row = q.text_at(c + 1);
  call.endpoint = q.text_at(c + 2);
  call.batch_id = q.text_at(c + 3);
  call.bound_tokens = q.maybe_integer_at(c + 4);
  call.bound_cost_pico = q.maybe_integer_at(c + 5);
  if (call.status == CallStatus::failed) call.response.request_id = q.text_at(c + 6);
  if (!q.null_at(c + 8)) {
    auto sent = unpack_against(q.integer_at(c + 7), q.text_at(c + 8), dump_json(call.request));
    if (!sent) return sent.error();
    call.sent = std::move(*sent);
  }
  call.response.usage.cache_write_1h = q.maybe_integer_at(c + 11);
  if (!q.null_at(c + 10)) {
    auto received = unpack(q.integer_at(c + 9), q.text_at(c + 10));
    if (!received) return received.error();
    call.received = std::move(*received);
  }
  return {};
}

Result<StoredCall> read_call(const Db& db, const Query& q) {
  StoredCall out;
  CallRecord& call = out.call;
  out.call_id = q.integer_at(0);
  call.step = static_cast<std::uint32_t>(q.integer_at(1));
  call.draw = static_cast<std::uint32_t>(q.integer_at(2));
  call.attempt_try = static_cast<std::uint32_t>(q.integer_at(3));
  call.kind = enum_at(q, 4, 3, CallKind::answer);
  call.status = enum_at(q, 5, 3, CallStatus::failed);
  call.digest = q.digest_at(6);
  call.started = q.integer_at(7);
  call.response.timing = {q.maybe_real_at(9), q.real_at(8)};
  call.response.usage = {q.maybe_integer_at(10), q.maybe_integer_at(11), q.maybe_integer_at(12), q.maybe_integer_at(13),
                         q.maybe_integer_at(14)};
  call.cost_pico = q.maybe_integer_at(15);
  call.http_status = static_cast<int>(q.integer_at(16));
  call.error_code = q.text_at(17);
  call.error_message = q.text_at(18);
  const auto damaged = [&](const Error& e) {
    return Error{Code::corrupt, format("{}: call {}: {}", db.path(), out.call_id, e.message)};
  };
  auto request = unpack_request(q.integer_at(21) != 0, q.integer_at(19), q.text_at(20), q.integer_at(22), q.text_at(23));
  if (!request) return damaged(request.error());
  call.request = std::move(*request);
  if (auto r = read_exchange(q, call); !r) return damaged(r.error());
  if (!q.null_at(kResponse)) {
    if (auto r = read_response(q, call.response); !r) return damaged(r.error());
  } else if (call.status != CallStatus::failed) {
    return damaged({Code::corrupt, "its response is missing"});
  }
  return out;
}

}  // namespace

Result<void> read_finished(Db& db, EntryId entry,
                           const std::function<void(std::uint64_t, std::uint32_t, Outcome, const Digest&)>& fn) {
  Query q(db,
          "SELECT a.sample_index, a.epoch, a.outcome, p.identity FROM attempt a JOIN sample p ON p.id = a.sample "
          "WHERE a.entry = ? AND a.outcome IS NOT NULL ORDER BY a.sample_index, a.epoch");
  q.integer(entry);
  for (;;) {
    const auto row = q.step();
    if (!row) return row.error();
    if (!*row) return {};
    fn(static_cast<std::uint64_t>(q.integer_at(0)), static_cast<std::uint32_t>(q.integer_at(1)),
       enum_at(q, 2, kOutcomeCount, Outcome::unscored), q.digest_at(3));
  }
}

Result<std::vector<StoredCall>> read_calls(Db& db, const AttemptRef& ref) {
  Query q(db, ASSAY_CALL_COLUMNS
          "WHERE a.entry = ? AND a.sample_index = ? AND a.epoch = ? "
          "ORDER BY c.step, c.draw, c.try");
  q.integer(ref.entry).integer(static_cast<std::int64_t>(ref.sample_index)).integer(ref.epoch);
  std::vector<StoredCall> out;
  for (;;) {
    const auto row = q.step();
    if (!row) return row.error();
    if (!*row) return out;
    auto call = read_call(db, q);
    if (!call) return call.error();
    out.push_back(std::move(*call));
  }
}

Result<std::optional<CallRecord>> read_cached(Db& db, const Digest& call_digest) {
  Query q(db, ASSAY_CALL_COLUMNS "WHERE c.status = 1 AND c.digest = ? ORDER BY c.id LIMIT 1");
  const auto row = q.digest(call_digest).step();
  if (!row) return row.error();
  if (!*row) return std::optional<CallRecord>();
  auto call = read_call(db, q);
  if (!call) return call.error();
  return std::optional<CallRecord>(std::move(call->call));
}

}  // namespace assay
