#include <string>
#include <utility>

#include "harness/base/format.h"
#include "scorers/answer/answer_scorers.h"
#include "scorers/answer/ascii.h"
#include "scorers/answer/latex_text.h"
#include "scorers/answer/options.h"
#include "scorers/answer/py_atom.h"
#include "scorers/answer/py_literal.h"
#include "scorers/answer/verdict.h"

namespace assay::answer {
namespace {

constexpr std::size_t kMaxBareText = 4096;

std::string text_class(std::string_view text) { return format("s{}:{}", text.size(), text); }

// `x`, **x** and a full stop around what may be a literal. Asterisks, backticks and full stops start none.
std::string_view undecorated(std::string_view text) {
  while (!text.empty() && (text.front() == '`' || text.front() == '*' || is_space(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == '`' || text.back() == '*' || is_space(text.back())))
    text.remove_suffix(1);
  if (text.size() > 1 && text.back() == '.' && !is_digit(text[text.size() - 2])) text.remove_suffix(1);
  while (!text.empty() && (text.back() == '`' || text.back() == '*')) text.remove_suffix(1);
  return text;
}

// What stands between the quotes of a text that starts and ends with the same quote; nothing else.
std::optional<std::string_view> between_quotes(std::string_view text) {
  const bool quoted =
      text.size() >= 2 && text.front() == text.back() && (text.front() == '\'' || text.front() == '"');
  if (!quoted) return std::nullopt;
  return text.substr(1, text.size() - 2);
}

// Is the answer, as bare text, the value of a string target? As it stands, without white space around it,
// with its quotes taken off where Python would not read them ('it's'), or written as the target is between
// its quotes.
bool bare_text_is(std::string_view answer, const std::string& value, std::string_view target) {
  if (answer == value) return true;
  const std::string_view text = trim(answer);
  if (text == value || between_quotes(text) == std::string_view(value)) return true;
  return between_quotes(trim(target)) == text;
}

// pyliteral: the answer is the Python literal of the target's value: equal values of equal types
// (py_literal.h), however they are written.
//
// The literal is the whole answer, or what stands at a mark (find_answer.h), there also behind the "==" of
// an assertion. Where the target is a string, the answer may also be the bare text of it, since models that
// are asked for a JSON field forget the quotes; so may an empty answer for '', where the response says so: a
// recorded answer field that is empty (harness/run/import/import.cc), never a response that stops after its trace.
// A full stop at the end of a line's sentence is the sentence's: "The answer is 2." is 2, not 2.0.
// Where the target is no literal, the texts are compared without white space around them.
// answer_class: the value in canonical form; bare text has the class of a string.
class PyLiteralScorer : public Scorer {
 public:
  const ScorerInfo& describe() const override {
    static const ScorerInfo info{"pyliteral", 1, "a Python literal of the target's value and type"};
    return info;
  }

  Verdict score(const Sample& sample, const Response& response, std::span<const WorkResult>) const override {
    const std::string& answer = response.split.answer;
    if (trim(answer).empty()) return blank(sample, response);
    const std::optional<Reading> reading = read(answer);
    if (!reading) return no_answer("no Python literal stands alone or at a mark");
    return against_targets(sample, *reading, [&](const std::string& target) {
      const auto wanted = parse_py_literal(target);
      if (!wanted) return trim(answer) == trim(target);
      if (wanted->canonical == reading->answer_class) return true;
      return wanted->text && bare_text_is(answer, *wanted->text, target);
    });
  }

 private:
  static Score blank(const Sample& sample, const Response& response) {
    if (sample.targets.empty()) return unscored("the sample has no target");
    const SplitVerdict verdict = response.split.verdict;
    const bool stated = (verdict == SplitVerdict::closed || verdict == SplitVerdict::no_trace) &&
                        !trim(response.text).empty();
    for (const std::string& target : sample.targets) {
      const auto wanted = parse_py_literal(target);
      if (!stated || !wanted || !wanted->text || !bare_text_is(response.split.answer, *wanted->text, target))
        continue;
      Reading reading{Candidate{}, text_class(*wanted->text)};
      reading.found.text = response.split.answer;
      reading.found.span = {0, response.split.answer.size()};
      reading.found.rule = "whole";
      return compared(reading, target, true);
    }
    return no_answer("the answer is empty");
  }

  // `sentence`: the text runs to the end of its line, so that a full stop there is no part of a literal.
  static std::optional<std::string> literal_in(std::string_view text, bool assertion, bool sentence) {
    text = without_text_commands(text);
    if (sentence) {
      std::string_view inner = undecorated(text);
      if (inner.size() > 1 && inner.back() == '.') {
        inner.remove_suffix(1);
        if (auto value = literal_in(inner, assertion, false)) return value;
      }
    }
    if (auto value = parse_py_literal(text)) return std::move(value->canonical);
    const std::string_view plain = undecorated(text);
    if (plain.size() != text.size()) {
      if (auto value = parse_py_literal(plain)) return std::move(value->canonical);
    }
    const std::size_t equals = plain.rfind("==");
    if (!assertion || equals == std::string_view::npos) return std::nullopt;
    auto value = parse_py_literal(undecorated(plain.substr(equals + 2)));
    if (!value) return std::nullopt;
    return std::move(value->canonical);
  }

  static std::optional<Reading> read(std::string_view answer) {
    std::vector<Candidate> whole = whole_answer(answer, kMaxLiteralBytes, true);
    if (!whole.empty()) {
      if (auto value = literal_in(whole[0].text, false, false))
        return Reading{std::move(whole[0]), std::move(*value)};
    }
    for (Candidate& c : find_answers(answer)) {
      if (auto value = literal_in(c.text, true, c.open_ended))
        return Reading{std::move(c), std::move(*value)};
      if (!c.decisive) continue;
      std::string text = text_class(c.text);
      return Reading{std::move(c), std::move(text)};
    }
    if (whole.empty() || whole[0].text.size() > kMaxBareText) return std::nullopt;
    std::string text = text_class(whole[0].text);
    return Reading{std::move(whole[0]), std::move(text)};
  }
};

}  // namespace

Result<std::unique_ptr<Scorer>> make_pyliteral(const Json& options) {
  OptionReader reader("pyliteral", options);
  if (auto done = reader.finish(); !done) return done.error();
  return std::unique_ptr<Scorer>(std::make_unique<PyLiteralScorer>());
}

}  // namespace assay::answer
