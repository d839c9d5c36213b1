// What a call looked like on the wire, what it may have cost, and what trace scorers said, in and out again.
#include "harness/base/rng.h"
#include "harness/store/sqlite.h"
#include "tests/store/fixtures.h"

namespace assay {
namespace {

std::string body_of(const Sample& sample) {
  Json messages = Json::array();
  for (const Message& m : sample.messages) messages.push_back({{"role", std::string(name(m.role))}, {"content", m.content}});
  return dump_json(Json{{"model", "m-1"}, {"messages", messages}, {"max_tokens", 100}, {"stream", true}});
}

CallRecord sent_call(const Sample& sample) {
  CallRecord c = call_record(1);
  Json messages = Json::array();
  for (const Message& m : sample.messages) messages.push_back({{"role", std::string(name(m.role))}, {"content", m.content}});
  c.request = {{"messages", messages}, {"sampling", {{"max_tokens", 100}}}};
  c.sent = body_of(sample);
  c.endpoint = "https://example.org/v1/chat/completions";
  c.price_row = "7 example/m-*";
  c.batch_id = "batch_1";
  c.response.usage.cache_write = 9;
  c.response.usage.cache_write_1h = 4;
  return c;
}

struct Filled {
  TempDir dir;
  std::unique_ptr<Store> store;
  RunRecord run = run_record();
  EntryId entry = 0;
  Filled() : store(open_store(dir / "x.db")) {
    REQUIRE(store->begin_run(run).ok());
    entry = *store->add_entry(entry_record(run.run_id));
  }
  std::vector<CallRecord> calls(std::uint64_t i = 0) {
    REQUIRE(store->flush().ok());
    auto calls = store->calls_of({entry, i, 0});
    if (!calls) FAIL(calls.error().message);
    return std::move(*calls);
  }
};

TEST_CASE("the bytes of an exchange come back as they went in") {
  Filled f;
  const Sample sample = sample_of(0);
  f.store->add_call({f.entry, 0, 0}, sample, sent_call(sample), {});
  CallRecord failed = sent_call(sample);
  failed.status = CallStatus::failed;
  failed.attempt_try = 1;
  failed.asked = "judge";
  failed.bound_tokens = 4000;
  failed.bound_cost_pico = 5'000'000;
  failed.cost_pico.reset();
  failed.response = {};
  failed.response.request_id = "req_9";
  failed.received = "{\"error\": \"" + std::string(500, 'x') + "\"}";
  f.store->add_call({f.entry, 0, 0}, sample, failed, {});
  const auto calls = f.calls();
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].sent == body_of(sample));
  CHECK(calls[0].endpoint == "https://example.org/v1/chat/completions");
  CHECK(calls[0].price_row == "7 example/m-*");
  CHECK(calls[0].batch_id == "batch_1");
  CHECK(calls[0].response.usage.cache_write_1h == 4);
  CHECK(calls[0].asked.empty());
  CHECK(calls[1].sent == body_of(sample));
  CHECK(calls[1].received == failed.received);
  CHECK(calls[1].response.request_id == "req_9");
  CHECK(calls[1].asked == "judge");
  CHECK(calls[1].bound_tokens == 4000);
  CHECK(calls[1].bound_cost_pico == 5'000'000);
  CHECK(f.store->check_integrity().ok());
  auto db = Db::open(f.dir / "x.db", {});
  Query q(**db, "SELECT sent, received, request_id, asked, bound_cost_usd FROM v_calls WHERE status = 'failed'");
  REQUIRE(*q.step());
  CHECK(q.text_at(0) == body_of(sample));
  CHECK(q.text_at(1) == failed.received);
  CHECK(q.text_at(2) == "req_9");
  CHECK(q.text_at(3) == "judge");
}

TEST_CASE("a body that repeats its prompt takes next to no room") {
  Filled f;
  Rng rng(5);
  for (std::uint64_t i = 0; i < 20; ++i) {
    Sample sample = sample_of(i);
    std::string& prompt = sample.messages[1].content;
    for (int k = 0; k < 600; ++k) prompt += static_cast<char>('a' + rng.uniform(0, 25));
    prompt += "\nwith \"quotes\" and \xC3\xA9\n";
    f.store->add_call({f.entry, i, 0}, sample, sent_call(sample), {});
    CHECK(f.calls(i)[0].sent == body_of(sample));
  }
  auto db = Db::open(f.dir / "x.db", {});
  Query q(**db, "SELECT max(length(sent)), count(*) FROM call WHERE sent_codec = 2");
  REQUIRE(*q.step());
  CHECK(q.integer_at(1) == 20);
  CHECK(q.integer_at(0) < 150);
}

TEST_CASE("a sent body whose request was changed behind our back is damage, not another text") {
  Filled f;
  Sample sample = sample_of(0);
  sample.messages[1].content += std::string(300, 'y') + " tail";
  f.store->add_call({f.entry, 0, 0}, sample, sent_call(sample), {});
  REQUIRE(f.calls().size() == 1);
  {
    auto db = Db::open(f.dir / "x.db", {});
    REQUIRE((*db)->exec("UPDATE sample SET body_codec = 0, body = CAST(replace(assay_text(body_codec, body), 'tail', 'tali') AS BLOB)").ok());
  }
  const auto calls = f.store->calls_of({f.entry, 0, 0});
  REQUIRE_FALSE(calls.ok());
  CHECK(calls.error().code == Code::corrupt);
  const auto whole = f.store->check_integrity();
  REQUIRE_FALSE(whole.ok());
  CHECK(whole.error().message.find("bytes sent") != std::string::npos);
}

TEST_CASE("what a run spent counts tries without an answer at their bound, and cached ones not at all") {
  Filled f;
  const Sample sample = sample_of(0);
  CallRecord ok = call_record(0);  // 110 tokens, 1000 pico-dollars
  f.store->add_call({f.entry, 0, 0}, sample, ok, {});
  CallRecord billed = ok;
  billed.status = CallStatus::failed;
  billed.attempt_try = 1;
  billed.cost_pico.reset();
  billed.bound_tokens = 5000;
  billed.bound_cost_pico = 70000;
  f.store->add_call({f.entry, 0, 0}, sample, billed, {});
  CallRecord refused = billed;
  refused.attempt_try = 2;
  refused.bound_tokens.reset();
  refused.bound_cost_pico.reset();
  f.store->add_call({f.entry, 0, 0}, sample, refused, {});
  CallRecord cached = ok;
  cached.attempt_try = 3;
  cached.status = CallStatus::cached;
  f.store->add_call({f.entry, 0, 0}, sample, cached, {});
  CallRecord judge = ok;
  judge.step = 1;
  judge.kind = CallKind::work;
  judge.asked = "judge";
  judge.cost_pico.reset();
  f.store->add_call({f.entry, 0, 0}, sample, judge, {});
  REQUIRE(f.store->flush().ok());
  const auto spent = f.store->spent(f.run.run_id);
  REQUIRE(spent.ok());
  REQUIRE(spent->size() == 2);
  CHECK((*spent)[0].model == "judge");
  CHECK((*spent)[0].tokens == 110);
  CHECK((*spent)[0].unknown == 1);
  CHECK((*spent)[1].model == "model");
  CHECK((*spent)[1].tokens == 110 + 5000);
  CHECK((*spent)[1].cost_pico == 71000);
  CHECK((*spent)[1].unknown == 0);
  CHECK(f.store->spent(new_ulid())->empty());
}

TEST_CASE("findings and metrics come back, and a later scoring replaces those that count") {
  Filled f;
  put_attempt(*f.store, f.entry, 0, 0, Outcome::correct, 1);
  AttemptResult result = result_of(Outcome::correct, 1);
  TraceRecord trace;
  trace.scorer = "trace/claims";
  trace.scorer_version = 2;
  trace.findings = {{"false_claim", 3, {10, 20}, "2+2=5", Severity::error}, {"switch", std::nullopt, {0, 1}, "", Severity::info}};
  trace.metrics = {{"steps", 4.0}, {"loops", std::nullopt}, {"ratio", std::numeric_limits<double>::quiet_NaN()}};
  result.traces = {trace, {"trace/empty", 1, {}, {}}};
  f.store->finish_attempt({f.entry, 0, 0}, sample_of(0), result, {});
  REQUIRE(f.store->flush().ok());
  auto detail = f.store->attempts({}, "s-0");
  REQUIRE(detail->size() == 1);
  REQUIRE(detail->front().traces.size() == 1);
  const TraceRecord& read = detail->front().traces[0];
  CHECK(read.scorer == "trace/claims");
  CHECK(read.scorer_version == 2);
  REQUIRE(read.findings.size() == 2);
  CHECK(read.findings[0].kind == "false_claim");
  CHECK(read.findings[0].step == 3);
  CHECK(read.findings[0].span == Span{10, 20});
  CHECK(read.findings[0].detail == "2+2=5");
  CHECK(read.findings[0].severity == Severity::error);
  CHECK_FALSE(read.findings[1].step);
  REQUIRE(read.metrics.size() == 3);
  CHECK(read.metrics[0].name == "loops");
  CHECK_FALSE(read.metrics[0].value);
  CHECK_FALSE(read.metrics[1].value);
  CHECK(read.metrics[2].value == 4.0);

  trace.findings.pop_back();
  trace.metrics.pop_back();
  result.traces = {trace, {"trace/claims", 3, {}, {{"steps", 1.0}}}};
  f.store->finish_attempt({f.entry, 0, 0}, sample_of(0), result, {});
  REQUIRE(f.store->flush().ok());
  detail = f.store->attempts({}, "s-0");
  REQUIRE(detail->front().traces.size() == 2);
  CHECK(detail->front().traces[0].findings.size() == 1);
  CHECK(detail->front().traces[1].scorer_version == 3);
  result.traces.clear();
  f.store->finish_attempt({f.entry, 0, 0}, sample_of(0), result, {});
  REQUIRE(f.store->flush().ok());
  CHECK(f.store->attempts({}, "s-0")->front().traces.empty());
  auto db = Db::open(f.dir / "x.db", {});
  Query q(**db, "SELECT (SELECT count(*) FROM v_findings), (SELECT count(*) FROM v_metrics), (SELECT sum(current) FROM v_metrics)");
  REQUIRE(*q.step());
  CHECK(q.integer_at(0) == 1);
  CHECK(q.integer_at(1) == 3);
  CHECK(q.integer_at(2) == 0);
  CHECK(f.store->check_integrity().ok());
}

}  // namespace
}  // namespace assay
