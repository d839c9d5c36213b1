// Runs of small suites over the real store.
#include "tests/run/fakes.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace assay;
using namespace assay::test;

namespace {

struct Fixture {
  TempDir dir;
  World world;
  RunOptions options = quick_options();
  Silent progress;
  std::unique_ptr<Store> store;

  Fixture() {
    auto opened = Store::open(dir / "a.db", StoreMode::read_write);
    REQUIRE(opened.ok());
    store = std::move(*opened);
  }
  RunOutcome run(const Suite& suite) {
    auto out = execute(suite, *store, world.plugins(), options, progress);
    if (!out) FAIL(out.error().message);
    return *out;
  }
  RunOutcome again(const std::string& id) {
    auto out = resume(id, *store, world.plugins(), options, progress);
    if (!out) FAIL(out.error().message);
    return *out;
  }
  std::vector<ItemRow> items(const std::string& run_id) {
    Selection selection;
    selection.run_ids = {run_id};
    selection.all_scorers = true;
    auto input = store->items(selection);
    REQUIRE(input.ok());
    std::vector<ItemRow> all, page;
    while (true) {
      auto more = input->next_page(page);
      REQUIRE(more.ok());
      all.insert(all.end(), page.begin(), page.end());
      if (!*more) return all;
    }
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a run answers, scores and keeps every attempt once") {
  Suite suite = suite_of(20);
  suite.epochs = 3;
  world.answer = [](const Request& r) { return says(r.epoch == 2 ? "Answer: no idea" : right(r)); };
  const RunOutcome out = run(suite);
  CHECK(out.exit_code == 0);
  CHECK(out.state == "complete");
  CHECK(out.planned == 60);
  CHECK(out.finished == 60);
  CHECK(count(out, Outcome::correct) == 40);
  CHECK(count(out, Outcome::incorrect) == 20);
  CHECK(out.calls == 60);
  CHECK(progress.finishes == 1);
  CHECK(items(out.run_id).size() == 60);
}
