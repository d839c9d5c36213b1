#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include "harness/base/format.h"
#include "harness/base/http.h"
#include "tests/support/catch.h"
#include "tests/support/http_server.h"

namespace assay {
namespace {

class TempFile {
 public:
  TempFile()
      : path_(std::filesystem::temp_directory_path() / format("assay-http-{}-{}", ::getpid(), next_++)) {}
  ~TempFile() { std::filesystem::remove(path_); }
  const std::filesystem::path& path() const { return path_; }
  std::string text() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(std::string_view text) const { std::ofstream(path_, std::ios::binary) << text; }

 private:
  static inline int next_ = 0;
  std::filesystem::path path_;
};

TEST_CASE("http: a download's token stays with the origin it is for") {
  HttpServer elsewhere([](const ServedRequest& r, Peer& peer) { peer.respond(200, "[" + r.header("Authorization") + "]"); });
  HttpServer hub([&](const ServedRequest& r, Peer& peer) {
    if (r.target == "/here") return void(peer.respond(302, "", "text/plain", "Location: /file\r\n"));
    if (r.target == "/there") return void(peer.respond(302, "", "text/plain", "Location: " + elsewhere.url() + "/f\r\n"));
    peer.respond(200, "[" + r.header("Authorization") + "]");
  });
  DownloadOptions o;
  o.use_proxy = false;
  o.bearer = "hf_secret";
  const TempFile f;
  const auto fetched = [&](const char* target) {
    REQUIRE(http_download(hub.url() + target, f.path(), o).ok());
    return f.text();
  };
  CHECK(fetched("/file") == "[Bearer hf_secret]");
  CHECK(fetched("/here") == "[Bearer hf_secret]");
  CHECK(fetched("/there") == "[]");
  o.bearer = "a\r\nX-Evil: 1";
  const auto refused = http_download(hub.url() + "/file", f.path(), o);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("Evil") == std::string::npos);
}

TEST_CASE("http: a download follows redirects, resumes, and says what failed") {
  const std::string file = "0123456789abcdefghij";
  HttpServer server([&file](const ServedRequest& r, Peer& peer) {
    if (r.target == "/moved") {
      peer.respond(302, "gone", "text/plain", "Location: /file\r\n");
    } else if (r.target == "/loop") {
      peer.respond(302, "", "text/plain", "Location: /loop\r\n");
    } else if (r.target == "/escape") {
      peer.respond(302, "", "text/plain", "Location: file:///etc/passwd\r\n");
    } else if (r.target == "/file" && !r.header("Range").empty()) {
      const std::size_t from = static_cast<std::size_t>(std::stoi(r.header("Range").substr(6)));
      if (from >= file.size())
        return void(peer.respond(416, "", "text/plain", "Content-Range: bytes */20\r\n"));
      peer.respond(206, file.substr(from), "text/plain", format("Content-Range: bytes {}-19/20\r\n", from));
    } else if (r.target == "/liar" && !r.header("Range").empty()) {
      peer.respond(206, file, "text/plain", "Content-Range: bytes 0-19/20\r\n");
    } else if (r.target == "/cut") {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123456789");
      peer.close();
    } else if (r.target == "/stall") {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123456789");
      peer.wait_ms(8000);
    } else if (r.target == "/file" || r.target == "/whole") {
      peer.respond(200, file, "text/plain");
    } else if (r.target == "/empty") {
      peer.respond(200, "", "text/plain");
    } else {
      peer.respond(std::stoi(r.target.substr(1)), "an error page", "text/html");
    }
  });
  DownloadOptions o;
  o.use_proxy = false;
  const auto at = [&server](const std::string& target) { return server.url() + target; };
  TempFile f;
  std::uint64_t last = 0;
  o.progress = [&last](std::uint64_t done, std::uint64_t total) {
    CHECK(total == 20);
    last = done;
    return true;
  };
  REQUIRE(http_download(at("/moved"), f.path(), o).ok());
  CHECK(f.text() == file);
  CHECK(last == 20);
  o.progress = nullptr;
  SECTION("resume") {
    for (const std::string target : {"/file", "/whole"}) {
      f.write("01234");
      o.resume_from = 5;
      REQUIRE(http_download(at(target), f.path(), o).ok());
      CHECK(f.text() == file);
    }
    o.resume_from = 20;
    CHECK(http_download(at("/file"), f.path(), o).ok());
    CHECK(f.text() == file);
    o.resume_from = 5;
    CHECK(http_download(at("/liar"), f.path(), o).error().code == Code::corrupt);
    o.resume_from = 21;
    CHECK(http_download(at("/file"), f.path(), o).error().code == Code::invalid);
  }
  SECTION("a cut download keeps what came") {
    CHECK(http_download(at("/cut"), f.path(), o).error().code == Code::unavailable);
    CHECK(f.text() == "0123456789");
    o.idle_s = 0.5;
    CHECK(http_download(at("/stall"), f.path(), o).error().code == Code::unavailable);
  }
  SECTION("errors") {
    struct Row {
      std::string target;
      Code code;
    };
    const Row rows[] = {{"/404", Code::invalid},   {"/403", Code::invalid},     {"/500", Code::unavailable},
                        {"/429", Code::exhausted}, {"/408", Code::unavailable}, {"/loop", Code::corrupt},
                        {"/escape", Code::corrupt}};
    for (const Row& row : rows) {
      INFO(row.target);
      const auto result = http_download(at(row.target), f.path(), o);
      REQUIRE_FALSE(result.ok());
      CHECK(std::string(name(result.error().code)) == name(row.code));
      CHECK(f.text() == file);  // an error page does not replace what was there
    }
    o.max_bytes = 19;
    CHECK(http_download(at("/file"), f.path(), o).error().code == Code::invalid);
    o.max_bytes = 20;
    CHECK(http_download(at("/empty"), f.path(), o).ok());
    CHECK(f.text().empty());
    CHECK(http_download(at("/file"), "/nonexistent/dir/file", o).error().code == Code::invalid);
    o.progress = [](std::uint64_t, std::uint64_t) { return false; };
    CHECK(http_download("ftp://127.0.0.1/", f.path(), o).error().code == Code::invalid);
  }
}

}  // namespace
}  // namespace assay
