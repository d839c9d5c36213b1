#include "backends/local/engine/generation.h"

#include <algorithm>
#include <utility>

namespace assay::local {

Generation::Generation(const VocabularyText& vocabulary, GenerationRules rules,
                       std::span<const TokenId> prompt)
    : vocabulary_(vocabulary),
      rules_(std::move(rules)),
      stops_(rules_.stops),
      sampler_(rules_.sampling, prompt),
      in_trace_(rules_.trace_open) {}

void Generation::start(std::vector<TokenId>& tokens) { force_end_of_trace(tokens); }

Result<void> Generation::accept(std::span<float> logits, std::vector<TokenId>& tokens) {
  auto drawn = sampler_.draw(logits.first(std::min(logits.size(), vocabulary_.size())), ids_.size());
  if (!drawn) return drawn.error();
  add(drawn->id, drawn->logprob, tokens);
  if (!finished()) force_end_of_trace(tokens);
  return {};
}

void Generation::end(FinishReason finish, std::string word) {
  if (finished()) return;
  finish_ = finish;
  finish_word_ = std::move(word);
}

void Generation::add(TokenId id, float logprob, std::vector<TokenId>& tokens) {
  tokens.push_back(id);
  ids_.push_back(id);
  sampler_.took(id);
  if (rules_.sampling.logprobs) logprobs_.push_back(logprob);
  if (vocabulary_.ends(id)) return end(FinishReason::stop, "end_token");
  const std::size_t before = text_.size();
  const bool was_in_trace = in_trace_;
  const std::string_view piece = vocabulary_.text_of(id, before == 0 && !rules_.continues);
  const bool stopped =
      stops_.append(text_, piece) || (vocabulary_.is_special(id) && stops_.is_stop(vocabulary_.piece(id)));
  follow_tags(id, std::min(before, text_.size()));
  if (was_in_trace || in_trace_) ++reasoning_;
  if (stopped) return end(FinishReason::stop, "stop_string");
  if (count() >= rules_.max_tokens) end(FinishReason::length, rules_.to_context_end ? "context" : "length");
}

void Generation::follow_tags(TokenId id, std::size_t text_before) {
  if (vocabulary_.open_token()) {  // a quoted tag is not that token
    if (id == *vocabulary_.open_token()) in_trace_ = true;
    if (id == *vocabulary_.close_token()) in_trace_ = false;
    return;
  }
  // A tag that was not complete before may have begun in the text before, behind the last one read.
  const std::size_t overlap = kCloseThink.size() - 1;
  std::size_t at = std::max(tags_read_, text_before - std::min(text_before, overlap));
  const std::string_view text = text_;
  for (;;) {
    const std::size_t open = text.find(kOpenThink, at);
    const std::size_t close = text.find(kCloseThink, at);
    if (open == std::string_view::npos && close == std::string_view::npos) return;
    in_trace_ = open < close;
    at = in_trace_ ? open + kOpenThink.size() : close + kCloseThink.size();
    tags_read_ = at;
  }
}

void Generation::force_end_of_trace(std::vector<TokenId>& tokens) {
  if (!rules_.thinking_budget || !in_trace_ || finished()) return;
  if (reasoning_ + rules_.thinking_spent < *rules_.thinking_budget) return;
  if (whole_characters(text_).size() != text_.size()) return;  // the character first
  budget_forced_ = true;
  const bool at_line_start = text_.empty() || text_.back() == '\n';
  for (const TokenId id : vocabulary_.closing(at_line_start)) {
    add(id, 0, tokens);
    if (finished()) return;
  }
}

}  // namespace assay::local
