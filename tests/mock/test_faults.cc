// Every fault does what its name says, and the ledger says so too.
#include <map>

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/utf8.h"
#include "harness/mock/faults.h"
#include "tests/mock/running.h"
#include "tests/support/catch.h"

namespace assay::mock {
namespace {

MockOptions only(const std::string& fault) {
  MockOptions o;
  o.faults = *parse_faults({fault + "=1"});
  o.retry_after_s = 1.25;
  o.drip_s = 0.0002;
  o.huge_bytes = 50'000'000;  // more than the system buffers
  o.tokens = Distribution(64);
  return o;
}

HttpResult ask(Running& server, bool stream) {
  HttpRequest r = post(server.chat(), chat_body("x", stream ? R"(,"stream":true,"stream_options":{"include_usage":true})" : ""));
  r.max_body = 1'000'000;
  return fetch(r, 0.2);
}

bool is_json(const std::string& text) { return parse_json(text).ok(); }

TEST_CASE("mock faults: each one ends at a client and in the ledger as the table says") {
  struct Row {
    const char* fault;
    std::optional<Code> error;  // of the transfer
    int status;                 // 0: none came
  };
  const Row rows[] = {{"reset-before-body", Code::unavailable, 0},
                      {"reset-mid-body", Code::unavailable, 200},
                      {"close-mid-body", Code::unavailable, 200},
                      {"silence", Code::unavailable, 0},
                      {"tls-failure", Code::corrupt, 0},
                      {"length-too-long", Code::unavailable, 200},
                      {"body-100mb", Code::corrupt, 200},
                      {"redirect", std::nullopt, 307}};
  std::map<std::string_view, Row> special;
  for (const Row& row : rows) special[row.fault] = row;
  for (const Fault& f : faults()) {
    for (const bool stream : {false, true}) {
      INFO(f.name << (stream ? " streamed" : " whole"));
      Running server(only(std::string(f.name)));
      const HttpResult r = ask(server, stream);
      INFO((r.error ? r.error->message : "no error") << " " << r.body.substr(0, 200));
      const Row row = special.count(f.name) > 0 ? special[f.name] : Row{"", std::nullopt, f.status};
      CHECK(r.error.has_value() == row.error.has_value());
      if (r.error && row.error) CHECK(r.error->code == *row.error);
      CHECK(r.status == row.status);
      const Json ledger = server.stop();
      INFO(ledger.dump());
      CHECK(ledger["requests"] == 1);
      const char* end = f.kind == FaultKind::huge ? "cut" : name(f.end);  // this client leaves at its bound
      REQUIRE(ledger["by_fault"].contains(std::string(f.name)));
      const Json& sums = ledger["by_fault"][std::string(f.name)];
      REQUIRE(sums.contains(end));
      CHECK(sums[end]["responses"] == 1);
      CHECK(ledger[end] == sums[end]);
      CHECK(sums[end]["output_tokens"].get<int>() == (f.end == End::refused ? 0
                                                      : f.kind == FaultKind::empty     ? 0
                                                      : f.kind == FaultKind::truncated ? 32
                                                      : f.kind == FaultKind::filtered  ? 16
                                                                                       : 64));
    }
  }
}

TEST_CASE("mock faults: each form of Retry-After") {
  struct Row {
    const char* fault;
    const char* header;
    const char* value;  // null: absent; empty: only there
  };
  const Row rows[] = {{"429-bare", "Retry-After", nullptr},
                      {"429-seconds", "Retry-After", "2"},
                      {"429-fraction", "Retry-After", "1.250"},
                      {"429-date", "Retry-After", ""},
                      {"429-ms", "retry-after-ms", "1250"},
                      {"429-reset", "x-ratelimit-reset-requests", "1.25s"},
                      {"503", "Retry-After", "2"}};
  for (const Row& row : rows) {
    INFO(row.fault);
    Running server(only(row.fault));
    const HttpResult r = ask(server, false);
    const auto value = http_header(r.headers, row.header);
    CHECK(value.has_value() == (row.value != nullptr));
    if (row.value != nullptr && value && *row.value != '\0') CHECK(*value == row.value);
    if (std::string_view(row.fault) == "429-date") CHECK(value.value().substr(value->size() - 4) == " GMT");
  }
}

TEST_CASE("mock faults: what is wrong with the body is what the name says") {
  const auto body = [](const char* fault, bool stream) {
    Running server(only(fault));
    return ask(server, stream);
  };
  CHECK_FALSE(is_json(body("invalid-json", false).body));
  CHECK_FALSE(is_valid_utf8(body("invalid-utf8", false).body));
  CHECK_FALSE(is_valid_utf8(body("invalid-utf8", true).body));
  CHECK_FALSE(is_json(body("length-too-short", false).body));
  CHECK_FALSE(is_json(body("invalid-gzip", false).body));
  CHECK(body("invalid-gzip", true).body.find("[DONE]") == std::string::npos);
  CHECK(body("wrong-content-type", false).body.find("<!DOCTYPE html>") == 0);
  const HttpResult mislabelled = body("mislabelled", false);
  CHECK(http_header(mislabelled.headers, "Content-Type") == std::string_view("text/plain"));
  CHECK(is_json(mislabelled.body));
  const HttpResult packed = body("gzip", false);
  CHECK(http_header(packed.headers, "Content-Encoding") == std::string_view("gzip"));
  CHECK(is_json(packed.body));
  CHECK(body("gzip", true).body.find("data: [DONE]\n\n") != std::string::npos);
  CHECK(body("missing-usage", false).body.find("usage") == std::string::npos);
  CHECK(body("missing-usage", true).body.find("usage") == std::string::npos);
  CHECK(body("empty-content", false).body.find("\"content\":\"\"") != std::string::npos);
  CHECK(body("truncated", true).body.find("\"finish_reason\":\"length\"") != std::string::npos);
  CHECK(body("content-filter", false).body.find("\"finish_reason\":\"content_filter\"") != std::string::npos);
  CHECK(body("error-in-stream", true).body.find("data: {\"error\":") != std::string::npos);
  CHECK(body("stream-without-done", true).body.find("[DONE]") == std::string::npos);
  const HttpResult cut = body("reset-mid-body", true);
  CHECK(cut.body.find("\"content\"") != std::string::npos);
  CHECK(cut.body.find("finish_reason\":\"stop") == std::string::npos);
  const HttpResult dripped = body("slow-drip", false);
  CHECK(is_json(dripped.body));
  CHECK(dripped.total_s >= 0.0002 * static_cast<double>(dripped.body.size()));
}

TEST_CASE("mock faults: on a bare socket") {
  {
    Running server(only("event-split"));
    RawClient raw(server.port());
    raw.send(raw_post(chat_body("x", ",\"stream\":true"), "Connection: close\r\n"));
    const std::string all = raw.read();
    CHECK(raw.pieces() >= 8);  // four events and [DONE], each in two
    CHECK(all.find("DONE]") != std::string::npos);
  }
  for (const char* fault : {"reset-before-body", "reset-mid-body"}) {
    INFO(fault);
    Running server(only(fault));
    RawClient raw(server.port());
    raw.send(raw_post(chat_body("x")));
    CHECK(raw.read().empty() == (std::string_view(fault) == "reset-before-body"));
    CHECK(raw.was_reset());
  }
  {
    Running server(only("silence"));
    RawClient raw(server.port());
    raw.send(raw_post(chat_body("x")));
    CHECK(raw.read(200).empty());
    CHECK_FALSE(raw.ended());
  }
  Running server;
  for (int i = 0; i < 2; ++i) {  // a client that speaks TLS hears an alert or something that is no TLS
    RawClient raw(server.port());
    raw.send("\x16\x03\x01");
    CHECK_FALSE(raw.read().empty());
    CHECK(raw.ended());
  }
  HttpRequest secure = get("https://" + server.at("/health").substr(7));
  const HttpResult r = fetch(secure, 2);
  CHECK(r.error.has_value());
  CHECK(server.stop()["tls_handshakes"] == 3);
}

TEST_CASE("mock faults: a retry is another draw, and every run of a seed has the same faults") {
  MockOptions o;
  o.faults = *parse_faults({"500=0.5"});
  const auto statuses = [&o] {
    Running server(o);
    HttpOptions http;
    http.use_proxy = false;
    HttpClient client(http);
    std::string out;
    for (int i = 0; i < 12; ++i) {
      for (int turn = 0; turn < 4; ++turn) out += fetch(client, post(server.chat(), chat_body(format("q{}", i)))).status == 500 ? 'x' : '.';
      out += ' ';
    }
    return out;
  };
  const std::string first = statuses();
  CHECK(statuses() == first);
  CHECK(first.find("x.") != std::string::npos);
  CHECK(first.find(".x") != std::string::npos);
}

}  // namespace
}  // namespace assay::mock
