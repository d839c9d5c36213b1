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

// The words for persisted numbers.
constexpr const char* kNames = R"sql(
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
PRAGMA user_version = 2;
)sql";

// What a backend that renders prompts itself sent to its model, and what it can say of each token.
constexpr const char* kRenderedPrompts = R"sql(
ALTER TABLE response ADD COLUMN prompt INTEGER REFERENCES blob (id);
ALTER TABLE response ADD COLUMN prompt_template BLOB CHECK (length(prompt_template) = 32);
ALTER TABLE response ADD COLUMN logprobs BLOB CHECK (length(logprobs) % 4 = 0);
PRAGMA user_version = 3;
)sql";

// What each exchange looked like on the wire and what it may have cost; prices, batches, budgets; what trace
// scorers found.
constexpr const char* kLedgers = R"sql(
CREATE TABLE word (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;

ALTER TABLE call ADD COLUMN asked INTEGER REFERENCES word (id);
ALTER TABLE call ADD COLUMN price_row INTEGER REFERENCES word (id);
ALTER TABLE call ADD COLUMN endpoint INTEGER REFERENCES word (id);
ALTER TABLE call ADD COLUMN batch_id INTEGER REFERENCES word (id);
ALTER TABLE call ADD COLUMN cache_write_1h_tokens INTEGER;
ALTER TABLE call ADD COLUMN bound_tokens INTEGER;
ALTER TABLE call ADD COLUMN bound_cost_pico INTEGER;
ALTER TABLE call ADD COLUMN request_id TEXT;
ALTER TABLE call ADD COLUMN sent_codec INTEGER CHECK (sent_codec IN (0, 1, 2));
ALTER TABLE call ADD COLUMN sent BLOB;
ALTER TABLE call ADD COLUMN received_codec INTEGER CHECK (received_codec IN (0, 1));
ALTER TABLE call ADD COLUMN received BLOB;

CREATE TABLE price (
  id INTEGER PRIMARY KEY,
  provider TEXT NOT NULL,
  model_pattern TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_to TEXT,
  currency TEXT NOT NULL,
  unit INTEGER NOT NULL,
  input INTEGER,
  cached_read INTEGER,
  cache_write_5m INTEGER,
  cache_write_1h INTEGER,
  output INTEGER,
  reasoning INTEGER,
  batch_factor REAL,
  tier_threshold_tokens INTEGER,
  tier_input INTEGER,
  tier_cached_read INTEGER,
  tier_cache_write_5m INTEGER,
  tier_cache_write_1h INTEGER,
  tier_output INTEGER,
  tier_reasoning INTEGER,
  source TEXT NOT NULL,
  retrieved_at TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  replaced_at INTEGER
) STRICT;
CREATE INDEX price_model ON price (provider, model_pattern, valid_from);

CREATE TABLE batch (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run (id),
  model_entry TEXT NOT NULL,
  tag TEXT NOT NULL UNIQUE,
  batch_id TEXT,
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 7),
  items INTEGER NOT NULL,
  succeeded INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  bound_tokens INTEGER,
  bound_cost_pico INTEGER,
  prepared INTEGER NOT NULL,
  submitted INTEGER,
  ended INTEGER,
  message TEXT NOT NULL
) STRICT;
CREATE INDEX batch_run ON batch (run);

CREATE TABLE batch_item (
  batch INTEGER NOT NULL REFERENCES batch (id),
  custom_id TEXT NOT NULL,
  entry INTEGER NOT NULL REFERENCES entry (id),
  sample_index INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  step INTEGER NOT NULL,
  draw INTEGER NOT NULL,
  PRIMARY KEY (batch, custom_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE reservation (
  id INTEGER PRIMARY KEY,
  envelope TEXT NOT NULL,
  period TEXT NOT NULL,
  model TEXT NOT NULL,
  holder TEXT NOT NULL,
  run_id TEXT NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  pid_started INTEGER NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 2),
  tokens INTEGER NOT NULL,
  cost_pico INTEGER NOT NULL,
  opened INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  UNIQUE (envelope, period, model, holder)
) STRICT;

CREATE TABLE metric (
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  scorer INTEGER NOT NULL REFERENCES scorer (id),
  name INTEGER NOT NULL REFERENCES word (id),
  current INTEGER NOT NULL CHECK (current IN (0, 1)),
  value REAL,
  PRIMARY KEY (attempt, scorer, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE finding (
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  scorer INTEGER NOT NULL REFERENCES scorer (id),
  number INTEGER NOT NULL,
  current INTEGER NOT NULL CHECK (current IN (0, 1)),
  kind INTEGER NOT NULL REFERENCES word (id),
  severity INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 3),
  step INTEGER,
  span_begin INTEGER NOT NULL,
  span_end INTEGER NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (attempt, scorer, number)
) STRICT, WITHOUT ROWID;

INSERT INTO enum_name (kind, value, name) VALUES
  ('severity', 1, 'info'), ('severity', 2, 'warning'), ('severity', 3, 'error'),
  ('batch_state', 1, 'prepared'), ('batch_state', 2, 'working'), ('batch_state', 3, 'ended'), ('batch_state', 4, 'failed'),
  ('batch_state', 5, 'expired'), ('batch_state', 6, 'cancelled'), ('batch_state', 7, 'collected'),
  ('reservation', 1, 'open'), ('reservation', 2, 'closed');
PRAGMA user_version = 4;
)sql";

constexpr Migration kMigrations[] = {
    {1, kTables},
    {2, kNames},
    {3, kRenderedPrompts},
    {4, kLedgers},
};

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Result<void> migrate(Db& db, std::span<const Migration> steps, const char* views) {
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
    return have < steps.back().version && views ? db.exec(views) : Result<void>();
  };
  if (auto r = apply(); !r) {
    (void)db.exec("ROLLBACK");
    return r;
  }
  return db.exec("COMMIT");
}

}  // namespace assay
