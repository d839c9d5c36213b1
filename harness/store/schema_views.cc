// What people query: the views, made anew by the last step of every upgrade, so that each is written down once.
#include "harness/store/schema.h"

namespace assay {
namespace {

constexpr const char* kViews = R"sql(
DROP VIEW IF EXISTS v_attempts;
DROP VIEW IF EXISTS v_calls;
DROP VIEW IF EXISTS v_leaderboard;
DROP VIEW IF EXISTS v_findings;
DROP VIEW IF EXISTS v_metrics;
DROP VIEW IF EXISTS v_prices;
DROP VIEW IF EXISTS v_batches;
DROP VIEW IF EXISTS v_reservations;
DROP VIEW IF EXISTS v_entries;

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
  c.input_tokens, c.cached_input_tokens, c.cache_write_tokens, c.output_tokens, c.reasoning_tokens, c.cost_pico / 1e12 AS cost_usd,
  p1.provider_cost_pico / 1e12 AS provider_cost_usd, we.text AS price_row,
  c.bound_tokens, c.bound_cost_pico / 1e12 AS bound_cost_usd,
  c.seconds, c.first_token_seconds, c.started, c.http_status, c.error_code, c.error_message,
  p1.server_model, coalesce(p1.request_id, c.request_id) AS request_id, wn.text AS endpoint, wb.text AS batch_id,
  coalesce(wa.text, v.model) AS asked, lower(hex(c.digest)) AS call_digest,
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
  assay_sent(c.sent_codec, c.sent, c.sample_messages, q.codec, q.bytes, p.body_codec, p.body) AS sent,
  coalesce(assay_text(p1.raw_codec, p1.raw), assay_text(c.received_codec, c.received)) AS received,
  c.id AS call, a.id AS attempt
FROM call c JOIN attempt a ON a.id = c.attempt JOIN sample p ON p.id = a.sample JOIN v_entries v ON v.entry = a.entry
  JOIN blob q ON q.id = c.request
  JOIN enum_name k ON k.kind = 'call_kind' AND k.value = c.kind
  JOIN enum_name st ON st.kind = 'status' AND st.value = c.status
  LEFT JOIN response p1 ON p1.call = c.id
  LEFT JOIN blob w ON w.id = p1.prompt
  LEFT JOIN word wa ON wa.id = c.asked
  LEFT JOIN word we ON we.id = c.price_row
  LEFT JOIN word wn ON wn.id = c.endpoint
  LEFT JOIN word wb ON wb.id = c.batch_id
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

CREATE VIEW v_findings AS
SELECT v.run_id, v.model, v.task, v.variant, v.strategy, p.sample_key, a.epoch, c.name AS scorer,
  c.version AS scorer_version, f.current, k.text AS kind, e.name AS severity, f.step, f.span_begin, f.span_end, f.detail,
  a.id AS attempt
FROM finding f JOIN attempt a ON a.id = f.attempt JOIN sample p ON p.id = a.sample JOIN v_entries v ON v.entry = a.entry
  JOIN scorer c ON c.id = f.scorer JOIN word k ON k.id = f.kind
  JOIN enum_name e ON e.kind = 'severity' AND e.value = f.severity;

CREATE VIEW v_metrics AS
SELECT v.run_id, v.model, v.task, v.variant, v.strategy, p.sample_key, a.epoch, c.name AS scorer,
  c.version AS scorer_version, m.current, n.text AS metric, m.value, a.id AS attempt
FROM metric m JOIN attempt a ON a.id = m.attempt JOIN sample p ON p.id = a.sample JOIN v_entries v ON v.entry = a.entry
  JOIN scorer c ON c.id = m.scorer JOIN word n ON n.id = m.name;

CREATE VIEW v_prices AS
SELECT provider, model_pattern, valid_from, valid_to, currency, input / 1e6 AS input_per_million,
  cached_read / 1e6 AS cached_read_per_million, cache_write_5m / 1e6 AS cache_write_per_million,
  output / 1e6 AS output_per_million, coalesce(reasoning, output) / 1e6 AS reasoning_per_million, batch_factor,
  tier_threshold_tokens, tier_input / 1e6 AS tier_input_per_million, tier_output / 1e6 AS tier_output_per_million,
  source, retrieved_at, id AS price
FROM price WHERE replaced_at IS NULL;

CREATE VIEW v_batches AS
SELECT r.run_id, b.model_entry AS model, b.tag, b.batch_id, s.name AS state, b.items, b.succeeded, b.failed,
  b.bound_cost_pico / 1e12 AS bound_cost_usd, b.prepared, b.submitted, b.ended, b.message
FROM batch b JOIN run r ON r.id = b.run JOIN enum_name s ON s.kind = 'batch_state' AND s.value = b.state;

CREATE VIEW v_reservations AS
SELECT r.envelope, r.period, r.model, r.run_id, r.host, r.pid, s.name AS state, r.tokens, r.cost_pico / 1e12 AS cost_usd,
  r.opened, r.changed, r.holder
FROM reservation r JOIN enum_name s ON s.kind = 'reservation' AND s.value = r.state;
)sql";

}  // namespace

const char* view_statements() { return kViews; }

}  // namespace assay
