// ChoiceGroup: what several epochs of one sample ask first, and the draws of each, on its way to as few requests as
// the server's number of choices allows (Request::choices).
//
// Requests go together when nothing but epoch and draw tells them apart; one with a seed of its own goes alone. How
// they are divided depends on (epoch, draw) only, never on who came first.
//
// Order: any number of add(), and exactly one arrived() by each of the attempts; the last one sends.
// Threads: any. Shared by the attempts until they have arrived.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "harness/run/call.h"

namespace assay {

class ChoiceGroup {
 public:
  ChoiceGroup(Session& session, std::size_t attempts, std::uint32_t max_choices)
      : session_(session), max_choices_(max_choices), missing_(attempts) {}
  ChoiceGroup(const ChoiceGroup&) = delete;
  ChoiceGroup& operator=(const ChoiceGroup&) = delete;

  void add(Call::Wish wish);
  void arrived();

 private:
  void send(std::vector<Call::Wish> wishes);

  Session& session_;
  const std::uint32_t max_choices_;
  std::mutex mutex_;  // guards both below
  std::size_t missing_;
  std::vector<Call::Wish> wishes_;
};

}  // namespace assay
