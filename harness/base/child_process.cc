#include "harness/base/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

bool speaks_of_secrets(std::string_view name, const std::vector<std::string>& keep) {
  for (const std::string& prefix : keep) {
    if (name.substr(0, prefix.size()) == prefix) return false;
  }
  constexpr std::string_view kWords[] = {"KEY", "TOKEN", "SECRET", "PASSWORD"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [name](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

std::vector<std::string> environment_for(const ChildOptions& options) {
  std::vector<std::string> out;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view entry(*at);
    if (!speaks_of_secrets(entry.substr(0, entry.find('=')), options.keep)) out.emplace_back(entry);
  }
  for (const auto& [name, value] : options.defaults) {
    if (std::getenv(name.c_str()) == nullptr) out.push_back(name + "=" + value);
  }
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Reads to the end and keeps the last bytes.
std::string read_tail(int fd, std::size_t most) {
  std::string kept;
  std::string block(8192, '\0');
  while (true) {
    const ssize_t n = ::read(fd, block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    kept.append(block, 0, static_cast<std::size_t>(n));
    if (kept.size() > 2 * most) kept.erase(0, kept.size() - most);
  }
  if (kept.size() > most) kept.erase(0, kept.size() - most);
  return kept;
}

int spawn(const std::vector<std::string>& argv, const ChildOptions& options, int output, pid_t& child) {
  std::vector<std::string> arguments = argv;
  std::vector<std::string> environment = environment_for(options);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  const int error = ::posix_spawnp(&child, arguments[0].c_str(), &actions, nullptr, pointers(arguments).data(),
                                   pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

Result<ChildOutput> run_child(const std::vector<std::string>& argv, const ChildOptions& options) {
  if (argv.empty()) return Error{Code::internal, "run_child: no program"};
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return invalid(format("{}: {}", printable(argv[0]), std::strerror(errno)));
  pid_t child = 0;
  const int error = spawn(argv, options, ends[1], child);
  ::close(ends[1]);
  ChildOutput out;
  if (error == 0) out.output = read_tail(ends[0], options.max_output);
  ::close(ends[0]);
  if (error != 0) return invalid(format("{}: cannot be started: {}", printable(argv[0]), std::strerror(error)));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return Error{Code::internal, format("{}: {}", printable(argv[0]), std::strerror(errno))};
  }
  out.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return out;
}

}  // namespace assay
