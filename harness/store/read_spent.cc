// What calls took: of a run, for its budget; of earlier attempts, for estimates.
#include "harness/store/reader.h"

namespace assay {

Result<std::vector<ModelSpend>> read_spent(Db& db, const std::string& run_id) {
  // A cached call was paid for by another run, and a refused one (no bound) by nobody.
  Query q(db,
          "SELECT coalesce(w.text, m.name) AS asked, "
          "  sum(coalesce(CASE WHEN c.input_tokens IS NOT NULL AND c.output_tokens IS NOT NULL THEN "
          "    c.input_tokens + coalesce(c.cached_input_tokens, 0) + coalesce(c.cache_write_tokens, 0) + "
          "    c.output_tokens + coalesce(c.reasoning_tokens, 0) END, c.bound_tokens, 0)), "
          "  sum(coalesce(c.cost_pico, c.bound_cost_pico, 0)), "
          "  sum(c.status = 1 AND c.cost_pico IS NULL AND c.bound_cost_pico IS NULL) "
          "FROM call c JOIN attempt a ON a.id = c.attempt JOIN entry e ON e.id = a.entry JOIN run r ON r.id = e.run "
          "  JOIN model m ON m.id = e.model LEFT JOIN word w ON w.id = c.asked "
          "WHERE r.run_id = ? AND c.status <> 3 GROUP BY 1 ORDER BY 1");
  q.text(run_id);
  std::vector<ModelSpend> out;
  for (;;) {
    const auto row = q.step();
    if (!row) return row.error();
    if (!*row) return out;
    out.push_back({std::string(q.text_at(0)), q.integer_at(1), q.integer_at(2), static_cast<std::uint64_t>(q.integer_at(3))});
  }
}

Result<TokenHistory> read_token_history(Db& db, const std::string& entry_name, const std::string& server_model,
                                        const std::string& task, const std::string& strategy,
                                        const std::optional<std::int64_t>& max_tokens) {
  Query q(db,
          "SELECT count(*), total(i), total(i * i), total(o), total(o * o) FROM ("
          "  SELECT total(c.input_tokens + coalesce(c.cached_input_tokens, 0) + coalesce(c.cache_write_tokens, 0)) AS i, "
          "    total(c.output_tokens + coalesce(c.reasoning_tokens, 0)) AS o "
          "  FROM entry e JOIN model m ON m.id = e.model JOIN task t ON t.id = e.task "
          "    JOIN attempt a ON a.entry = e.id JOIN call c ON c.attempt = a.id "
          "  WHERE t.name = ?1 AND (m.name = ?2 OR json_extract(m.config, '$.model') = ?3) AND e.strategy = ?4 "
          "    AND json_extract(e.sampling, '$.max_tokens') IS ?5 "
          "    AND a.outcome IS NOT NULL AND a.outcome <> 7 AND c.status <> 2 AND c.asked IS NULL AND c.kind <> 3 "
          "  GROUP BY a.id HAVING count(c.input_tokens) = count(*) AND count(c.output_tokens) = count(*))");
  const auto row = q.text(task).text(entry_name).text(server_model).text(strategy).integer(max_tokens).step();
  if (!row) return row.error();
  TokenHistory out;
  out.attempts = static_cast<std::uint64_t>(q.integer_at(0));
  out.input = q.real_at(1);
  out.input_squares = q.real_at(2);
  out.output = q.real_at(3);
  out.output_squares = q.real_at(4);
  return out;
}

}  // namespace assay
