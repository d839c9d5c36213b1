// A server's process and the one that keeps it. After fork() only functions that are safe in a signal handler are
// called: other threads of ours may have held any lock.
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <iterator>
#include <string_view>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/run/serve.h"

namespace assay {
namespace {

constexpr int kLifeFd = 3;
constexpr int kStatusFd = 4;
constexpr int kLookMs = 50;
constexpr int kNotStarted = 1 << 30;  // plus errno: the program could not be executed

// All that the child and the keeper need, made before fork().
struct Launch {
  std::vector<std::string> command, environment;
  std::vector<char*> argv, envp;
  int input = -1, log = -1, life = -1, status = -1;
  int grace_ms = 0;
};

bool speaks_of_secrets(std::string_view name) {
  for (const std::string_view word : {"KEY", "TOKEN", "SECRET", "PASSWORD"}) {
    if (name.find(word) != std::string_view::npos) return true;
  }
  return false;
}

void point(std::vector<std::string>& texts, std::vector<char*>& out) {
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
}

[[noreturn]] void become_server(const Launch& launch, pid_t keeper) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != keeper) _exit(127);
  fcntl(kStatusFd, F_SETFD, FD_CLOEXEC);
  close(kLifeFd);
  execvpe(launch.argv[0], launch.argv.data(), launch.envp.data());
  const int failure = kNotStarted + errno;
  (void)!write(kStatusFd, &failure, sizeof failure);
  _exit(127);
}

// True once it has ended.
bool reap(pid_t server, int& status, bool& reaped) {
  if (!reaped && waitpid(server, &status, WNOHANG) == server) reaped = true;
  return reaped;
}

void pause_ms(int ms) { poll(nullptr, 0, ms); }

// The keeper's whole life.
[[noreturn]] void keep(const Launch& launch) {
  setpgid(0, 0);
  prctl(PR_SET_NAME, "assay-serve");
  for (const int s : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) signal(s, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // Out of the way first, so that none of these is overwritten before it is moved.
  const int input = fcntl(launch.input, F_DUPFD, 16), log = fcntl(launch.log, F_DUPFD, 16);
  const int life = fcntl(launch.life, F_DUPFD, 16), status_fd = fcntl(launch.status, F_DUPFD, 16);
  dup2(input, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  dup2(life, kLifeFd);
  dup2(status_fd, kStatusFd);
  close_range(kStatusFd + 1, ~0U, 0);  // the database and its locks are not ours to hold
  const pid_t me = getpid();
  const pid_t server = fork();
  if (server == 0) become_server(launch, me);
  int status = 0;
  bool reaped = server < 0;
  setpgid(server, server);
  pollfd life_end{kLifeFd, POLLIN, 0};
  while (!reap(server, status, reaped)) {
    if (poll(&life_end, 1, kLookMs) > 0) break;  // closed, or its owner is gone
  }
  if (reaped) (void)!write(kStatusFd, &status, sizeof status);
  // Also where the server has ended: what it started is in its group.
  if (server > 0 && kill(-server, SIGTERM) == 0) {
    for (int ms = 0; ms < launch.grace_ms; ms += kLookMs) {
      if (reap(server, status, reaped) && kill(-server, 0) != 0) break;
      pause_ms(kLookMs);
    }
    kill(-server, SIGKILL);
  }
  if (!reaped && server > 0) waitpid(server, &status, 0);
  _exit(0);
}

struct Pipe {
  int read_end = -1, write_end = -1;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    read_end = ends[0];
    write_end = ends[1];
  }
};

void close_all(std::initializer_list<int> fds) {
  for (const int fd : fds) {
    if (fd >= 0) close(fd);
  }
}

}  // namespace

Result<std::unique_ptr<ServerProcess>> ServerProcess::start(const std::vector<std::string>& command,
                                                            const std::filesystem::path& log, double grace_s) {
  if (command.empty()) return invalid("serve: expected a command");
  Launch launch;
  launch.command = command;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view entry(*at);
    if (!speaks_of_secrets(entry.substr(0, entry.find('=')))) launch.environment.emplace_back(entry);
  }
  point(launch.command, launch.argv);
  point(launch.environment, launch.envp);
  launch.grace_ms = static_cast<int>(std::clamp(grace_s, 0.0, 3600.0) * 1000);
  launch.input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  launch.log = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const Pipe life, status;
  launch.life = life.read_end;
  launch.status = status.write_end;
  const auto failed = [&](const char* what) {
    const Error error = invalid(format("{}: {}: {}", printable(log.string()), what, std::strerror(errno)));
    close_all({launch.input, launch.log, life.read_end, life.write_end, status.read_end, status.write_end});
    return error;
  };
  if (launch.log < 0) return failed("cannot be written");
  if (launch.input < 0 || life.read_end < 0 || status.read_end < 0) return failed("no server can be started");
  std::unique_ptr<ServerProcess> out(new ServerProcess());
  const pid_t keeper = fork();
  if (keeper == 0) keep(launch);
  if (keeper < 0) return failed("no server can be started");
  close_all({launch.input, launch.log, life.read_end, status.write_end});
  fcntl(status.read_end, F_SETFL, O_NONBLOCK);
  out->log_ = log;
  out->keeper_ = keeper;
  out->life_ = life.write_end;
  out->status_ = status.read_end;
  return out;
}

ServerProcess::~ServerProcess() {
  close_all({life_, status_});
  int ignored = 0;
  while (waitpid(keeper_, &ignored, 0) < 0 && errno == EINTR) {
  }
}

std::optional<std::string> ServerProcess::ended() {
  int status = 0;
  while (!ended_ && read(status_, &status, sizeof status) == static_cast<ssize_t>(sizeof status)) {
    if (status >= kNotStarted)
      ended_ = format("it cannot be executed: {}", std::strerror(status - kNotStarted));
    else if (WIFSIGNALED(status))
      ended_ = format("signal {}", WTERMSIG(status));
    else
      ended_ = format("exit code {}", WEXITSTATUS(status));
  }
  return ended_;
}

}  // namespace assay
