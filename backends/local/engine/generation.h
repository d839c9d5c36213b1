// Generation: one response as it grows, token by token, with everything that can end it or interfere: end
// tokens, stop strings, the limit of tokens, a thinking budget.
//
//   Generation g(vocabulary, rules, prompt);
//   g.start(tokens);                        // may append: a thinking budget of 0
//   while (!g.finished()) { ...compute the logits behind `tokens`...; g.accept(logits, tokens); }
//
// A thinking budget counts the tokens within a trace, from the opening tag (or from the start, when the
// prompt opened it). When as many are there and the trace is still open, "</think>" on a line of its own and
// an empty line are appended as if the model had said them, and the model goes on with its answer. They count
// as output.
//
// The text is what the tokens say, think tags included; control tokens are no text. A stop string and what
// follows it are left out, as are the bytes of a character that the limit cut.
//
// Threads: one. Errors: Code::internal for logits that are not numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/local/engine/sampler.h"
#include "backends/local/engine/stop_finder.h"
#include "backends/local/engine/vocabulary_text.h"
#include "harness/api/outcome.h"

namespace assay::local {

struct GenerationRules {
  SamplingRules sampling;
  std::vector<std::string> stops;
  std::int64_t max_tokens = 1;
  bool to_context_end = false;  // max_tokens is what the context leaves
  std::optional<std::int64_t> thinking_budget;
  bool trace_open = false;          // the prompt ends within a trace
  std::int64_t thinking_spent = 0;  // tokens of that trace which are in the prompt: those of a prefix
  bool continues = false;           // the prompt ends within the answer, whose first space is a space
};

class Generation {
 public:
  Generation(const VocabularyText& vocabulary, GenerationRules rules, std::span<const TokenId> prompt);

  void start(std::vector<TokenId>& tokens);
  // `logits` are those behind the last of `tokens`, padding included; the span is changed.
  Result<void> accept(std::span<float> logits, std::vector<TokenId>& tokens);
  void end(FinishReason finish, std::string word);  // from outside: deadline, cancelled

  bool finished() const { return finish_ != FinishReason::unknown; }
  FinishReason finish() const { return finish_; }
  const std::string& finish_word() const {
    return finish_word_;
  }  // "end_token", "stop_string", "length", "context"
  std::string text() const { return std::string(whole_characters(text_)); }
  std::int64_t max_tokens() const { return rules_.max_tokens; }
  std::int64_t count() const { return static_cast<std::int64_t>(ids_.size()); }  // the end token included
  std::int64_t reasoning() const { return reasoning_; }  // those within a trace, tags included
  bool budget_forced() const { return budget_forced_; }
  const std::vector<TokenId>& ids() const { return ids_; }
  const std::vector<float>& logprobs() const {
    return logprobs_;
  }  // 0 for a forced token; empty unless asked for

 private:
  void add(TokenId id, float logprob, std::vector<TokenId>& tokens);
  void follow_tags(TokenId id, std::size_t text_before);
  void force_end_of_trace(std::vector<TokenId>& tokens);

  const VocabularyText& vocabulary_;
  const GenerationRules rules_;
  const StopFinder stops_;
  Sampler sampler_;
  std::string text_;
  std::vector<TokenId> ids_;
  std::vector<float> logprobs_;
  std::int64_t reasoning_ = 0;
  std::size_t tags_read_ = 0;  // bytes of the text in which tags were looked for
  bool in_trace_ = false;
  bool budget_forced_ = false;
  FinishReason finish_ = FinishReason::unknown;
  std::string finish_word_;
};

}  // namespace assay::local
