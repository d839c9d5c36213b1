// Form, steps, language, loops and conclusions: rows.
#include <string>
#include <vector>

#include "scorers/trace/conclusions.h"
#include "scorers/trace/form.h"
#include "scorers/trace/language.h"
#include "scorers/trace/loops.h"
#include "scorers/trace/markers.h"
#include "scorers/trace/steps.h"
#include "scorers/trace/words.h"
#include "tests/support/catch.h"

namespace assay::trace {
namespace {

std::string cut(std::string_view text, Span s) { return std::string(text.substr(s.begin, s.end - s.begin)); }

std::string joined(std::string_view text, const std::vector<TextStep>& steps) {
  std::string out;
  for (const TextStep& s : steps) out += "[" + cut(text, s.span) + "]";
  return out;
}

struct StepsRow {
  const char* text;
  const char* steps;
};
constexpr StepsRow kSteps[] = {
    {"", ""},
    {"One. Two. Three", "[One.][Two.][Three]"},
    {"Mr. A has 3.5 apples. He eats 1.", "[Mr. A has 3.5 apples.][He eats 1.]"},
    {"a\nb\nc", "[a][b][c]"},
    {"First. Still first.\n\nSecond.", "[First. Still first.][Second.]"},
    {"Intro\n1. one\n2. two\n\nEnd", "[Intro][1. one][2. two][End]"},
    {"Intro:\n- one\n- two", "[Intro:][- one][- two]"},
    {"So\n\\[\na\n\n= b\n\\]\nend\n\nlast", "[So][\\[\na\n\n= b\n\\]][end][last]"},
    {"Step 1: a\nmore\nStep 2: b", "[Step 1: a\nmore][Step 2: b]"},
    {"x\n```\na\n\nb\n```\n\ny", "[x\n```\na\n\nb\n```][y]"},
};

TEST_CASE("a trace becomes steps", "[trace]") {
  for (const StepsRow& row : kSteps) {
    CAPTURE(row.text);
    CHECK(joined(row.text, split_steps(row.text)) == row.steps);
  }
}

TEST_CASE("a byte belongs to its step", "[trace]") {
  const std::string text = "One.\n\nTwo.\n\nThree.";
  const auto steps = split_steps(text);
  CHECK(step_at(steps, 0) == 0);
  CHECK(step_at(steps, text.find("Two")) == 1);
  CHECK(step_at(steps, text.size()) == 2);
  CHECK(step_at({}, 5) == 0);
}

// "closed empty nested text_before strict", each 0 or 1, blocks, quarters of tag_count, and where it was cut.
struct FormRow {
  const char* text;
  const char* form;
};
constexpr FormRow kForms[] = {
    {"<think>\na\n</think>\n<answer>\nb\n</answer>", "10001 1 4 none"},
    {"<think>\na\n</think>\n\n<answer>\nb\n</answer>", "10000 1 4 none"},
    {"<think>a</think>The answer is 5.", "10000 1 0 none"},
    {"<think></think>5", "11000 1 0 none"},
    {"<think>a<think>b</think></think>c.", "00100 2 0 none"},
    {"<think>a</think>b<think>c</think>d.", "00000 2 0 none"},
    {"Well, <think>a</think>b.", "10010 1 0 none"},
    {"<think>a and", "00000 1 0 no_close"},
    {"<think>a</think>", "10000 1 0 no_answer"},
    {"<think>a</think>The answer is \\boxed{5", "10000 1 0 box"},
    {"<think>a</think>So we take ```python\nx = 1", "10000 1 0 fence"},
    {"<think>a</think>So we take $x^2 + ", "10000 1 0 math"},
    {"<think>a</think>It costs $5.", "10000 1 0 none"},
    {"<think>a</think>{\"answer\": \"5", "10000 1 0 json"},
    {"<think>a</think>So we then ta", "10000 1 0 sentence"},
    {"No tags at all.", "00000 0 0 none"},
    {"Then\n#### 18", "00000 0 0 none"},
    {"The answer is 18", "00000 0 0 none"},
    {"Then the answer is", "00000 0 0 sentence"},
    {"<think>a</think>Paris", "10000 1 0 none"},
    {"<think>a</think>The", "10000 1 0 sentence"},
};

TEST_CASE("the form of a response", "[trace]") {
  for (const FormRow& row : kForms) {
    const Form f = form_of(row.text, {});
    std::string got;
    for (const bool b : {f.closed, f.empty, f.nested, f.text_before, f.format_strict}) got += b ? '1' : '0';
    got += " " + std::to_string(f.blocks) + " " + std::to_string(static_cast<int>(f.tag_count * 4)) + " ";
    got += name(f.cut);
    CAPTURE(row.text);
    CHECK(got == row.form);
  }
  FormOptions opened;
  opened.opens_think = true;
  CHECK(form_of("a</think>b.", opened).closed);
  CHECK_FALSE(form_of("a</think>b.", {}).closed);
  FormOptions length;
  length.cut_by_length = true;
  CHECK(form_of("<think>a</think>b.", length).cut == Cut::length);
}

TEST_CASE("target language words are told by script", "[trace]") {
  const Language plain = language_of("We take two apples and α.", "", "");
  CHECK(plain.target == "Latin");
  CHECK(plain.raw == 1);
  const Language mixed = language_of("We take 两个 apples и груши `код` $\\text{да}$ here", "", "");
  CHECK(mixed.words == 7);
  CHECK(mixed.foreign == 3);
  CHECK(mixed.switches == 4);
  const Language quoted = language_of("The word слово means word", "Translate слово", "");
  CHECK(quoted.raw < 1);
  CHECK(quoted.noquote == 1);
  CHECK(language_of("Всё по-русски", "", "Latin").raw == 0);
  CHECK_FALSE(language_of("12 + 3", "", "").raw);
}

std::string repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST_CASE("repetition and loops", "[trace]") {
  CHECK_FALSE(repetition(split_words("a b"), 3));
  CHECK(repetition(split_words("a b c d"), 3) == 0);
  CHECK(*repetition(split_words("A b c a B c a b c"), 3) == Approx(1 - 3.0 / 7));
  const std::string phrase = "we then take the next one and look ";  // 8 words
  const Words looping = split_words("First of all " + repeat(phrase, 4));
  const auto tail = tail_loop(looping);
  REQUIRE(tail);
  CHECK(tail->period == 8);
  CHECK(tail->repeats == 4);
  CHECK(tail->span.begin == 13);
  CHECK(tail_loop(split_words("First of all " + repeat(phrase, 4) + "we the")));  // a cut word
  CHECK_FALSE(tail_loop(split_words(repeat(phrase, 2))));
  CHECK(tail_loop(split_words(repeat("so ", 60)))->period == 20);
  const Words middle = split_words("Start here. " + repeat(phrase, 3) + "and this is another end of it.");
  CHECK_FALSE(tail_loop(middle));
  const auto loops = find_loops(middle);
  REQUIRE(loops.size() == 1);
  CHECK(loops[0].period == 8);
  CHECK(loops[0].repeats == 3);
}

TEST_CASE("markers count at starts of sentences", "[trace]") {
  const auto hits = find_markers("Wait, no. I wait here. Alternatively, x.\nHmm... ok. **But wait** now.");
  std::string kinds;
  for (const MarkerHit& h : hits) kinds += h.kind == Marker::backtrack ? 'b' : 'a';
  CHECK(kinds == "babb");
  CHECK(backtrack_follows("3 + 4 = 8. Wait, that is 7.", 9));
  CHECK_FALSE(backtrack_follows("3 + 4 = 8. Then. And. Wait, that is 7.", 9));
}

std::string conclusions(std::string_view text) {
  std::string out;
  for (const Conclusion& c : find_conclusions(text)) out += (c.strong ? "!" : "?") + cut(text, c.span) + ";";
  return out;
}

struct ConclusionRow {
  const char* text;
  const char* found;
};
constexpr ConclusionRow kConclusions[] = {
    {"So it is \\boxed{\\frac{1}{2}}.", "!\\frac{1}{2};"},
    {"The answer is 5. No: the final answer is $7$.", "!5;!7;"},
    {"The answer is \\boxed{5}.", "!5;"},
    {"**Answer:** (B)", "!(B);"},
    {"So 3 + 4 = 7 apples.\nThen 7 * 2 = 14.", "?7 apples;?14;"},
    {"so\n#### 18", "!18;"},
    {"#### Step one\nx", ""},
    {"I answered quickly.", ""},
};

TEST_CASE("conclusions in order", "[trace]") {
  for (const ConclusionRow& row : kConclusions) {
    CAPTURE(row.text);
    CHECK(conclusions(row.text) == row.found);
  }
}

TEST_CASE("figures about the answer in the trace", "[trace]") {
  const std::string trace = "We get one. The answer is 1/2. Then again. The answer is 3.";
  const Words words = split_words(trace);
  const AnswerFigures lost = answer_figures(trace, words, "3", "0.5", same_mathematics);
  CHECK(lost.switches == 1);
  CHECK(lost.match == true);
  CHECK(lost.right == false);
  CHECK(lost.had_right_then_lost == true);
  CHECK(lost.first_right_tokens == 7);
  CHECK(*lost.underthinking == Approx(1 - 7.0 / 13));
  CHECK_FALSE(lost.overthinking_share);
  const AnswerFigures kept = answer_figures(trace, words, "3", "3", same_mathematics);
  CHECK(kept.had_right_then_lost == false);
  CHECK(*kept.overthinking_share == Approx(0).margin(1e-9));
  const AnswerFigures none = answer_figures(trace, words, "3", "9", same_mathematics);
  CHECK(none.outcome_efficiency == 0);
  CHECK(none.underthinking == 0);
  CHECK_FALSE(answer_figures(trace, words, "3", std::nullopt, same_mathematics).outcome_efficiency);
}

}  // namespace
}  // namespace assay::trace
