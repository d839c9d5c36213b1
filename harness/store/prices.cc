#include "harness/store/prices.h"

#include <algorithm>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/store/open.h"

namespace assay {
namespace {

constexpr std::int64_t kUnit = 1;  // prices are of one token
constexpr double kMillion = 1e6;

#define ASSAY_PRICE_COLUMNS                                                                       \
  "provider, model_pattern, valid_from, valid_to, currency, input, cached_read, cache_write_5m, " \
  "cache_write_1h, "                                                                              \
  "output, reasoning, batch_factor, tier_threshold_tokens, tier_input, tier_cached_read, "        \
  "tier_cache_write_5m, "                                                                         \
  "tier_cache_write_1h, tier_output, tier_reasoning, source, retrieved_at, added_at"

constexpr const char* kSelect = "SELECT " ASSAY_PRICE_COLUMNS
                                ", replaced_at, id FROM price WHERE unit = 1 AND (replaced_at IS NULL OR ?1) "
                                "ORDER BY provider, model_pattern, valid_from, id";
constexpr const char* kInsert =
    "INSERT INTO price (" ASSAY_PRICE_COLUMNS
    ", unit) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
    "?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)";
constexpr const char* kOfModel =
    "SELECT " ASSAY_PRICE_COLUMNS
    ", replaced_at, id FROM price WHERE unit = 1 AND replaced_at IS NULL AND provider = ?1 "
    "AND model_pattern = ?2 ORDER BY valid_from, id";

#undef ASSAY_PRICE_COLUMNS

Price price_at(const Query& q, int first) {
  Price p;
  p.input = q.maybe_integer_at(first);
  p.cached_input = q.maybe_integer_at(first + 1);
  p.cache_write = q.maybe_integer_at(first + 2);
  p.cache_write_1h = q.maybe_integer_at(first + 3);
  p.output = q.maybe_integer_at(first + 4);
  p.reasoning = q.maybe_integer_at(first + 5);
  return p;
}

KeptPrice kept_at(const Query& q) {
  KeptPrice k;
  k.row.provider = q.text_at(0);
  k.row.model = q.text_at(1);
  k.row.valid_from = q.text_at(2);
  if (!q.null_at(3)) k.row.valid_to = q.text_at(3);
  k.row.currency = q.text_at(4);
  k.row.price = price_at(q, 5);
  if (const auto factor = q.maybe_real_at(11))
    k.row.batch_millionths = static_cast<std::int64_t>(*factor * kMillion + 0.5);
  k.row.tier_tokens = q.maybe_integer_at(12);
  k.row.tier = price_at(q, 13);
  k.row.source = q.text_at(19);
  k.row.retrieved_at = q.text_at(20);
  k.added_at = q.integer_at(21);
  k.replaced_at = q.maybe_integer_at(22);
  k.id = q.integer_at(23);
  return k;
}

void bind_price(Query& q, const Price& p) {
  q.integer(p.input).integer(p.cached_input).integer(p.cache_write).integer(p.cache_write_1h);
  q.integer(p.output).integer(p.reasoning);
}

Result<void> insert(Db& db, const PriceRow& row, std::int64_t now) {
  Query q(db, kInsert);
  q.text(row.provider).text(row.model).text(row.valid_from);
  if (row.valid_to.empty())
    q.null();
  else
    q.text(row.valid_to);
  q.text(row.currency);
  bind_price(q, row.price);
  q.real(row.batch_millionths ? std::optional<double>(static_cast<double>(*row.batch_millionths) / kMillion)
                              : std::nullopt);
  q.integer(row.tier_tokens);
  bind_price(q, row.tier);
  q.text(row.source).text(row.retrieved_at).integer(now).integer(kUnit);
  return q.run();
}

Result<void> mark_replaced(Db& db, std::int64_t id, std::int64_t now) {
  Query q(db, "UPDATE price SET replaced_at = ?1 WHERE id = ?2");
  return q.integer(now).integer(id).run();
}

Result<std::vector<KeptPrice>> of_model(Db& db, const PriceRow& row) {
  Query q(db, kOfModel);
  q.text(row.provider).text(row.model);
  std::vector<KeptPrice> out;
  while (true) {
    auto more = q.step();
    if (!more) return more.error();
    if (!*more) return out;
    out.push_back(kept_at(q));
  }
}

bool same_prices(const PriceRow& a, const PriceRow& b) {
  return a.currency == b.currency && a.price == b.price && a.batch_millionths == b.batch_millionths &&
         a.tier_tokens == b.tier_tokens && a.tier == b.tier;
}

bool covers(const PriceRow& whole, const PriceRow& part) {
  return whole.valid_from <= part.valid_from &&
         (whole.valid_to.empty() || (!part.valid_to.empty() && part.valid_to <= whole.valid_to));
}

// The old row gives way on the new one's days and keeps the others.
Result<void> give_way(Db& db, const KeptPrice& old, const PriceRow& row, std::int64_t now) {
  if (auto marked = mark_replaced(db, old.id, now); !marked) return marked;
  if (old.row.valid_from < row.valid_from) {
    PriceRow before = old.row;
    before.valid_to = row.valid_from;
    if (auto put = insert(db, before, now); !put) return put;
  }
  if (row.valid_to.empty() || (!old.row.valid_to.empty() && old.row.valid_to <= row.valid_to)) return {};
  PriceRow after = old.row;
  after.valid_from = row.valid_to;
  return insert(db, after, now);
}

Result<void> add_one(Db& db, const PriceRow& row, OnOverlap how, std::int64_t now, PricesAdded& done) {
  auto there = of_model(db, row);
  if (!there) return there.error();
  for (const KeptPrice& old : *there) {
    if (!days_overlap(old.row, row)) continue;
    if (same_prices(old.row, row) && covers(old.row, row)) {
      ++done.unchanged;
      return {};
    }
    if (how == OnOverlap::refuse) {
      return invalid(format("price of {} overlaps {}, which the store has from {}",
                            printable(price_row_name(row)), printable(price_row_name(old.row)),
                            printable(old.row.source)));
    }
    if (auto gave = give_way(db, old, row, now); !gave) return gave;
    ++done.replaced;
  }
  ++done.added;
  return insert(db, row, now);
}

Result<std::vector<KeptPrice>> list_of(Db& db, bool all) {
  Query q(db, kSelect);
  q.integer(std::int64_t{all ? 1 : 0});
  std::vector<KeptPrice> out;
  while (true) {
    auto more = q.step();
    if (!more) return more.error();
    if (!*more) return out;
    out.push_back(kept_at(q));
  }
}

}  // namespace

std::string price_row_name(const PriceRow& row) {
  return format("{}/{} {}..{}", row.provider, row.model, row.valid_from, row.valid_to);
}

bool days_overlap(const PriceRow& a, const PriceRow& b) {
  const bool a_ends_before = !a.valid_to.empty() && a.valid_to <= b.valid_from;
  const bool b_ends_before = !b.valid_to.empty() && b.valid_to <= a.valid_from;
  return !a_ends_before && !b_ends_before;
}

PriceBook::PriceBook(std::unique_ptr<Db> db) : db_(std::move(db)) {}
PriceBook::~PriceBook() = default;

Result<std::unique_ptr<PriceBook>> PriceBook::open(const std::filesystem::path& store) {
  auto opened = open_database(store, StoreMode::read_write, StoreOptions{});
  if (!opened) return opened.error();
  return std::unique_ptr<PriceBook>(new PriceBook(std::move(opened->db)));
}

Result<PricesAdded> PriceBook::add(const std::vector<PriceRow>& rows, OnOverlap how) {
  PricesAdded done;
  if (auto begun = db_->exec("BEGIN IMMEDIATE"); !begun) return begun.error();
  const std::int64_t now = unix_micros();
  for (const PriceRow& row : rows) {
    if (auto added = add_one(*db_, row, how, now, done); !added) {
      (void)db_->exec("ROLLBACK");
      return added.error();
    }
  }
  if (auto committed = db_->exec("COMMIT"); !committed) return committed.error();
  return done;
}

Result<std::vector<KeptPrice>> PriceBook::list(bool all) { return list_of(*db_, all); }

Result<std::vector<PriceRow>> PriceBook::read(const std::filesystem::path& store) {
  std::vector<PriceRow> out;
  std::error_code ec;
  if (!std::filesystem::exists(store, ec)) return out;
  auto opened = open_database(store, StoreMode::read_only, StoreOptions{});
  if (!opened) return opened.error();
  {
    Query table(*opened->db, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'price'");
    auto there = table.step();
    if (!there) return there.error();
    if (!*there) return out;
  }
  auto kept = list_of(*opened->db, false);
  if (!kept) return kept.error();
  for (KeptPrice& k : *kept) out.push_back(std::move(k.row));
  return out;
}

}  // namespace assay
