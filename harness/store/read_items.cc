#include <algorithm>
#include <charconv>

#include "harness/base/format.h"
#include "harness/store/packed_text.h"
#include "harness/store/reader.h"

namespace assay {
namespace {

// A finished attempt with the scores that count; one row a score, or one without.
#define ASSAY_ITEM_COLUMNS                                                                                         \
  "SELECT a.sample_index, a.epoch, a.outcome, a.error, p.sample_key, p.identity, p.occurrence, c.name, c.version, " \
  "s.outcome, s.value, s.extracted, s.rule, s.explanation, "                                                       \
  "(SELECT sum(x.output_tokens + coalesce(x.reasoning_tokens, 0)) FROM call x WHERE x.attempt = a.id), "           \
  "(SELECT sum(x.cost_pico) FROM call x WHERE x.attempt = a.id), a.id, s.is_primary, s.span_begin, s.span_end, "    \
  "s.answer_class, a.chosen_step, a.chosen_draw, p.cluster, p.body_codec, p.body "

ItemRow item_at(const Query& q, const EntryRecord& entry) {
  ItemRow row;
  row.run_id = entry.run_id;
  row.model = entry.model.name;
  row.task = entry.task;
  row.variant = entry.variant;
  row.epoch = static_cast<std::uint32_t>(q.integer_at(1));
  row.outcome = enum_at(q, 2, kOutcomeCount, Outcome::unscored);
  row.explanation = q.text_at(3);
  row.sample_key = q.text_at(4);
  row.identity = q.digest_at(5).hex();
  row.occurrence = static_cast<std::uint32_t>(q.integer_at(6));
  if (q.null_at(7)) {
    if (!entry.scorers.empty()) row.scorer = entry.scorers.front().id;
  } else {
    row.scorer = q.text_at(7);
    row.scorer_version = static_cast<std::uint32_t>(q.integer_at(8));
    row.outcome = enum_at(q, 9, kOutcomeCount, Outcome::unscored);
    row.value = q.real_at(10);
    row.extracted = q.text_at(11);
    row.rule = q.text_at(12);
    row.explanation = q.text_at(13);
  }
  row.output_tokens = q.maybe_integer_at(14);
  row.cost_pico = q.maybe_integer_at(15);
  return row;
}

Result<void> read_page(Db& db, const EntryRow& entry, bool all_scorers, std::size_t attempts, ItemCursor& cursor,
                       std::vector<ItemRow>& page, std::size_t& seen) {
  Query q(db, ASSAY_ITEM_COLUMNS
          "FROM (SELECT * FROM attempt WHERE entry = ?1 AND outcome IS NOT NULL AND (sample_index, epoch) > (?2, ?3) "
          "      ORDER BY sample_index, epoch LIMIT ?4) a "
          "JOIN sample p ON p.id = a.sample "
          "LEFT JOIN score s ON s.attempt = a.id AND s.current = 1 AND s.is_primary >= ?5 "
          "LEFT JOIN scorer c ON c.id = s.scorer "
          "ORDER BY a.sample_index, a.epoch, s.is_primary DESC, c.name, c.version");
  q.integer(entry.summary.id).integer(cursor.sample_index).integer(cursor.epoch);
  q.integer(static_cast<std::int64_t>(attempts)).integer(all_scorers ? 0 : 1);
  for (;;) {
    const auto row = q.step();
    if (!row) return row.error();
    if (!*row) return {};
    const std::int64_t index = q.integer_at(0);
    const std::int64_t epoch = q.integer_at(1);
    if (index != cursor.sample_index || epoch != cursor.epoch) seen += 1;
    cursor.sample_index = index;
    cursor.epoch = epoch;
    page.push_back(item_at(q, entry.summary.record));
  }
}

std::vector<std::string> strings_of(const Json& body, std::string_view key) {
  std::vector<std::string> out;
  const Json* list = json_find(body, key);
  if (!list || !list->is_array()) return out;
  for (const Json& item : *list) {
    if (const auto* text = item.get_ptr<const Json::string_t*>()) out.push_back(*text);
  }
  return out;
}

Role role_from(std::string_view text) {
  if (text == name(Role::system)) return Role::system;
  return text == name(Role::assistant) ? Role::assistant : Role::user;
}

Result<void> read_body(const std::string& path, std::int64_t codec, std::string_view bytes, Sample& sample) {
  const auto text = unpack(codec, bytes);
  if (!text) return text.error();
  const auto body = parse_json(*text);
  if (!body) return Error{Code::corrupt, format("{}: sample {}: {}", path, sample.key, body.error().message)};
  if (const Json* messages = json_find(*body, "messages"); messages && messages->is_array()) {
    for (const Json& m : *messages) {
      sample.messages.push_back({role_from(json_string(m, "role").value_or("")), json_string(m, "content").value_or("")});
    }
  }
  sample.question = json_string(*body, "question").value_or("");
  sample.targets = strings_of(*body, "targets");
  sample.choices = strings_of(*body, "choices");
  if (const Json* metadata = json_find(*body, "metadata")) sample.metadata = *metadata;
  return {};
}

ScoreRecord score_at(const Query& q) {
  ScoreRecord out;
  out.scorer = q.text_at(7);
  out.scorer_version = static_cast<std::uint32_t>(q.integer_at(8));
  out.primary = q.integer_at(17) != 0;
  out.score.outcome = enum_at(q, 9, kOutcomeCount, Outcome::unscored);
  out.score.value = q.real_at(10);
  out.score.extracted = q.text_at(11);
  if (!q.null_at(18)) {
    out.score.span = Span{static_cast<std::size_t>(q.integer_at(18)), static_cast<std::size_t>(q.integer_at(19))};
  }
  out.score.rule = q.text_at(12);
  out.score.explanation = q.text_at(13);
  out.score.answer_class = q.text_at(20);
  return out;
}

AttemptDetail detail_at(const Query& q, const EntryRecord& entry) {
  AttemptDetail out;
  out.item = item_at(q, entry);
  out.strategy = entry.strategy;
  out.sample.key = q.text_at(4);
  out.sample.identity = q.digest_at(5);
  out.sample.occurrence = static_cast<std::uint32_t>(q.integer_at(6));
  out.sample.cluster = q.text_at(23);
  if (!q.null_at(21)) out.chosen_step = static_cast<std::uint32_t>(q.integer_at(21));
  if (!q.null_at(22)) out.chosen_draw = static_cast<std::uint32_t>(q.integer_at(22));
  out.error = q.text_at(3);
  return out;
}

struct Found {
  std::int64_t attempt = 0;
  AttemptRef ref;
  AttemptDetail detail;
};

Result<std::vector<Found>> find_attempts(Db& db, const EntryRow& entry, std::string_view key, std::int64_t index) {
  Query q(db, ASSAY_ITEM_COLUMNS
          "FROM attempt a JOIN sample p ON p.id = a.sample "
          "LEFT JOIN score s ON s.attempt = a.id AND s.current = 1 LEFT JOIN scorer c ON c.id = s.scorer "
          "WHERE a.entry = ?1 AND a.outcome IS NOT NULL AND (p.sample_key = ?2 OR a.sample_index = ?3) "
          "ORDER BY a.sample_index, a.epoch, s.is_primary DESC, c.name, c.version");
  q.integer(entry.summary.id).text(key).integer(index);
  std::vector<Found> out;
  for (;;) {
    const auto row = q.step();
    if (!row) return row.error();
    if (!*row) return out;
    const std::int64_t attempt = q.integer_at(16);
    if (out.empty() || out.back().attempt != attempt) {
      Found found;
      found.attempt = attempt;
      found.ref = {entry.summary.id, static_cast<std::uint64_t>(q.integer_at(0)), static_cast<std::uint32_t>(q.integer_at(1))};
      found.detail = detail_at(q, entry.summary.record);
      if (auto r = read_body(db.path(), q.integer_at(24), q.text_at(25), found.detail.sample); !r) return r.error();
      out.push_back(std::move(found));
    }
    if (!q.null_at(7)) out.back().detail.scores.push_back(score_at(q));
  }
}

}  // namespace

Result<bool> read_items(Db& db, const std::vector<EntryRow>& entries, bool all_scorers, std::size_t page_size,
                        ItemCursor& cursor, std::vector<ItemRow>& page) {
  page.clear();
  std::size_t left = std::max<std::size_t>(page_size, 1);
  while (cursor.entry < entries.size() && left > 0) {
    std::size_t seen = 0;
    if (auto r = read_page(db, entries[cursor.entry], all_scorers, left, cursor, page, seen); !r) return r.error();
    if (seen < left) cursor = ItemCursor{cursor.entry + 1, -1, -1};
    left -= seen;
  }
  return !page.empty();
}

Result<std::vector<AttemptDetail>> read_attempts(Db& db, const Selection& selection, const std::string& sample_key) {
  const auto entries = read_entries(db, selection);
  if (!entries) return entries.error();
  std::int64_t index = -1;
  const char* end = sample_key.data() + sample_key.size();
  const auto parsed = std::from_chars(sample_key.data(), end, index);
  if (parsed.ec != std::errc() || parsed.ptr != end || index < 0) index = -1;
  std::vector<AttemptDetail> out;
  for (const EntryRow& entry : *entries) {
    auto found = find_attempts(db, entry, sample_key, index);
    if (!found) return found.error();
    // A key that looks like a number is a key first: its own sample wins over the one in that place.
    const bool by_key = std::any_of(found->begin(), found->end(), [&](const Found& f) { return f.detail.sample.key == sample_key; });
    for (Found& f : *found) {
      if (by_key && f.detail.sample.key != sample_key) continue;
      auto calls = read_calls(db, f.ref);
      if (!calls) return calls.error();
      f.detail.calls = std::move(*calls);
      auto traces = read_traces(db, f.attempt);
      if (!traces) return traces.error();
      f.detail.traces = std::move(*traces);
      out.push_back(std::move(f.detail));
    }
  }
  return out;
}

}  // namespace assay
