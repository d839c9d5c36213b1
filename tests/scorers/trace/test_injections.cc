// Faults put into clean traces are found, and clean traces raise no alarm.
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/rng.h"
#include "harness/base/utf8.h"
#include "scorers/trace/check.h"
#include "scorers/trace/form.h"
#include "scorers/trace/language.h"
#include "scorers/trace/loops.h"
#include "scorers/trace/words.h"
#include "tests/scorers/trace/trace_data.h"
#include "tests/support/catch.h"

namespace assay::trace {
namespace {

std::size_t below(Rng& rng, std::size_t n) {
  return static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(n) - 1));
}

bool looped(std::string_view trace) {
  const Words words = split_words(trace);
  return tail_loop(words) || !find_loops(words).empty();
}

bool mixed(std::string_view trace) {
  const Language l = language_of(trace, "", "");
  return l.noquote && *l.noquote < kForeignShare;
}

// The trace with `times` more copies of a span of it behind it; in the middle, or at the end with the rest
// cut off.
std::string with_loop(const std::string& trace, Rng& rng, bool at_end) {
  const Words words = split_words(trace);
  const std::size_t most = std::min<std::size_t>(60, words.size());
  const std::size_t span = 5 + below(rng, most - 4);
  const std::size_t first = below(rng, words.size() - span + 1);
  const std::size_t begin = words.begin[first];
  const std::size_t end = words.end[first + span - 1];
  std::string out = trace.substr(0, end);
  const std::size_t times = 2 + below(rng, 4);
  for (std::size_t i = 0; i < times; ++i) out += " " + trace.substr(begin, end - begin);
  return at_end ? out : out + trace.substr(end);
}

constexpr const char* kForeign[] = {"因此",       "我们",   "计算",     "поэтому", "значит", "число",
                                    "したがって", "それは", "그러므로", "계산",    "إذن",    "العدد",
                                    "इसलिए",      "संख्या",   "তাহলে",    "লক্ষ্য"};

// 5 to 20 % of the words, at least one, of one other language.
std::string with_foreign(const std::string& trace, Rng& rng) {
  const Words words = split_words(trace);
  const std::size_t percent = 5 + below(rng, 16);
  const std::size_t wanted = std::max<std::size_t>(1, (words.size() * percent + 99) / 100);
  const std::size_t language = below(rng, 8);
  std::vector<std::size_t> before(words.size() + 1, 0);
  for (std::size_t i = 0; i < wanted; ++i) ++before[below(rng, words.size() + 1)];
  std::string out;
  for (std::size_t i = 0; i <= words.size(); ++i) {
    for (std::size_t k = 0; k < before[i]; ++k)
      out += std::string(" ") + kForeign[2 * language + (k & 1)] + " ";
    const std::size_t from = i == 0 ? 0 : words.begin[i - 1];
    if (i > 0) out += trace.substr(from, words.end[i - 1] - from) + " ";
  }
  return out;
}

struct Rate {
  std::size_t hits = 0;
  std::size_t all = 0;
  void add(bool hit) {
    hits += hit;
    ++all;
  }
  double share() const { return all == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(all); }
  std::string text() const { return format("{} of {}", hits, all); }
};

TEST_CASE("loops, cuts and foreign words are found in real traces, and nothing in clean ones", "[trace]") {
  const std::vector<std::string> traces = test::clean_traces();
  if (traces.empty()) {
    WARN("no data");
    return;
  }
  REQUIRE(traces.size() >= 2000);
  Rate tail, middle, cut, foreign;
  Rate loop_alarm, cut_alarm, language_alarm;
  for (std::size_t i = 0; i < traces.size(); ++i) {
    const std::string& trace = traces[i];
    Rng rng(1000 + i);
    loop_alarm.add(looped(trace));
    language_alarm.add(mixed(trace));
    const std::string whole =
        "<think>\n" + trace + format("\n</think>\n\nThe answer is \\boxed{{{}}}.", rng.uniform(10, 9999));
    cut_alarm.add(form_of(whole, {}).cut != Cut::none);
    cut.add(form_of(std::string_view(whole).substr(0, 8 + below(rng, whole.size() - 9)), {}).cut !=
            Cut::none);
    if (split_words(trace).size() >= 12) {
      tail.add(looped(with_loop(trace, rng, true)));
      middle.add(looped(with_loop(trace, rng, false)));
      foreign.add(mixed(with_foreign(trace, rng)));
    }
  }
  WARN("found: loops at the end " << tail.text() << ", within " << middle.text() << ", cuts " << cut.text()
                                  << ", foreign words " << foreign.text());
  WARN("alarms: loops " << loop_alarm.text() << ", cuts " << cut_alarm.text() << ", language "
                        << language_alarm.text());
  for (const Rate& found : {tail, middle, cut, foreign}) CHECK(found.share() >= 0.99);
  CHECK(loop_alarm.share() <= 0.001);
  CHECK(cut_alarm.share() <= 0.001);
  CHECK(language_alarm.share() <= 0.01);
}

// Answers as models sent them, without tags: none was cut.
TEST_CASE("whole recorded answers are not called cut, looping or mixed", "[trace]") {
  Rate cut, cut_found, loop, language;
  for (const char* file : {"recorded/zeroeval/gsm/gpt-4o-mini-2024-07-18.jsonl.gz",
                           "recorded/zeroeval/gsm/deepseek-chat.jsonl.gz",
                           "recorded/zeroeval/math-l5/gpt-4o-2024-08-06.jsonl.gz"}) {
    std::size_t seed = 0;
    for (const Json& row : test::data_rows(file)) {
      const std::string text = row["output"][0].get<std::string>();
      if (text.empty()) continue;
      Rng rng(seed++);
      cut.add(form_of(text, {}).cut != Cut::none);
      cut_found.add(form_of(std::string_view(text).substr(0, 1 + below(rng, text.size() - 1)), {}).cut !=
                    Cut::none);
      loop.add(looped(text));
      language.add(mixed(text));
    }
  }
  if (cut.all == 0) {
    WARN("no data");
    return;
  }
  WARN("cut " << cut.text() << ", cuts found " << cut_found.text() << ", loop " << loop.text()
              << ", language " << language.text());
  CHECK(cut.share() <= 0.01);    // some of them are: they ran to their limit
  CHECK(loop.hits <= cut.hits);  // those loop that ran to their limit
  CHECK(language.share() <= 0.01);
}

}  // namespace
}  // namespace assay::trace
