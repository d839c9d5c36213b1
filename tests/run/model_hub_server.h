// A model hub on 127.0.0.1 that speaks as the Hugging Face Hub does, with a second origin that large files are
// redirected to. Counts the bytes of files that it sent.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "harness/base/digest.h"
#include "harness/base/format.h"
#include "harness/base/json.h"
#include "tests/support/http_server.h"

namespace assay::test {

inline const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";

struct HubFile {
  std::string path;
  std::string body;
  bool large = false;  // in LFS: has a SHA-256 and is served elsewhere
};

class HubServer {
 public:
  explicit HubServer(std::vector<HubFile> files) : files_(std::move(files)) {}

  std::string url() const { return hub_.url(); }
  std::size_t sent() const { return sent_; }
  std::string listing_asked() {
    const std::lock_guard lock(mutex_);
    return listing_asked_;
  }
  std::string keys_elsewhere() {
    const std::lock_guard lock(mutex_);
    return keys_elsewhere_;
  }

  std::string token;                         // wanted, where it is set
  std::string listing;                       // instead of the true one
  std::map<std::string, std::string> lies;   // by path: served instead of the file
  std::atomic<std::size_t> cut_after{0};     // bytes of a large file, then the connection ends; 0: never

 private:
  std::string listing_json() const {
    Json siblings = Json::array();
    for (const HubFile& f : files_) {
      Json s{{"rfilename", f.path}, {"size", f.body.size()}, {"blobId", "x"}};
      if (f.large) s["lfs"] = {{"sha256", sha256(f.body).hex()}, {"size", f.body.size()}, {"pointerSize", 134}};
      siblings.push_back(std::move(s));
    }
    return dump_json(Json{{"id", "org/tiny"}, {"sha", kCommit}, {"siblings", siblings}, {"cardData", {{"license", "apache-2.0"}}}});
  }

  void serve_hub(const ServedRequest& r, Peer& peer) {
    if (!token.empty() && r.header("Authorization") != "Bearer " + token) return void(peer.respond(401, "{\"error\": \"gated\"}"));
    if (r.target.starts_with("/api/models/org/tiny")) {
      const std::lock_guard lock(mutex_);
      listing_asked_ = r.target;
      return void(peer.respond(200, listing.empty() ? listing_json() : listing));
    }
    const std::string files = "/org/tiny/resolve/" + kCommit + "/";
    for (const HubFile& f : files_) {
      if (r.target != files + f.path) continue;
      if (f.large) return void(peer.respond(302, "moved", "text/plain", "Location: " + cdn_.url() + "/" + f.path + "\r\n"));
      return send_file(r, peer, f);
    }
    peer.respond(404, "{\"error\": \"Repository not found\"}");
  }

  void serve_cdn(const ServedRequest& r, Peer& peer) {
    {
      const std::lock_guard lock(mutex_);
      keys_elsewhere_ += r.header("Authorization");
    }
    for (const HubFile& f : files_) {
      if (r.target == "/" + f.path) return send_file(r, peer, f);
    }
    peer.respond(404, "");
  }

  void send_file(const ServedRequest& r, Peer& peer, const HubFile& f) {
    const auto lie = lies.find(f.path);
    const std::string& body = lie == lies.end() ? f.body : lie->second;
    const std::string range = r.header("Range");
    const std::size_t from = range.empty() ? 0 : std::stoul(range.substr(6));
    if (from >= body.size() && !range.empty()) {
      return void(peer.respond(416, "", "text/plain", format("Content-Range: bytes */{}\r\n", body.size())));
    }
    std::string head = range.empty() ? std::string("HTTP/1.1 200 OK\r\n")
                                     : format("HTTP/1.1 206 Partial\r\nContent-Range: bytes {}-{}/{}\r\n", from, body.size() - 1, body.size());
    head += format("Content-Length: {}\r\n\r\n", body.size() - from);
    const std::size_t most = f.large && cut_after > 0 ? cut_after.load() : body.size();
    const std::string part = body.substr(from, most);
    sent_ += part.size();
    peer.send(head + part);
    if (part.size() < body.size() - from) peer.close();
  }

  const std::vector<HubFile> files_;
  std::atomic<std::size_t> sent_{0};
  std::mutex mutex_;  // guards the next two
  std::string listing_asked_;
  std::string keys_elsewhere_;
  HttpServer cdn_{[this](const ServedRequest& r, Peer& p) { serve_cdn(r, p); }};
  HttpServer hub_{[this](const ServedRequest& r, Peer& p) { serve_hub(r, p); }};
};

}  // namespace assay::test
