#include "tests/support/mock_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace assay::test {
namespace {

// Up to the end, or the end of a line.
std::string read_text(int fd, bool one_line) {
  std::string out;
  char buffer[4096];
  while (true) {
    const ssize_t n = ::read(fd, buffer, one_line ? 1 : sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || (one_line && buffer[0] == '\n')) return out;
    out.append(buffer, static_cast<std::size_t>(n));
  }
}

}  // namespace

MockProcess::MockProcess(std::vector<std::string> options) {
  int out[2], err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) return;
  options.insert(options.begin(), {ASSAY_BINARY, "mock-server"});
  std::vector<char*> arguments;
  for (std::string& o : options) arguments.push_back(o.data());
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    _exit(127);
  }
  ::close(out[1]);
  ::close(err[1]);
  out_ = out[0];
  err_ = err[0];
  url_ = read_text(out_, true);
}

MockProcess::~MockProcess() {
  stop();
  ::close(out_);
  ::close(err_);
}

Json MockProcess::stop() {
  if (pid_ <= 0) return nullptr;
  ::kill(pid_, SIGTERM);
  const std::string ledger = read_text(err_, false);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  auto parsed = parse_json(ledger);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 && parsed ? std::move(*parsed) : Json(nullptr);
}

}  // namespace assay::test
