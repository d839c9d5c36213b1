// Canary keys through every path that a server's answer can take, in every spelling that it may use.
#include "backends/remote/redact.h"
#include "harness/base/format.h"
#include "tests/backends/remote_client.h"
#include "tests/support/catch.h"
#include "tests/support/environment.h"
#include "tests/support/http_server.h"

namespace assay {
namespace {

constexpr const char* kHeaderCanary = "hdr+canary/=value-77665544";
constexpr const char* kEnvCanary = "env-canary-0123456789";
constexpr const char* kPassword = "pw-canary-abcdefgh";

std::string base64(const std::string& text) {
  static constexpr const char* kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k > text.size() ? '=' : kAlphabet[group >> (18 - 6 * k) & 63];
    }
  }
  return out;
}

std::string each(const std::string& text, const std::string& plain_too, const char* form) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || plain_too.find(c) != std::string::npos;
    if (plain) {
      out += c;
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, form, static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escaped;
    }
  }
  return out;
}

using Spell = std::string (*)(const std::string&);
const std::pair<const char*, Spell> kSpellings[] = {
    {"plain", [](const std::string& s) { return s; }},
    {"JSON escapes", [](const std::string& s) { return each(s, "-+=", "\\u%04X"); }},
    {"URL", [](const std::string& s) { return each(s, "-", "%%%02x"); }},
    {"base64", [](const std::string& s) { return base64(s); }},
    {"base64 of a pair", [](const std::string& s) { return base64("u:" + s + "?"); }},
};

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

// An answer that holds `key` wherever an answer can hold something; the place is the last part of the path.
void leak(const std::string& place, const std::string& key, Peer& peer) {
  const std::string message = "{\"error\":{\"message\":" + quoted(std::string(270, 'x') + key) + "}}";
  const std::string choice = "{\"model\":" + quoted(key) + ",\"id\":" + quoted(key) + ",\"system_fingerprint\":" +
                             quoted(key) + ",\"choices\":[{\"finish_reason\":" + quoted(key) + ",\"message\":{" +
                             "\"content\":" + quoted(key) + ",\"reasoning\":" + quoted(key) + ",\"refusal\":" +
                             quoted(key) + "}}]}";
  const std::string delta = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":" + quoted(key) + "}}]}\n\n";
  const std::string stop = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
  if (place == "answer") return void(peer.respond(200, choice, "application/json", "x-request-id: " + key + "\r\n"));
  if (place == "html") return void(peer.respond(200, "<html>" + key, "text/html"));
  if (place == "type") return void(peer.respond(200, "hello", "text/" + key));
  if (place == "broken") return void(peer.respond(200, "{\"choices\":[" + quoted(key), "application/json"));
  if (place == "stated") return void(peer.respond(200, message));
  if (place == "redirect") {
    return void(peer.respond(302, key, "text/plain", "Location: http://" + key + ".example/?" + key + "\r\n"));
  }
  if (place == "long") return void(peer.respond(400, std::string(2040, 'x') + key, "text/plain"));
  if (place == "half-body") {
    peer.send(format("HTTP/1.1 401 No\r\nContent-Type: text/plain\r\nContent-Length: 99999\r\n\r\n{}",
                     key.substr(0, key.size() - 3)));
    return peer.close();
  }
  if (place == "short") {
    peer.send(format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n{}", choice));
    return peer.close();
  }
  if (place == "stream" || place == "cut" || place == "half" || place == "event" || place == "junk") {
    peer.begin_stream();
    // Two bytes at a time, so that every key is cut.
    const std::string text = place == "event"  ? "data: " + message + "\n\n"
                             : place == "junk" ? "data: {" + key + "\n\n"
                             : place == "half" ? delta.substr(0, delta.rfind(key) + key.size() - 3)
                                               : delta + delta + (place == "cut" ? "" : stop);
    for (std::size_t i = 0; i < text.size(); i += 2) peer.chunk(text.substr(i, 2));
    if (place == "cut") return peer.reset();
    peer.chunk("");
    return;
  }
  peer.respond(std::stoi(place), message);
}

// The middle of the spelled key, which its neighbours have no part in.
std::string core(const std::string& spelled) { return spelled.substr(6, spelled.size() - 12); }

TEST_CASE("secrets: a key comes out of no failure and no answer, in whatever spelling a server repeats it") {
  const std::string secrets[] = {test::kCanary, kHeaderCanary, kEnvCanary, kPassword};
  std::string spelled;
  HttpServer server([&spelled](const ServedRequest& r, Peer& peer) {
    leak(r.target.substr(r.target.rfind('/') + 1), spelled, peer);
  });
  const test::Environment variable("ASSAY_TEST_SECRET", kEnvCanary);
  const std::string base = format("http://user:{}@127.0.0.1:{}/v1", kPassword, server.port());
  int checked = 0;
  for (const auto& [spelling, spell] : kSpellings) {
    for (const std::string& secret : secrets) {
      spelled = spell(secret);
      for (const char* place : {"answer", "html", "type", "broken", "stated", "redirect", "long", "short", "stream",
                                "cut", "half", "half-body", "event", "junk", "400", "401", "404", "429", "500", "503"}) {
        INFO(spelling << " of " << secret << " in " << place);
        auto b = test::remote("openai", base,
                              {{"path", format("/{}", place)},
                               {"keep_raw", true},
                               {"headers", {{"X-Api-Key", kHeaderCanary}, {"X-Title", "assay"}}},
                               {"header_env", {{"X-Team", "ASSAY_TEST_SECRET"}}}});
        const std::string all = test::everything(test::ask(*b));
        CHECK_FALSE(all.empty());
        CHECK(all.find(core(spelled)) == std::string::npos);
        CHECK(all.find(core(secret)) == std::string::npos);
        ++checked;
      }
    }
  }
  CHECK(checked == 5 * 4 * 20);
}

TEST_CASE("secrets: a question that holds the key is sent as it is, and recorded without it") {
  std::string body;
  HttpServer server([&body](const ServedRequest& r, Peer& peer) {
    body = r.body;
    peer.respond(500, "{}");
  });
  Request r = test::request();
  r.messages[0].content = std::string("what is ") + kEnvCanary + "?";
  const test::Environment variable("ASSAY_TEST_SECRET", kEnvCanary);
  const BackendReply reply =
      test::ask(*test::remote("openai", server.url(), {{"header_env", {{"A", "ASSAY_TEST_SECRET"}}}}), r);
  CHECK(body.find(kEnvCanary) != std::string::npos);
  CHECK_THAT(reply.exchange.sent, test::has("what is [key]?"));
}

TEST_CASE("secrets: an ordinary header's value is no secret, and stays in the answer") {
  HttpServer server([](const ServedRequest&, Peer& peer) {
    peer.respond(200, R"({"choices":[{"message":{"content":"mathematics"},"finish_reason":"stop"}]})");
  });
  const BackendReply reply =
      test::ask(*test::remote("openai", server.url(), {{"headers", {{"X-Title", "mathematics"}}}}));
  CHECK(reply.responses.at(0).text == "mathematics");
}

}  // namespace
}  // namespace assay
