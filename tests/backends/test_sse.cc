#include "backends/remote/sse.h"

#include <vector>

#include "tests/support/catch.h"

namespace assay {
namespace {

struct Parsed {
  std::vector<std::string> events;
  std::string rest;
  bool ok = true;
};

// Feeds the stream in pieces that end at the given places.
Parsed parse(std::string_view stream, const std::vector<std::size_t>& cuts, std::size_t bound = 1 << 20) {
  Parsed out;
  SseParser parser(
      [&out](std::string_view data) {
        out.events.emplace_back(data);
        return true;
      },
      bound);
  std::size_t from = 0;
  for (const std::size_t cut : cuts) {
    out.ok = parser.feed(stream.substr(from, cut - from)).ok() && out.ok;
    from = cut;
  }
  out.ok = parser.feed(stream.substr(from)).ok() && out.ok;
  out.rest = parser.finish();
  return out;
}

TEST_CASE("sse: events, the same for every cut and every pair of cuts") {
  struct Row {
    std::string stream;
    std::vector<std::string> events;
    std::string rest;
  };
  const Row rows[] = {
      {"data: one\n\ndata: two\n\n", {"one", "two"}, ""},
      {"data: one\r\n\r\ndata:two\r\n\r\n", {"one", "two"}, ""},
      {"data: one\r\rdata: two\r\r", {"one", "two"}, ""},
      {"data: a\r\ndata: b\n\n", {"a\nb"}, ""},
      {": comment\n\nevent: x\nid: 7\nretry: 1\ndata:  two blanks\n\n", {" two blanks"}, ""},
      {"\xEF\xBB\xBF"
       "data: marked\n\n",
       {"marked"},
       ""},
      {"data\n\ndata:\n\n", {"", ""}, ""},
      {"data: {\"t\": \"\xE2\x82\xAC\xF0\x9F\x98\x80\"}\n\n",
       {"{\"t\": \"\xE2\x82\xAC\xF0\x9F\x98\x80\"}"},
       ""},
      {"data: one\n\ndata: [DONE]", {"one"}, "[DONE]"},
      {"data: one\n\ndata: [DONE]\n", {"one"}, "[DONE]"},
      {"dataset: no\ndat: no\nDATA: no\n\n", {}, ""},
      {"\n\n\n\r\n", {}, ""},
      {"<html>not a stream</html>\n\n", {}, ""},
      {"", {}, ""},
  };
  for (const Row& row : rows) {
    INFO(row.stream);
    for (std::size_t a = 0; a <= row.stream.size(); ++a) {
      for (std::size_t b = a; b <= row.stream.size(); ++b) {
        const Parsed got = parse(row.stream, {a, b});
        if (got.events == row.events && got.rest == row.rest && got.ok) continue;
        INFO("cut at " << a << " and " << b);
        CHECK(got.events == row.events);
        CHECK(got.rest == row.rest);
      }
    }
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < row.stream.size(); ++i) all.push_back(i);
    CHECK(parse(row.stream, all).events == row.events);
  }
}

TEST_CASE("sse: an event has a bound, and a stopped parser stays stopped") {
  CHECK(parse("data: " + std::string(100, 'x') + "\n\n", {}, 200).ok);
  CHECK_FALSE(parse("data: " + std::string(300, 'x') + "\n\n", {}, 200).ok);
  std::string many;
  for (int i = 0; i < 100; ++i) many += "data: xxxxxxxxxx\n";
  CHECK_FALSE(parse(many, {}, 200).ok);
  CHECK(parse(std::string(1000, '\n') + ": " + std::string(100, 'c') + "\n", {}, 200).ok);
  int seen = 0;
  SseParser parser([&seen](std::string_view) { return ++seen < 2; });
  CHECK(parser.feed("data: 1\n\ndata: 2\n\ndata: 3\n\n").error().code == Code::cancelled);
  CHECK_FALSE(parser.feed("data: 4\n\n").ok());
  CHECK(seen == 2);
}

}  // namespace
}  // namespace assay
