#include "harness/store/prices.h"

#include "harness/store/store.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace assay;

namespace {

PriceRow row_of(const char* from, const char* to, std::int64_t input, const char* model = "m") {
  PriceRow row;
  row.provider = "p";
  row.model = model;
  row.valid_from = from;
  row.valid_to = to;
  row.price.input = input;
  row.price.output = 9;
  row.source = "a test";
  return row;
}

// "from..to=input" of the rows that hold.
std::string rows_in(PriceBook& book) {
  auto kept = book.list();
  REQUIRE(kept.ok());
  std::string out;
  for (const KeptPrice& k : *kept) {
    if (!out.empty()) out += " ";
    out += k.row.valid_from + ".." + k.row.valid_to + "=" + std::to_string(*k.row.price.input);
  }
  return out;
}

}  // namespace

TEST_CASE("a price row comes back from the store as it went in") {
  const test::TempDir dir;
  PriceRow row = row_of("2025-01-01", "2025-02-01", 550000);
  row.price = Price{1, 2, 3, 4, 5, 6};
  row.tier = Price{11, 12, 13, 14, 15, 16};
  row.tier_tokens = 200000;
  row.batch_millionths = 333333;
  row.retrieved_at = "2025-03-01";
  PriceRow bare = row_of("2025-02-01", "", 1);
  bare.price.output.reset();
  {
    auto book = PriceBook::open(dir / "a.db");
    REQUIRE(book.ok());
    auto added = (*book)->add({row, bare}, OnOverlap::refuse);
    REQUIRE(added.ok());
    CHECK(added->added == 2);
  }
  auto rows = PriceBook::read(dir / "a.db");
  REQUIRE(rows.ok());
  REQUIRE(rows->size() == 2);
  const PriceRow& back = rows->front();
  CHECK(back.provider == "p");
  CHECK(back.model == "m");
  CHECK(back.valid_from == "2025-01-01");
  CHECK(back.valid_to == "2025-02-01");
  CHECK(back.currency == "USD");
  CHECK(back.price == row.price);
  CHECK(back.tier == row.tier);
  CHECK(back.tier_tokens == 200000);
  CHECK(back.batch_millionths == 333333);
  CHECK(back.source == "a test");
  CHECK(back.retrieved_at == "2025-03-01");
  CHECK(rows->back().valid_to.empty());
  CHECK_FALSE(rows->back().price.output);
  CHECK_FALSE(rows->back().batch_millionths);
  auto none = PriceBook::read(dir / "none.db");
  REQUIRE(none.ok());
  CHECK(none->empty());
  // The store is a store like any other.
  auto store = Store::open(dir / "a.db", StoreMode::read_write);
  REQUIRE(store.ok());
  CHECK((*store)->check_integrity().ok());
}

TEST_CASE("a row that overlaps is refused, or the rows before give way on its days alone") {
  struct Case {
    PriceRow row;
    const char* after;  // with replace
    bool refused;       // without
  };
  for (const Case& c : {
           Case{row_of("2025-02-01", "2025-03-01", 5),
                "2025-01-01..2025-02-01=1 2025-02-01..2025-03-01=5 2025-03-01..=1", true},
           Case{row_of("2025-06-01", "", 5), "2025-01-01..2025-06-01=1 2025-06-01..=5", true},
           Case{row_of("2024-06-01", "", 5), "2024-06-01..=5", true},
           Case{row_of("2024-06-01", "2025-01-01", 5), "2024-06-01..2025-01-01=5 2025-01-01..=1", false},
           Case{row_of("2024-06-01", "2025-01-02", 5), "2024-06-01..2025-01-02=5 2025-01-02..=1", true},
           Case{row_of("2025-06-01", "", 1), "2025-01-01..=1", false},  // there already
       }) {
    INFO(price_row_name(c.row));
    const test::TempDir dir;
    auto book = PriceBook::open(dir / "a.db");
    REQUIRE(book.ok());
    REQUIRE((*book)
                ->add({row_of("2025-01-01", "", 1), row_of("2025-01-01", "", 7, "other")}, OnOverlap::refuse)
                .ok());
    auto added = (*book)->add({c.row}, OnOverlap::refuse);
    CHECK(added.ok() != c.refused);
    if (c.refused) {
      CHECK(added.error().code == Code::invalid);
      CHECK(added.error().message.find("overlaps p/m 2025-01-01..") != std::string::npos);
      CHECK(rows_in(**book) == "2025-01-01..=1 2025-01-01..=7");
      REQUIRE((*book)->add({c.row}, OnOverlap::replace).ok());
    }
    CHECK(rows_in(**book) == c.after + std::string(" 2025-01-01..=7"));
  }
}

TEST_CASE("what gave way stays in the store, marked, and a list of rows is added whole or not at all") {
  const test::TempDir dir;
  auto book = PriceBook::open(dir / "a.db");
  REQUIRE(book.ok());
  REQUIRE((*book)->add({row_of("2025-01-01", "", 1)}, OnOverlap::refuse).ok());
  CHECK_FALSE((*book)
                  ->add({row_of("2025-01-01", "", 3, "new"), row_of("2025-05-01", "", 2)}, OnOverlap::refuse)
                  .ok());
  CHECK(rows_in(**book) == "2025-01-01..=1");
  auto added = (*book)->add({row_of("2025-05-01", "", 2)}, OnOverlap::replace);
  REQUIRE(added.ok());
  CHECK(added->added == 1);
  CHECK(added->replaced == 1);
  auto all = (*book)->list(true);
  REQUIRE(all.ok());
  REQUIRE(all->size() == 3);
  CHECK((*all)[0].replaced_at);  // the whole row, as it was
  CHECK((*all)[0].row.valid_to.empty());
  CHECK_FALSE((*all)[1].replaced_at);
  CHECK((*all)[1].row.valid_to == "2025-05-01");
  auto again = (*book)->add({row_of("2025-05-01", "", 2)}, OnOverlap::replace);
  REQUIRE(again.ok());
  CHECK(again->unchanged == 1);
  CHECK((*book)->list(true)->size() == 3);
}
