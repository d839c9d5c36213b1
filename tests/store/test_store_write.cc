// What is written comes back as it was, whatever bytes it holds.
#include <atomic>
#include <set>

#include "harness/store/sqlite.h"
#include "tests/store/fixtures.h"

namespace assay {
namespace {

TEST_CASE("a run, its entries and attempts come back as they were written") {
  TempDir dir;
  const RunRecord run = run_record("nightly");
  EntryId entry = 0;
  std::set<int> order;
  {
    auto store = open_store(dir / "a.db");
    REQUIRE(store->begin_run(run).ok());
    CHECK_FALSE(store->begin_run(run).ok());
    const auto added = store->add_entry(entry_record(run.run_id));
    REQUIRE(added.ok());
    entry = *added;
    CHECK(*store->add_entry(entry_record(run.run_id)) == entry);
    CHECK(*store->add_entry(entry_record(run.run_id, "other")) != entry);
    for (std::uint64_t i = 0; i < 3; ++i) put_attempt(*store, entry, i, 0, Outcome::correct, 1);
    REQUIRE(store->flush().ok());
    REQUIRE(store->finish_run(run.run_id, "complete").ok());
    CHECK_FALSE(store->finish_run(run.run_id, "nonsense").ok());
  }
  CHECK_FALSE(std::filesystem::exists(dir / "a.db-wal"));  // one file when closed
  auto store = open_store(dir / "a.db", StoreMode::read_only);
  const auto runs = store->runs();
  REQUIRE(runs.ok());
  REQUIRE(runs->size() == 1);
  CHECK((*runs)[0].run_id == run.run_id);
  CHECK((*runs)[0].suite == "nightly");
  CHECK((*runs)[0].seed == run.seed);
  CHECK((*runs)[0].state == "complete");
  CHECK((*runs)[0].finished.has_value());
  CHECK((*runs)[0].attempts == 3);
  CHECK((*runs)[0].planned == 20);
  const auto entries = store->entries(run.run_id);
  REQUIRE(entries.ok());
  REQUIRE(entries->size() == 2);
  CHECK((*entries)[0].record.model.name == "model");
  CHECK((*entries)[0].record.scorers.at(0).id == "numeric");
  CHECK((*entries)[0].record.factors.data == sha256("data"));
  const auto calls = store->calls_of({entry, 1, 0});
  REQUIRE(calls.ok());
  REQUIRE(calls->size() == 1);
  CHECK((*calls)[0].response.text == "the answer");
  CHECK((*calls)[0].response.split.answer == "the answer");
  CHECK((*calls)[0].response.usage.input == 100);
  CHECK_FALSE((*calls)[0].response.usage.reasoning.has_value());
  CHECK((*calls)[0].request == call_record(1).request);
  CHECK(store->check_integrity().ok());
  const auto refused = store->begin_run(run_record());
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Code::invalid);
}

TEST_CASE("any text in any field comes back byte for byte") {
  const std::string nasty[] = {
      "'; DROP TABLE run; --", "line\nbreak\r\n\ttab", "\"quotes\" and `ticks` $(rm -rf /)", "\x1b[31mred\x1b[0m",
      "\xff\xfe not UTF-8 \x80", std::string("nul\0inside", 10), "", "a:b/c#d?e%20", "\xf0\x9f\xa6\x8a",
      std::string(5000, 'x')};
  TempDir dir;
  for (const std::string& text : nasty) {
    auto store = open_store(dir / "n.db");
    const RunRecord run = run_record(text);
    REQUIRE(store->begin_run(run).ok());
    EntryRecord e = entry_record(run.run_id, text, text);
    e.variant = text;
    e.strategy = text;
    const auto entry = store->add_entry(e);
    REQUIRE(entry.ok());
    Sample sample = sample_of(0);
    sample.key = text;
    sample.cluster = text;
    CallRecord call = call_record(0, 0, text);
    call.response.reasoning = text;
    call.response.refusal = text;
    call.response.server_model = text;
    call.response.finish_raw = text;
    call.response.raw = text;
    call.response.split.trace = text + "elsewhere";
    AttemptResult result = result_of(Outcome::incorrect, 0);
    result.scores[0].score.extracted = text.substr(0, kMaxExtracted);
    result.scores[0].score.explanation = text;
    result.scores[0].score.answer_class = text;
    store->add_call({*entry, 0, 0}, sample, call, {});
    store->finish_attempt({*entry, 0, 0}, sample, result, {});
    REQUIRE(store->flush().ok());
    Selection selection;
    selection.run_ids = {run.run_id};
    selection.models = {text};
    selection.tasks = {text};
    const auto details = store->attempts(selection, text);
    REQUIRE(details.ok());
    REQUIRE(details->size() == 1);
    const AttemptDetail& d = (*details)[0];
    CHECK(d.item.model == text);
    CHECK(d.item.task == text);
    CHECK(d.item.variant == text);
    CHECK(d.strategy == text);
    CHECK(d.sample.key == text);
    CHECK(d.sample.cluster == text);
    CHECK(d.sample.messages == sample.messages);
    REQUIRE(d.calls.size() == 1);
    const Response& r = d.calls[0].call.response;
    CHECK(r.text == text);
    CHECK(r.reasoning == text);
    CHECK(r.refusal == text);
    CHECK(r.server_model == text);
    CHECK(r.finish_raw == text);
    CHECK(r.raw == text);
    CHECK(r.split.trace == text + "elsewhere");
    CHECK(r.split.answer == text);
    REQUIRE(d.scores.size() == 1);
    CHECK(d.scores[0].score.extracted == text.substr(0, kMaxExtracted));
    CHECK(d.scores[0].score.explanation == text);
    CHECK(d.scores[0].score.answer_class == text);
    CHECK(store->check_integrity().ok());
  }
}

TEST_CASE("a response of ten megabytes comes back whole") {
  TempDir dir;
  std::string text = "<think>";
  for (std::int64_t i = 0; text.size() < 10'000'000; ++i) text += "step " + std::to_string(i * 7919) + "; ";
  const std::string trace = text.substr(7);
  text += "</think>42";
  auto store = open_store(dir / "big.db");
  const RunRecord run = run_record();
  REQUIRE(store->begin_run(run).ok());
  const auto entry = store->add_entry(entry_record(run.run_id));
  REQUIRE(entry.ok());
  CallRecord call = call_record(0, 0, text);
  call.response.split.trace = trace;
  call.response.split.answer = "42";
  store->add_call({*entry, 0, 0}, sample_of(0), call, {});
  REQUIRE(store->flush().ok());
  const auto calls = store->calls_of({*entry, 0, 0});
  REQUIRE(calls.ok());
  REQUIRE(calls->size() == 1);
  CHECK((*calls)[0].response.text == text);
  CHECK((*calls)[0].response.split.trace == trace);
  CHECK((*calls)[0].response.split.answer == "42");
}

TEST_CASE("every field of a call and a response is kept") {
  TempDir dir;
  auto store = open_store(dir / "f.db");
  const RunRecord run = run_record();
  REQUIRE(store->begin_run(run).ok());
  const auto entry = store->add_entry(entry_record(run.run_id));
  REQUIRE(entry.ok());
  CallRecord c = call_record(0);
  c.step = 2;
  c.draw = 3;
  c.attempt_try = 1;
  c.kind = CallKind::continuation;
  c.http_status = 200;
  Response& r = c.response;
  r.reasoning_kind = TraceKind::summary;
  r.budget_forced = true;
  r.finish = FinishReason::length;
  r.usage = {1, 2, 3, 4, 5};
  r.timing = {0.25, 1.5};
  r.fingerprint = "fp";
  r.request_id = "id";
  r.provider_cost_pico = 77;
  r.split.verdict = SplitVerdict::truncated_in_answer;
  r.split.trace_kind = TraceKind::hidden;
  CallRecord failed = call_record(1);
  failed.step = 2;
  failed.draw = 3;
  failed.status = CallStatus::failed;
  failed.error_code = "exhausted";
  failed.error_message = "429 \xff";
  failed.http_status = 429;
  failed.cost_pico.reset();
  store->add_call({*entry, 0, 0}, sample_of(0), failed, {});
  store->add_call({*entry, 0, 0}, sample_of(0), c, {});
  store->add_call({*entry, 0, 0}, sample_of(0), c, {});  // try 1 is taken by now
  REQUIRE(store->flush().ok());
  const auto calls = store->calls_of({*entry, 0, 0});
  REQUIRE(calls.ok());
  REQUIRE(calls->size() == 3);
  const CallRecord& f = (*calls)[0];
  CHECK(f.status == CallStatus::failed);
  CHECK(f.error_code == "exhausted");
  CHECK(f.error_message == "429 \xff");
  CHECK(f.http_status == 429);
  CHECK_FALSE(f.response.usage.input.has_value());
  CHECK_FALSE(f.cost_pico.has_value());
  const CallRecord& got = (*calls)[1];
  CHECK(got.step == 2);
  CHECK(got.draw == 3);
  CHECK(got.attempt_try == 1);
  CHECK(got.kind == CallKind::continuation);
  CHECK(got.digest == c.digest);
  CHECK(got.started == c.started);
  CHECK(got.http_status == 200);
  CHECK(got.response.reasoning_kind == TraceKind::summary);
  CHECK_FALSE(got.response.reasoning.has_value());
  CHECK(got.response.budget_forced);
  CHECK_FALSE(got.response.split.budget_forced);
  CHECK(got.response.finish == FinishReason::length);
  CHECK(got.response.usage.cached_input == 2);
  CHECK(got.response.usage.cache_write == 3);
  CHECK(got.response.usage.reasoning == 5);
  CHECK(got.response.timing.first_token == 0.25);
  CHECK(got.response.timing.total == 1.5);
  CHECK(got.response.fingerprint == "fp");
  CHECK(got.response.request_id == "id");
  CHECK(got.response.provider_cost_pico == 77);
  CHECK(got.response.split.verdict == SplitVerdict::truncated_in_answer);
  CHECK(got.response.split.trace_kind == TraceKind::hidden);
  CHECK((*calls)[2].attempt_try == 2);
  CHECK(store->check_integrity().ok());
}

TEST_CASE("rendered prompts and log-probabilities come back, and epochs share a prompt") {
  TempDir dir;
  const std::string prompt = "<|im_start|>user\nwhat is 0?<|im_end|>\n<|im_start|>assistant\n";
  const std::string by = sha256("template").hex();
  auto store = open_store(dir / "p.db");
  const RunRecord run = run_record();
  REQUIRE(store->begin_run(run).ok());
  const EntryId entry = *store->add_entry(entry_record(run.run_id, "m", "t", 2, 2));
  const auto add = [&](std::uint64_t sample, std::uint32_t epoch, const std::string& text, std::vector<float> logprobs) {
    CallRecord c = call_record(sample, epoch);
    c.response.prompt = text;
    c.response.prompt_template = text.empty() ? "" : by;
    c.response.logprobs = std::move(logprobs);
    store->add_call({entry, sample, epoch}, sample_of(sample), std::move(c), {});
  };
  add(0, 0, prompt, {-0.5F, -1e-30F, 0});
  add(0, 1, prompt, {});
  add(1, 0, "", {});
  REQUIRE(store->flush().ok());
  const auto first = store->calls_of({entry, 0, 0});
  REQUIRE(first.ok());
  CHECK((*first)[0].response.prompt == prompt);
  CHECK((*first)[0].response.prompt_template == by);
  CHECK((*first)[0].response.logprobs == std::vector<float>{-0.5F, -1e-30F, 0});
  CHECK((*store->calls_of({entry, 0, 1}))[0].response.prompt == prompt);
  const auto without = store->calls_of({entry, 1, 0});
  CHECK((*without)[0].response.prompt.empty());
  CHECK((*without)[0].response.prompt_template.empty());
  CHECK((*without)[0].response.logprobs.empty());
  CHECK(store->find_cached(call_record(0).digest).value()->response.prompt == prompt);
  auto db = Db::open(dir / "p.db", {});
  REQUIRE(db.ok());
  Query shared(**db, "SELECT count(DISTINCT prompt), count(prompt), count(*) FROM response");
  REQUIRE(*shared.step());
  CHECK(shared.integer_at(0) == 1);
  CHECK(shared.integer_at(1) == 2);
  CHECK(shared.integer_at(2) == 3);
  CHECK(store->check_integrity().ok());
}

}  // namespace
}  // namespace assay
