// Any bytes are a template that renders within its bounds, or one line of error. A first line that is a JSON
// object gives the variables; the rest is the template.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "harness/base/utf8.h"
#include "harness/text/chat_template.h"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void check_error(const assay::Error& error) {
  must(error.code == assay::Code::invalid);
  must(error.message.rfind("chat template", 0) == 0);
  must(error.message.find('\n') == std::string::npos && error.message.size() < 4000);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  assay::ChatInput input;
  input.messages = {{assay::Role::system, "Be brief."},
                    {assay::Role::user, "Hi"},
                    {assay::Role::assistant, "<think>\nhm\n</think>\n\nHello"},
                    {assay::Role::user, "Bye \xff"}};
  input.bos_token = "<s>";
  input.unix_seconds = 1'732'406'400;
  const std::string_view line = text.substr(0, text.find('\n'));
  if (auto variables = assay::parse_ordered_json(line); variables && variables->is_object()) {
    input.variables = std::move(*variables);
    text.remove_prefix(line.size());
  }
  const auto chat = assay::ChatTemplate::parse(text);
  if (!chat) {
    check_error(chat.error());
    return 0;
  }
  const auto prompt = chat->render(input);
  if (!prompt) {
    check_error(prompt.error());
    return 0;
  }
  must(assay::is_valid_utf8(*prompt) && prompt->size() <= std::size_t{16} << 20);
  must(*prompt == chat->render(input).value());
  (void)assay::ChatTemplate::opens_think(*prompt);
  return 0;
}
