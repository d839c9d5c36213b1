#include "tests/backends/openai_server.h"

#include "harness/base/format.h"
#include "harness/base/json.h"

namespace assay::test {
namespace {

// As some servers write JSON: with every slash escaped.
std::string slashed(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '/' ? std::string("\\/") : std::string(1, c);
  return out;
}

std::string event(const std::string& json) { return "data: " + json + "\n\n"; }
std::string token(const std::string& text) {
  return event(
      dump_json({{"choices", {{{"index", 0}, {"delta", {{"content", text}}}, {"finish_reason", nullptr}}}}}));
}
const std::string kStop = event(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
const std::string kUsage = event(R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4}})");
const std::string kDone = event("[DONE]");

}  // namespace

const std::string kWholeAnswer =
    R"({"id":"c1","model":"m-1","choices":[{"index":0,"message":{"content":"18"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":1}})";
void serve_openai(const std::string& mode, Peer& peer, const ServedRequest& r) {
  if (mode == "stream") {
    peer.begin_stream("text/event-stream; charset=utf-8", "x-request-id: req-7\r\n");
    for (const std::string& part :
         {token("<think>so"), token("</think>18"), kStop, kUsage, kDone, std::string()})
      peer.chunk(part);
  } else if (mode == "whole") {
    peer.respond(200, kWholeAnswer);
  } else if (mode == "whole-untyped") {
    peer.respond(200, "\r\n " + kWholeAnswer, "text/plain");
  } else if (mode == "stream-untyped") {
    peer.respond(200, token("18") + kStop + kDone, "text/plain");
  } else if (mode == "html") {
    peer.respond(200, "<html>Welcome to the proxy</html>", "text/html");
  } else if (mode == "empty") {
    peer.respond(200, "");
  } else if (mode == "echo-key") {
    const std::string key = r.header("Authorization").substr(7);
    peer.begin_stream("text/event-stream", "x-request-id: " + key + "\r\n");
    for (const std::string& part :
         {token(key.substr(0, 8)), token(key.substr(8) + "|" + key), kStop, kDone, std::string()})
      peer.chunk(part);
  } else if (mode == "echo-key-whole") {
    peer.respond(200, dump_json({{"model", r.header("Authorization")},
                                 {"choices", {{{"message", {{"content", r.header("Authorization")}}}}}}}));
  } else if (mode == "echo-key-401") {
    peer.respond(401,
                 dump_json({{"error", {{"message", std::string(280, 'x') + r.header("Authorization")}}}}));
  } else if (mode == "echo-key-long") {
    peer.respond(400, std::string(2040, 'x') + r.header("Authorization"), "text/plain");
  } else if (mode == "echo-key-event") {
    peer.begin_stream();
    peer.chunk(event(dump_json(
        {{"error", {{"message", std::string(290, 'x') + r.header("Authorization")}, {"code", 500}}}})));
    peer.chunk("");
  } else if (mode == "echo-key-slashed") {
    peer.respond(200, slashed(dump_json({{"choices", {{{"message", {{"content", r.header("Authorization")}}}}}}})));
  } else if (mode == "echo-key-slashed-401") {
    peer.respond(401, slashed(dump_json(
                          {{"error", {{"message", std::string(280, 'x') + r.header("Authorization")}}}})));
  } else if (mode == "echo-key-slashed-event") {
    peer.begin_stream();
    peer.chunk(event(slashed(dump_json(
        {{"error", {{"message", std::string(285, 'x') + r.header("Authorization")}, {"code", 500}}}}))));
    peer.chunk("");
  } else if (mode == "429-seconds") {
    peer.respond(429, R"({"error":{"message":"slow down"}})", "application/json", "Retry-After: 1.5\r\n");
  } else if (mode == "429-date") {
    peer.respond(429, "", "text/plain",
                 "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:41 GMT\r\n");
  } else if (mode == "429-quota") {
    peer.respond(429, R"({"error":{"code":"insufficient_quota","message":"pay"}})");
  } else if (mode == "reset-in-stream") {
    peer.begin_stream();
    peer.chunk(token("1"));
    peer.wait_ms(20);
    peer.reset();
  } else if (mode == "close-in-stream") {
    peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + token("1"));
    peer.close();
  } else if (mode == "close-after-stop") {
    peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + token("18") + kStop);
    peer.close();
  } else if (mode == "reset-after-stop") {
    peer.begin_stream();
    peer.chunk(token("18") + kStop);
    peer.wait_ms(20);
    peer.reset();
  } else if (mode == "drip") {
    peer.begin_stream();
    while (peer.chunk(token("x ")) && peer.wait_ms(10)) {
    }
  } else if (mode == "silence") {
    peer.wait_ms(8000);
  } else if (mode == "open-but-silent") {
    peer.begin_stream();
    peer.chunk(": keep-alive\n\n");
    peer.wait_ms(8000);
  } else if (mode == "flood") {
    peer.begin_stream();
    const std::string big = token(std::string(10000, 'x'));
    while (peer.chunk(big)) {
    }
  } else if (mode == "flood-500") {
    peer.send("HTTP/1.1 500 No\r\nContent-Type: text/plain\r\n\r\n");
    while (peer.send(std::string(100000, 'x'))) {
    }
    peer.close();
  } else if (mode == "error-event") {
    peer.begin_stream();
    peer.chunk(token("1") + event(R"({"error":{"message":"worker died","code":503}})"));
    peer.chunk("");
  } else if (mode == "bad-json") {
    peer.begin_stream();
    peer.chunk(token("1") + event("{\"choices\":[{"));
    peer.chunk("");
  } else if (mode == "bad-utf8") {
    peer.begin_stream();
    peer.chunk(
        event("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\xff"
              "b\"},\"finish_reason\":\"stop\"}]}"));
    peer.chunk("");
  } else if (mode == "redirect") {
    peer.respond(307, "", "text/plain", "Location: http://127.0.0.1:1/steal\r\n");
  } else if (mode == "wrong-length") {
    peer.send(format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                     kWholeAnswer.size() + 10, kWholeAnswer));
    peer.close();
  } else if (mode == "refusal") {
    peer.respond(200,
                 R"({"choices":[{"message":{"content":null,"refusal":"I cannot"},"finish_reason":"stop"}]})");
  } else if (mode == "filter") {
    peer.respond(200, R"({"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]})");
  } else if (mode == "echo") {
    peer.respond(200,
                 dump_json({{"choices", {{{"message", {{"content", r.body}}}, {"finish_reason", "stop"}}}}}));
  } else {
    peer.respond(std::stoi(mode), R"({"error":{"message":"as asked"}})");
  }
}

}  // namespace assay::test
