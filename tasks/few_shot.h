// The examples before the question, as pairs of a user's and an assistant's message.
//
// Threads: const after make(). Errors: Code::invalid, naming the task and the example's place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "harness/api/task.h"
#include "tasks/task_file.h"

namespace assay {

class FewShot {
 public:
  // `prompt` is the template in force; drawn examples depend on ctx.seed and the task's id alone.
  static Result<FewShot> make(const TaskSpec& spec, const std::string& prompt, const TaskContext& ctx);

  // The examples for a sample: never one that asks the same question.
  Result<std::vector<Message>> messages_for(const Sample& sample) const;
  Digest digest() const { return digest_; }  // all zero without examples

 private:
  struct Example {
    std::string question;
    Message user;
    Message assistant;
  };
  Result<void> write_inline(const TaskSpec& spec, const std::string& prompt);
  Result<void> draw(const TaskSpec& spec, const std::string& prompt, const TaskContext& ctx);

  std::uint32_t count_ = 0;
  std::vector<Example> examples_;  // a spare one where they were drawn
  Digest digest_;
};

}  // namespace assay
