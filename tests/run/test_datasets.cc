#include "harness/run/datasets.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>

#include "harness/base/file_digest.h"
#include "harness/base/format.h"
#include "tests/support/catch.h"
#include "tests/support/environment.h"
#include "tests/support/http_server.h"

using namespace assay;
using assay::test::Environment;
namespace fs = std::filesystem;

namespace {

class TempFolder {
 public:
  TempFolder() {
    static std::atomic<int> number{0};
    path_ = fs::temp_directory_path() / format("assay-test-datasets-{}-{}", ::getpid(), number++);
    fs::create_directories(path_);
  }
  ~TempFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_file(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::optional<fs::path> real_data() {
  fs::path dir;
  if (const char* given = std::getenv("ASSAY_DATA")) dir = given;
  if (dir.empty()) dir = fs::path(ASSAY_SOURCE_DIR) / ".." / "shared" / "data";
  std::error_code ignored;
  if (!fs::exists(dir / "amc23" / "test.jsonl", ignored)) return std::nullopt;
  return dir;
}

constexpr const char* kName = "amc23";
constexpr const char* kFile = "amc23/test.jsonl";

// Serves one file, with ranges where asked for; counts what it sent.
struct FileServer {
  explicit FileServer(std::string text, bool ranges = true) : body(std::move(text)), with_ranges(ranges) {}
  std::string body;
  bool with_ranges;
  std::atomic<std::size_t> sent{0};
  HttpServer server{[this](const ServedRequest& request, Peer& peer) {
    if (request.target != std::string("/mirror/") + kFile) {
      peer.respond(404, "{}");
      return;
    }
    const std::string range = request.header("Range");
    if (!with_ranges || range.empty()) {
      sent += body.size();
      peer.respond(200, body, "application/octet-stream");
      return;
    }
    const std::size_t from = std::stoul(range.substr(std::string("bytes=").size()));
    if (from >= body.size()) {
      peer.respond(416, "", "text/plain", format("Content-Range: bytes */{}\r\n", body.size()));
      return;
    }
    sent += body.size() - from;
    peer.respond(206, body.substr(from), "application/octet-stream",
                 format("Content-Range: bytes {}-{}/{}\r\n", from, body.size() - 1, body.size()));
  }};
  std::string url() const { return server.url() + "/mirror/"; }
};

}  // namespace

TEST_CASE("Data is looked for in the flags' folders, then ASSAY_DATA's, then the cache") {
  const Environment data("ASSAY_DATA", "/c:/d::");
  const Environment home("HOME", "/h");
  {
    const Environment cache("XDG_CACHE_HOME", "/cache");
    CHECK(default_data_dirs({"/a", "/b"}) == std::vector<fs::path>{"/a", "/b", "/c", "/d", "/cache/assay/data"});
    CHECK(data_cache_dir() == "/cache/assay/data");
  }
  const Environment cache("XDG_CACHE_HOME", std::nullopt);
  CHECK(default_data_dirs() == std::vector<fs::path>{"/c", "/d", "/h/.cache/assay/data"});
  const Environment none("ASSAY_DATA", std::nullopt);
  const Environment nowhere("HOME", std::nullopt);
  CHECK(default_data_dirs().empty());
  CHECK(pull_dataset("gsm8k", {}).error().message ==
        "no folder for data: set HOME or XDG_CACHE_HOME, or name one");
}

TEST_CASE("Known data sets have digests, addresses and licences") {
  CHECK(known_datasets().size() == 7);
  for (const KnownDataset& set : known_datasets()) {
    INFO(set.name);
    CHECK_FALSE(set.licence.empty());
    for (const KnownFile& file : set.files) {
      CHECK(file.url.substr(0, 34) == "https://raw.githubusercontent.com/");
      CHECK(file.path.find("..") == std::string::npos);
      CHECK(file.sha256 != Digest{});
    }
  }
  CHECK(known_dataset("bbh")->files.front().url ==
        "https://raw.githubusercontent.com/suzgunmirac/BIG-Bench-Hard/main/bbh/boolean_expressions.json");
}

TEST_CASE("An unknown data set gets the nearest name") {
  CHECK(pull_dataset("gsm8", {}).error().message.find("unknown data set 'gsm8' (did you mean 'gsm8k'?); known are aime24, ") == 0);
  CHECK(pull_dataset("\x1b[2J", {}).error().message.find("unknown data set '\\x1b[2J'; known are") == 0);
}

TEST_CASE("A set is pulled from a folder, checked, and left alone the second time") {
  const auto data = real_data();
  if (!data) {
    WARN("the data sets are not here; set ASSAY_DATA");
    return;
  }
  const TempFolder into;
  PullOptions options;
  options.into = into.path();
  options.from = data->string();
  auto pulled = pull_dataset("bbh", options);
  REQUIRE(pulled.ok());
  CHECK(pulled->files == 27);
  CHECK(pulled->fetched == 27);
  fs::remove(into / "bbh/navigate.json");
  write_file(into / "bbh/snarks.json", "{}");
  pulled = pull_dataset("bbh", options);
  REQUIRE(pulled.ok());
  CHECK(pulled->fetched == 2);
  CHECK(find_dataset(*known_dataset("bbh"), std::vector<fs::path>{"/none", into.path()}) ==
        into / "bbh/boolean_expressions.json");
  options.from = "file://" + data->string();
  CHECK(pull_dataset(kName, options).ok());
  for (const auto& entry : fs::recursive_directory_iterator(into.path())) CHECK(entry.path().extension() != ".part");
}

TEST_CASE("A mirror that lacks a file or has another one is an error, and nothing is left behind") {
  const TempFolder into;
  const TempFolder mirror;
  PullOptions options;
  options.into = into.path();
  options.from = mirror.path().string();
  CHECK(pull_dataset(kName, options).error().message ==
        "data set 'amc23', amc23/test.jsonl: --from: " + (mirror / kFile).string() + " is not there");
  write_file(mirror / kFile, "other\n");
  const auto other = pull_dataset(kName, options);
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().code == Code::invalid);
  CHECK(other.error().message == "data set 'amc23', amc23/test.jsonl: what came has the SHA-256 " + sha256("other\n").hex() +
                                     ", expected " + known_dataset(kName)->files[0].sha256.hex());
  CHECK_FALSE(fs::exists(into / kFile));
  CHECK_FALSE(fs::exists(into / (std::string(kFile) + ".part")));
}

TEST_CASE("A download over HTTP resumes what an earlier one left, and starts anew where that was wrong") {
  const auto data = real_data();
  if (!data) {
    WARN("the data sets are not here; set ASSAY_DATA");
    return;
  }
  const std::string body = read_file(*data / kFile);
  struct Row {
    const char* what;
    std::string part;
    bool ranges;
    std::size_t sent;
  };
  const std::string part = body.substr(0, body.size() / 3);
  const Row rows[] = {
      {"nothing there", "", true, body.size()},
      {"a third there", part, true, body.size() - part.size()},
      {"a third there, no ranges", part, false, body.size()},
      {"all there", body, true, 0},
      {"a wrong third there", std::string(part.size(), 'x'), true, body.size() - part.size() + body.size()},
      {"too much there", body + "xxx", true, body.size()},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const TempFolder into;
    if (!row.part.empty()) write_file(into / (std::string(kFile) + ".part"), row.part);
    FileServer server(body, row.ranges);
    PullOptions options;
    options.into = into.path();
    options.from = server.url();
    const auto pulled = pull_dataset(kName, options);
    if (!pulled) FAIL(pulled.error().message);
    CHECK(pulled->fetched == 1);
    CHECK(read_file(into / kFile) == body);
    CHECK(server.sent == row.sent);
    CHECK_FALSE(fs::exists(into / (std::string(kFile) + ".part")));
  }
}

TEST_CASE("A server without the file, or none at all, is an error that names set and file") {
  const TempFolder into;
  PullOptions options;
  options.into = into.path();
  HttpServer server([](const ServedRequest&, Peer& peer) { peer.respond(404, "{}"); });
  options.from = server.url();
  auto gone = pull_dataset(kName, options);
  REQUIRE_FALSE(gone.ok());
  CHECK(gone.error().code == Code::invalid);
  CHECK(gone.error().message.find("data set 'amc23', amc23/test.jsonl: ") == 0);
  CHECK(gone.error().message.find("HTTP status 404") != std::string::npos);
  options.from = format("http://127.0.0.1:{}", unused_port());
  auto down = pull_dataset(kName, options);
  REQUIRE_FALSE(down.ok());
  CHECK(down.error().code == Code::unavailable);
  CHECK_FALSE(fs::exists(into / kFile));
}

TEST_CASE("Pulls of one set at the same time give one whole file") {
  const auto data = real_data();
  if (!data) {
    WARN("the data sets are not here; set ASSAY_DATA");
    return;
  }
  const TempFolder into;
  FileServer server(read_file(*data / kFile));
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      PullOptions options;
      options.into = into.path();
      options.from = server.url();
      if (pull_dataset(kName, options).ok()) ++good;
    });
  }
  for (std::thread& t : threads) t.join();
  CHECK(good == 4);
  CHECK(read_file(into / kFile) == server.body);
}
