// What every remote backend does whatever its dialect: the record of an exchange, rate limits, what may be billed.
#include "backends/remote/remote_settings.h"

#include <future>

#include "harness/api/catalog.h"
#include "harness/base/format.h"
#include "tests/backends/openai_server.h"
#include "tests/backends/remote_client.h"
#include "tests/support/catch.h"
#include "tests/support/environment.h"
#include "tests/support/http_server.h"

namespace assay {
namespace {

using test::ask;
using test::remote;
using test::request;

TEST_CASE("remote: the record holds what was sent and received, to whom, under which id, and what is still allowed") {
  ServedRequest seen;
  HttpServer server([&seen](const ServedRequest& r, Peer& peer) {
    seen = r;
    peer.respond(200, test::kWholeAnswer, "application/json",
                 "x-request-id: req-1\r\nx-ratelimit-remaining-requests: 41\r\nx-ratelimit-reset-tokens: 6m0s\r\n");
  });
  const BackendReply reply = ask(*remote("openai", server.url() + "/v1?api-version=3"));
  REQUIRE(reply.responses.size() == 1);
  CHECK(seen.target == "/v1/chat/completions?api-version=3");
  CHECK(reply.exchange.endpoint == server.url() + "/v1/chat/completions");
  CHECK(reply.exchange.sent == seen.body);
  CHECK(reply.exchange.received == test::kWholeAnswer);
  CHECK(reply.exchange.request_id == "req-1");
  CHECK(reply.responses[0].request_id == "req-1");
  CHECK(reply.rate.requests.remaining == 41);
  CHECK(reply.rate.tokens.reset_s == 360);
  CHECK_FALSE(reply.rate.tokens.limit.has_value());
  const BackendReply less = ask(*remote("openai", server.url(), {{"keep_bytes", 10}}));
  CHECK(less.exchange.received == test::kWholeAnswer.substr(0, 10));
  const BackendReply none = ask(*remote("openai", server.url(), {{"keep_bytes", 0}}));
  CHECK(none.exchange.received.empty());
  CHECK(none.exchange.sent.empty());
}

TEST_CASE("remote: a failure keeps its bytes and says whether it may be billed") {
  HttpServer server([](const ServedRequest& r, Peer& peer) {
    test::serve_openai(r.target.substr(r.target.rfind('/') + 1), peer, r);
  });
  struct Row {
    std::string mode;
    bool billed;
    std::string received;  // what it begins with
  };
  const Row rows[] = {
      {"400", false, R"({"error")"},     {"401", false, R"({"error")"},
      {"404", false, R"({"error")"},     {"408", true, R"({"error")"},
      {"429-seconds", false, R"({"e)"},  {"429-quota", false, R"({"error")"},
      {"500", true, R"({"error")"},      {"502", true, R"({"error")"},
      {"503", false, R"({"error")"},     {"529", false, R"({"error")"},
      {"redirect", false, ""},           {"html", true, "<html>"},
      {"empty", true, ""},               {"reset-in-stream", true, "data: "},
      {"close-in-stream", true, "data: "}, {"wrong-length", true, "{"},
      {"error-event", true, "data: "},   {"bad-json", true, "data: "},
  };
  for (const Row& row : rows) {
    INFO(row.mode);
    const BackendReply reply = ask(*remote("openai", server.url() + "/v1", {{"path", "/" + row.mode}}));
    REQUIRE(reply.error.has_value());
    INFO(reply.error->message);
    CHECK(reply.error->may_be_billed == row.billed);
    CHECK(reply.exchange.received.rfind(row.received, 0) == 0);
    CHECK_FALSE(reply.exchange.sent.empty());
  }
  // Nobody there, out of time before it began, a request that the API cannot be told.
  BackendReply reply = ask(*remote("openai", format("http://127.0.0.1:{}", unused_port())));
  CHECK(reply.error->code == Code::unavailable);
  CHECK_FALSE(reply.error->may_be_billed);
  Request late = request();
  late.deadline = std::chrono::steady_clock::now();
  reply = ask(*remote("openai", server.url() + "/v1", {{"path", "/silence"}}), late);
  CHECK(reply.error->code == Code::deadline);
  CHECK_FALSE(reply.error->may_be_billed);
  reply = ask(*remote("openai", server.url() + "/v1", {{"path", "/silence"}}, 0.2));
  CHECK(reply.error->code == Code::deadline);
  CHECK(reply.error->may_be_billed);
  Request two = request();
  two.choices = 2;
  reply = ask(*remote("openai", server.url()), two);
  CHECK(reply.error->code == Code::invalid);
  CHECK_FALSE(reply.error->may_be_billed);
  CHECK(reply.error->message.rfind("openai: ", 0) == 0);
}

TEST_CASE("remote: a redirect and a wrong content type are named in one line") {
  HttpServer server([](const ServedRequest& r, Peer& peer) {
    test::serve_openai(r.target.substr(r.target.rfind('/') + 1), peer, r);
  });
  const auto message = [&server](const std::string& mode) {
    return ask(*remote("openai", server.url() + "/v1", {{"path", "/" + mode}})).error->message;
  };
  CHECK(message("redirect") ==
        format("openai: {}: HTTP status 307; the server redirects to http://127.0.0.1:1, which is not followed: "
               "base_url must name the right address",
               server.url()));
  CHECK(message("html") == format("openai: {}: the response holds neither JSON nor an event; its content type is "
                                  "text/html",
                                  server.url()));
}

TEST_CASE("remote: headers of the user go along and win over ours, from the environment too") {
  ServedRequest seen;
  HttpServer server([&seen](const ServedRequest& r, Peer& peer) {
    seen = r;
    peer.respond(200, test::kWholeAnswer);
  });
  const test::Environment variable("ASSAY_TEST_HEADER", "  from-the-environment ");
  ask(*remote("openai", server.url(),
              {{"headers", {{"X-Title", "assay"}, {"accept", "application/json"}}},
               {"header_env", {{"X-Proxy-Token", "ASSAY_TEST_HEADER"}}},
               {"key_header", "api-key"}}));
  CHECK(seen.header("X-Title") == "assay");
  CHECK(seen.header("X-Proxy-Token") == "from-the-environment");
  CHECK(seen.header("api-key") == test::kCanary);
  CHECK(seen.header("Authorization").empty());
  CHECK(seen.header("Accept") == "application/json");
  BackendOptions o;
  o.model = "m";
  o.base_url = server.url();
  o.options = {{"header_env", {{"X-Proxy-Token", "ASSAY_TEST_NOT_SET"}}}};
  for (const BackendEntry& entry : backend_catalog()) {
    if (entry.id != "openai" && entry.id != "deepseek") continue;
    auto made = entry.make(o);
    REQUIRE_FALSE(made.ok());
    CHECK_THAT(made.error().message, test::has("ASSAY_TEST_NOT_SET is not set") && test::has("backend " + entry.id));
  }
}

TEST_CASE("remote: who is paid follows from the address, unless it is said") {
  struct Row {
    const char* origin;
    const char* provider;
  };
  for (const Row& row : {Row{"https://api.openai.com", "openai"}, Row{"https://api.deepseek.com", "deepseek"},
                         Row{"https://openrouter.ai", "openrouter"}, Row{"https://API.Together.xyz:443", "together"},
                         Row{"https://generativelanguage.googleapis.com", "google"},
                         Row{"https://team.openai.azure.com", "azure"}, Row{"https://api.x.ai", "xai"},
                         Row{"http://127.0.0.1:8000", ""}, Row{"http://localhost:1", ""}, Row{"http://[::1]:1", ""}}) {
    INFO(row.origin);
    CHECK(provider_of(row.origin) == row.provider);
  }
  CHECK(remote("deepseek", "")->describe().provider == "deepseek");
  BackendOptions o;
  o.base_url = "http://127.0.0.1:1";
  o.provider = "in-house";
  CHECK(remote("openai", o)->describe().provider == "in-house");
}

TEST_CASE("remote: each backend has its own address, and needs a key there and not elsewhere") {
  struct Row {
    const char* id;
    const char* needs;
  };
  for (const Row& row : {Row{"openai", "api.openai.com needs one"}, Row{"deepseek", "api.deepseek.com needs one"},
                         Row{"openrouter", "openrouter.ai needs one"}, Row{"completions", "base_url is missing"}}) {
    BackendOptions o;
    o.model = "m";
    for (const BackendEntry& entry : backend_catalog()) {
      if (entry.id != row.id) continue;
      auto made = entry.make(o);
      REQUIRE_FALSE(made.ok());
      CHECK_THAT(made.error().message, test::has(row.needs));
      o.base_url = "http://127.0.0.1:1";
      CHECK(entry.make(o).ok());
    }
  }
}

}  // namespace
}  // namespace assay
