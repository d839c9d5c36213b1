#include "harness/run/show.h"

#include <sstream>
#include <string>

#include "harness/base/utf8.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

std::string text_of(std::string_view text, std::optional<Span> mark, const ShowOptions& options) {
  std::ostringstream out;
  show_text(text, mark, out, options);
  return out.str();
}

std::string page_of(const AttemptDetail& attempt, const ShowOptions& options) {
  std::ostringstream out;
  show_attempt(attempt, out, options);
  return out.str();
}

ShowOptions options_of(bool color, std::size_t width, bool full) {
  ShowOptions o;
  o.color = color;
  o.width = width;
  o.full = full;
  return o;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

AttemptDetail attempt() {
  AttemptDetail a;
  a.item.run_id = "01JD3V0Z6A7Q8R9S0T1V2W3X4Y";
  a.item.model = "small";
  a.item.task = "math/gsm8k";
  a.item.sample_key = "gsm8k-17";
  a.item.outcome = Outcome::incorrect;
  a.strategy = "single";
  a.sample.messages = {{Role::system, "Be brief."}, {Role::user, "What is 9 + 9?\nThink first."}};
  a.sample.targets = {"18"};
  a.sample.metadata = {{"level", 3}};
  StoredCall failed;
  failed.call.status = CallStatus::failed;
  failed.call.error_code = "unavailable";
  failed.call.error_message = "overloaded";
  failed.call.http_status = 503;
  StoredCall ok;
  ok.call.attempt_try = 1;
  ok.call.cost_pico = 1'234'000'000;
  ok.call.response.finish = FinishReason::stop;
  ok.call.response.finish_raw = "end_turn";
  ok.call.response.usage.input = 20;
  ok.call.response.usage.cached_input = 100;
  ok.call.response.usage.output = 7;
  ok.call.response.timing.total = 1.5;
  ok.call.response.split = {"9 + 9 is 17?", "The answer is 17.", SplitVerdict::closed, TraceKind::raw, false};
  a.calls = {failed, ok};
  a.chosen_step = 0;
  a.chosen_draw = 0;
  ScoreRecord score;
  score.scorer = "numeric";
  score.primary = true;
  score.score.outcome = Outcome::incorrect;
  score.score.extracted = "17";
  score.score.span = Span{14, 16};
  score.score.rule = "answer_is";
  score.score.explanation = "17 differs from 18";
  a.scores = {score};
  return a;
}

}  // namespace

TEST_CASE("show prints prompt, trace, answer, calls and scores") {
  const std::string page = page_of(attempt(), {});
  CHECK(page ==
        "task      math/gsm8k\n"
        "sample    gsm8k-17, epoch 0\n"
        "model     small\n"
        "strategy  single\n"
        "run       01JD3V0Z6A7Q8R9S0T1V2W3X4Y\n"
        "outcome   incorrect\n"
        "expected  18\n"
        "\n── prompt: system ──────────────────────────────────────────────────────\n"
        "  Be brief.\n"
        "\n── prompt: user ────────────────────────────────────────────────────────\n"
        "  What is 9 + 9?\n"
        "  Think first.\n"
        "\n── trace (raw, 12 bytes) ───────────────────────────────────────────────\n"
        "  9 + 9 is 17?\n"
        "\n── answer (closed) ─────────────────────────────────────────────────────\n"
        "  The answer is ⟦17⟧.\n"
        "\n── calls (2) ───────────────────────────────────────────────────────────\n"
        "  step 0 draw 0 try 0: answer failed, unavailable, HTTP 503: overloaded, cost unknown\n"
        "  step 0 draw 0 try 1: answer ok, finish stop (end_turn), tokens 120 in / 7 out / ? reasoning, "
        "cost 0.0012 USD, 1.50 s (scored)\n"
        "\n── scores ──────────────────────────────────────────────────────────────\n"
        "  numeric@1 (decides): incorrect\n"
        "    found  17\n"
        "    rule   answer_is\n"
        "    why    17 differs from 18\n");
}

TEST_CASE("show with colour reverses the scored part") {
  CHECK(has(page_of(attempt(), options_of(true, 0, false)), "The answer is \x1b[7m17\x1b[0m."));
}

TEST_CASE("no control byte of anybody else reaches the terminal") {
  const std::string evil = "\x1b]0;owned\x07\x1b[2J\xC2\x9B" "31m\xE2\x80\xAE\xFFx\r";
  AttemptDetail a = attempt();
  a.item.model = a.item.task = a.item.variant = a.item.sample_key = a.item.run_id = a.strategy = a.error = evil;
  for (Message& m : a.sample.messages) m.content = evil;
  a.sample.targets = {evil};
  a.sample.metadata = {{evil, evil}};
  for (StoredCall& c : a.calls) {
    c.call.error_code = c.call.error_message = evil;
    c.call.response.finish_raw = c.call.response.refusal = evil;
    c.call.response.split.trace = c.call.response.split.answer = evil;
  }
  a.scores[0].scorer = a.scores[0].score.extracted = a.scores[0].score.rule = a.scores[0].score.explanation = evil;
  for (const bool full : {false, true}) {
    const std::string page = page_of(a, options_of(false, 40, full));
    std::string lines;
    for (const char c : page) {
      if (c != '\n') lines += c;
    }
    CHECK(printable(lines) == lines);
    CHECK(has(page, "\\x1b"));
  }
}

TEST_CASE("an attempt without a response says why") {
  AttemptDetail a = attempt();
  a.calls.resize(1);
  a.scores.clear();
  a.chosen_step.reset();
  a.item.outcome = Outcome::error;
  a.error = "HTTP 503 after 1 try";
  const std::string page = page_of(a, {});
  CHECK(has(page, "outcome   error (not counted as wrong)\nerror     HTTP 503 after 1 try\n"));
  CHECK(has(page, "(no response)"));
}

TEST_CASE("of several responses the scored one is shown, all of them with full") {
  AttemptDetail a = attempt();
  StoredCall other = a.calls[1];
  other.call.draw = 1;
  other.call.response.split.answer = "The answer is 18.";
  a.calls.push_back(other);
  const std::string page = page_of(a, {});
  CHECK(has(page, "answer, scored (closed)"));
  CHECK(has(page, "[further responses: 1; --full shows them]"));
  CHECK_FALSE(has(page, "The answer is 18."));
  const std::string full = page_of(a, options_of(false, 0, true));
  CHECK(has(full, "answer of step 0 draw 1 (closed)"));
  CHECK(has(full, "The answer is 18."));
  CHECK(has(full, "\"level\": 3"));
}

TEST_CASE("a hidden trace is named, not shown as empty") {
  AttemptDetail a = attempt();
  a.calls[1].call.response.split.trace.clear();
  a.calls[1].call.response.split.trace_kind = TraceKind::hidden;
  CHECK(has(page_of(a, {}), "(its text is not known)"));
}

TEST_CASE("marks") {
  struct Row { std::string_view text; Span mark; std::string_view shown; };
  const Row rows[] = {{"17", {0, 2}, "  ⟦17⟧\n"},
                      {"a\nb\nc", {0, 5}, "  ⟦a\n  b\n  c⟧\n"},
                      {"a\nb\nc", {1, 4}, "  a\n  ⟦b⟧\n  c\n"},
                      {"ab", {1, 1}, "  ab\n"},
                      {"a\n\nb", {1, 3}, "  a\n\n  b\n"},
                      {"ab", {1, 9}, "  ab\n"},
                      {"ab", {2, 1}, "  ab\n"},
                      {"\xE2\x82\xAC" "5", {1, 4}, "  \\xe2⟦\\x82\\xac5⟧\n"}};
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(text_of(row.text, row.mark, {}) == row.shown);
  }
}

TEST_CASE("lines wrap at blanks and never exceed the width") {
  CHECK(text_of("aaaa bbbb cccc dddd eeee", {}, options_of(false, 20, false)) == "  aaaa bbbb cccc \n  dddd eeee\n");
  std::string text;
  for (int i = 0; i < 300; ++i) text += i % 7 == 0 ? "\xE6\xA8\xA1 " : i % 5 == 0 ? "\x1b[1m\t" : "wordyword";
  std::istringstream lines(text_of(text, {}, options_of(false, 31, true)));
  for (std::string line; std::getline(lines, line);) CHECK(display_width(line) <= 31);
}

TEST_CASE("of a long text the middle is left out, but not the mark") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "line " + std::to_string(i) + "\n";
  const std::size_t at = text.find("line 500");
  const std::string shown = text_of(text, Span{at, at + 8}, {});
  CHECK(has(shown, "  line 29\n  [467 lines left out; --full shows them]\n  line 497\n"));
  CHECK(has(shown, "⟦line 500⟧"));
  CHECK(has(shown, "  line 999\n"));
  CHECK(has(text_of(text, {}, options_of(false, 0, true)), "line 300\n"));
}

TEST_CASE("ten megabytes on one line are wrapped in linear time") {
  const std::string text(10'000'000, 'x');
  const std::string shown = text_of(text, Span{5'000'000, 5'000'001}, options_of(false, 80, false));
  CHECK(shown.size() < 10'000);
  CHECK(has(shown, "⟦x⟧"));
}

TEST_CASE("an attempt's page shows the prompt as the model read it, where that is known") {
  AttemptDetail a = attempt();
  CHECK_FALSE(has(page_of(a, options_of(false, 0, false)), "as rendered"));
  for (StoredCall& call : a.calls) {
    call.call.response.prompt = "<|im_start|>user\nWhat is 9 + 9?\x1b[2J<|im_end|>\n";
    call.call.response.prompt_template = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  }
  const std::string page = page_of(a, options_of(false, 0, false));
  CHECK(has(page, "prompt as rendered by template 0123456789ab "));
  CHECK(has(page, "  <|im_start|>user\n  What is 9 + 9?\\x1b[2J<|im_end|>\n"));
}
