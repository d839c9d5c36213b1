// Runs of small suites over the real store.
#include "tests/run/engine_fixture.h"

using namespace assay;
using namespace assay::test;

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

TEST_CASE_METHOD(Fixture, "models, tasks and variants multiply, each an entry of its own") {
  Suite suite = suite_of(3);
  suite.tasks.push_back({"sums/more", 5, 2, Json::object()});
  suite.models.push_back(suite.models[0]);
  suite.models[1].name = "other";
  suite.variants[0].name = "plain";
  suite.variants.push_back({"terse", {}, {}});
  const RunOutcome out = run(suite);
  CHECK(out.planned == 2 * 2 * (3 + 10));
  CHECK(count(out, Outcome::correct) == out.planned);
  auto entries = store->entries(out.run_id);
  REQUIRE(entries.ok());
  CHECK(entries->size() == 8);
}

TEST_CASE_METHOD(Fixture, "what a response is decides what becomes of a wrong answer") {
  struct Row {
    const char* what;
    BackendReply reply;
    Outcome expected;
  };
  BackendReply refusal = says("I would rather not.");
  refusal.responses[0].refusal = "policy";
  BackendReply right_but_cut = says("Answer: 0", FinishReason::length);
  const Row rows[] = {
      {"wrong", says("Answer: 1"), Outcome::incorrect},
      {"right", says("Answer: 0"), Outcome::correct},
      {"nothing", says(""), Outcome::no_answer},
      {"wrong and cut", says("Answer: 1", FinishReason::length), Outcome::truncated},
      {"nothing and cut", says("<think>hm", FinishReason::length), Outcome::truncated},
      {"cut in its trace without a finish reason", says("<think>hm", FinishReason::unknown),
       Outcome::truncated},
      {"right and cut", right_but_cut, Outcome::correct},
      {"out of time", says("Answer: 1", FinishReason::deadline), Outcome::truncated},
      {"refused", refusal, Outcome::refused},
      {"filtered", says("", FinishReason::content_filter), Outcome::refused},
      {"the user's mistake", fails(Code::invalid), Outcome::error},
      {"a deadline without tokens", fails(Code::deadline), Outcome::error},
      {"never there", fails(Code::unavailable), Outcome::error},
      {"no response at all", BackendReply{}, Outcome::error},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    world.answer = [&row](const Request&) { return row.reply; };
    const RunOutcome out = run(suite_of(1));
    CHECK(count(out, row.expected) == 1);
    const auto all = items(out.run_id);
    REQUIRE(all.size() == 1);
    CHECK(all[0].outcome == row.expected);
    CHECK(out.exit_code == (row.expected == Outcome::error ? 4 : 0));
  }
}

TEST_CASE_METHOD(Fixture, "the user's mistakes are asked once, passing failures up to the limit of tries") {
  struct Row {
    Code code;
    std::size_t tries;
  };
  for (const Row row : {Row{Code::invalid, 1}, Row{Code::deadline, 1}, Row{Code::internal, 1},
                        Row{Code::unavailable, 5}, Row{Code::exhausted, 5}, Row{Code::corrupt, 5}}) {
    INFO(name(row.code));
    world.asked = std::make_shared<FakeBackend::Asked>();
    world.answer = [row](const Request&) { return fails(row.code); };
    const RunOutcome out = run(suite_of(1));
    CHECK(world.asked->size() == row.tries);
    CHECK(out.calls == row.tries);
    CHECK(out.retries == row.tries - 1);
    Selection selection;
    selection.run_ids = {out.run_id};
    auto detail = store->attempts(selection, "sum-0");
    REQUIRE(detail.ok());
    REQUIRE(detail->size() == 1);
    CHECK((*detail)[0].calls.size() == row.tries);  // each try is on record
    CHECK((*detail)[0].error.find("it failed") != std::string::npos);
  }
}

TEST_CASE_METHOD(Fixture, "attempts that ended in an error are tried again by a resume, and only they") {
  auto broken = std::make_shared<std::atomic<bool>>(true);
  world.answer = [broken](const Request& r) {
    const bool fails_now = *broken && r.sample_key.back() < '5';
    return fails_now ? fails(Code::unavailable) : says(right(r));
  };
  const RunOutcome first = run(suite_of(10));
  CHECK(count(first, Outcome::error) == 5);
  CHECK(first.exit_code == 4);
  CHECK(first.state == "partial");
  const std::size_t asked = world.asked->size();
  *broken = false;
  const RunOutcome second = again(first.run_id);
  CHECK(second.exit_code == 0);
  CHECK(second.state == "complete");
  CHECK(count(second, Outcome::correct) == 10);
  CHECK(count(second, Outcome::error) == 0);
  CHECK(second.finished_before == 10);
  CHECK(world.asked->size() == asked + 5);
  CHECK(items(first.run_id).size() == 10);
  Selection selection;
  selection.run_ids = {first.run_id};
  auto rows = store->leaderboard(selection);
  REQUIRE(rows.ok());
  REQUIRE(rows->size() == 1);
  CHECK((*rows)[0].outcomes[static_cast<std::size_t>(Outcome::correct)] == 10);
  CHECK((*rows)[0].outcomes[static_cast<std::size_t>(Outcome::error)] == 0);
}

TEST_CASE_METHOD(Fixture, "allow_incomplete accepts errors; a suite's limit may be stricter than a point") {
  world.answer = [](const Request& r) {
    return r.sample_key == "sum-0" ? fails(Code::invalid) : says(right(r));
  };
  CHECK(run(suite_of(10)).exit_code == 4);
  CHECK(run(suite_of(200)).exit_code == 0);
  Suite strict = suite_of(200);
  strict.limits.error_rate = 0.001;
  CHECK(run(strict).exit_code == 4);
  options.allow_incomplete = true;
  CHECK(run(strict).exit_code == 0);
  CHECK(run(suite_of(10)).exit_code == 0);
}

TEST_CASE_METHOD(Fixture, "every scorer scores, and the first decides") {
  world.scorers = {{"last_line", Json::object()}, {"program", Json::object()}};
  const RunOutcome out = run(suite_of(4));
  CHECK(count(out, Outcome::correct) == 4);
  const auto all = items(out.run_id);
  REQUIRE(all.size() == 8);
  std::size_t unscored = 0;
  for (const ItemRow& row : all) unscored += row.scorer == "program" && row.outcome == Outcome::unscored;
  CHECK(unscored == 4);
}

TEST_CASE_METHOD(Fixture, "a judge's opinion is a recorded call of the judge's own model") {
  world.scorers = {{"judge", Json::object()}};
  Suite suite = suite_of(3);
  suite.models.push_back(suite.models[0]);
  suite.models[1].name = "judge";
  suite.models[1].backend = "second";
  const RunOutcome out = run(suite);
  CHECK(count(out, Outcome::correct) == 6);
  CHECK(out.calls == 12);
  Selection selection;
  selection.run_ids = {out.run_id};
  selection.models = {"model"};
  auto detail = store->attempts(selection, "sum-1");
  REQUIRE(detail.ok());
  REQUIRE(detail->size() == 1);
  REQUIRE((*detail)[0].calls.size() == 2);
  CHECK((*detail)[0].calls[1].call.kind == CallKind::work);

  world.second = [](const Request&) { return fails(Code::invalid); };
  const RunOutcome unheard = run(suite);
  CHECK(count(unheard, Outcome::unscored) + count(unheard, Outcome::error) == 6);
}

TEST_CASE_METHOD(Fixture,
                 "with a cache equal calls of an earlier run are not asked again, nor merged within one") {
  Suite suite = suite_of(8);
  suite.epochs = 2;
  suite.models.push_back(suite.models[0]);  // the same questions to the same model by another name
  suite.models[1].name = "twin";
  options.use_cache = true;
  CHECK(run(suite).calls == 32);
  const RunOutcome cached = run(suite);
  CHECK(cached.calls == 0);
  CHECK(cached.cached == 32);
  CHECK(count(cached, Outcome::correct) == 32);
  suite.sampling.temperature = 0.5;
  CHECK(run(suite).calls == 32);
  suite.models[0].options = Json{{"extra_body", Json{{"reasoning_effort", "high"}}}};  // another question
  CHECK(run(suite).calls == 16);
  options.use_cache = false;
  CHECK(run(suite).calls == 32);
}

TEST_CASE_METHOD(Fixture, "a resume refuses changed data, and a run that is not there") {
  const RunOutcome out = run(suite_of(3));
  world.data = "other sums";
  auto refused = resume(out.run_id, *store, world.plugins(), options, progress);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Code::invalid);
  CHECK(refused.error().message.find("sums") != std::string::npos);
  CHECK(refused.error().message.find("data") != std::string::npos);
  auto runs = store->runs();
  REQUIRE(runs.ok());
  CHECK((*runs)[0].state == "complete");  // as it was
  auto absent = resume("01ARZ3NDEKTSV4RRFFQ69G5FAV", *store, world.plugins(), options, progress);
  REQUIRE_FALSE(absent.ok());
  CHECK(absent.error().code == Code::invalid);
}

TEST_CASE_METHOD(Fixture, "a stop request ends dispatch, and a resume asks for nothing that was committed") {
  for (const char* strategy : {"single", "self_consistency:3", "continue_truncated:64"}) {
    INFO(strategy);
    world.asked = std::make_shared<FakeBackend::Asked>();
    auto asked = world.asked;
    world.answer = [](const Request& r) {
      if (r.step == 0) return says("Answer: 0", FinishReason::length);
      return says(right(r));
    };
    Suite suite = suite_of(200);
    suite.sampling.max_tokens = 16;
    suite.strategy = *parse_strategy(strategy);
    options.max_connections = 2;
    std::string id;
    std::size_t rounds = 0;
    for (; rounds < 50; ++rounds) {
      const std::size_t until = asked->size() + 60;
      options.stop_requested = [asked, until] { return asked->size() >= until; };
      const RunOutcome out = id.empty() ? run(suite) : again(id);
      id = out.run_id;
      if (!out.interrupted) break;
      if (out.state == "complete") break;
      CHECK(out.exit_code == 130);
      CHECK(out.state == "interrupted");
      REQUIRE(out.notes.size() == 1);
      CHECK(out.notes[0].find("--resume " + id) != std::string::npos);
    }
    options.stop_requested = nullptr;
    CHECK(rounds > 1);
    CHECK(items(id).size() == 200);
    std::map<std::string, int> times;
    for (const Request& r : asked->requests) ++times[place(r)];
    for (const auto& [what, n] : times) {
      INFO(what);
      CHECK(n == 1);
    }
  }
}

TEST_CASE_METHOD(Fixture, "requests carry seeds only where asked for, the same for the same place") {
  Suite suite = suite_of(2);
  suite.epochs = 2;
  run(suite);
  for (const Request& r : world.asked->requests) CHECK_FALSE(r.sampling.seed);
  const auto seeds = [&] {
    world.asked->requests.clear();
    run(suite);
    std::map<std::string, std::uint64_t> out;
    for (const Request& r : world.asked->requests) out[place(r)] = r.sampling.seed.value_or(0);
    return out;
  };
  suite.models[0].seed = true;
  const auto first = seeds();
  CHECK(first == seeds());
  std::set<std::uint64_t> different;
  for (const auto& [at, seed] : first) different.insert(seed);
  CHECK(different.size() == 4);
  suite.seed = 8;
  CHECK(first != seeds());
}

TEST_CASE_METHOD(Fixture,
                 "results are the same for any number of scoring threads and of requests in flight") {
  const auto listing = [&](const std::string& id) {
    std::string all;
    for (const ItemRow& r : items(id)) {
      all += format("{} {} {} {} {} {} {} {}\n", r.sample_key, r.epoch, name(r.outcome), r.extracted, r.rule,
                    r.explanation, r.output_tokens.value_or(-1), r.identity);
    }
    return all;
  };
  for (const char* strategy : {"single", "self_consistency:3", "continue_truncated"}) {
    Suite suite = suite_of(
        60, "scripted",
        Json{{"behaviour", "mixed"}, {"truncate_rate", 0.3}, {"latency_ms", Json{{"min", 0}, {"max", 3}}}});
    suite.epochs = 2;
    suite.strategy = *parse_strategy(strategy);
    std::string reference;
    for (const std::uint32_t threads : {1U, 2U, 8U}) {
      for (const std::uint32_t connections : {1U, 256U}) {
        options.scoring_threads = threads;
        options.max_connections = connections;
        const std::string got = listing(run(suite).run_id);
        if (reference.empty()) reference = got;
        INFO(strategy << " with " << threads << " threads and " << connections << " in flight");
        CHECK(got == reference);
      }
    }
    CHECK(reference.find("incorrect") != std::string::npos);
  }
}

TEST_CASE_METHOD(Fixture,
                 "a plan multiplies and bounds, and says unknown where a price or a limit is missing") {
  Suite suite = suite_of(10);
  suite.epochs = 2;
  suite.strategy = *parse_strategy("self_consistency:5");
  auto plan = plan_suite(suite, world.plugins(), options);
  REQUIRE(plan.ok());
  REQUIRE(plan->entries.size() == 1);
  CHECK(plan->attempts == 20);
  CHECK(plan->calls == 100);
  CHECK(plan->entries[0].strategy == "self_consistency(k=5)");
  CHECK(plan->entries[0].input_tokens == 1000);
  CHECK_FALSE(plan->entries[0].output_tokens);
  CHECK_FALSE(plan->cost_pico);
  suite.sampling.max_tokens = 50;
  suite.models[0].price.input = 2;
  suite.models[0].price.output = 3;
  plan = plan_suite(suite, world.plugins(), options);
  REQUIRE(plan.ok());
  CHECK(plan->entries[0].output_tokens == 5000);
  CHECK(plan->cost_pico == 17000);
  struct Row {
    const char* strategy;
    std::optional<std::int64_t> max_tokens, output;  // of 20 attempts
  };
  for (const Row& row : {Row{"continue_truncated:64", 50, 20 * 3 * 64}, Row{"continue_truncated:64", 500, 20 * 3 * 500},
                         Row{"continue_truncated:64", std::nullopt, std::nullopt}, Row{"single", 50, 20 * 50}}) {
    suite.strategy = *parse_strategy(row.strategy);
    suite.strategy.rounds = 2;
    suite.sampling.max_tokens = row.max_tokens;
    plan = plan_suite(suite, world.plugins(), options);
    REQUIRE(plan.ok());
    CHECK(plan->entries[0].output_tokens == row.output);
  }
  CHECK(world.asked->size() == 0);
}

TEST_CASE_METHOD(Fixture, "costs add up in pico-dollars, and stay unknown without a price") {
  Suite suite = suite_of(10);
  CHECK(run(suite).cost_pico.known == 0);
  suite.models[0].price.input = *parse_price("0.15");
  suite.models[0].price.output = *parse_price("0.60");
  const RunOutcome out = run(suite);
  CHECK(out.cost_pico.known == 10);
  CHECK(out.cost_pico.sum == 10 * (100 * 150000 + 10 * 600000));
}

TEST_CASE_METHOD(Fixture, "a continued answer is kept split as a whole") {
  world.can_continue = true;
  world.answer = [](const Request& r) {
    if (r.step == 0) return says("<think>twice", FinishReason::length);
    return says(" of it</think>\nAnswer: 2");
  };
  Suite suite = suite_of(2);
  suite.sampling.max_tokens = 16;
  suite.strategy = *parse_strategy("continue_truncated:64");
  const RunOutcome out = run(suite);
  CHECK(count(out, Outcome::correct) == 1);
  Selection selection;
  selection.run_ids = {out.run_id};
  auto detail = store->attempts(selection, "sum-1");
  REQUIRE(detail.ok());
  REQUIRE((*detail)[0].calls.size() == 2);
  const Response& last = (*detail)[0].calls[1].call.response;
  CHECK(last.split.trace == "twice of it");
  CHECK(last.split.answer == "Answer: 2");
}

TEST_CASE_METHOD(Fixture, "requests refused for their key stop the run, say why, and are made by a resume") {
  auto bad_key = std::make_shared<std::atomic<bool>>(true);
  auto asked = world.asked;
  options.max_connections = 4;
  for (const int status : {401, 402, 403, 404}) {
    INFO(status);
    *bad_key = true;
    world.answer = [bad_key, status](const Request& r) {
      return *bad_key ? fails(Code::invalid, std::nullopt, status) : says(right(r));
    };
    const std::size_t before = asked->size();
    const RunOutcome out = run(suite_of(500));
    const std::size_t made = asked->size() - before;
    CHECK(out.exit_code == 4);
    CHECK(out.state == "partial");
    std::string notes;
    for (const std::string& note : out.notes) notes += note + "\n";
    CHECK(notes.find(std::to_string(made) + " x ") != std::string::npos);
    CHECK(notes.find("it failed") != std::string::npos);
    CHECK(notes.find("--resume " + out.run_id) != std::string::npos);
    CHECK(count(out, Outcome::error) == made);
    if (status == 404) {
      CHECK(made == 500);
      continue;
    }
    CHECK(made >= 20);
    CHECK(made < 40);
    CHECK(notes.find(std::to_string(status)) != std::string::npos);
    *bad_key = false;
    const RunOutcome mended = again(out.run_id);
    CHECK(mended.state == "complete");
    CHECK(count(mended, Outcome::correct) == 500);
  }
  // One success in between and it is no matter of the key.
  world.answer = [](const Request& r) {
    const bool refused = std::stoi(r.sample_key.substr(4)) % 10 != 0;
    return refused ? fails(Code::invalid, std::nullopt, 403) : says(right(r));
  };
  CHECK(run(suite_of(200)).finished == 200);
}
