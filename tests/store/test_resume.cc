// What a resume and the cache ask, while the writer goes on.
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "tests/store/fixtures.h"

namespace assay {
namespace {

TEST_CASE("a resumed run finds its spec, its finished attempts and their calls") {
  TempDir dir;
  const RunRecord run = run_record();
  EntryId entry = 0;
  {
    auto store = open_store(dir / "a.db");
    REQUIRE(store->begin_run(run).ok());
    entry = *store->add_entry(entry_record(run.run_id));
    put_attempt(*store, entry, 5, 0, Outcome::correct, 1);
    put_attempt(*store, entry, 2, 0, Outcome::truncated, 0);
    store->add_call({entry, 3, 0}, sample_of(3), call_record(3), {});  // answered, not finished
    REQUIRE(store->finish_run(run.run_id, "interrupted").ok());
  }
  auto store = open_store(dir / "a.db");
  const auto resumed = store->resume_run(run.run_id);
  REQUIRE(resumed.ok());
  CHECK(resumed->spec == run.spec);
  CHECK(resumed->seed == run.seed);
  CHECK((*store->runs())[0].state == "running");
  CHECK_FALSE((*store->runs())[0].finished.has_value());
  CHECK_FALSE(store->resume_run(new_ulid()).ok());
  CHECK(*store->add_entry(entry_record(run.run_id)) == entry);
  std::string found;
  REQUIRE(store->finished_attempts(entry, [&](std::uint64_t i, std::uint32_t epoch, Outcome o, const Digest& identity) {
    CHECK(identity == sample_of(i).identity);
    found += std::to_string(i) + "." + std::to_string(epoch) + std::string(name(o)) + " ";
  }).ok());
  CHECK(found == "2.0truncated 5.0correct ");
  CHECK(store->calls_of({entry, 3, 0})->size() == 1);
  CHECK(store->calls_of({entry, 4, 0})->empty());

  // The data changed between the two: the attempt must not mix both.
  Sample changed = sample_of(3);
  changed.targets = {"other"};
  std::atomic<bool> refused = false;
  store->finish_attempt({entry, 3, 0}, changed, result_of(Outcome::correct, 1), [&](Result<void> r) { refused = !r.ok(); });
  store->finish_attempt({entry, 4, 0}, sample_of(4), result_of(Outcome::correct, 1), {});
  REQUIRE(store->flush().ok());  // a wrong write fails alone
  CHECK(refused);
  CHECK((*store->runs())[0].attempts == 3);
  CHECK(store->check_integrity().ok());
}

TEST_CASE("the cache gives committed ok responses only") {
  TempDir dir;
  auto store = open_store(dir / "a.db");
  const RunRecord run = run_record();
  REQUIRE(store->begin_run(run).ok());
  const EntryId entry = *store->add_entry(entry_record(run.run_id));
  CallRecord failed = call_record(1);
  failed.status = CallStatus::failed;
  CallRecord cached = call_record(2);
  cached.status = CallStatus::cached;
  store->add_call({entry, 0, 0}, sample_of(0), call_record(0, 0, "first"), {});
  store->add_call({entry, 1, 0}, sample_of(1), failed, {});
  store->add_call({entry, 2, 0}, sample_of(2), cached, {});
  REQUIRE(store->flush().ok());
  const auto hit = store->find_cached(call_record(0).digest);
  REQUIRE(hit.ok());
  REQUIRE(hit->has_value());
  CHECK((*hit)->response.text == "first");
  CHECK((*hit)->request == call_record(0).request);
  CHECK_FALSE(store->find_cached(failed.digest)->has_value());
  CHECK_FALSE(store->find_cached(cached.digest)->has_value());
  CHECK_FALSE(store->find_cached(sha256("never asked"))->has_value());
}

TEST_CASE("callbacks come once, after the commit, in the order of the writes of one thread") {
  TempDir dir;
  auto store = open_store(dir / "a.db");
  const RunRecord run = run_record();
  REQUIRE(store->begin_run(run).ok());
  const EntryId entry = *store->add_entry(entry_record(run.run_id, "m", "t", 2000));
  std::mutex mutex;
  std::vector<std::uint64_t> order;
  std::atomic<int> unseen = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    store->add_call({entry, i, 0}, sample_of(i), call_record(i), [&, i](Result<void> r) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (r.ok()) order.push_back(i);
      // Committed means that another connection sees it.
      if (i % 100 == 0 && store->calls_of({entry, i, 0})->size() != 1) ++unseen;
      if (i % 2 == 0) store->finish_attempt({entry, i, 0}, sample_of(i), result_of(Outcome::correct, 1), {});
    });
  }
  REQUIRE(store->flush().ok());
  REQUIRE(store->flush().ok());  // what the callbacks of the first wrote
  CHECK(unseen == 0);
  REQUIRE(order.size() == 2000);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK((*store->runs())[0].attempts == 1000);
}

TEST_CASE("a small queue holds its producers back and loses nothing") {
  TempDir dir;
  StoreOptions options;
  options.queue_items = 4;
  options.queue_bytes = 8192;
  auto store = open_store(dir / "a.db", StoreMode::read_write, options);
  const RunRecord run = run_record();
  REQUIRE(store->begin_run(run).ok());
  const EntryId entry = *store->add_entry(entry_record(run.run_id, "m", "t", 400));
  std::atomic<int> committed = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = t; i < 400; i += 4) {
        store->add_call({entry, i, 0}, sample_of(i), call_record(i), [&](Result<void> r) { committed += r.ok() ? 1 : 0; });
        store->finish_attempt({entry, i, 0}, sample_of(i), result_of(Outcome::correct, 1), {});
      }
    });
  }
  for (std::thread& t : threads) t.join();
  REQUIRE(store->flush().ok());
  CHECK(committed == 400);
  CHECK(store->leaderboard({})->at(0).outcomes[1] == 400);
  CHECK(store->check_integrity().ok());
}

TEST_CASE("two stores write one file at the same time") {
  TempDir dir;
  const auto path = dir / "shared.db";
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      auto store = Store::open(path, StoreMode::read_write);  // both may have to create it
      if (!store) {
        ++failures;
        return;
      }
      const RunRecord run = run_record();
      if (!(*store)->begin_run(run)) ++failures;
      const auto entry = (*store)->add_entry(entry_record(run.run_id, "m", "t", 300));
      if (!entry) {
        ++failures;
        return;
      }
      for (std::uint64_t i = 0; i < 300; ++i) put_attempt(**store, *entry, i, 0, Outcome::correct, 1);
      if (!(*store)->flush()) ++failures;
    });
  }
  for (std::thread& t : threads) t.join();
  CHECK(failures == 0);
  auto store = open_store(path, StoreMode::read_only);
  const auto rows = store->leaderboard({});
  REQUIRE(rows.ok());
  REQUIRE(rows->size() == 2);
  CHECK((*rows)[0].outcomes[1] == 300);
  CHECK((*rows)[1].outcomes[1] == 300);
  CHECK(store->check_integrity().ok());
}

TEST_CASE("readers see whole attempts while a run is being written") {
  TempDir dir;
  auto store = open_store(dir / "a.db");
  const RunRecord run = run_record();
  REQUIRE(store->begin_run(run).ok());
  const EntryId entry = *store->add_entry(entry_record(run.run_id, "m", "t", 1000));
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0;
  std::thread reader([&] {
    while (!done) {
      const auto rows = store->leaderboard({});
      const auto runs = store->runs();
      if (!rows || !runs) ++torn;
    }
  });
  for (std::uint64_t i = 0; i < 1000; ++i) put_attempt(*store, entry, i, 0, Outcome::correct, 1);
  CHECK(store->flush().ok());
  done = true;
  reader.join();
  CHECK(torn == 0);
}

}  // namespace
}  // namespace assay
