#include "harness/run/models.h"

#include <atomic>
#include <set>
#include <thread>

#include "tests/run/model_hub_server.h"
#include "tests/support/catch.h"
#include "tests/support/environment.h"
#include "tests/support/temp_dir.h"

using namespace assay;
using namespace assay::test;
namespace fs = std::filesystem;

namespace {

const std::string kWeights(300'000, 'w');

std::vector<HubFile> tiny_model() {
  return {{"README.md", "# tiny"},
          {"config.json", "{\"model_type\": \"llama\"}"},
          {"generation_config.json", "{}"},
          {"model-00001-of-00002.safetensors", kWeights, true},
          {"model-00002-of-00002.safetensors", kWeights + "2", true},
          {"model.safetensors.index.json", "{\"weight_map\": {}}"},
          {"consolidated.safetensors", kWeights, true},
          {"pytorch_model.bin", kWeights, true},
          {"onnx/model.safetensors", kWeights, true},
          {"tiny.Q8_0.gguf", "GGUF" + kWeights, true},
          {"tokenizer.json", "{}"},
          {"tokenizer_config.json", "{}"}};
}

// The hub's address in the environment and a cache of its own.
struct Place {
  explicit Place(const HubServer& hub, const std::optional<std::string>& token = std::nullopt)
      : endpoint("HF_ENDPOINT", hub.url() + "/"), key("HF_TOKEN", token) {
    options.cache = dir / "cache";
  }
  const Environment endpoint, key;
  const Environment proxy{"http_proxy", std::nullopt};
  const TempDir dir;
  ModelOptions options;
  Result<PulledModel> add(const std::string& source, const std::string& name = "", std::optional<Digest> sha = std::nullopt) const {
    return add_model({source, name, sha}, options);
  }
  bool here(const std::string& name) const { return resolve_model(name, options.cache).ok(); }
  std::string registry() const { return read_file(dir / "cache/models.json"); }
};

}  // namespace

TEST_CASE("models: a hub's model comes with the files that it consists of, pinned to the commit") {
  HubServer hub(tiny_model());
  hub.token = "hf_secret";
  const Place place(hub, "hf_secret");
  const auto added = place.add("hf:org/tiny@main");
  if (!added) FAIL(added.error().message);
  CHECK(hub.listing_asked() == "/api/models/org/tiny/revision/main?blobs=true");
  CHECK(added->model.name == "tiny");
  CHECK(added->model.source == "hf:org/tiny@" + kCommit);
  CHECK(added->model.licence == "apache-2.0");
  CHECK(added->model.format == "safetensors");
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator(added->path)) files.insert(entry.path().filename().string());
  CHECK(files == std::set<std::string>{"config.json", "generation_config.json", "model-00001-of-00002.safetensors",
                                       "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.json",
                                       "tokenizer_config.json"});
  CHECK(read_file((added->path / "model-00002-of-00002.safetensors").string()) == kWeights + "2");
  CHECK(resolve_model("tiny", place.options.cache).value() == added->path);
  CHECK(hub.keys_elsewhere().empty());
  CHECK(place.registry().find("hf_secret") == std::string::npos);

  const std::size_t sent = hub.sent();
  const auto again = pull_model("tiny", place.options);
  REQUIRE(again.ok());
  CHECK(again->fetched == 0);
  CHECK(hub.sent() == sent);
  place.dir.file("cache/tiny/config.json", "{\"model_type\": \"LLAMA\"}");  // the hub has no SHA-256 of it; we do
  CHECK(pull_model("tiny", place.options)->fetched == 1);
}

TEST_CASE("models: a pull that was cut is gone on with, and the model is not there before its end") {
  HubServer hub(tiny_model());
  const Place place(hub);
  hub.cut_after = 100'000;
  const auto cut = place.add("hf:org/tiny", "mine");
  REQUIRE_FALSE(cut.ok());
  CHECK(cut.error().code == Code::unavailable);
  CHECK_THAT(cut.error().message, has("model 'mine': model-00001-of-00002.safetensors: "));
  CHECK(resolve_model("mine", place.options.cache).error().message ==
        "'mine' is not wholly here; `assay models pull mine` fetches it");
  CHECK(fs::file_size(place.options.cache / "mine/model-00001-of-00002.safetensors.part") == 100'000);
  hub.cut_after = 0;
  const std::size_t sent = hub.sent();
  const auto pulled = pull_model("mine", place.options);
  if (!pulled) FAIL(pulled.error().message);
  CHECK(hub.sent() - sent == 200'000 + 300'001);
  CHECK(place.here("mine"));
}

TEST_CASE("models: a file with another SHA-256 or size than the hub says never gets its name") {
  HubServer hub(tiny_model());
  const Place place(hub);
  hub.lies["model-00001-of-00002.safetensors"] = std::string(300'000, 'x');
  const auto wrong = place.add("hf:org/tiny");
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().code == Code::invalid);
  CHECK_THAT(wrong.error().message, has("what came has the SHA-256 ") && has("expected " + sha256(kWeights).hex()));
  CHECK_FALSE(fs::exists(place.options.cache / "tiny/model-00001-of-00002.safetensors"));
  CHECK_FALSE(fs::exists(place.options.cache / "tiny/model-00001-of-00002.safetensors.part"));
  CHECK_FALSE(place.here("tiny"));
  hub.lies = {{"config.json", "{}"}};
  fs::remove(place.options.cache / "tiny/config.json");
  CHECK_THAT(pull_model("tiny", place.options).error().message, has("config.json: what came has 2 bytes, expected 23"));
  hub.lies.clear();
  CHECK(pull_model("tiny", place.options).ok());
}

TEST_CASE("models: one GGUF file of a repository") {
  HubServer hub(tiny_model());
  const Place place(hub);
  const auto added = place.add("hf:org/tiny/tiny.Q8_0.gguf");
  if (!added) FAIL(added.error().message);
  CHECK(added->model.name == "tiny.Q8_0");
  CHECK(added->model.format == "gguf");
  CHECK(added->path == place.options.cache / "tiny.Q8_0" / "tiny.Q8_0.gguf");
  CHECK(added->model.source == "hf:org/tiny/tiny.Q8_0.gguf@" + kCommit);
  CHECK_THAT(place.add("hf:org/tiny/tiny.Q4_0.gguf").error().message,
             has("has no file 'tiny.Q4_0.gguf' (did you mean 'tiny.Q8_0.gguf'?)"));
}

TEST_CASE("models: what a hub cannot give is said") {
  HubServer hub({{"config.json", "{}"}, {"a.Q4.gguf", "GGUF", true}});
  const Place place(hub);
  CHECK_THAT(place.add("hf:org/tiny").error().message,
             has("hf:org/tiny: has no .safetensors files; name one of its GGUF files as hf:ORG/NAME/FILE: a.Q4.gguf"));
  const auto gone = place.add("hf:org/none");
  CHECK(gone.error().code == Code::invalid);
  CHECK_THAT(gone.error().message, has("hf:org/none: ") && has("HTTP status 404: no such repository or revision, or no access") && has("needs HF_TOKEN"));
  struct Row {
    const char* listing;
    const char* message;
  };
  const Row rows[] = {
      {"<html>", "the hub's answer is no JSON"},
      {"{}", "names no commit"},
      {"{\"sha\": \"../..\"}", "names no commit"},
      {"{\"sha\": \"0123456789abcdef0123456789abcdef01234567\"}", "lists no files"},
      {"{\"sha\": \"0123456789abcdef0123456789abcdef01234567\", \"siblings\": [{\"rfilename\": \"../../.ssh/x\"}]}", "no path within a folder"},
      {"{\"sha\": \"0123456789abcdef0123456789abcdef01234567\", \"siblings\": [{\"rfilename\": \"x\", \"lfs\": {\"sha256\": \"12\"}}]}", "gives no SHA-256 for 'x'"},
      {"{\"sha\": \"0123456789abcdef0123456789abcdef01234567\", \"siblings\": [{\"rfilename\": \"x\", \"size\": -1}]}", "a size below 0"},
      {"{\"sha\": \"0123456789abcdef0123456789abcdef01234567\", \"siblings\": []}", "has neither .safetensors nor .gguf files"},
  };
  for (const Row& row : rows) {
    INFO(row.listing);
    hub.listing = row.listing;
    CHECK_THAT(place.add("hf:org/tiny").error().message, has(row.message));
  }
  CHECK_FALSE(fs::exists(place.options.cache / "models.json"));
  CHECK(fs::is_empty(place.options.cache));
  const Environment nowhere("HF_ENDPOINT", format("http://127.0.0.1:{}", unused_port()));
  CHECK(place.add("hf:org/tiny").error().code == Code::unavailable);
  for (const char* bad : {"hf:", "hf:org", "hf:/x", "hf:../x", "hf:org/..", "hf:org/x@", "hf:org/x/../y.gguf", "hf:org/x/model.bin", "hf:org/x@../../y"}) {
    INFO(bad);
    CHECK_THAT(place.add(bad).error().message, has("expected hf:ORG/NAME"));
  }
}

TEST_CASE("models: a GGUF file from an address") {
  HttpServer server([](const ServedRequest& r, Peer& peer) {
    if (r.target == "/dir/m.gguf") return void(peer.respond(200, "GGUF" + kWeights));
    if (r.target == "/page.gguf") return void(peer.respond(200, "<html>sorry</html>"));
    peer.respond(404, "");
  });
  HubServer hub({});
  const Place place(hub);
  const auto added = place.add(server.url() + "/dir/m.gguf");
  if (!added) FAIL(added.error().message);
  CHECK(added->model.name == "m");
  CHECK(resolve_model("m", place.options.cache).value() == place.options.cache / "m" / "m.gguf");
  CHECK_THAT(place.registry(), has(sha256("GGUF" + kWeights).hex()));
  CHECK(place.add(server.url() + "/dir/m.gguf")->fetched == 0);
  struct Row {
    std::string address;
    const char* message;
  };
  const Row rows[] = {
      {server.url() + "/page.gguf", "what came is no GGUF file"},
      {server.url() + "/none.gguf", "HTTP status 404"},
      {server.url() + "/model.safetensors", "expected the address of a .gguf file"},
      {server.url() + "/m.gguf?sig=secret1", "an address with a query may hold a key"},
      {"https://user:secret1@models.example/m.gguf", "must not hold a user name or password"},
      {"http:///m.gguf", ""},
  };
  for (const Row& row : rows) {
    INFO(row.address);
    const auto refused = place.add(row.address, "other");
    REQUIRE_FALSE(refused.ok());
    CHECK_THAT(refused.error().message, has(row.message));
    CHECK(refused.error().message.find("secret1") == std::string::npos);
    CHECK_FALSE(place.here("other"));
  }
  const auto wrong = place.add(server.url() + "/dir/m.gguf", "other", sha256("x"));
  CHECK_THAT(wrong.error().message, has("expected " + sha256("x").hex()));
  CHECK(place.add(server.url() + "/dir/m.gguf", "other", sha256("GGUF" + kWeights)).ok());  // in place of what never came
  CHECK_THAT(place.add(server.url() + "/dir/m.gguf", "../x").error().message, has("is no model name"));
}

TEST_CASE("models: a path is registered where it lies") {
  HubServer hub({});
  const Place place(hub);
  const std::string file = place.dir.file("my model.gguf", "GGUF1");
  const auto added = place.add(file);
  if (!added) FAIL(added.error().message);
  CHECK(added->model.name == "my-model");
  CHECK(resolve_model("my-model", place.options.cache).value() == fs::canonical(file));
  place.dir.file("full/config.json", "{}");
  place.dir.file("full/model.safetensors", "x");
  CHECK(place.add(place.dir / "full/", "f")->model.format == "safetensors");
  CHECK_THAT(place.add(place.dir / "full", "my-model").error().message, has("the name 'my-model' is that of "));
  CHECK_THAT(place.add(place.dir / "none").error().message, has("no such file or folder"));
  CHECK_THAT(place.add(place.dir.file("x.txt", "x")).error().message, has("expected a GGUF file"));
  CHECK_THAT(place.add(file, "y", sha256("x")).error().message, has("has the SHA-256"));
  CHECK_THAT(place.add(file, "smollm2-135m").error().message, has("is not what the built-in name 'smollm2-135m' stands for"));
  REQUIRE(remove_model("my-model", place.options).value());
  CHECK(fs::exists(file));
  CHECK_FALSE(remove_model("my-model", place.options).value());
  fs::remove_all(place.dir / "full");
  CHECK_THAT(pull_model("f", place.options).error().message, has("is no longer there"));
  CHECK_THAT(pull_model("nothing", place.options).error().message, has("no model 'nothing'"));
}

TEST_CASE("models: a list says what is here, and a removed model is gone from the cache alone") {
  HubServer hub(tiny_model());
  const Place place(hub);
  CHECK(list_models(place.options)->size() == 1);
  CHECK_FALSE(fs::exists(place.options.cache));
  REQUIRE(place.add("hf:org/tiny").ok());
  const auto models = list_models(place.options);
  REQUIRE(models.ok());
  REQUIRE(models->size() == 2);
  CHECK((*models)[0].model.name == "smollm2-135m");
  CHECK_FALSE((*models)[0].present);
  CHECK((*models)[0].model.licence == "Apache-2.0");
  CHECK((*models)[0].bytes == 98362432);
  CHECK((*models)[1].model.name == "tiny");
  CHECK((*models)[1].present);
  REQUIRE(remove_model("tiny", place.options).value());
  CHECK_FALSE(fs::exists(place.options.cache / "tiny"));
  CHECK(list_models(place.options)->size() == 1);
  CHECK_THAT(remove_model("..", place.options).error().message, has("is no model name"));
}

TEST_CASE("models: pulls of one model at the same time give one whole model") {
  HubServer hub(tiny_model());
  const Place place(hub);
  hub.cut_after = 1000;
  REQUIRE_FALSE(place.add("hf:org/tiny").ok());
  hub.cut_after = 0;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      if (pull_model("tiny", place.options).ok()) ++good;
    });
  }
  for (std::thread& t : threads) t.join();
  CHECK(good == 4);
  CHECK(place.here("tiny"));
  for (const auto& entry : fs::recursive_directory_iterator(place.options.cache)) CHECK(entry.path().extension() != ".part");
}
