// Servers that a run starts, waits for and stops: `serve` of a model entry.
//
// Between us and the server stands a small process of ours that ends the server's whole process group (SIGTERM, after
// a grace SIGKILL) when it is told to or when we are gone, by whatever signal; so nothing is left running. The server
// has no terminal, no input, and an environment without variables whose names speak of secrets (KEY, TOKEN, SECRET,
// PASSWORD). What it prints goes to a log file.
//
// Threads: one at a time. The destructors stop what runs, and wait for its end.
// Errors: Code::invalid, one line with the end of the log, when a server cannot be started, ends, or is not ready in
//   time; also when somebody else answers at its address already. Code::cancelled when the run is to stop.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/run/suite.h"

namespace assay {

class ServerProcess {
 public:
  static Result<std::unique_ptr<ServerProcess>> start(const std::vector<std::string>& command,
                                                      const std::filesystem::path& log, double grace_s = 10);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // How it ended by itself ("exit code 1", "signal 9"); nullopt: it runs.
  std::optional<std::string> ended();
  const std::filesystem::path& log() const { return log_; }
  std::string log_tail() const;  // one line, printable

 private:
  ServerProcess() = default;

  std::filesystem::path log_;
  pid_t keeper_ = 0;  // the process between
  int life_ = -1;     // closed: the server is to end
  int status_ = -1;   // how it ended
  std::optional<std::string> ended_;
};

// A model's server, ready. `log` is where it prints.
Result<std::unique_ptr<ServerProcess>> serve_model(const ModelEntry& entry, const std::filesystem::path& log,
                                                   const std::function<bool()>& stop_requested);

}  // namespace assay
