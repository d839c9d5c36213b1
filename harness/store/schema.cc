#include "harness/store/schema.h"

#include "harness/base/format.h"

namespace assay {
namespace {

static_assert(kApplicationId == 1634956153, "the number that the first step writes");

// Version 1. Integer keys are local to one file; what identifies a row across files is the ULID,
// the digest or the unique tuple beside it.
constexpr const char* kTables = R"sql(
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  group_id TEXT NOT NULL,
  suite TEXT NOT NULL,
  spec TEXT NOT NULL,
  seed INTEGER NOT NULL,
  program TEXT NOT NULL,
  host TEXT NOT NULL,
  command TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
  started INTEGER NOT NULL,
  finished INTEGER
) STRICT;

CREATE TABLE model (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  name TEXT NOT NULL,
  backend TEXT NOT NULL,
  revision TEXT NOT NULL,
  base_url TEXT NOT NULL,
  config TEXT NOT NULL
) STRICT;

CREATE TABLE task (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  UNIQUE (name, version)
) STRICT;

CREATE TABLE scorer (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  UNIQUE (name, version)
) STRICT;

CREATE TABLE blob (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  size INTEGER NOT NULL,
  codec INTEGER NOT NULL CHECK (codec IN (0, 1)),
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE sample (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  task INTEGER NOT NULL REFERENCES task (id),
  sample_key TEXT NOT NULL,
  identity BLOB NOT NULL CHECK (length(identity) = 32),
  occurrence INTEGER NOT NULL,
  cluster TEXT NOT NULL,
  body_codec INTEGER NOT NULL CHECK (body_codec IN (0, 1)),
  body BLOB NOT NULL,
  UNIQUE (digest, task)
) STRICT;

CREATE TABLE entry (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  run INTEGER NOT NULL REFERENCES run (id),
  model INTEGER NOT NULL REFERENCES model (id),
  task INTEGER NOT NULL REFERENCES task (id),
  variant TEXT NOT NULL,
  strategy TEXT NOT NULL,
  sampling TEXT NOT NULL,
  scorers TEXT NOT NULL,
  data_digest BLOB NOT NULL CHECK (length(data_digest) = 32),
  prompt_digest BLOB NOT NULL CHECK (length(prompt_digest) = 32),
  fewshot_digest BLOB NOT NULL CHECK (length(fewshot_digest) = 32),
  system_digest BLOB NOT NULL CHECK (length(system_digest) = 32),
  samples INTEGER NOT NULL,
  epochs INTEGER NOT NULL
) STRICT;
CREATE INDEX entry_run ON entry (run);

CREATE TABLE entry_total (
  entry INTEGER PRIMARY KEY REFERENCES entry (id),
  finished INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  input_known INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  output_known INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  reasoning_known INTEGER NOT NULL,
  cost_pico INTEGER NOT NULL,
  cost_known INTEGER NOT NULL,
  call_seconds REAL NOT NULL,
  first_started INTEGER,
  last_ended INTEGER
) STRICT;

CREATE TABLE attempt (
  id INTEGER PRIMARY KEY,
  entry INTEGER NOT NULL REFERENCES entry (id),
  sample_index INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  sample INTEGER NOT NULL REFERENCES sample (id),
  outcome INTEGER CHECK (outcome BETWEEN 1 AND 8),
  scored INTEGER NOT NULL CHECK (scored IN (0, 1)),
  chosen_step INTEGER,
  chosen_draw INTEGER,
  finished INTEGER,
  error TEXT NOT NULL,
  UNIQUE (entry, sample_index, epoch)
) STRICT;
CREATE INDEX attempt_without_score ON attempt (entry, outcome) WHERE scored = 0 AND outcome IS NOT NULL;

CREATE TABLE call (
  id INTEGER PRIMARY KEY,
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  step INTEGER NOT NULL,
  draw INTEGER NOT NULL,
  try INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3),
  status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 3),
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  request INTEGER NOT NULL REFERENCES blob (id),
  sample_messages INTEGER NOT NULL CHECK (sample_messages IN (0, 1)),
  started INTEGER NOT NULL,
  seconds REAL NOT NULL,
  first_token_seconds REAL,
  input_tokens INTEGER,
  cached_input_tokens INTEGER,
  cache_write_tokens INTEGER,
  output_tokens INTEGER,
  reasoning_tokens INTEGER,
  cost_pico INTEGER,
  http_status INTEGER NOT NULL,
  error_code TEXT NOT NULL,
  error_message TEXT NOT NULL,
  UNIQUE (attempt, step, draw, try)
) STRICT;
CREATE INDEX call_ok ON call (digest) WHERE status = 1;

CREATE TABLE response (
  call INTEGER PRIMARY KEY REFERENCES call (id),
  finish INTEGER NOT NULL CHECK (finish BETWEEN 1 AND 7),
  finish_raw TEXT NOT NULL,
  text_codec INTEGER NOT NULL CHECK (text_codec IN (0, 1)),
  text BLOB NOT NULL,
  reasoning_kind INTEGER NOT NULL CHECK (reasoning_kind BETWEEN 1 AND 5),
  reasoning_codec INTEGER NOT NULL CHECK (reasoning_codec IN (0, 1)),
  reasoning BLOB,
  split_verdict INTEGER NOT NULL CHECK (split_verdict BETWEEN 1 AND 6),
  trace_kind INTEGER NOT NULL CHECK (trace_kind BETWEEN 1 AND 5),
  trace_source INTEGER NOT NULL CHECK (trace_source BETWEEN 1 AND 3),
  trace_begin INTEGER NOT NULL,
  trace_end INTEGER NOT NULL,
  trace_codec INTEGER NOT NULL CHECK (trace_codec IN (0, 1)),
  trace BLOB,
  answer_source INTEGER NOT NULL CHECK (answer_source BETWEEN 1 AND 3),
  answer_begin INTEGER NOT NULL,
  answer_end INTEGER NOT NULL,
  answer_codec INTEGER NOT NULL CHECK (answer_codec IN (0, 1)),
  answer BLOB,
  budget_forced INTEGER NOT NULL CHECK (budget_forced BETWEEN 0 AND 3),
  refusal TEXT NOT NULL,
  server_model TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  request_id TEXT NOT NULL,
  provider_cost_pico INTEGER,
  raw_codec INTEGER NOT NULL CHECK (raw_codec IN (0, 1)),
  raw BLOB NOT NULL
) STRICT;

CREATE TABLE score (
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  scorer INTEGER NOT NULL REFERENCES scorer (id),
  current INTEGER NOT NULL CHECK (current IN (0, 1)),
  is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
  entry INTEGER NOT NULL REFERENCES entry (id),
  sample_index INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  outcome INTEGER NOT NULL CHECK (outcome BETWEEN 1 AND 8),
  value REAL NOT NULL CHECK (value BETWEEN 0 AND 1),
  span_begin INTEGER,
  span_end INTEGER,
  extracted TEXT NOT NULL,
  rule TEXT NOT NULL,
  explanation TEXT NOT NULL,
  answer_class TEXT NOT NULL,
  PRIMARY KEY (attempt, scorer)
) STRICT, WITHOUT ROWID;
CREATE INDEX score_leaderboard ON score (entry, is_primary, scorer, sample_index, epoch, outcome, value)
  WHERE current = 1;
PRAGMA application_id = 1634956153;
PRAGMA user_version = 1;
)sql";

constexpr const char* kViews = R"sql(
CREATE TABLE enum_name (
  kind TEXT NOT NULL,
  value INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;
INSERT INTO enum_name (kind, value, name) VALUES
  ('outcome', 1, 'correct'), ('outcome', 2, 'incorrect'), ('outcome', 3, 'partial'), ('outcome', 4, 'no_answer'),
  ('outcome', 5, 'truncated'), ('outcome', 6, 'refused'), ('outcome', 7, 'error'), ('outcome', 8, 'unscored'),
  ('verdict', 1, 'no_trace'), ('verdict', 2, 'closed'), ('verdict', 3, 'orphan_close'),
  ('verdict', 4, 'truncated_in_trace'), ('verdict', 5, 'truncated_in_answer'), ('verdict', 6, 'empty_answer'),
  ('trace_kind', 1, 'none'), ('trace_kind', 2, 'raw'), ('trace_kind', 3, 'summary'), ('trace_kind', 4, 'encrypted'),
  ('trace_kind', 5, 'hidden'),
  ('finish', 1, 'unknown'), ('finish', 2, 'stop'), ('finish', 3, 'length'), ('finish', 4, 'content_filter'),
  ('finish', 5, 'tool_call'), ('finish', 6, 'deadline'), ('finish', 7, 'cancelled'),
  ('call_kind', 1, 'answer'), ('call_kind', 2, 'continuation'), ('call_kind', 3, 'work'),
  ('status', 1, 'ok'), ('status', 2, 'failed'), ('status', 3, 'cached'),
  ('state', 1, 'running'), ('state', 2, 'complete'), ('state', 3, 'partial'), ('state', 4, 'interrupted');

CREATE VIEW v_entries AS
SELECT e.id AS entry, r.run_id, m.name AS model, m.backend, m.revision, t.name AS task, t.version AS task_version,
  e.variant, e.strategy, e.samples, e.epochs, e.samples * e.epochs AS planned, coalesce(x.finished, 0) AS finished,
  coalesce(x.calls, 0) AS calls, x.input_tokens, x.output_tokens, x.reasoning_tokens,
  CASE WHEN x.cost_known > 0 THEN x.cost_pico / 1e12 END AS cost_usd, coalesce(x.cost_known, 0) AS calls_with_cost
FROM entry e JOIN run r ON r.id = e.run JOIN model m ON m.id = e.model JOIN task t ON t.id = e.task
  LEFT JOIN entry_total x ON x.entry = e.id;

CREATE VIEW v_leaderboard AS
SELECT v.run_id, v.model, v.task, v.variant, v.strategy, c.name AS scorer, c.version AS scorer_version,
  v.planned, v.finished, s.n AS scored, s.correct,
  CASE WHEN s.n > 0 THEN s.value_sum / s.n END AS accuracy,
  s.value_sum / v.planned AS accuracy_low, (s.value_sum + v.planned - s.n) / v.planned AS accuracy_high,
  s.incorrect, s.partial, s.no_answer, s.truncated, s.refused, s.error + b.error AS error, s.unscored + b.unscored AS unscored,
  v.calls, v.input_tokens, v.output_tokens, v.reasoning_tokens, v.cost_usd, v.calls_with_cost
FROM v_entries v
JOIN (
  SELECT entry, is_primary, scorer, sum(outcome <= 6) AS n, sum(outcome = 1) AS correct, sum(outcome = 2) AS incorrect,
    sum(outcome = 3) AS partial, sum(outcome = 4) AS no_answer, sum(outcome = 5) AS truncated,
    sum(outcome = 6) AS refused, sum(outcome = 7) AS error, sum(outcome = 8) AS unscored,
    total(CASE outcome WHEN 1 THEN 1.0 WHEN 3 THEN value ELSE 0.0 END) AS value_sum
  FROM score WHERE current = 1 GROUP BY entry, is_primary, scorer
) s ON s.entry = v.entry AND s.is_primary = 1
JOIN scorer c ON c.id = s.scorer
JOIN (
  SELECT e.id AS entry, coalesce(sum(a.outcome = 7), 0) AS error, coalesce(sum(a.outcome <> 7), 0) AS unscored
  FROM entry e LEFT JOIN attempt a ON a.entry = e.id AND a.scored = 0 AND a.outcome IS NOT NULL GROUP BY e.id
) b ON b.entry = v.entry;

CREATE VIEW v_calls AS
SELECT v.run_id, v.model, v.task, v.variant, v.strategy, p.sample_key, a.epoch, c.step, c.draw, c.try,
  k.name AS kind, st.name AS status, f.name AS finish, p1.finish_raw, sv.name AS split, tk.name AS trace_kind,
  c.input_tokens, c.cached_input_tokens, c.output_tokens, c.reasoning_tokens, c.cost_pico / 1e12 AS cost_usd,
  c.seconds, c.first_token_seconds, c.started, c.http_status, c.error_code, c.error_message,
  p1.server_model, p1.request_id, lower(hex(c.digest)) AS call_digest,
  assay_request(c.sample_messages, q.codec, q.bytes, p.body_codec, p.body) AS request,
  assay_text(p1.text_codec, p1.text) AS text,
  assay_text(p1.reasoning_codec, p1.reasoning) AS reasoning,
  CASE p1.trace_source WHEN 1 THEN assay_text(p1.text_codec, p1.text, p1.trace_begin, p1.trace_end)
    WHEN 2 THEN assay_text(p1.reasoning_codec, p1.reasoning, p1.trace_begin, p1.trace_end)
    WHEN 3 THEN assay_text(p1.trace_codec, p1.trace) END AS trace,
  CASE p1.answer_source WHEN 1 THEN assay_text(p1.text_codec, p1.text, p1.answer_begin, p1.answer_end)
    WHEN 2 THEN assay_text(p1.reasoning_codec, p1.reasoning, p1.answer_begin, p1.answer_end)
    WHEN 3 THEN assay_text(p1.answer_codec, p1.answer) END AS answer,
  c.id AS call, a.id AS attempt
FROM call c JOIN attempt a ON a.id = c.attempt JOIN sample p ON p.id = a.sample JOIN v_entries v ON v.entry = a.entry
  JOIN blob q ON q.id = c.request
  JOIN enum_name k ON k.kind = 'call_kind' AND k.value = c.kind
  JOIN enum_name st ON st.kind = 'status' AND st.value = c.status
  LEFT JOIN response p1 ON p1.call = c.id
  LEFT JOIN enum_name f ON f.kind = 'finish' AND f.value = p1.finish
  LEFT JOIN enum_name sv ON sv.kind = 'verdict' AND sv.value = p1.split_verdict
  LEFT JOIN enum_name tk ON tk.kind = 'trace_kind' AND tk.value = p1.trace_kind;

CREATE VIEW v_attempts AS
SELECT v.run_id, v.model, v.task, v.variant, v.strategy, p.sample_key, a.epoch, c.name AS scorer,
  c.version AS scorer_version, s.is_primary, o.name AS outcome, coalesce(s.value, 0.0) AS value,
  s.extracted, s.rule, s.explanation, s.answer_class,
  (SELECT sum(x.output_tokens + coalesce(x.reasoning_tokens, 0)) FROM call x WHERE x.attempt = a.id) AS output_tokens,
  (SELECT sum(x.cost_pico) / 1e12 FROM call x WHERE x.attempt = a.id) AS cost_usd,
  assay_text(p.body_codec, p.body) AS sample,
  (SELECT CASE r.answer_source WHEN 1 THEN assay_text(r.text_codec, r.text, r.answer_begin, r.answer_end)
      WHEN 2 THEN assay_text(r.reasoning_codec, r.reasoning, r.answer_begin, r.answer_end)
      WHEN 3 THEN assay_text(r.answer_codec, r.answer) END
    FROM call x JOIN response r ON r.call = x.id
    WHERE x.attempt = a.id AND x.step = a.chosen_step AND x.draw = a.chosen_draw ORDER BY x.try DESC LIMIT 1) AS answer,
  a.error, a.finished, a.id AS attempt
FROM attempt a JOIN sample p ON p.id = a.sample JOIN v_entries v ON v.entry = a.entry
  LEFT JOIN score s ON s.attempt = a.id AND s.current = 1
  LEFT JOIN scorer c ON c.id = s.scorer
  JOIN enum_name o ON o.kind = 'outcome' AND o.value = coalesce(s.outcome, a.outcome)
WHERE a.outcome IS NOT NULL;
PRAGMA user_version = 2;
)sql";

// What a backend that renders prompts itself sent to its model, and what it can say of each token.
constexpr const char* kRenderedPrompts = R"sql(
ALTER TABLE response ADD COLUMN prompt INTEGER REFERENCES blob (id);
ALTER TABLE response ADD COLUMN prompt_template BLOB CHECK (length(prompt_template) = 32);
ALTER TABLE response ADD COLUMN logprobs BLOB CHECK (length(logprobs) % 4 = 0);
DROP VIEW v_calls;
CREATE VIEW v_calls AS
SELECT v.run_id, v.model, v.task, v.variant, v.strategy, p.sample_key, a.epoch, c.step, c.draw, c.try,
  k.name AS kind, st.name AS status, f.name AS finish, p1.finish_raw, sv.name AS split, tk.name AS trace_kind,
  c.input_tokens, c.cached_input_tokens, c.output_tokens, c.reasoning_tokens, c.cost_pico / 1e12 AS cost_usd,
  c.seconds, c.first_token_seconds, c.started, c.http_status, c.error_code, c.error_message,
  p1.server_model, p1.request_id, lower(hex(c.digest)) AS call_digest,
  assay_request(c.sample_messages, q.codec, q.bytes, p.body_codec, p.body) AS request,
  assay_text(p1.text_codec, p1.text) AS text,
  assay_text(p1.reasoning_codec, p1.reasoning) AS reasoning,
  CASE p1.trace_source WHEN 1 THEN assay_text(p1.text_codec, p1.text, p1.trace_begin, p1.trace_end)
    WHEN 2 THEN assay_text(p1.reasoning_codec, p1.reasoning, p1.trace_begin, p1.trace_end)
    WHEN 3 THEN assay_text(p1.trace_codec, p1.trace) END AS trace,
  CASE p1.answer_source WHEN 1 THEN assay_text(p1.text_codec, p1.text, p1.answer_begin, p1.answer_end)
    WHEN 2 THEN assay_text(p1.reasoning_codec, p1.reasoning, p1.answer_begin, p1.answer_end)
    WHEN 3 THEN assay_text(p1.answer_codec, p1.answer) END AS answer,
  assay_text(w.codec, w.bytes) AS prompt, lower(hex(p1.prompt_template)) AS prompt_template,
  c.id AS call, a.id AS attempt
FROM call c JOIN attempt a ON a.id = c.attempt JOIN sample p ON p.id = a.sample JOIN v_entries v ON v.entry = a.entry
  JOIN blob q ON q.id = c.request
  JOIN enum_name k ON k.kind = 'call_kind' AND k.value = c.kind
  JOIN enum_name st ON st.kind = 'status' AND st.value = c.status
  LEFT JOIN response p1 ON p1.call = c.id
  LEFT JOIN blob w ON w.id = p1.prompt
  LEFT JOIN enum_name f ON f.kind = 'finish' AND f.value = p1.finish
  LEFT JOIN enum_name sv ON sv.kind = 'verdict' AND sv.value = p1.split_verdict
  LEFT JOIN enum_name tk ON tk.kind = 'trace_kind' AND tk.value = p1.trace_kind;
PRAGMA user_version = 3;
)sql";

constexpr Migration kMigrations[] = {
    {1, kTables},
    {2, kViews},
    {3, kRenderedPrompts},
};

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Result<void> migrate(Db& db, std::span<const Migration> steps) {
  if (auto r = db.exec("BEGIN IMMEDIATE"); !r) return r;
  const auto apply = [&]() -> Result<void> {
    std::int64_t have = 0;
    {
      // Inside the lock: another process may have come first.
      Query version(db, "PRAGMA user_version");
      const auto row = version.step();
      if (!row) return row.error();
      have = version.integer_at(0);
    }
    for (const Migration& step : steps) {
      if (step.version <= have) continue;
      if (auto r = db.exec(step.sql); !r) {
        return Error{r.error().code, format("{} (while upgrading to schema {})", r.error().message, step.version)};
      }
    }
    return {};
  };
  if (auto r = apply(); !r) {
    (void)db.exec("ROLLBACK");
    return r;
  }
  return db.exec("COMMIT");
}

}  // namespace assay
