#include "backends/local/engine/prompt.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "backends/local/engine/vocabulary_text.h"

namespace assay::local {
namespace {

// What a template takes for today, so that a prompt is the same on any day: 26 July 2024, the date that the
// templates of Llama 3 fall back on.
constexpr std::int64_t kToday = 1'721'952'000;

std::string text_of(const Tokenizer& tokenizer, std::optional<TokenId> id) {
  return id ? std::string(tokenizer.piece(*id)) : "";
}

// Whether a trace is open behind a text, given whether one was in front of it.
bool open_behind(std::string_view text, bool open) {
  const std::size_t opened = text.rfind(kOpenThink);
  const std::size_t closed = text.rfind(kCloseThink);
  if (opened == std::string_view::npos && closed == std::string_view::npos) return open;
  return closed == std::string_view::npos || (opened != std::string_view::npos && opened > closed);
}

}  // namespace

Result<PromptMaker> PromptMaker::make(const Tokenizer& tokenizer, const std::string& chat_template,
                                      Json variables) {
  PromptMaker maker(tokenizer, std::move(variables));
  if (!chat_template.empty()) {
    auto parsed = ChatTemplate::parse(chat_template);
    if (!parsed) return parsed.error();
    maker.template_digest_ = parsed->digest().hex();
    maker.template_ = std::move(*parsed);
  }
  Request question;
  question.messages.push_back({Role::user, "What is 1 + 1?"});
  auto rendered = maker.render(question);
  if (!rendered) return rendered.error();
  maker.opens_think_ = maker.template_ && ChatTemplate::opens_think(*rendered);
  return maker;
}

Result<std::string> PromptMaker::render(const Request& request) const {
  if (template_) {
    ChatInput input;
    input.messages = request.messages;
    input.bos_token = text_of(*tokenizer_, tokenizer_->bos());
    input.eos_token = text_of(*tokenizer_, tokenizer_->eos());
    input.variables = OrderedJson(variables_);
    input.unix_seconds = kToday;
    if (request.sampling.reasoning_effort)
      input.variables["reasoning_effort"] = *request.sampling.reasoning_effort;
    return template_->render(input);
  }
  std::string text;
  for (const Message& m : request.messages) {
    if (!text.empty()) text += "\n\n";
    text += m.content;
  }
  return text;
}

std::vector<TokenId> PromptMaker::encode(const std::string& text) const {
  std::vector<TokenId> ids = tokenizer_->encode(text, SpecialTokens::parse);
  const std::optional<TokenId> bos = tokenizer_->bos();
  const bool wanted = !template_ && tokenizer_->adds_bos();
  // A model has to start from something.
  if (bos && (wanted || ids.empty()) && (ids.empty() || ids[0] != *bos)) ids.insert(ids.begin(), *bos);
  if (ids.empty()) ids.push_back(tokenizer_->eos().value_or(0));
  return ids;
}

Result<Prompt> PromptMaker::prompt(const Request& request) const {
  auto rendered = render(request);
  if (!rendered) return rendered.error();
  Prompt prompt;
  prompt.text = std::move(*rendered);
  prompt.trace_open = template_ && ChatTemplate::opens_think(prompt.text);
  if (request.prefix.empty()) {
    prompt.ids = encode(prompt.text);
    return prompt;
  }
  const std::size_t without = request.sampling.thinking_budget ? encode(prompt.text).size() : 0;
  prompt.trace_open = open_behind(request.prefix, prompt.trace_open);
  prompt.text += request.prefix;
  prompt.ids = encode(prompt.text);
  prompt.prefix_tokens = static_cast<std::int64_t>(prompt.ids.size() - std::min(prompt.ids.size(), without));
  return prompt;
}

}  // namespace assay::local
