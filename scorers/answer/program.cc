#include <string>
#include <utility>

#include "harness/base/format.h"
#include "harness/base/regex.h"
#include "harness/base/utf8.h"
#include "scorers/answer/answer_scorers.h"
#include "scorers/answer/ascii.h"
#include "scorers/answer/options.h"
#include "scorers/answer/verdict.h"

namespace assay::answer {
namespace {

constexpr std::size_t kMaxProgram = std::size_t{256} << 10;

// The last fenced block whose language is `language` or not said; else the last one of any language.
std::optional<Candidate> fenced(std::string_view answer, const std::string& language) {
  static const Regex re = Regex::constant(R"((?m)^[ \t]*```+[ \t]*([A-Za-z0-9+#]*)[^\n`]*$)");
  std::optional<Candidate> best;
  std::optional<Candidate> any;
  std::size_t from = 0;
  while (const auto open = re.find(answer, from)) {
    const std::size_t begin = std::min(open->end() + 1, answer.size());
    const std::size_t close = answer.find("\n```", open->end());
    if (close == std::string_view::npos) break;
    std::string said = lower(open->text(1));
    if (said == "py" || said == "python3") said = "python";
    if (said == "c++") said = "cpp";
    Candidate c;
    c.span = {begin, std::max(begin, close)};
    c.text = std::string(answer.substr(c.span.begin, c.span.end - c.span.begin));  // indentation counts
    c.rule = "last_fence";
    if (said == language || said.empty()) best = c;
    any = std::move(c);
    const std::size_t line_end = answer.find('\n', close + 1);
    if (line_end == std::string_view::npos) break;
    from = line_end;
  }
  return best ? best : any;
}

// program: the answer is a program that passes the sample's tests.
//
// The program is the last fenced code block of the language, else the whole answer. Running it is asked for
// as Work (ProgramRun, with the sample's metadata as the problem); what comes back is an object:
//   {"verdict": "pass" | "fail" | "timeout" | "memory" | "crash" | "error" | "unsupported", "message": "..."}
// pass is correct; fail, timeout, memory and crash are incorrect; error, unsupported, anything else and a run
// that failed (there is no sandbox, for one) are unscored, for they say nothing about the program.
// Options: language (`python` or `cpp`).
// answer_class: the program's text without white space at the ends.
class Program : public Scorer {
 public:
  explicit Program(std::string language) : language_(std::move(language)) {}

  const ScorerInfo& describe() const override {
    static const ScorerInfo info{"program", 1, "a program that passes the sample's tests, run in a sandbox"};
    return info;
  }

  Verdict score(const Sample& sample, const Response& response,
                std::span<const WorkResult> results) const override {
    const std::string& answer = response.split.answer;
    if (trim(answer).empty()) return no_answer("the answer is empty");
    std::optional<Candidate> found = fenced(answer, language_);
    if (!found) found = candidate_at(answer, answer, "whole");
    if (trim(found->text).empty()) return no_answer("the code block is empty");
    if (found->text.size() > kMaxProgram)
      return unscored(format("the program is longer than {} bytes", kMaxProgram));
    if (results.empty()) {
      return std::vector<Work>{ProgramRun{language_, std::move(found->text), sample.metadata}};
    }
    return judged(std::move(*found), results.front());
  }

 private:
  static Score judged(Candidate found, const WorkResult& result) {
    if (!result) {
      return unscored(
          format("the program was not run: {}", printable(truncate_utf8(result.error().message, 400))));
    }
    const std::string verdict = json_string(*result, "verdict").value_or("");
    const std::string message = json_string(*result, "message").value_or("");
    const std::string tail = message.empty() ? "" : format(": {}", printable(truncate_utf8(message, 400)));
    const bool pass = verdict == "pass";
    if (!pass && verdict != "fail" && verdict != "timeout" && verdict != "memory" && verdict != "crash") {
      return unscored(format("the runner gave no verdict on the program ({}){}", shown(verdict), tail));
    }
    const std::string text(trim(found.text));
    Score s = compared(Reading{std::move(found), format("={}", text)}, "", pass);
    s.explanation = format("program of {} bytes ({}): {}{}", text.size(), s.rule, verdict, tail);
    return s;
  }

  std::string language_;
};

}  // namespace

Result<std::unique_ptr<Scorer>> make_program(const Json& options) {
  OptionReader reader("program", options);
  std::string language = reader.word("language", {"python", "cpp"});
  if (auto done = reader.finish(); !done) return done.error();
  return std::unique_ptr<Scorer>(std::make_unique<Program>(std::move(language)));
}

}  // namespace assay::answer
