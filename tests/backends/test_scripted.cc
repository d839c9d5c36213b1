#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "backends/scripted/scripted.h"
#include "backends/scripted/wrong_answer.h"
#include "harness/api/catalog.h"
#include "harness/base/format.h"
#include "tests/support/catch.h"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;

std::unique_ptr<Backend> scripted(Json options, std::vector<std::string> targets = {"18"},
                                  std::string model = "m") {
  BackendOptions o;
  o.model = std::move(model);
  o.options = std::move(options);
  o.targets = [targets](const std::string&, const std::string& key) {
    return key == "unknown" ? std::vector<std::string>{} : targets;
  };
  auto made = make_scripted(o);
  INFO((made.ok() ? std::string() : made.error().message));
  REQUIRE(made.ok());
  return std::move(*made);
}

Request request(const std::string& key = "s1", std::uint32_t epoch = 0, std::uint32_t draw = 0) {
  static std::atomic<RequestId> next{1};
  Request r;
  r.id = next++;
  r.task = "math/x";
  r.sample_key = key;
  r.epoch = epoch;
  r.draw = draw;
  r.messages = {{Role::user, "What is 9 plus 9?"}};
  return r;
}

BackendReply ask(Backend& backend, Request r) {
  std::promise<BackendReply> promise;
  auto future = promise.get_future();
  backend.submit(std::move(r), [&promise](BackendReply reply) { promise.set_value(std::move(reply)); });
  return future.get();
}

std::string text_of(const BackendReply& reply) {
  REQUIRE_FALSE(reply.error.has_value());
  REQUIRE(reply.responses.size() == 1);
  return reply.responses[0].text;
}

TEST_CASE("scripted: a right answer has a closed trace and a last line with the first target") {
  auto backend = scripted({{"behaviour", "perfect"}});
  const BackendReply reply = ask(*backend, request());
  const std::string text = text_of(reply);
  CHECK(text.rfind("<think>\n", 0) == 0);
  CHECK(text.find("\n</think>\n\nThe answer is 18\nAnswer: 18") != std::string::npos);
  const Response& r = reply.responses[0];
  CHECK(r.finish == FinishReason::stop);
  CHECK(r.usage.input == 5);
  CHECK(r.usage.output == 6);
  CHECK(r.usage.reasoning.value() >= 42);
}

TEST_CASE("scripted: the behaviour may be the model's name, and the forms of an answer are options") {
  CHECK(text_of(ask(*scripted({}, {"18"}, "wrong"), request())).find("Answer: 18") == std::string::npos);
  CHECK(text_of(ask(*scripted({{"reasoning", "none"}}, {"B"}), request())) == "The answer is B\nAnswer: B");
  CHECK(text_of(ask(*scripted({{"reasoning", "none"}, {"answer", "\\boxed{{answer}}"}}), request())) ==
        "\\boxed{18}");
  const auto reply = ask(*scripted({{"reasoning", "field"}}), request());
  CHECK(text_of(reply) == "The answer is 18\nAnswer: 18");
  CHECK(reply.responses[0].reasoning->size() > 100);
  CHECK(text_of(ask(*scripted({{"reasoning", "none"}}, {"def f(x):\n    return x\n"}), request())) ==
        "The answer is:\n```python\ndef f(x):\n    return x\n```");
}

TEST_CASE("scripted: a wrong answer is of the same kind and none of the targets") {
  struct Row {
    std::vector<std::string> targets;
  };
  const Row rows[] = {{{"18"}},
                      {{"-3.5"}},
                      {{"\\frac{1}{2}"}},
                      {{"B"}},
                      {{"(C)"}},
                      {{"True"}},
                      {{"no"}},
                      {{"'abc'"}},
                      {{"[]"}},
                      {{"[1, 2]"}},
                      {{"{}"}},
                      {{"A is a knight, B is a knave"}},
                      {{"] ) >"}},
                      {{"Alice"}},
                      {{"Alice, Bob"}},
                      {{"99999999999999999999999"}},
                      {{""}},
                      {{}},
                      {{"9", "10"}},
                      {{"def f():\n  return 1"}},
                      {{"\xff\xfe"}},
                      {{"''"}},
                      {{"8"}},
                      {{"valid"}}};
  for (const Row& row : rows) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      Rng rng(seed);
      const std::string answer = wrong_answer(row.targets, rng);
      INFO(answer);
      CHECK_FALSE(answer.empty());
      for (const std::string& target : row.targets) CHECK(answer != target);
    }
  }
  Rng rng(1);
  CHECK(wrong_answer({"A is a knight, B is a knave"}, rng) == "A is a knave, B is a knave");
  CHECK(wrong_answer({"True"}, rng) == "False");
}

TEST_CASE("scripted: accuracy is drawn from seed, task, sample, epoch and draw alone") {
  auto a = scripted({{"accuracy", 0.7}, {"seed", 5}});
  auto b = scripted({{"accuracy", 0.7}, {"seed", 5}});
  auto c = scripted({{"accuracy", 0.7}, {"seed", 6}});
  int right = 0;
  int differ = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string key = format("s{}", i);
    const std::string one = text_of(ask(*a, request(key)));
    Request again = request(key);
    again.attempt_try = 3;
    again.step = 2;
    CHECK(one == text_of(ask(*b, again)));
    right += one.find("Answer: 18") != std::string::npos;
    differ += one != text_of(ask(*c, request(key)));
  }
  CHECK(right > 650);
  CHECK(right < 750);
  CHECK(differ > 300);
  Request three = request("s1", 0, 0);
  three.choices = 3;
  const BackendReply reply = ask(*a, three);
  REQUIRE(reply.responses.size() == 3);
  for (std::uint32_t d = 0; d < 3; ++d)
    CHECK(reply.responses[d].text == text_of(ask(*a, request("s1", 0, d))));
}

TEST_CASE("scripted: a cut answer goes on from its prefix, or is whole when asked again as a continuation") {
  for (const std::string where : {"trace", "answer"}) {
    auto backend = scripted({{"behaviour", "truncating"}, {"truncate_in", where}});
    auto perfect = scripted({{"behaviour", "perfect"}});
    const BackendReply cut = ask(*backend, request());
    const std::string head = text_of(cut);
    CHECK(cut.responses[0].finish == FinishReason::length);
    CHECK((head.find("</think>") == std::string::npos) == (where == "trace"));
    Request more = request();
    more.kind = CallKind::continuation;
    more.step = 1;
    more.prefix = head;
    const BackendReply rest = ask(*backend, more);
    CHECK(rest.responses[0].finish == FinishReason::stop);
    CHECK(head + text_of(rest) == text_of(ask(*perfect, request())));
    more.prefix.clear();
    CHECK(text_of(ask(*backend, more)) == text_of(ask(*perfect, request())));
  }
}

TEST_CASE("scripted: max_tokens cuts, and the parts join to the whole") {
  auto backend = scripted({});
  const std::string whole = text_of(ask(*backend, request()));
  std::string so_far;
  for (int step = 0; step < 100; ++step) {
    Request r = request();
    r.sampling.max_tokens = 7;
    r.step = static_cast<std::uint32_t>(step);
    r.kind = step == 0 ? CallKind::answer : CallKind::continuation;
    r.prefix = so_far;
    const BackendReply reply = ask(*backend, r);
    so_far += text_of(reply);
    CHECK(reply.responses[0].usage.output.value() + reply.responses[0].usage.reasoning.value() <= 7);
    if (reply.responses[0].finish == FinishReason::stop) break;
  }
  CHECK(so_far == whole);
}

TEST_CASE("scripted: failures are errors with the code asked for") {
  auto backend = scripted({{"fail_first", 2}, {"fail_code", "exhausted"}, {"retry_after", 0.25}});
  for (std::uint32_t t = 0; t < 4; ++t) {
    Request r = request();
    r.attempt_try = t;
    const BackendReply reply = ask(*backend, r);
    CHECK(reply.error.has_value() == (t < 2));
    if (!reply.error) continue;
    CHECK(reply.responses.empty());
    CHECK(reply.error->code == Code::exhausted);
    CHECK(reply.error->retry_after == 0.25);
  }
  CHECK(ask(*scripted({{"behaviour", "failing"}}), request()).error->code == Code::unavailable);
  CHECK(ask(*scripted({}), request("unknown")).error->code == Code::invalid);
  const BackendReply refused = ask(*scripted({{"behaviour", "refusing"}}), request());
  REQUIRE(refused.responses.size() == 1);
  CHECK_FALSE(refused.responses[0].refusal.empty());
  int failed = 0;
  auto sometimes = scripted({{"fail_rate", 0.3}});
  for (int i = 0; i < 500; ++i) failed += ask(*sometimes, request(format("s{}", i))).error.has_value();
  CHECK(failed > 110);
  CHECK(failed < 190);
}

TEST_CASE("scripted: options that are unknown or wrong are refused by name") {
  struct Row {
    Json options;
    std::string wanted;
  };
  const Row rows[] = {
      {{{"behavior", "perfect"}}, "unknown option behavior"},
      {{{"behaviour", "lazy"}}, "option behaviour must be one of perfect, wrong"},
      {{{"accuracy", 1.5}}, "option accuracy must be a number from 0 to 1, not 1.5"},
      {{{"accuracy", "high"}}, "option accuracy"},
      {{{"latency_ms", {{"min", 5}}}}, "option latency_ms"},
      {{{"latency_ms", {{"min", 5}, {"max", 2}}}}, "option latency_ms"},
      {{{"latency_ms", -1}}, "option latency_ms"},
      {{{"seed", -1}}, "option seed"},
      {{{"answer", "none"}}, "option answer"},
      {{{"log", "/nonexistent/dir/log"}}, "option log"},
      {Json::array({1}), "must be a mapping"},
  };
  for (const Row& row : rows) {
    BackendOptions o;
    o.options = row.options;
    auto made = make_scripted(o);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == Code::invalid);
    INFO(made.error().message);
    CHECK(made.error().message.find(row.wanted) != std::string::npos);
  }
}

TEST_CASE("scripted: thousands wait at once, and each is answered once") {
  auto backend = scripted({{"latency_ms", {{"min", 20}, {"max", 120}}}});
  constexpr int kCount = 5000;
  std::vector<std::atomic<int>> calls(kCount);
  std::atomic<int> good{0};
  const auto start = Clock::now();
  for (int i = 0; i < kCount; ++i) {
    backend->submit(request(format("s{}", i)), [&, i](BackendReply reply) {
      ++calls[static_cast<std::size_t>(i)];
      good += !reply.error;
    });
  }
  while (good < kCount && Clock::now() - start < std::chrono::seconds(20))
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  CHECK(good == kCount);
  backend.reset();
  int once = 0;
  for (const auto& n : calls) once += n == 1;
  CHECK(once == kCount);
}

TEST_CASE("scripted: cancel and destruction call done once with cancelled") {
  auto backend = scripted({{"latency_ms", 60000}});
  std::atomic<int> cancelled{0};
  std::atomic<int> others{0};
  const auto count = [&](BackendReply reply) {
    ++(reply.error && reply.error->code == Code::cancelled ? cancelled : others);
  };
  std::vector<RequestId> ids;
  for (int i = 0; i < 100; ++i) {
    Request r = request();
    ids.push_back(r.id);
    backend->submit(std::move(r), count);
  }
  std::thread other([&] {
    for (std::size_t i = 0; i < 50; ++i) backend->cancel(ids[i]);
  });
  for (std::size_t i = 25; i < 60; ++i) backend->cancel(ids[i]);
  other.join();
  backend->cancel(999999999);
  backend.reset();
  CHECK(cancelled == 100);
  CHECK(others == 0);
}

TEST_CASE("scripted: a deadline leaves what had arrived") {
  Request r = request();
  r.deadline = Clock::now() + std::chrono::milliseconds(100);
  const BackendReply part = ask(*scripted({{"latency_ms", 200}, {"drip", true}}), r);
  REQUIRE_FALSE(part.error.has_value());
  CHECK(part.responses[0].finish == FinishReason::deadline);
  CHECK(part.responses[0].text.rfind("<think>", 0) == 0);
  CHECK(part.responses[0].text.find("Answer") == std::string::npos);
  CHECK_FALSE(part.responses[0].usage.output.has_value());
  r.deadline = Clock::now() + std::chrono::milliseconds(20);
  const BackendReply none = ask(*scripted({{"latency_ms", 200}}), r);
  CHECK(none.error->code == Code::deadline);
}

TEST_CASE("scripted: the log has one line a request") {
  const auto path = std::filesystem::temp_directory_path() / format("assay-scripted-{}.log", ::getpid());
  std::filesystem::remove(path);
  {
    auto backend = scripted({{"log", path.string()}});
    Request r = request("a\nb", 2, 3);
    r.attempt_try = 1;
    ask(*backend, r);
    ask(*backend, request("c"));
  }
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  REQUIRE(lines.size() == 2);
  const auto row = parse_json(lines[0]);
  REQUIRE(row.ok());
  CHECK(
      *row ==
      Json({{"task", "math/x"}, {"sample_key", "a\nb"}, {"epoch", 2}, {"step", 0}, {"draw", 3}, {"try", 1}}));
  std::filesystem::remove(path);
}

TEST_CASE("the backend catalog lists scripted") {
  bool found = false;
  for (const BackendEntry& entry : backend_catalog()) found = found || entry.id == "scripted";
  CHECK(found);
}

}  // namespace
}  // namespace assay
