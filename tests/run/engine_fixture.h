// A store, a world of fakes and a run over both.
#pragma once

#include "tests/run/fakes.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace assay::test {

inline std::string place(const Request& r) {
  return format("{} {} {} {} {}", r.task, r.sample_key, r.epoch, r.step, r.draw);
}

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

}  // namespace assay::test
