// What each dialect's servers send, as their documentation shows it, through the whole backend over a real connection.
// The rows are shapes/*.json: `body` (whole) or `events` (streamed), and what must come of it. usage: input,
// cached_input, cache_write, output, reasoning.
#include <atomic>
#include <fstream>
#include <sstream>

#include "tests/backends/remote_client.h"
#include "tests/support/catch.h"
#include "tests/support/http_server.h"

namespace assay {
namespace {

Json rows_of(const std::string& file) {
  std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/tests/backends/shapes/" + file);
  std::ostringstream text;
  text << in.rdbuf();
  auto rows = parse_json(text.str());
  INFO(file);
  REQUIRE(rows.ok());
  REQUIRE(rows->size() >= 5);
  return *rows;
}

void serve(const Json& row, Peer& peer) {
  const int status = static_cast<int>(json_int(row, "status").value_or(200));
  if (const Json* body = json_find(row, "body")) {
    peer.respond(status, dump_json(*body));
    return;
  }
  peer.begin_stream("text/event-stream; charset=utf-8");
  peer.chunk(json_string(row, "prefix").value_or(": hello\n\n"));
  for (const Json& event : row["events"]) peer.chunk("data: " + dump_json(event) + "\n\n");
  if (json_bool(row, "done").value_or(true)) peer.chunk("data: [DONE]\n\n");
  peer.chunk("");
}

void check_error(const Json& wanted, const BackendReply& reply) {
  REQUIRE(reply.error.has_value());
  INFO(reply.error->message);
  CHECK(reply.responses.empty());
  CHECK(std::string(name(reply.error->code)) == wanted["error"].get<std::string>());
  if (wanted.contains("billed")) CHECK(reply.error->may_be_billed == wanted["billed"].get<bool>());
  if (wanted.contains("message")) {
    CHECK_THAT(reply.error->message, test::has(wanted["message"].get<std::string>()));
  }
}

void check_usage(const Json& wanted, const Usage& u) {
  const std::optional<std::int64_t> got[] = {u.input, u.cached_input, u.cache_write, u.output, u.reasoning};
  REQUIRE(wanted.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    INFO("usage, place " << i);
    if (wanted[i].is_null()) {
      CHECK_FALSE(got[i].has_value());
    } else {
      CHECK(got[i] == wanted[i].get<std::int64_t>());
    }
  }
}

void check_response(const Json& wanted, const BackendReply& reply) {
  INFO((reply.error ? reply.error->message : std::string()));
  REQUIRE_FALSE(reply.error.has_value());
  REQUIRE_FALSE(reply.responses.empty());
  const Response& r = reply.responses.front();
  CHECK(r.text == wanted["text"].get<std::string>());
  CHECK(r.reasoning == json_string(wanted, "reasoning"));
  CHECK(std::string(name(r.finish)) == wanted["finish"].get<std::string>());
  CHECK(r.refusal == json_string(wanted, "refusal").value_or(""));
  if (wanted.contains("raw")) CHECK(r.finish_raw == wanted["raw"].get<std::string>());
  if (wanted.contains("kind")) CHECK(std::string(name(r.reasoning_kind)) == wanted["kind"].get<std::string>());
  if (wanted.contains("model")) CHECK(r.server_model == wanted["model"].get<std::string>());
  if (wanted.contains("fingerprint")) CHECK(r.fingerprint == wanted["fingerprint"].get<std::string>());
  if (wanted.contains("second")) CHECK(reply.responses.at(1).text == wanted["second"].get<std::string>());
  CHECK(r.provider_cost_pico == json_int(wanted, "cost_pico"));
  check_usage(wanted["usage"], r.usage);
}

void check_file(const std::string& backend, const std::string& file) {
  const Json rows = rows_of(file);
  std::atomic<std::size_t> at{0};
  HttpServer server([&rows, &at](const ServedRequest&, Peer& peer) { serve(rows[at], peer); });
  auto b = test::remote(backend, server.url(), {{"max_choices", 2}});
  for (; at < rows.size(); ++at) {
    const Json& row = rows[at];
    INFO(file << ": " << json_string(row, "about").value_or(""));
    Request r = test::request();
    r.choices = static_cast<std::uint32_t>(json_int(row, "choices").value_or(1));
    const BackendReply reply = test::ask(*b, r);
    if (row["wanted"].contains("error")) {
      check_error(row["wanted"], reply);
    } else {
      check_response(row["wanted"], reply);
    }
    CHECK_FALSE(reply.exchange.received.empty());
  }
}

TEST_CASE("shapes: what servers of the OpenAI family send becomes responses and errors") {
  check_file("openai", "openai.json");
  check_file("deepseek", "deepseek.json");
  check_file("openrouter", "openrouter.json");
  check_file("openai", "compatible.json");
  check_file("completions", "completions.json");
}

}  // namespace
}  // namespace assay
