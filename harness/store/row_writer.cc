#include "harness/store/row_writer.h"

#include <algorithm>

#include "harness/base/format.h"

namespace assay {
namespace {

constexpr std::size_t kSamplesRemembered = 65536;
constexpr std::size_t kBlobsRemembered = 1024;
constexpr std::size_t kWordsRemembered = 4096;

template <typename Enum>
std::int64_t number(Enum e) {
  return static_cast<std::int64_t>(e);
}

Json scorers_json(const std::vector<ScorerSpec>& scorers) {
  Json out = Json::array();
  for (const ScorerSpec& s : scorers) out.push_back({{"id", s.id}, {"options", s.options}});
  return out;
}

Digest model_digest(const ModelRecord& model) {
  return DigestBuilder()
      .add("name", model.name)
      .add("backend", model.backend)
      .add("revision", model.revision)
      .add("base_url", model.base_url)
      .add("config", dump_json(model.config))
      .finish();
}

// Of everything an entry is, so that it is the same in every database.
Digest entry_digest(const EntryRecord& e, const std::string& sampling, const std::string& scorers) {
  return DigestBuilder()
      .add("run", e.run_id)
      .add("model", model_digest(e.model).view())
      .add("task", e.task)
      .add("task_version", e.task_version)
      .add("variant", e.variant)
      .add("strategy", e.strategy)
      .add("sampling", sampling)
      .add("scorers", scorers)
      .add("data", e.factors.data.view())
      .add("prompt", e.factors.prompt.view())
      .add("fewshot", e.factors.fewshot.view())
      .add("system", e.factors.system.view())
      .add("samples", static_cast<std::int64_t>(e.samples))
      .add("epochs", e.epochs)
      .finish();
}

}  // namespace

Result<void> RowWriter::begin_run(const RunRecord& run, std::int64_t now) {
  Query q(db_,
          "INSERT INTO run (run_id, group_id, suite, spec, seed, program, host, command, state, started) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT (run_id) DO NOTHING");
  q.text(run.run_id).text(run.group_id.empty() ? run.run_id : run.group_id).text(run.suite).text(dump_json(run.spec));
  q.integer(static_cast<std::int64_t>(run.seed)).text(run.program).text(run.host).text(run.command).integer(now);
  if (auto r = q.run(); !r) return r;
  if (db_.changes() == 0) return invalid(format("run {}: is in {} already", run.run_id, db_.path()));
  return {};
}

Result<void> RowWriter::set_run_state(const std::string& run_id, std::int64_t state, std::optional<std::int64_t> finished) {
  Query q(db_, "UPDATE run SET state = ?, finished = ? WHERE run_id = ?");
  if (auto r = q.integer(state).integer(finished).text(run_id).run(); !r) return r;
  if (db_.changes() == 0) return invalid(format("run {}: not in {}", run_id, db_.path()));
  return {};
}

Result<std::int64_t> RowWriter::named(const char* insert, const char* select, std::string_view name, std::uint32_t version) {
  {
    Query q(db_, insert);
    if (auto r = q.text(name).integer(version).run(); !r) return r.error();
    if (db_.changes() == 1) return db_.last_id();
  }
  Query q(db_, select);
  const auto row = q.text(name).integer(version).step();
  if (!row) return row.error();
  return q.integer_at(0);
}

Result<std::int64_t> RowWriter::model(const ModelRecord& model) {
  const std::string config = dump_json(model.config);
  const Digest digest = model_digest(model);
  {
    Query q(db_,
            "INSERT INTO model (digest, name, backend, revision, base_url, config) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (digest) DO NOTHING");
    q.digest(digest).text(model.name).text(model.backend).text(model.revision).text(model.base_url).text(config);
    if (auto r = q.run(); !r) return r.error();
    if (db_.changes() == 1) return db_.last_id();
  }
  Query q(db_, "SELECT id FROM model WHERE digest = ?");
  const auto row = q.digest(digest).step();
  if (!row) return row.error();
  return q.integer_at(0);
}

Result<EntryId> RowWriter::add_entry(const EntryRecord& e) {
  std::int64_t run = 0;
  {
    Query q(db_, "SELECT id FROM run WHERE run_id = ?");
    const auto row = q.text(e.run_id).step();
    if (!row) return row.error();
    if (!*row) return invalid(format("run {}: not in {}", e.run_id, db_.path()));
    run = q.integer_at(0);
  }
  const auto model_id = model(e.model);
  if (!model_id) return model_id.error();
  const auto task = named("INSERT INTO task (name, version) VALUES (?, ?) ON CONFLICT (name, version) DO NOTHING",
                          "SELECT id FROM task WHERE name = ? AND version = ?", e.task, e.task_version);
  if (!task) return task.error();
  const std::string sampling = dump_json(e.sampling);
  const std::string scorers = dump_json(scorers_json(e.scorers));
  const Digest digest = entry_digest(e, sampling, scorers);
  {
    Query q(db_, "SELECT id FROM entry WHERE digest = ?");
    const auto row = q.digest(digest).step();
    if (!row) return row.error();
    if (*row) return q.integer_at(0);
  }
  Query q(db_,
          "INSERT INTO entry (digest, run, model, task, variant, strategy, sampling, scorers, data_digest, "
          "prompt_digest, fewshot_digest, system_digest, samples, epochs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  q.digest(digest).integer(run).integer(*model_id).integer(*task).text(e.variant).text(e.strategy).text(sampling);
  q.text(scorers).digest(e.factors.data).digest(e.factors.prompt).digest(e.factors.fewshot).digest(e.factors.system);
  q.integer(static_cast<std::int64_t>(e.samples)).integer(e.epochs);
  if (auto r = q.run(); !r) return r.error();
  return db_.last_id();
}

Result<std::int64_t> RowWriter::blob(const PackedBlob& b) {
  if (const auto found = blobs_.find(b.digest); found != blobs_.end()) return found->second;
  std::int64_t id = 0;
  {
    Query q(db_, "INSERT INTO blob (digest, size, codec, bytes) VALUES (?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING");
    q.digest(b.digest).integer(b.size).integer(number(b.text.codec)).blob_ref(b.text.bytes);
    if (auto r = q.run(); !r) return r.error();
    if (db_.changes() == 1) id = db_.last_id();
  }
  if (id == 0) {
    Query q(db_, "SELECT id FROM blob WHERE digest = ?");
    const auto row = q.digest(b.digest).step();
    if (!row) return row.error();
    id = q.integer_at(0);
  }
  if (blobs_.size() >= kBlobsRemembered) blobs_.clear();
  return blobs_[b.digest] = id;
}

Result<std::int64_t> RowWriter::task_of(EntryId entry) {
  if (const auto found = tasks_.find(entry); found != tasks_.end()) return found->second;
  Query q(db_, "SELECT task FROM entry WHERE id = ?");
  const auto row = q.integer(entry).step();
  if (!row) return row.error();
  if (!*row) return Error{Code::internal, format("{}: there is no entry {}", db_.path(), entry)};
  return tasks_[entry] = q.integer_at(0);
}

Result<std::int64_t> RowWriter::sample(const AttemptRef& ref, const std::optional<PreparedSample>& s) {
  const std::pair<EntryId, std::uint64_t> key(ref.entry, ref.sample_index);
  if (!s) {
    if (const auto found = samples_.find(key); found != samples_.end()) return found->second;
    Query q(db_, "SELECT sample FROM attempt WHERE entry = ? AND sample_index = ? LIMIT 1");
    const auto row = q.integer(ref.entry).integer(static_cast<std::int64_t>(ref.sample_index)).step();
    if (!row) return row.error();
    if (!*row) return Error{Code::internal, format("{}: sample {} of entry {} was never stored", db_.path(), ref.sample_index, ref.entry)};
    return q.integer_at(0);
  }
  const auto task = task_of(ref.entry);
  if (!task) return task.error();
  std::int64_t id = 0;
  {
    Query find(db_, "SELECT id FROM sample WHERE digest = ? AND task = ?");
    const auto row = find.digest(s->digest).integer(*task).step();
    if (!row) return row.error();
    if (*row) id = find.integer_at(0);
  }
  if (id == 0) {
    Query q(db_,
            "INSERT INTO sample (digest, task, sample_key, identity, occurrence, cluster, body_codec, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    q.digest(s->digest).integer(*task).text(s->key).digest(s->identity).integer(s->occurrence).text(s->cluster);
    q.integer(number(s->body.codec)).blob_ref(s->body.bytes);
    if (auto r = q.run(); !r) return r.error();
    id = db_.last_id();
  }
  if (samples_.size() >= kSamplesRemembered) samples_.clear();
  samples_[key] = id;
  return id;
}

Result<RowWriter::Attempt> RowWriter::attempt(const AttemptRef& ref, const std::optional<PreparedSample>& s) {
  const auto sample_id = sample(ref, s);
  if (!sample_id) return sample_id.error();
  const auto index = static_cast<std::int64_t>(ref.sample_index);
  {
    Query q(db_,
            "INSERT INTO attempt (entry, sample_index, epoch, sample, scored, error) VALUES (?, ?, ?, ?, 0, '') "
            "ON CONFLICT (entry, sample_index, epoch) DO NOTHING");
    if (auto r = q.integer(ref.entry).integer(index).integer(ref.epoch).integer(*sample_id).run(); !r) return r.error();
    if (db_.changes() == 1) return Attempt{db_.last_id(), *sample_id, false};
  }
  Query q(db_, "SELECT id, sample, outcome FROM attempt WHERE entry = ? AND sample_index = ? AND epoch = ?");
  const auto row = q.integer(ref.entry).integer(index).integer(ref.epoch).step();
  if (!row) return row.error();
  const Attempt found{q.integer_at(0), q.integer_at(1), !q.null_at(2)};
  if (found.sample != *sample_id) {
    return invalid(format("{}: sample {} differs from the one stored for this attempt; the task's data has changed since",
                          db_.path(), s ? s->key : std::to_string(index)));
  }
  return found;
}

Result<void> RowWriter::add_call(const PreparedCall& c) {
  const auto at = attempt(c.ref, c.sample);
  if (!at) return at.error();
  const auto request = blob(c.request);
  if (!request) return request.error();
  const auto call = insert_call(c, at->id, *request);
  if (!call) return call.error();
  if (auto r = set_exchange(c, *call); !r) return r;
  if (c.call.status != CallStatus::failed) {
    std::optional<std::int64_t> prompt;
    if (c.prompt) {
      const auto id = blob(*c.prompt);
      if (!id) return id.error();
      prompt = *id;
    }
    if (auto r = insert_response(c, *call, prompt); !r) return r;
  }
  count(c);
  return {};
}

Result<std::int64_t> RowWriter::insert_call(const PreparedCall& c, std::int64_t attempt, std::int64_t request) {
  const CallRecord& call = c.call;
  const Usage& usage = call.response.usage;
  std::int64_t tried = call.attempt_try;
  for (;;) {
    Query q(db_,
            "INSERT INTO call (attempt, step, draw, try, kind, status, digest, request, sample_messages, started, seconds, "
            "first_token_seconds, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, "
            "reasoning_tokens, cost_pico, http_status, error_code, error_message) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (attempt, step, draw, try) DO NOTHING");
    q.integer(attempt).integer(call.step).integer(call.draw).integer(tried).integer(number(call.kind));
    q.integer(number(call.status)).digest(call.digest).integer(request).integer(c.sample_messages ? 1 : 0).integer(call.started);
    q.real(call.response.timing.total).real(call.response.timing.first_token).integer(usage.input);
    q.integer(usage.cached_input).integer(usage.cache_write).integer(usage.output).integer(usage.reasoning);
    q.integer(call.cost_pico).integer(call.http_status).text(call.error_code).text(call.error_message);
    if (auto r = q.run(); !r) return r.error();
    if (db_.changes() == 1) return db_.last_id();
    // A resumed attempt counts its tries from 0 again. Nothing that was sent is left out.
    Query next(db_, "SELECT max(try) + 1 FROM call WHERE attempt = ? AND step = ? AND draw = ?");
    const auto row = next.integer(attempt).integer(call.step).integer(call.draw).step();
    if (!row) return row.error();
    tried = next.integer_at(0);
  }
}

Result<std::optional<std::int64_t>> RowWriter::word(const std::string& text) {
  if (text.empty()) return std::optional<std::int64_t>();
  if (const auto found = words_.find(text); found != words_.end()) return std::optional(found->second);
  std::int64_t id = 0;
  {
    Query q(db_, "INSERT INTO word (text) VALUES (?) ON CONFLICT (text) DO NOTHING");
    if (auto r = q.text(text).run(); !r) return r.error();
    if (db_.changes() == 1) id = db_.last_id();
  }
  if (id == 0) {
    Query q(db_, "SELECT id FROM word WHERE text = ?");
    const auto row = q.text(text).step();
    if (!row) return row.error();
    id = q.integer_at(0);
  }
  if (words_.size() >= kWordsRemembered) words_.clear();
  words_[text] = id;
  return std::optional(id);
}

// What a call to a server has beside its answer. Most calls to no server have none of it, and no second statement.
Result<void> RowWriter::set_exchange(const PreparedCall& c, std::int64_t id) {
  const CallRecord& call = c.call;
  const std::string no_request_id;
  const std::string& request_id = call.status == CallStatus::failed ? call.response.request_id : no_request_id;
  if (call.asked.empty() && call.price_row.empty() && call.endpoint.empty() && call.batch_id.empty() && !call.bound_tokens &&
      !call.bound_cost_pico && !call.response.usage.cache_write_1h && request_id.empty() && !c.sent && !c.received) {
    return {};
  }
  std::optional<std::int64_t> words[4];
  const std::string* texts[4] = {&call.asked, &call.price_row, &call.endpoint, &call.batch_id};
  for (std::size_t i = 0; i < 4; ++i) {
    auto known = word(*texts[i]);
    if (!known) return known.error();
    words[i] = *known;
  }
  Query q(db_,
          "UPDATE call SET asked = ?, price_row = ?, endpoint = ?, batch_id = ?, cache_write_1h_tokens = ?, bound_tokens = ?, "
          "bound_cost_pico = ?, request_id = ?, sent_codec = ?, sent = ?, received_codec = ?, received = ? WHERE id = ?");
  for (const auto& w : words) q.integer(w);
  q.integer(call.response.usage.cache_write_1h).integer(call.bound_tokens).integer(call.bound_cost_pico);
  if (request_id.empty()) {
    q.null();
  } else {
    q.text(request_id);
  }
  for (const std::optional<PackedText>* text : {&c.sent, &c.received}) {
    if (*text) {
      q.integer(number((*text)->codec)).blob_ref((*text)->bytes);
    } else {
      q.null().null();
    }
  }
  return q.integer(id).run();
}

Result<void> RowWriter::insert_response(const PreparedCall& c, std::int64_t call, std::optional<std::int64_t> prompt) {
  const Response& r = c.call.response;
  Query q(db_,
          "INSERT INTO response (call, finish, finish_raw, text_codec, text, reasoning_kind, reasoning_codec, reasoning, "
          "split_verdict, trace_kind, trace_source, trace_begin, trace_end, trace_codec, trace, answer_source, "
          "answer_begin, answer_end, answer_codec, answer, budget_forced, refusal, server_model, fingerprint, request_id, "
          "provider_cost_pico, raw_codec, raw, prompt, prompt_template, logprobs) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  q.integer(call).integer(number(r.finish)).text(r.finish_raw).integer(number(c.text.codec)).blob_ref(c.text.bytes);
  q.integer(number(r.reasoning_kind));
  if (c.reasoning) {
    q.integer(number(c.reasoning->codec)).blob_ref(c.reasoning->bytes);
  } else {
    q.integer(number(Codec::plain)).null();
  }
  q.integer(number(r.split.verdict)).integer(number(r.split.trace_kind));
  for (const PreparedPart* part : {&c.trace, &c.answer}) {
    q.integer(number(part->source)).integer(part->begin).integer(part->end).integer(number(part->own.codec));
    if (part->source == PartSource::own) {
      q.blob_ref(part->own.bytes);
    } else {
      q.null();
    }
  }
  q.integer((r.budget_forced ? 1 : 0) + (r.split.budget_forced ? 2 : 0)).text(r.refusal).text(r.server_model);
  q.text(r.fingerprint).text(r.request_id).integer(r.provider_cost_pico).integer(number(c.raw.codec)).blob_ref(c.raw.bytes);
  q.integer(prompt);
  if (const auto digest = Digest::from_hex(r.prompt_template)) {
    q.digest(*digest);
  } else {
    q.null();
  }
  if (c.logprobs.empty()) {
    q.null();
  } else {
    q.blob_ref(c.logprobs);
  }
  return q.run();
}

void RowWriter::count(const PreparedCall& c) {
  const CallRecord& call = c.call;
  const Usage& u = call.response.usage;
  Totals& t = totals_[c.ref.entry];
  t.calls += 1;
  if (u.input) {
    t.input += *u.input + u.cached_input.value_or(0) + u.cache_write.value_or(0);
    t.input_known += 1;
  }
  if (u.output) {
    t.output += *u.output + u.reasoning.value_or(0);
    t.output_known += 1;
  }
  if (u.reasoning) {
    t.reasoning += *u.reasoning;
    t.reasoning_known += 1;
  }
  if (call.cost_pico) {
    t.cost += *call.cost_pico;
    t.cost_known += 1;
  }
  if (call.status == CallStatus::cached) return;  // took no time of its own
  t.seconds += call.response.timing.total;
  if (call.started <= 0) return;                  // a recorded answer does not know when it was made
  const std::int64_t ended = call.started + static_cast<std::int64_t>(call.response.timing.total * 1e6);
  t.first_started = std::min(t.first_started.value_or(call.started), call.started);
  t.last_ended = std::max(t.last_ended.value_or(ended), ended);
}

Result<void> RowWriter::write_totals() {
  // The caps keep forged or absurd sums from overflowing into floating point.
  for (const auto& [entry, t] : totals_) {
    Query q(db_,
            "INSERT INTO entry_total VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (entry) DO UPDATE SET "
            "finished = finished + excluded.finished, calls = calls + excluded.calls, "
            "input_tokens = min(input_tokens, 4000000000000000000) + excluded.input_tokens, "
            "input_known = input_known + excluded.input_known, "
            "output_tokens = min(output_tokens, 4000000000000000000) + excluded.output_tokens, "
            "output_known = output_known + excluded.output_known, "
            "reasoning_tokens = min(reasoning_tokens, 4000000000000000000) + excluded.reasoning_tokens, "
            "reasoning_known = reasoning_known + excluded.reasoning_known, "
            "cost_pico = min(cost_pico, 4000000000000000000) + excluded.cost_pico, "
            "cost_known = cost_known + excluded.cost_known, call_seconds = call_seconds + excluded.call_seconds, "
            "first_started = coalesce(min(first_started, excluded.first_started), first_started, excluded.first_started), "
            "last_ended = coalesce(max(last_ended, excluded.last_ended), last_ended, excluded.last_ended)");
    q.integer(entry).integer(t.finished).integer(t.calls).integer(t.input).integer(t.input_known).integer(t.output);
    q.integer(t.output_known).integer(t.reasoning).integer(t.reasoning_known).integer(t.cost).integer(t.cost_known);
    q.real(t.seconds).integer(t.first_started).integer(t.last_ended);
    if (auto r = q.run(); !r) return r;
  }
  totals_.clear();
  return {};
}

void RowWriter::rolled_back() {
  totals_.clear();
  tasks_.clear();
  scorers_.clear();
  samples_.clear();
  blobs_.clear();
  words_.clear();
}

}  // namespace assay
