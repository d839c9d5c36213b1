// What a server answers when nothing goes wrong.
#include <set>

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/mock/text.h"
#include "tests/mock/running.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace assay::mock {
namespace {

Json parsed(const HttpResult& r) {
  INFO(r.body);
  REQUIRE_FALSE(r.error.has_value());
  auto json = parse_json(r.body);
  REQUIRE(json.ok());
  return *json;
}

// The data of every event, the last being [DONE].
std::vector<Json> events_of(const HttpResult& r) {
  REQUIRE_FALSE(r.error.has_value());
  std::vector<Json> out;
  std::string_view rest = r.body;
  bool done = false;
  while (!rest.empty()) {
    REQUIRE_FALSE(done);
    REQUIRE(rest.substr(0, 6) == "data: ");
    const std::size_t end = rest.find("\n\n");
    REQUIRE(end != std::string_view::npos);
    const std::string_view data = rest.substr(6, end - 6);
    rest.remove_prefix(end + 2);
    done = data == "[DONE]";
    if (done) continue;
    auto json = parse_json(data);
    REQUIRE(json.ok());
    out.push_back(std::move(*json));
  }
  CHECK(done);
  return out;
}

struct Joined {
  std::string content, reasoning, finish;
};
std::vector<Joined> joined(const std::vector<Json>& events, std::size_t choices) {
  std::vector<Joined> out(choices);
  for (const Json& e : events) {
    for (const Json& choice : e["choices"]) {
      Joined& j = out.at(choice["index"].get<std::size_t>());
      j.content += json_string(choice["delta"], "content").value_or("");
      j.reasoning += json_string(choice["delta"], "reasoning_content").value_or("");
      if (choice["finish_reason"].is_string()) j.finish = choice["finish_reason"];
    }
  }
  return out;
}

MockOptions thinking() {
  MockOptions o;
  o.tokens = *Distribution::parse("10..50", "t");
  o.reasoning_tokens = *Distribution::parse("20..90", "t");
  return o;
}

TEST_CASE("mock answers: whole and streamed say the same, and usage counts what was said") {
  Running server(thinking());
  HttpOptions http;
  http.use_proxy = false;
  HttpClient client(http);
  for (const int n : {1, 3}) {
    const Json whole = parsed(fetch(client, post(server.chat(), chat_body("hello", format(",\"n\":{}", n)))));
    REQUIRE(whole["choices"].size() == static_cast<std::size_t>(n));
    std::int64_t reasoning = 0, all = 0;
    std::set<std::string> texts;
    for (const Json& c : whole["choices"]) {
      const std::string text = c["message"]["content"];
      const std::string thought = c["message"]["reasoning_content"];
      texts.insert(text);
      CHECK(c["finish_reason"] == "stop");
      reasoning += tokens_of(thought);
      all += tokens_of(thought) + tokens_of(text);
    }
    CHECK(texts.size() == static_cast<std::size_t>(n));
    CHECK(whole["usage"]["prompt_tokens"] == 6);  // 5 bytes are 2 tokens, and 4 for the message
    CHECK(whole["usage"]["completion_tokens"] == all);
    CHECK(whole["usage"]["completion_tokens_details"]["reasoning_tokens"] == reasoning);
    CHECK(whole["usage"]["total_tokens"] == all + 6);
    const auto events = events_of(fetch(
        client, post(server.chat(), chat_body("hello", format(",\"n\":{},\"stream\":true,\"stream_options\":{{\"include_usage\":true}}", n)))));
    const auto said = joined(events, static_cast<std::size_t>(n));
    std::int64_t streamed = 0;
    for (const Joined& j : said) {
      CHECK(j.finish == "stop");
      streamed += tokens_of(j.content) + tokens_of(j.reasoning);
    }
    REQUIRE(events.back().contains("usage"));
    CHECK(events.back()["choices"].empty());
    CHECK(events.back()["usage"]["completion_tokens"] == streamed);
  }
  const auto quiet = events_of(fetch(client, post(server.chat(), chat_body("hello", ",\"stream\":true"))));
  for (const Json& e : quiet) CHECK_FALSE(e.contains("usage"));
}

TEST_CASE("mock answers: the same bytes for the same seed, body and turn, whatever came between") {
  const auto ask = [](std::uint64_t seed, const std::vector<std::string>& texts) {
    MockOptions o = thinking();
    o.seed = seed;
    Running server(o);
    HttpOptions http;
    http.use_proxy = false;
    HttpClient client(http);
    std::multiset<std::string> out;
    for (const std::string& t : texts) out.insert(fetch(client, post(server.chat(), chat_body(t))).body);
    return out;
  };
  const auto one = ask(1, {"a", "b", "a", "c"});
  CHECK(one.size() == 4);
  CHECK(std::set<std::string>(one.begin(), one.end()).size() == 4);  // the second "a" is another answer
  CHECK(ask(1, {"c", "a", "a", "b"}) == one);
  CHECK(ask(2, {"a", "b", "a", "c"}) != one);
}

TEST_CASE("mock answers: max_tokens cuts reasoning and answer together") {
  MockOptions o;
  o.tokens = Distribution(30);
  o.reasoning_tokens = Distribution(50);
  Running server(o);
  struct Row {
    const char* more;
    int reasoning, all;
    const char* finish;
  };
  const Row rows[] = {{"", 50, 80, "stop"},
                      {",\"max_tokens\":80", 50, 80, "stop"},
                      {",\"max_tokens\":60", 50, 60, "length"},
                      {",\"max_completion_tokens\":50,\"max_tokens\":null", 50, 50, "length"},
                      {",\"max_tokens\":7", 7, 7, "length"}};
  for (const Row& row : rows) {
    INFO(row.more);
    const Json j = parsed(fetch(post(server.chat(), chat_body("x", row.more))));
    CHECK(j["usage"]["completion_tokens"] == row.all);
    CHECK(j["usage"]["completion_tokens_details"]["reasoning_tokens"] == row.reasoning);
    CHECK(j["choices"][0]["finish_reason"] == row.finish);
    CHECK(tokens_of(j["choices"][0]["message"]["content"].get<std::string>()) == row.all - row.reasoning);
  }
}

TEST_CASE("mock answers: reasoning in tags, a given answer, an echo, raw completions") {
  MockOptions o;
  o.reasoning_tokens = Distribution(3);
  o.reasoning_as = ReasoningAs::tags;
  o.answer_text = "It is \\boxed{4}.";
  {
    Running server(o);
    const Json j = parsed(fetch(post(server.chat(), chat_body("x"))));
    const std::string text = j["choices"][0]["message"]["content"];
    CHECK(text.find("<think>\n") == 0);
    CHECK(text.find("\n</think>\n\nIt is \\boxed{4}.") != std::string::npos);
    CHECK(joined(events_of(fetch(post(server.chat(), chat_body("x", ",\"stream\":true")))), 1)[0].content.find(
              "\n</think>\n\nIt is \\boxed{4}.") != std::string::npos);
    const Json raw = parsed(fetch(post(server.at("/v1/completions"), R"({"model":"m","prompt":"a b"})")));
    CHECK(raw["object"] == "text_completion");
    CHECK(raw["choices"][0]["text"].get<std::string>().find("</think>\n\nIt is") != std::string::npos);
  }
  o.echo = true;
  Running server(o);
  const Json j = parsed(fetch(post(server.chat(), chat_body("say \\\"this\\\""))));
  CHECK(j["choices"][0]["message"]["content"].get<std::string>().find("</think>\n\nsay \"this\"") != std::string::npos);
}

TEST_CASE("mock answers: recorded ones, with their usage") {
  test::TempDir dir;
  MockOptions o;
  o.replay = dir.file("r.jsonl", "{\"prompt\":\"p\",\"text\":\"one\",\"reasoning\":\"hm\",\"usage\":{\"prompt_tokens\":11,"
                                 "\"completion_tokens\":13,\"completion_tokens_details\":{\"reasoning_tokens\":4}}}\n"
                                 "{\"prompt\":\"p\",\"refusal\":\"no\",\"finish\":\"content_filter\"}\n");
  Running server(o);
  const Json one = parsed(fetch(post(server.chat(), chat_body("p"))));
  CHECK(one["choices"][0]["message"]["content"] == "one");
  CHECK(one["choices"][0]["message"]["reasoning_content"] == "hm");
  CHECK(one["usage"]["prompt_tokens"] == 11);
  CHECK(one["usage"]["completion_tokens"] == 13);
  CHECK(one["usage"]["completion_tokens_details"]["reasoning_tokens"] == 4);
  const Json two = parsed(fetch(post(server.chat(), chat_body("p"))));
  CHECK(two["choices"][0]["message"]["refusal"] == "no");
  CHECK(two["choices"][0]["finish_reason"] == "content_filter");
  CHECK(fetch(post(server.chat(), chat_body("other"))).status == 404);
}

TEST_CASE("mock answers: what is wrong with a request is said with its status") {
  MockOptions o;
  o.api_key = "right";
  Running server(o);
  struct Row {
    std::string path, body;
    int status;
  };
  const Row rows[] = {{"/v1/chat/completions", chat_body("x"), 401},
                      {"/v1/chat/completions", "{", 400},
                      {"/v1/chat/completions", "[]", 400},
                      {"/v1/chat/completions", "{\"model\":\"m\"}", 400},
                      {"/v1/chat/completions", "{\"model\":\"m\",\"messages\":[{}]}", 400},
                      {"/v1/chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", 400},
                      {"/v1/chat/completions", chat_body("x", ",\"n\":0"), 400},
                      {"/v1/chat/completions", chat_body("x", ",\"max_tokens\":\"9\""), 400},
                      {"/v1/chat/completions", std::string(100'000, '['), 400},
                      {"/v1/nothing", "{}", 404},
                      {"/v1/models", "{}", 405}};
  for (const Row& row : rows) {
    INFO(row.path << " " << row.body.substr(0, 80));
    const HttpResult r = fetch(post(server.at(row.path), row.body));
    CHECK(r.status == row.status);
    CHECK(parsed(r)["error"]["message"].is_string());
  }
  HttpRequest with = post(server.chat(), chat_body("x"));
  with.headers.emplace_back("Authorization", "Bearer right");
  CHECK(fetch(with).status == 200);
  CHECK(fetch(post(server.chat(), chat_body("x", ",\"n\":9"))).status == 401);
  CHECK(parsed(fetch(get(server.at("/v1/models"))))["data"][0]["id"] == "mock");
  CHECK(parsed(fetch(get(server.at("/health"))))["status"] == "ok");
}

TEST_CASE("mock answers: times are kept") {
  MockOptions o;
  o.latency_s = Distribution(0.15);
  o.tokens = Distribution(20);
  o.tokens_per_second = Distribution(100);
  Running server(o);
  const HttpResult whole = fetch(post(server.chat(), chat_body("x")));
  CHECK(whole.first_byte_s.value() >= 0.34);  // 0.15 and 20 tokens at 100 a second
  const HttpResult streamed = fetch(post(server.chat(), chat_body("x", ",\"stream\":true")));
  CHECK(streamed.first_byte_s.value() >= 0.14);
  CHECK(streamed.first_byte_s.value() < 0.33);
  CHECK(streamed.total_s >= 0.34);
}

TEST_CASE("mock answers: bare sockets: pipelined requests, both loopbacks, HEAD, 100-continue, byte by byte") {
  Running server;
  const std::string body = chat_body("x");
  RawClient two(server.port());
  two.send(raw_post(body) + raw_post(body, "Connection: close\r\n"));
  const std::string both = two.read();
  CHECK(two.ended());
  const std::size_t second = both.find("HTTP/1.1 200", 5);
  REQUIRE(second != std::string::npos);
  CHECK(both.find("Connection: close", second) != std::string::npos);
  RawClient six(server.port(), true);
  if (six.connected()) {
    six.send("GET /health HTTP/1.0\r\n\r\n");
    CHECK(six.read().find("{\"status\":\"ok\"}") != std::string::npos);
  } else {
    WARN("no IPv6 loopback on this machine");
  }
  RawClient head(server.port());
  head.send("HEAD /health HTTP/1.1\r\nConnection: close\r\n\r\n");
  const std::string only = head.read();
  CHECK(only.find("Content-Length: 15") != std::string::npos);
  CHECK(only.substr(only.size() - 4) == "\r\n\r\n");
  RawClient waits(server.port());
  waits.send(format("POST /v1/chat/completions HTTP/1.1\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.size()));
  CHECK(waits.read(100) == "HTTP/1.1 100 Continue\r\n\r\n");
  for (const char c : body) waits.send({&c, 1});
  CHECK(waits.read().find("HTTP/1.1 200 OK") == 0);
  RawClient wrong(server.port());
  wrong.send("nonsense\r\n\r\n");
  CHECK(wrong.read().find("HTTP/1.1 400") == 0);
  CHECK(wrong.ended());
  const Json ledger = server.stop();
  CHECK(ledger["requests"] == 3);
  CHECK(ledger["bad_requests"] == 1);
  CHECK(ledger["complete"]["responses"] == 3);
}

}  // namespace
}  // namespace assay::mock
