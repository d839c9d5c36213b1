// Strategies against a caller that a test scripts; the engine's own caller is tested in test_engine.cc.
#include <deque>

#include "harness/run/strategies/strategies.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

// Answers are their own class; the empty answer is none.
class TableCaller final : public Caller {
 public:
  std::function<Result<Response>(const CallSpec&)> reply;
  BackendInfo info;
  Sampling s;
  std::vector<CallSpec> made;
  bool last_first = false;  // hands responses over in the opposite order
  std::deque<std::function<void()>> held;

  void call(CallSpec spec, OnResponse done) override {
    made.push_back(spec);
    auto r = reply(spec);
    if (r) {
      r->step = spec.step;
      r->draw = spec.draw;
    }
    held.push_back([done, r] { done(r); });
  }
  void settle() {
    while (!held.empty()) {
      auto next = last_first ? std::move(held.back()) : std::move(held.front());
      if (last_first)
        held.pop_back();
      else
        held.pop_front();
      next();
    }
  }
  bool same_answer(const Response& a, const Response& b) const override {
    return a.split.answer == b.split.answer;
  }
  bool has_answer(const Response& r) const override { return !r.split.answer.empty(); }
  const BackendInfo& backend() const override { return info; }
  const Sampling& sampling() const override { return s; }
};

Response response(const std::string& answer, FinishReason finish = FinishReason::stop) {
  Response r;
  r.text = r.split.answer = answer;
  r.finish = finish;
  r.usage.output = 100;
  return r;
}

Result<Response> answer_of(const Strategy& strategy, TableCaller& caller) {
  std::optional<Result<Response>> out;
  int times = 0;
  strategy.answer(Sample{}, caller, [&](Result<Response> r) {
    out = std::move(r);
    ++times;
  });
  caller.settle();
  REQUIRE(times == 1);
  return *out;
}

}  // namespace

TEST_CASE("a vote goes to the most frequent answer, ties to the earliest draw, never to no answer") {
  struct Row {
    std::vector<std::string> draws;
    std::uint32_t winner;
  };
  const Row rows[] = {
      {{"a"}, 0},
      {{"a", "b", "b"}, 1},
      {{"a", "b", "b", "a"}, 0},
      {{"b", "a", "a", "b", "c"}, 0},
      {{"", "", "", "a"}, 3},
      {{"", "a", "b", ""}, 1},
      {{"", "", ""}, 0},
      {{"c", "b", "a", "a", "b", "b"}, 1},
  };
  for (const Row& row : rows) {
    for (const bool last_first : {false, true}) {
      TableCaller caller;
      caller.last_first = last_first;
      caller.reply = [&](const CallSpec& spec) { return response(row.draws[spec.draw]); };
      const auto strategy = make_self_consistency(static_cast<std::uint32_t>(row.draws.size()));
      const auto out = answer_of(*strategy, caller);
      REQUIRE(out.ok());
      CHECK(out->draw == row.winner);
      CHECK(caller.made.size() == row.draws.size());
      CHECK(strategy->max_calls() == row.draws.size());
    }
  }
  CHECK(make_self_consistency(5)->id() == "self_consistency(k=5)");
}

TEST_CASE("a draw that failed fails the vote, with the earliest draw's error") {
  for (const bool last_first : {false, true}) {
    TableCaller caller;
    caller.last_first = last_first;
    caller.reply = [](const CallSpec& spec) -> Result<Response> {
      if (spec.draw == 1 || spec.draw == 3) return Error{Code::unavailable, std::to_string(spec.draw)};
      return response("a");
    };
    const auto out = answer_of(*make_self_consistency(4), caller);
    REQUIRE_FALSE(out.ok());
    CHECK(out.error().message == "1");
  }
}

TEST_CASE("a cut response goes on from where it stopped, with twice the limit in all") {
  TableCaller caller;
  caller.info.can_continue = true;
  caller.s.max_tokens = 100;
  caller.reply = [](const CallSpec& spec) {
    if (spec.step == 0) return response("<think>one ", FinishReason::length);
    if (spec.step == 1) return response("two ", FinishReason::length);
    return response("three</think>42");
  };
  const auto out = answer_of(*make_continue_truncated(1000, 5), caller);
  REQUIRE(out.ok());
  REQUIRE(caller.made.size() == 3);
  CHECK(caller.made[1].kind == CallKind::continuation);
  CHECK(caller.made[1].prefix == "<think>one ");
  CHECK(caller.made[1].max_tokens == 100);  // 200 in all
  CHECK(caller.made[2].prefix == "<think>one two ");
  CHECK(caller.made[2].max_tokens == 200);  // 400 in all
  CHECK(out->text == "<think>one two three</think>42");
  CHECK(out->split.answer == "42");
  CHECK(out->split.trace == "one two three");
  CHECK(out->step == 2);
}

TEST_CASE("a backend that cannot go on is asked the whole question again") {
  TableCaller caller;
  caller.s.max_tokens = 100;
  caller.reply = [](const CallSpec& spec) {
    return spec.step < 2 ? response("cut", FinishReason::length) : response("whole");
  };
  const auto out = answer_of(*make_continue_truncated(1000, 5), caller);
  REQUIRE(out.ok());
  REQUIRE(caller.made.size() == 3);
  CHECK(caller.made[1].kind == CallKind::answer);
  CHECK(caller.made[1].prefix.empty());
  CHECK(caller.made[1].max_tokens == 200);
  CHECK(caller.made[2].max_tokens == 400);
  CHECK(out->text == "whole");

  caller.info.can_continue = true;  // but the trace came in a field of its own
  caller.made.clear();
  caller.reply = [](const CallSpec& spec) {
    Response r = response("", spec.step == 0 ? FinishReason::length : FinishReason::stop);
    r.reasoning = "hm";
    return r;
  };
  REQUIRE(answer_of(*make_continue_truncated(1000, 5), caller).ok());
  REQUIRE(caller.made.size() == 2);
  CHECK(caller.made[1].kind == CallKind::answer);
}

TEST_CASE("a wider request that is refused leaves the cut answer, any other failure is one") {
  struct Row {
    Code code;
    std::uint32_t at;  // step
    bool answers;
  };
  for (const bool can_continue : {false, true}) {
    for (const Row row : {Row{Code::invalid, 1, true}, Row{Code::invalid, 2, true}, Row{Code::invalid, 0, false},
                          Row{Code::unavailable, 1, false}, Row{Code::cancelled, 1, false}}) {
      TableCaller caller;
      caller.s.max_tokens = 100;
      caller.info.can_continue = can_continue;
      caller.reply = [row](const CallSpec& spec) -> Result<Response> {
        if (spec.step == row.at) return Error{row.code, "beyond the context"};
        return response("cut ", FinishReason::length);
      };
      const auto out = answer_of(*make_continue_truncated(1000, 5), caller);
      REQUIRE(out.ok() == row.answers);
      if (!out) continue;
      CHECK(out->step == row.at - 1);
      CHECK(out->finish == FinishReason::length);
      CHECK(out->text == (can_continue && row.at == 2 ? "cut cut " : "cut "));
    }
  }
}

TEST_CASE("growing ends at the limit, after its rounds, and where nothing says how long the answer was") {
  TableCaller caller;
  caller.reply = [](const CallSpec&) { return response("cut", FinishReason::length); };
  struct Row {
    std::optional<std::int64_t> start;
    std::int64_t limit;
    std::uint32_t rounds;
    std::size_t calls;
  };
  for (const Row& row : {Row{100, 100, 5, 1}, Row{100, 150, 5, 2}, Row{100, 400, 5, 3},
                         Row{100, 1 << 20, 2, 3}, Row{std::nullopt, 400, 5, 3}, Row{500, 400, 5, 1}}) {
    caller.made.clear();
    caller.s.max_tokens = row.start;
    const auto out = answer_of(*make_continue_truncated(row.limit, row.rounds), caller);
    REQUIRE(out.ok());
    CHECK(out->finish == FinishReason::length);
    CHECK(caller.made.size() == row.calls);
    for (const CallSpec& spec : caller.made) CHECK(spec.max_tokens.value_or(0) <= row.limit);
  }
  caller.made.clear();
  caller.s.max_tokens.reset();
  caller.reply = [](const CallSpec&) {
    Response r = response("cut", FinishReason::length);
    r.usage.output.reset();
    return r;
  };
  REQUIRE(answer_of(*make_continue_truncated(400, 5), caller).ok());
  CHECK(caller.made.size() == 1);
  caller.reply = [](const CallSpec&) -> Result<Response> { return Error{Code::unavailable, "gone"}; };
  CHECK_FALSE(answer_of(*make_continue_truncated(400, 5), caller).ok());
}
