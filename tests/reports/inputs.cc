#include "tests/reports/inputs.h"

#include <algorithm>
#include <memory>

namespace assay {
namespace {

constexpr const char* kRunA = "01JD3V0Z6A7Q8R9S0T1V2W3X4Y";
constexpr const char* kRunB = "01JD3V0Z6B7Q8R9S0T1V2W3X4Z";

std::size_t at(Outcome o) { return static_cast<std::size_t>(o); }

RunInfo run_info(const char* id, const char* suite) {
  RunInfo r;
  r.run_id = id;
  r.suite = suite;
  r.seed = 7;
  r.started = 1764000000000000;
  r.finished = 1764000123000000;
  r.state = "complete";
  r.program = "assay 0.1.0";
  r.host = "bench-1";
  r.command = "assay run suite.yaml";
  r.attempts = 40;
  r.planned = 40;
  return r;
}

// Recorded answers: nothing is known about tokens, cost and time.
LeaderboardRow imported(const std::string& model, std::uint64_t correct, std::uint64_t incorrect,
                        std::uint64_t no_answer) {
  LeaderboardRow r = plain_row(model, "math/gsm8k", correct, incorrect);
  r.outcomes[at(Outcome::no_answer)] = no_answer;
  r.planned += no_answer;
  r.questions = r.planned;
  r.calls = r.planned;
  r.input_tokens = r.output_tokens = r.reasoning_tokens = r.cost_pico = {};
  r.wall_seconds = r.call_seconds = 0;
  return r;
}

ResultsInput complete() {
  ResultsInput in;
  in.runs = {run_info(kRunA, "import")};
  in.rows = {imported("gemma-2-2b-it", 681, 630, 8), imported("gpt-4o-2024-08-06", 1269, 49, 1),
             imported("o1-mini-2024-09-12", 1267, 52, 0)};
  return in;
}

ResultsInput incomplete() {
  ResultsInput in;
  in.runs = {run_info(kRunA, "nightly")};
  LeaderboardRow cut = plain_row("cheap", "logic/zebra", 120, 60, 3);
  cut.planned = 200;  // 17 never ran
  cut.outcomes[at(Outcome::truncated)] = 0;
  LeaderboardRow partly = plain_row("dear", "logic/zebra", 150, 40);
  partly.outcomes[at(Outcome::truncated)] = 9;
  partly.outcomes[at(Outcome::unscored)] = 1;
  partly.planned = 200;
  partly.questions = 199;
  partly.calls = 230;  // 30 were failed tries, of which nothing is known
  partly.input_tokens.known = partly.output_tokens.known = partly.cost_pico.known = 200;
  partly.reasoning_tokens = {};
  LeaderboardRow dear = plain_row("dear", "math/gsm8k", 95, 5);
  LeaderboardRow trace = plain_row("dear", "math/gsm8k", 40, 60);
  trace.scorer = "trace_steps";
  trace.scorer_version = 3;
  trace.primary = false;
  LeaderboardRow none = plain_row("unheard", "math/gsm8k", 0, 0);
  none.planned = 100;
  none.calls = 0;
  none.input_tokens = none.output_tokens = none.reasoning_tokens = none.cost_pico = {};
  none.wall_seconds = 0;
  in.rows = {cut, partly, dear, trace, none};
  return in;
}

ResultsInput epochs() {
  ResultsInput in;
  in.runs = {run_info(kRunA, "aime")};
  LeaderboardRow spread = plain_row("think-32b", "math/aime24", 140, 90);
  spread.epochs = 8;
  spread.outcomes[at(Outcome::partial)] = 10;
  spread.planned = 240;
  spread.value_sum = 145.25;
  spread.questions = 30;
  spread.question_sum = 18.15625;
  spread.question_sum_sq = 14.5;
  LeaderboardRow sure = plain_row("oracle", "math/aime24", 240, 0);
  sure.epochs = 8;
  sure.questions = 30;
  sure.question_sum = 30;
  sure.question_sum_sq = 30;
  in.rows = {sure, spread};
  return in;
}

ResultsInput mixed() {
  ResultsInput in;
  in.runs = {run_info(kRunB, "prompts"), run_info(kRunA, "prompts")};
  for (const char* task : {"logic/dyck", "math/gsm8k"}) {
    for (const char* variant : {"", "cot"}) {
      for (const char* strategy : {"self_consistency(k=5)", "single"}) {
        LeaderboardRow r = plain_row("small", task, variant[0] == '\0' ? 50 : 60, 40);
        r.variant = variant;
        r.strategy = strategy;
        r.run_id = kRunA;
        in.rows.push_back(r);
      }
    }
  }
  LeaderboardRow again = in.rows.back();  // the same entry once more, in a later run
  again.run_id = kRunB;
  again.outcomes[at(Outcome::correct)] = 70;
  again.outcomes[at(Outcome::incorrect)] = 30;
  again.value_sum = again.question_sum = again.question_sum_sq = 70;
  in.rows.push_back(again);
  return in;
}

std::vector<std::string> nasty_names() {
  return {"=HYPERLINK(\"http://evil.example\",\"x\")",
          "a|b`c`*d*_e_<b>f</b>&amp;[g](javascript:h)",
          "line one\nline two\r\n| --- |",
          "\x1b[31mred\x1b]0;title\x07 \xC2\x9B" "2J",
          "rtl \xE2\x80\xAE" "cba\xE2\x80\xAC \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
          "emoji \xF0\x9F\xA7\xAE\xF0\x9F\x9A\x80 \xE6\xA8\xA1\xE5\x9E\x8B" "e\xCC\x81",
          "invalid \xFF\xC0\xAF utf-8",
          "'; DROP TABLE run; --",
          "$(rm -rf ~) \\| C:\\dir\\",
          "www.example.org @someone #1 https://example.org"};
}

ResultsInput nasty() {
  ResultsInput in;
  in.runs = {run_info(kRunA, "na|sty\nsuite\x1b[2J")};
  std::uint64_t correct = 90;
  for (const std::string& name : nasty_names()) in.rows.push_back(plain_row(name, "math/<i>|x\x1b", correct--, 10));
  return in;
}

ItemRow item(const std::string& sample, Outcome outcome, double value, const std::string& extracted) {
  ItemRow r;
  r.run_id = kRunA;
  r.model = "small";
  r.task = "math/gsm8k";
  r.sample_key = sample;
  r.identity = std::string(64, 'a');
  r.scorer = "numeric";
  r.outcome = outcome;
  r.value = value;
  r.extracted = extracted;
  r.rule = extracted.empty() ? "" : "boxed";
  r.explanation = outcome == Outcome::correct ? "equals the target" : "differs from the target 18";
  r.output_tokens = 321;
  r.cost_pico = 1'250'000'000;
  return r;
}

}  // namespace

LeaderboardRow plain_row(const std::string& model, const std::string& task, std::uint64_t correct,
                         std::uint64_t incorrect, std::uint64_t errors) {
  LeaderboardRow r;
  r.run_id = kRunA;
  r.model = model;
  r.task = task;
  r.strategy = "single";
  r.scorer = "numeric";
  r.outcomes[at(Outcome::correct)] = correct;
  r.outcomes[at(Outcome::incorrect)] = incorrect;
  r.outcomes[at(Outcome::error)] = errors;
  r.planned = correct + incorrect + errors;
  r.value_sum = static_cast<double>(correct);
  r.questions = correct + incorrect;
  r.question_sum = r.question_sum_sq = static_cast<double>(correct);
  r.calls = r.planned;
  r.input_tokens = {static_cast<std::int64_t>(r.calls) * 120, r.calls};
  r.output_tokens = {static_cast<std::int64_t>(r.calls) * 900, r.calls};
  r.reasoning_tokens = {static_cast<std::int64_t>(r.calls) * 700, r.calls};
  r.cost_pico = {static_cast<std::int64_t>(r.calls) * 2'345'000'000, r.calls};
  r.call_seconds = 3.5 * static_cast<double>(r.calls);
  r.wall_seconds = 200;
  return r;
}

std::vector<NamedResults> approved_results() {
  return {{"complete", complete()},
          {"incomplete", incomplete()},
          {"epochs", epochs()},
          {"mixed", mixed()},
          {"nasty", nasty()},
          {"empty", {}}};
}

ResultsInput results_named(const std::string& name) {
  for (NamedResults& named : approved_results()) {
    if (named.name == name) return named.input;
  }
  return {};
}

std::vector<ItemRow> approved_items() {
  std::vector<ItemRow> rows = {item("gsm8k-1", Outcome::correct, 1, "18"), item("gsm8k-2", Outcome::incorrect, 0, "17"),
                               item("gsm8k-3", Outcome::no_answer, 0, ""), item("gsm8k-4", Outcome::error, 0, ""),
                               item("gsm8k-5", Outcome::partial, 0.25, "=1+1")};
  rows[3].explanation = "HTTP 503 after 5 tries";
  rows[3].output_tokens.reset();
  rows[3].cost_pico.reset();
  std::size_t n = 6;
  for (const std::string& text : nasty_names()) {
    rows.push_back(item("gsm8k-" + std::to_string(n++), Outcome::incorrect, 0, text));
  }
  return rows;
}

ItemsInput paged(std::vector<ItemRow> rows, std::size_t page_size) {
  const auto shared = std::make_shared<std::vector<ItemRow>>(std::move(rows));  // std::function must be copyable
  std::size_t next = 0;
  return {[shared, page_size, next](std::vector<ItemRow>& page) mutable -> Result<bool> {
    page.clear();
    if (next >= shared->size()) return false;
    const std::size_t end = std::min(shared->size(), next + page_size);
    page.assign(shared->begin() + static_cast<std::ptrdiff_t>(next), shared->begin() + static_cast<std::ptrdiff_t>(end));
    next = end;
    return true;
  }};
}

}  // namespace assay
