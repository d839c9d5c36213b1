// ChatTemplate: a model's own chat template, a Jinja program that turns messages into a prompt.
//
//   auto chat = ChatTemplate::parse(source);              // tokenizer_config.json, chat_template.jinja, GGUF
//   auto prompt = chat->render({.messages = messages, .bos_token = "<s>"});
//
// The subset that real templates use is understood (docs/chat-templates.md): with trim_blocks and
// lstrip_blocks on, as transformers renders them. What is not understood is an error at parse time with
// line and column, never a guess. Rendering is bounded in steps, depth and bytes.
//
// Threads: const and callable from any thread.
// Errors: Code::invalid "chat template, line 3, column 7: ..."; what the template itself raises with
//   raise_exception is an error with its message.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/api/sample.h"
#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay {

struct ChatInput {
  std::vector<Message> messages;
  bool add_generation_prompt = true;
  std::string bos_token;
  std::string eos_token;
  // Further ones a template may ask for, in the order in which a template shows them: {"enable_thinking":
  // false, "tools": [...]}. They win over the fields above: "messages" here may hold more than a role and a
  // content. "tools" and "documents" are none unless given, as in transformers.
  OrderedJson variables = OrderedJson::object();
  std::optional<std::int64_t> unix_seconds;  // what strftime_now shows, in UTC; the clock's when absent
};

class ChatTemplate {
 public:
  static Result<ChatTemplate> parse(std::string_view source);
  ~ChatTemplate();
  ChatTemplate(ChatTemplate&&) noexcept;
  ChatTemplate& operator=(ChatTemplate&&) noexcept;

  Result<std::string> render(const ChatInput& input) const;
  const Digest& digest() const;  // of the source, for the record
  // The prompt ends in an open think tag, so that the answer begins within the trace.
  static bool opens_think(std::string_view rendered);

 private:
  struct Program;
  explicit ChatTemplate(std::unique_ptr<Program> program);
  std::unique_ptr<Program> program_;
};

}  // namespace assay
