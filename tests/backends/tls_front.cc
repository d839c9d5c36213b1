#include "tests/backends/tls_front.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "harness/base/format.h"
#include "tests/support/http_server.h"
#include "tests/support/process.h"

extern char** environ;

namespace assay::test {
namespace {

constexpr const char* kOpenSsl = "/usr/bin/openssl";

bool reachable(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool yes = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return yes;
}

}  // namespace

std::unique_ptr<TlsFront> TlsFront::start(const std::string& dir, const std::string& response) {
  if (::access(kOpenSsl, X_OK) != 0) return nullptr;
  std::unique_ptr<TlsFront> out(new TlsFront);
  out->certificate_ = dir + "/certificate.pem";
  out->response_ = response;
  out->port_ = unused_port();
  const std::string key = dir + "/key.pem";
  const ProcessResult made = run_process({kOpenSsl, "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                          "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
                                          out->certificate_, "-days", "2", "-subj", "/CN=test", "-addext",
                                          "subjectAltName=IP:127.0.0.1"});
  if (made.exit_code != 0 || !out->spawn(key)) return nullptr;
  out->thread_ = std::thread([front = out.get()] { front->answer(); });
  for (int i = 0; i < 500 && !reachable(out->port_); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return out;
}

bool TlsFront::spawn(const std::string& key) {
  int in[2], out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) return false;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  std::string words[] = {kOpenSsl, "s_server", "-quiet", "-accept", format("127.0.0.1:{}", port_),
                         "-cert", certificate_, "-key", key};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int failed = posix_spawn(&pid_, kOpenSsl, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  to_ = in[1];
  from_ = out[0];
  if (failed != 0) pid_ = -1;
  return failed == 0;
}

void TlsFront::answer() {
  std::string got;
  char buffer[4096];
  ssize_t n = 0;
  while ((n = ::read(from_, buffer, sizeof buffer)) > 0) {
    got.append(buffer, static_cast<std::size_t>(n));
    const std::size_t end = got.find("\r\n\r\n");
    const std::size_t at = got.find("Content-Length: ");
    if (end == std::string::npos || at > end) continue;
    const auto length = static_cast<std::size_t>(std::atoll(got.c_str() + at + 16));
    if (got.size() < end + 4 + length) continue;
    got.clear();
    if (::write(to_, response_.data(), response_.size()) < 0) return;
  }
}

std::string TlsFront::url() const { return format("https://127.0.0.1:{}", port_); }

TlsFront::~TlsFront() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  if (thread_.joinable()) thread_.join();
  ::close(to_);
  ::close(from_);
}

}  // namespace assay::test
