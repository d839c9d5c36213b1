// The parts that need no server: distributions, texts, faults by name, limits, recorded answers.
#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/base/utf8.h"
#include "harness/mock/distribution.h"
#include "harness/mock/faults.h"
#include "harness/mock/rate_limit.h"
#include "harness/mock/replay.h"
#include "harness/mock/text.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace assay::mock {
namespace {

TEST_CASE("mock parts: distributions are drawn as they say") {
  struct Row {
    const char* text;
    double low, median, high;  // bounds of every draw, and the middle one
  };
  const Row rows[] = {{"2", 2, 2, 2},
                      {"0.5..1.5", 0.5, 1, 1.5},
                      {"lognormal(100,0.5)", 0, 100, 1e9},
                      {"lognormal(100, 0)", 99.99, 100, 100.01},
                      {"r1", 0, 4500, 32768}};
  for (const Row& row : rows) {
    INFO(row.text);
    const auto d = Distribution::parse(row.text, "--x");
    REQUIRE(d.ok());
    std::vector<double> draws;
    for (std::uint64_t key = 0; key < 20'001; ++key) draws.push_back(d->draw(key * 0x9E3779B97F4A7C15U));
    std::sort(draws.begin(), draws.end());
    CHECK(draws.front() >= row.low);
    CHECK(draws.back() <= row.high);
    CHECK(draws[10'000] == Approx(row.median).epsilon(0.03));
  }
  const auto log = Distribution::parse("lognormal(1,0.5)", "--x");
  double sum = 0;
  for (std::uint64_t key = 0; key < 20'000; ++key) sum += std::pow(std::log(log->draw(key)), 2);
  CHECK(std::sqrt(sum / 20'000) == Approx(0.5).epsilon(0.03));
  for (const char* bad : {"", "x", "-1", "2..1", "1..", "lognormal(1)", "lognormal(0,1)", "lognormal(1,99)", "1e99", "nan"}) {
    INFO(bad);
    const auto d = Distribution::parse(bad, "--tokens");
    REQUIRE_FALSE(d.ok());
    CHECK(d.error().message.find("--tokens") == 0);
  }
}

TEST_CASE("mock parts: a text is the same however it is cut, and every cut is UTF-8") {
  const Text texts[] = {Text(7, 100), Text("h\xc3\xa9llo \xe2\x82\xac\xf0\x9f\x98\x80 \"quoted\" \\ and\nlines\x01."), Text("")};
  for (const Text& text : texts) {
    std::string whole;
    text.append(whole, 0, text.tokens());
    CHECK(is_valid_utf8(whole));
    for (const std::int64_t step : {1, 2, 3, 7}) {
      std::string joined;
      for (std::int64_t i = 0; i < text.tokens(); i += step) {
        std::string piece;
        text.append(piece, i, i + step);
        CHECK(is_valid_utf8(piece));
        joined += piece;
      }
      CHECK(joined == whole);
    }
  }
  std::string generated;
  texts[0].append(generated, 0, 100);
  CHECK(generated.size() == 400);
  CHECK(tokens_of(generated) == 100);
  std::string other;
  Text(8, 100).append(other, 0, 100);
  CHECK(other != generated);
  std::string escaped;
  append_escaped(escaped, "a\"\\\n\t\x7f");
  CHECK(escaped == "a\\\"\\\\\\n\\u0009\x7f");
}

TEST_CASE("mock parts: faults are drawn at their rates") {
  const auto rates = parse_faults({"429=0.3", "silence=0.1"});
  REQUIRE(rates.ok());
  CHECK(rates->size() == 7);  // six forms of 429
  int limited = 0, silent = 0;
  for (std::uint64_t key = 0; key < 20'000; ++key) {
    const Fault* f = draw_fault(*rates, key);
    limited += f != nullptr && f->status == 429;
    silent += f != nullptr && f->kind == FaultKind::silence;
  }
  CHECK(limited / 20'000.0 == Approx(0.3).epsilon(0.05));
  CHECK(silent / 20'000.0 == Approx(0.1).epsilon(0.07));
  const auto all = parse_faults({"all=1"});
  REQUIRE(all.ok());
  CHECK(all->size() == faults().size());
  struct Row {
    std::vector<std::string> texts;
    const char* part;
  };
  const Row rows[] = {{{"silense=0.1"}, "did you mean 'silence'"},
                      {{"silence"}, "expected NAME=RATE"},
                      {{"silence=1.5"}, "expected NAME=RATE"},
                      {{"silence=x"}, "expected NAME=RATE"},
                      {{"500=0.6", "503=0.6"}, "more than 1"}};
  for (const Row& row : rows) {
    const auto bad = parse_faults(row.texts);
    REQUIRE_FALSE(bad.ok());
    CHECK(bad.error().message.find(row.part) != std::string::npos);
  }
}

TEST_CASE("mock parts: limits let through what they say and tell when to come back") {
  MockOptions o;
  o.requests_per_minute = 600;
  o.tokens_per_minute = 6000;
  o.burst_s = 1;  // 10 requests, 100 tokens
  auto now = std::chrono::steady_clock::now();
  RateLimit limit(o, now);
  for (int i = 0; i < 10; ++i) CHECK_FALSE(limit.wait_s(5, now).has_value());
  CHECK(limit.wait_s(5, now).value() == Approx(0.1));
  now += std::chrono::milliseconds(100);
  CHECK_FALSE(limit.wait_s(50, now).has_value());
  HttpHeaderList headers;
  limit.add_headers(headers);
  CHECK(http_header(headers, "x-ratelimit-limit-requests") == std::string_view("600"));
  CHECK(http_header(headers, "x-ratelimit-remaining-requests") == std::string_view("0"));
  CHECK(http_header(headers, "x-ratelimit-remaining-tokens") == std::string_view("10"));
  now += std::chrono::milliseconds(200);
  CHECK(limit.wait_s(90, now).value() == Approx(0.6));  // 30 of 90 are there, and 100 come a second
  CHECK(go_duration(0.0821) == "83ms");
  CHECK(go_duration(6) == "6s");
  CHECK(go_duration(62.5) == "1m2.5s");
}

TEST_CASE("mock parts: recorded answers are found by prompt, in turn, or in order") {
  test::TempDir dir;
  const auto path = dir.file("r.jsonl",
                             "{\"prompt\":\"p\",\"text\":\"one\"}\n{\"prompt\":\"p\",\"output\":\"two\"}\n"
                             "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],\"text\":\"three\",\"finish\":\"length\"}\n"
                             "{\"text\":\"any\",\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}\n");
  const auto replay = Replay::load(path);
  REQUIRE(replay.ok());
  const auto said = [](const Recorded* r) {
    std::string out;
    if (r != nullptr) r->choice.content.append(out, 0, r->choice.content.tokens());
    return out;
  };
  CHECK(said(replay->find("p", 0, 0)) == "one");
  CHECK(said(replay->find("p", 1, 0)) == "two");
  CHECK(said(replay->find("p", 2, 0)) == "one");
  CHECK(said(replay->find("q", 0, 0)) == "three");
  CHECK(replay->find("q", 0, 0)->choice.finish == Finish::length);
  CHECK(said(replay->find("else", 0, 3)) == "any");
  CHECK(replay->find("else", 0, 3)->output_tokens == 7);
  for (const char* bad : {"{}\n", "{\"prompt\":\"p\"}\n", "[1]\n", "{\"text\":\"a\",\"prompt_sha256\":\"zz\"}\n", "nonsense\n", ""}) {
    INFO(bad);
    CHECK_FALSE(Replay::load(dir.file("bad.jsonl", bad)).ok());
  }
}

}  // namespace
}  // namespace assay::mock
