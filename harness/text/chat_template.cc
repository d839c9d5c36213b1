#include "harness/text/chat_template.h"

#include <algorithm>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/utf8.h"
#include "harness/text/jinja/characters.h"
#include "harness/text/jinja/evaluator.h"
#include "harness/text/jinja/parser.h"
#include "harness/text/jinja/show.h"

namespace assay {
namespace {

constexpr std::int64_t kYear9999 = 253'402'300'799;  // the last second of it

jinja::Value message_list(jinja::Machine& machine, const std::vector<Message>& messages) {
  jinja::List out;
  for (const Message& message : messages) {
    jinja::Dict fields;
    fields.emplace_back(jinja::Value::string("role"), jinja::Value::string(std::string(name(message.role))));
    fields.emplace_back(jinja::Value::string("content"), jinja::Value::string(repair_utf8(message.content)));
    out.push_back(machine.dict(std::move(fields)));
  }
  return machine.list(std::move(out));
}

std::vector<std::pair<std::string, jinja::Value>> variables_of(jinja::Machine& machine,
                                                               const ChatInput& input) {
  std::vector<std::pair<std::string, jinja::Value>> out;
  if (input.variables.is_object()) {
    for (const auto& item : input.variables.items()) {
      out.emplace_back(repair_utf8(item.key()), jinja::from_json(machine, item.value()));
    }
  }
  // The first of a name is the one that is found, so that what was given stays ahead of these.
  out.emplace_back("messages", message_list(machine, input.messages));
  out.emplace_back("add_generation_prompt", jinja::Value::boolean(input.add_generation_prompt));
  out.emplace_back("bos_token", jinja::Value::string(repair_utf8(input.bos_token)));
  out.emplace_back("eos_token", jinja::Value::string(repair_utf8(input.eos_token)));
  out.emplace_back("tools", jinja::Value::none());
  out.emplace_back("documents", jinja::Value::none());
  return out;
}

}  // namespace

struct ChatTemplate::Program {
  jinja::Block block;
  Digest digest;
};

ChatTemplate::ChatTemplate(std::unique_ptr<Program> program) : program_(std::move(program)) {}
ChatTemplate::~ChatTemplate() = default;
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;

Result<ChatTemplate> ChatTemplate::parse(std::string_view source) {
  auto block = jinja::parse(source);
  if (!block) return block.error();
  auto program = std::make_unique<Program>();
  program->block = std::move(*block);
  program->digest = sha256(source);
  return ChatTemplate(std::move(program));
}

Result<std::string> ChatTemplate::render(const ChatInput& input) const {
  const std::int64_t seconds = input.unix_seconds ? *input.unix_seconds : unix_micros() / 1'000'000;
  jinja::Machine machine(std::clamp<std::int64_t>(seconds, 0, kYear9999));
  auto variables = variables_of(machine, input);
  if (machine.failed()) return machine.error();
  jinja::Evaluator evaluator(machine, std::move(variables));
  std::string prompt = evaluator.run(program_->block);
  if (machine.failed()) return machine.error();
  return prompt;
}

const Digest& ChatTemplate::digest() const { return program_->digest; }

bool ChatTemplate::opens_think(std::string_view rendered) {
  constexpr std::string_view kTag = "<think>";
  rendered = jinja::strip_right(rendered);  // which takes invalid bytes for no white space
  return rendered.size() >= kTag.size() && rendered.substr(rendered.size() - kTag.size()) == kTag;
}

}  // namespace assay
