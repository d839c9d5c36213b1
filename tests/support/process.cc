#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace assay::test {
namespace {

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() {
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(int i) {
    if (ends[i] >= 0) close(ends[i]);
    ends[i] = -1;
  }
};

[[noreturn]] void become(const std::vector<std::string>& argv, const std::map<std::string, std::string>& env,
                         const std::string& cwd, const Pipe& in, const Pipe& out, const Pipe& err) {
  dup2(in.ends[0], STDIN_FILENO);
  dup2(out.ends[1], STDOUT_FILENO);
  dup2(err.ends[1], STDERR_FILENO);
  for (const auto& [name, value] : env) {
    if (value.empty()) {
      unsetenv(name.c_str());
    } else {
      setenv(name.c_str(), value.c_str(), 1);
    }
  }
  if (!cwd.empty() && chdir(cwd.c_str()) != 0) _exit(126);
  std::vector<char*> arguments;
  for (const std::string& a : argv) arguments.push_back(const_cast<char*>(a.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

// Reads both outputs and writes the input until all are done, so that no side can block the other.
void pump(Pipe& in, Pipe& out, Pipe& err, const std::string& input, ProcessResult& result) {
  std::size_t sent = 0;
  fcntl(in.ends[1], F_SETFL, O_NONBLOCK);
  if (input.empty()) in.close_end(1);
  while (out.ends[0] >= 0 || err.ends[0] >= 0) {
    pollfd fds[3] = {{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}, {in.ends[1], POLLOUT, 0}};
    if (poll(fds, 3, -1) < 0 && errno != EINTR) return;
    char buffer[65536];
    for (int i = 0; i < 2; ++i) {
      if ((fds[i].revents & (POLLIN | POLLHUP)) == 0) continue;
      const ssize_t n = read(fds[i].fd, buffer, sizeof buffer);
      if (n > 0) (i == 0 ? result.out : result.err).append(buffer, static_cast<std::size_t>(n));
      if (n == 0) (i == 0 ? out : err).close_end(0);
    }
    if ((fds[2].revents & (POLLOUT | POLLERR)) != 0) {
      const ssize_t n = write(in.ends[1], input.data() + sent, input.size() - sent);
      if (n > 0) sent += static_cast<std::size_t>(n);
      if (n < 0 || sent == input.size()) in.close_end(1);
    }
  }
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& argv, const std::map<std::string, std::string>& env,
                          const std::string& cwd, const std::string& input) {
  Pipe in;
  Pipe out;
  Pipe err;
  const auto old_pipe = std::signal(SIGPIPE, SIG_IGN);
  const pid_t child = fork();
  if (child == 0) become(argv, env, cwd, in, out, err);
  in.close_end(0);
  out.close_end(1);
  err.close_end(1);
  ProcessResult result;
  pump(in, out, err, input, result);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::signal(SIGPIPE, old_pipe);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

ProcessResult assay(std::vector<std::string> arguments, const std::map<std::string, std::string>& env,
                    const std::string& cwd, const std::string& input) {
  arguments.insert(arguments.begin(), ASSAY_BINARY);
  return run_process(arguments, env, cwd, input);
}

}  // namespace assay::test
