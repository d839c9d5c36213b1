// A sample is one question. Plain value; a task makes it, everybody else only reads it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/digest.h"
#include "harness/base/json.h"

namespace assay {

enum class Role : std::uint8_t { system = 1, user = 2, assistant = 3 };
std::string_view name(Role);

struct Message {
  Role role = Role::user;
  std::string content;
  bool operator==(const Message&) const = default;
};

struct Sample {
  std::string key;                    // unique and stable within its task: "gsm8k-test-17"
  std::vector<Message> messages;      // the rendered prompt, never empty
  std::string question;               // the data row's own question text, before any template
  std::vector<std::string> targets;   // accepted answers, any one of them; empty when checked otherwise
  std::vector<std::string> choices;   // options of a multiple-choice question, in order A, B, ...
  Json metadata = Json::object();     // what the task's scorers need beside the targets; may hold answers
  std::string cluster;                // samples of equal non-empty cluster are not independent
  Digest identity;                    // digest of (data row, targets): equal rows have equal identity
  std::uint32_t occurrence = 0;       // 0 for the first sample of this identity in the task, then 1, ...
};

}  // namespace assay
