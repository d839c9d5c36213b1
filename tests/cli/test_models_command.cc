// `assay models` and the options of `assay run` that are for local models, as a user types them.
#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "harness/base/digest.h"
#include "harness/base/format.h"
#include "harness/base/json.h"
#include "tests/support/catch.h"
#include "tests/support/http_server.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

using namespace assay;
using namespace assay::test;

namespace {

std::map<std::string, std::string> cache_in(const TempDir& dir) { return {{"ASSAY_MODELS", dir / "models"}}; }

}  // namespace

TEST_CASE("assay models: a path gets a name, is listed, and is forgotten again") {
  const TempDir dir;
  const auto env = cache_in(dir);
  const std::string file = dir.file("weights/tiny one.gguf", "GGUF1234");
  auto out = test::assay({"models", "add", file}, env);
  CHECK(out.exit_code == 0);
  CHECK(out.out == "tiny-one: registered where it lies, " + file + "\n");
  out = test::assay({"models", "list"}, env);
  CHECK(out.exit_code == 0);
  CHECK_THAT(out.out, has("smollm2-135m") && has("not here") && has("Apache-2.0") && has("98,362,432") && has(file));
  out = test::assay({"models", "list", "--json"}, env);
  const auto json = parse_json(out.out);
  REQUIRE(json.ok());
  REQUIRE(json->size() == 2);
  CHECK((*json)[1]["name"] == "tiny-one");
  CHECK((*json)[1]["format"] == "gguf");
  CHECK((*json)[1]["bytes"] == 8);
  CHECK((*json)[1]["present"] == true);
  CHECK((*json)[1]["path"] == file);
  CHECK((*json)[0]["present"] == false);
  CHECK(test::assay({"models", "remove", "tiny-one"}, env).exit_code == 0);
  out = test::assay({"models", "remove", "tiny-one"}, env);
  CHECK(out.exit_code == 3);
  CHECK_THAT(out.err, has("no model 'tiny-one' here"));
}

TEST_CASE("assay models: an address is fetched, checked and resumed by name") {
  const TempDir dir;
  const auto env = cache_in(dir);
  const std::string body = "GGUF" + std::string(100'000, 'x');
  std::atomic<bool> cut{true};
  HttpServer server([&](const ServedRequest& r, Peer& peer) {
    if (!cut && !r.header("Range").empty()) {
      const std::size_t from = std::stoul(r.header("Range").substr(6));
      return void(peer.respond(206, body.substr(from), "x/y", format("Content-Range: bytes {}-{}/{}\r\n", from, body.size() - 1, body.size())));
    }
    if (!cut) return void(peer.respond(200, body));
    peer.send(format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body.substr(0, 60'000)));
    peer.close();
  });
  const auto added = test::assay({"models", "add", server.url() + "/m.gguf", "--sha256", sha256(body).hex()}, env);
  CHECK(added.exit_code == 3);
  CHECK_THAT(added.err, has("assay: model 'm': m.gguf: "));
  CHECK_THAT(test::assay({"models", "list"}, env).out, has("not here"));
  cut = false;
  const auto pulled = test::assay({"models", "pull", "m"}, env);
  INFO(pulled.err);
  CHECK(pulled.exit_code == 0);
  CHECK_THAT(pulled.out, has("m: 1 files, 1 fetched, checked, "));
  CHECK(read_file(dir / "models/m/m.gguf") == body);
}

TEST_CASE("assay models: bad input gets one line that says what was expected") {
  const TempDir dir;
  const auto env = cache_in(dir);
  struct Row {
    std::vector<std::string> arguments;
    const char* message;
  };
  const Row rows[] = {
      {{"models"}, "subcommand"},
      {{"models", "add"}, "source is required"},
      {{"models", "add", "hf:nothing"}, "expected hf:ORG/NAME"},
      {{"models", "add", dir / "none.gguf"}, "no such file or folder"},
      {{"models", "add", "http://h/x.gguf", "--sha256", "12"}, "--sha256: expected 64 hex digits"},
      {{"models", "pull", "smolm2-135m"}, "did you mean 'smollm2-135m'?"},
      {{"run", "--tasks", "math/arithmetic", "--model", "m", "--device", "cpu"},
       "--device: is for local models, and no model has the backend 'local'"},
      {{"run", "--tasks", "math/arithmetic", "--model", "m", "--max-batch", "4"}, "--max-batch: is for local models"},
      {{"run", "--tasks", "math/arithmetic", "--model", "m", "--machine-usd-per-hour", "1"}, "--machine-usd-per-hour: is for local models"},
      {{"run", "--tasks", "math/arithmetic", "--backend", "local", "--model", "m", "--machine-usd-per-hour", "1e3"},
       "--machine-usd-per-hour: a price is USD an hour"},
      {{"run", "--tasks", "math/arithmetic", "--backend", "local", "--model", "m", "--max-batch", "0"}, "--max-batch"},
  };
  for (const Row& row : rows) {
    const auto out = test::assay(row.arguments, env, dir.str());
    INFO(row.message);
    CHECK(out.exit_code == 3);
    CHECK(out.out.empty());
    CHECK_THAT(out.err, has(row.message));
    CHECK(out.err.find('\n') == out.err.size() - 1);
  }
}
