// Replicas: which of several servers of one model a request goes to.
//
// The fewest in flight, but among those within a small slack of the fewest the one that (task, sample) hashes to
// highest (rendezvous hashing), so that the epochs of a sample meet the prefix cache that their first one filled,
// and a server that comes or goes moves no other sample. A server that fails is avoided for a while, longer each
// time; then one request tries it again. When all are avoided, the one whose time is over first is taken.
//
// Threads: any. Errors: none.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

class Replicas {
 public:
  using Clock = std::chrono::steady_clock;
  // What became of a request, as far as its server is concerned. ended: says nothing about the server.
  enum class End : std::uint8_t { good, failed, ended };

  explicit Replicas(std::vector<std::string> names);

  std::size_t take(std::string_view task, std::string_view sample, Clock::time_point now = Clock::now());
  // `wait_s`: how long the server asked to be left alone.
  void give_back(std::size_t replica, End end, std::optional<double> wait_s = std::nullopt,
                 Clock::time_point now = Clock::now());
  std::uint32_t in_flight(std::size_t replica) const;

 private:
  struct State {
    std::string name;
    std::uint32_t in_flight = 0;
    std::uint32_t failures = 0;  // in a row
    Clock::time_point avoid_until = Clock::time_point::min();
  };
  bool usable(const State& state, Clock::time_point now) const;

  mutable std::mutex mutex_;  // guards all_
  std::vector<State> all_;
};

}  // namespace assay
