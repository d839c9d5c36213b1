// PromptMaker: from messages to the tokens that a model reads, through its chat template.
//
// With a template the tokens are those of the rendered text, nothing added: a template writes the BOS token
// itself, as the reference implementation has it. A model without a template reads the contents of the
// messages with an empty line between them, and goes on with that text; BOS stands in front where its
// tokenizer says so. BOS never stands there twice. A prefix (Request::prefix) is part of the text, behind the
// generation prompt.
//
// Threads: const and callable from any thread. Ownership: borrows the tokenizer.
// Errors: Code::invalid, for a template that does not parse or render.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/api/request.h"
#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/text/chat_template.h"
#include "harness/text/tokenizer.h"

namespace assay::local {

struct Prompt {
  std::string text;          // as rendered, prefix included
  std::vector<TokenId> ids;  // never empty
  bool trace_open = false;   // it ends within a trace
  std::int64_t prefix_tokens = 0;
};

class PromptMaker {
 public:
  // `chat_template` is a source; empty: none. `variables` are further ones for the template.
  static Result<PromptMaker> make(const Tokenizer& tokenizer, const std::string& chat_template,
                                  Json variables);

  Result<Prompt> prompt(const Request& request) const;
  // The prompt of a plain question ends in an opening think tag.
  bool opens_think() const { return opens_think_; }
  const std::string& template_digest() const { return template_digest_; }  // hex; empty without a template

 private:
  PromptMaker(const Tokenizer& tokenizer, Json variables)
      : tokenizer_(&tokenizer), variables_(std::move(variables)) {}
  Result<std::string> render(const Request& request) const;
  std::vector<TokenId> encode(const std::string& text) const;

  const Tokenizer* tokenizer_;
  Json variables_;
  std::optional<ChatTemplate> template_;
  std::string template_digest_;
  bool opens_think_ = false;
};

}  // namespace assay::local
