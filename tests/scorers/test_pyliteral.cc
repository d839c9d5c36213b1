#include <string>
#include <vector>

#include "scorers/answer/py_literal.h"
#include "tests/scorers/scoring.h"

namespace assay {
namespace {

using answer::parse_py_literal;
using test::kNo;
using test::kNone;
using test::kYes;
using test::make_scorer;
using test::score;
using test::ScoreRow;

// Every row: literals of one value and type. No two rows are equal.
const std::vector<std::vector<std::string>> kValues = {
    {"None", " None\n"},
    {"True", "(True)"},
    {"False"},
    {"..."},
    {"1", "+1", "0x1", "0b1", "0o1", "((1))", " 1 # one"},
    {"0", "-0", "00", "0x0", "0_0"},
    {"-1", "- 1", "(-1)"},
    {"1.0", "1.", "1e0", "10e-1", "1.00", "+1.0"},
    {"0.0", "-0.0", "0.", "0e5", ".0", "1e-999"},
    {"8.5", "8.50", "85e-1", "0.85E1"},
    {"1e30", "1E+30", "1_0e2_9", "1000000000000000000000000000000.0"},
    {"1000000000000000000000000000000", "1_000_000_000_000_000_000_000_000_000_000"},
    {"1e999", "1e1000"},
    {"-1e999"},
    {"18446744073709551616", "0x10000000000000000"},
    {"9007199254740993"},
    {"9007199254740992.0", "9007199254740993.0"},
    {"2j", "2.0J", "+2j", "0+2j"},
    {"1+2j", "1.0+2j", "1 + 2.0j", "(1+2j)"},
    {"1-2j", "1 - 2j"},
    {"-1-2j"},
    {"''", "\"\"", "''''''", "r''", "u''", "'' \"\""},
    {"b''", "B\"\""},
    {"'a'", "\"a\"", "'''a'''", "\"\"\"a\"\"\"", "u'a'", "r'a'", "'\\x61'", "'\\141'", "'\\u0061'",
     "'\\U00000061'", "('a')", "'' 'a'", "('a'\n'')"},
    {"'1'"},
    {"b'a'", "b'\\x61'", "rb'a'", "Rb\"a\""},
    {"'ab'", "'a' 'b'", "'a''b'", "('a'\n 'b')", "'a\\\nb'"},
    {"'a\\nb'", "'''a\nb'''"},
    {"r'a\\nb'", "'a\\\\nb'"},
    {"'\\d'", "'\\\\d'", "r'\\d'"},
    {"'it\\'s'", "\"it's\""},
    {"'\\t'", "'\t'", "'\\x09'", "'\\11'"},
    {"'\u00e9'", "'\\xe9'", "'\\u00e9'", "'\\351'"},
    {"'\\ud800'"},
    {"'\\udfff'"},
    {"'\\ufffd'", "'\uFFFD'"},
    {"[]", "[ ]", "[\n]"},
    {"()", "( )"},
    {"{}", "{ }"},
    {"set()", "set ()"},
    {"[1]", "[1,]", "[ 1 , ]", "[(1)]"},
    {"(1,)", "1,", "( 1 , )"},
    {"(1, 2)", "1, 2", "(1,2,)", "1,2,"},
    {"[1, 2]", "[1,2]", "[1, # one\n 2]"},
    {"[2, 1]"},
    {"{1, 2}", "{2, 1}", "{1, 2, 2,}"},
    {"['a']", "[\"a\"]"},
    {"['a', 'b']", "['a',\"b\"]"},
    {"['ab']", "['a' 'b']"},
    {"[[1], [2]]", "[[1,],[2]]"},
    {"[(1, 'a'), (2, 'b')]"},
    {"{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", "{'a': 0, 'b': 2, 'a': 1}", "{\"a\":1,\"b\":2,}"},
    {"{'a': 2, 'b': 1}"},
    {"{1: 'b'}", "{1: 'a', True: 'b'}", "{1: 'a', 1.0: 'b'}"},
    // equal keys: the first stays, the last value wins
    {"{True: 'b'}"},
    {"{1.0: 'b'}"},
    {"{(1, 2): []}"},
    {"{'a': {'b': [None]}}"},
    {"[1.0]"},
    {"[True]"},
    {"['1']"},
    {"{1}", "{1, True, 1.0}"},
    {"{None: None}"},
    {"[b'a']"},
    {"['[1]']"},
    {"[1, [2, (3, {4: {5}})]]"},
};

const std::vector<std::string> kNoLiterals = {
    "",
    " ",
    "abc",
    "nan",
    "inf",
    "[",
    "]",
    "(",
    "[1",
    "1]",
    "[1)",
    "{1: }",
    "{: 1}",
    "{1: 2, 3}",
    "{1, 2: 3}",
    "{1:2:3}",
    "[1 2]",
    "[,]",
    "(,)",
    ",",
    "[1,,2]",
    "1 2",
    "1\n2",
    "'a",
    "'a\"",
    "'a\nb'",
    "'''a''",
    "'\\x6'",
    "'\\u12'",
    "'\\U00110000'",
    "'\\",
    "'\\N{DASH}'",
    "f'a'",
    "ub'a'",
    "b'\xC3\xA9'",
    "'a' b'a'",
    "01",
    "1__0",
    "1_",
    "_1",
    "0x",
    "0xg",
    "1e",
    "1.2.3",
    "1abc",
    "--1",
    "-True",
    "-'a'",
    "1 + 1",
    "1+1",
    "2*3",
    "[1, 2][0]",
    "f(1)",
    "set([1])",
    "dict()",
    "[x for x in y]",
    "{[1]: 2}",
    "{[1]}",
    "{{}: 1}",
    "{(1, [2]): 3}",
    "true",
    "null",
    "None1",
    "NoneType",
    "lambda: 1",
    "*[1]",
    "a.b",
    "1;2",
    "x = 1",
    "'a' + 'b'",
    "1 if True else 2",
    "..",
    "not True",
    "1j + 1",
    std::string("1\0", 2),
};

TEST_CASE("literals are equal exactly when value and type are", "[scorers][pyliteral]") {
  std::vector<std::string> firsts;
  for (const auto& row : kValues) {
    const auto first = parse_py_literal(row[0]);
    CAPTURE(row[0]);
    REQUIRE(first);
    for (const std::string& text : row) {
      CAPTURE(text);
      const auto value = parse_py_literal(text);
      REQUIRE(value);
      CHECK(value->canonical == first->canonical);
    }
    for (const std::string& other : firsts) CHECK(other != first->canonical);
    firsts.push_back(first->canonical);
  }
}

TEST_CASE("what Python does not read is no literal", "[scorers][pyliteral]") {
  for (const std::string& text : kNoLiterals) {
    CAPTURE(text);
    CHECK_FALSE(parse_py_literal(text));
  }
}

TEST_CASE("limits of literals", "[scorers][pyliteral]") {
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  CHECK(parse_py_literal(nested(answer::kMaxLiteralDepth)));
  CHECK_FALSE(parse_py_literal(nested(answer::kMaxLiteralDepth + 1)));
  CHECK_FALSE(parse_py_literal(nested(100000)));
  CHECK(parse_py_literal(std::string(answer::kMaxDigits, '9')));
  CHECK_FALSE(parse_py_literal(std::string(answer::kMaxDigits + 1, '9')));
  CHECK(parse_py_literal("0x" + std::string(answer::kMaxDigits, 'f')));
  CHECK_FALSE(parse_py_literal("'" + std::string(answer::kMaxLiteralBytes, 'a') + "'"));
}

const std::vector<ScoreRow> kScores = {
    {"[(4, 1), (2, 3)]", "[(4, 1), (2, 3)]", kYes, "whole"},
    {"[\"a\"]", "['a']", kYes, "whole"},
    {" 8.50\n", "8.5", kYes, "whole"},
    {"8", "8.0", kNo, "whole"},
    {"1", "True", kNo, "whole"},
    {"(1, 2)", "[1, 2]", kNo, "whole"},
    {"`[1, 2]`", "[1, 2]", kYes, "whole"},
    {"**[1, 2]**.", "[1, 2]", kYes, "whole"},
    {"```python\n[1, 2]\n```", "[1, 2]", kYes, "fence"},
    {"So\n[ANSWER]\n[1, 2]\n[/ANSWER]", "[1, 2]", kYes, "answer_tag"},
    {"So\n[ANSWER]\nassert f([1]) == [1, 2]\n[/ANSWER]", "[1, 2]", kYes, "answer_tag"},
    {"assert f([1]) == [1, 2]", "[1, 2]", kNo, "whole"},
    {"So\nThe answer is `[1, 2]`.", "[1, 2]", kYes, "answer_is"},
    {"So\n{\"answer\": \"[1, 2]\"}", "[1, 2]", kYes, "json"},
    {"So\n{\"answer\": \"'a'\"}", "'a'", kYes, "json"},
    {"So\n\\boxed{nothing}", "[1, 2]", kNo, "boxed"},
    // Bare text of a string.
    {"abc", "'abc'", kYes, "whole"},
    {" abc ", "'abc'", kYes, "whole"},
    {"abc", "'abc '", kNo, "whole"},
    {"abc ", "'abc '", kYes, "whole"},
    {"816", "'816'", kYes, "whole"},
    {"'816'", "816", kNo, "whole"},
    {"'816'", "'816'", kYes, "whole"},
    {"[ac]", "'[ac]'", kYes, "whole"},
    {"'148: b'148''", "\"148: b'148'\"", kYes, "whole"},
    {"'a\nb'", "'a\\nb'", kYes, "whole"},
    {"'\\foo'", "'\\\\foo'", kYes, "whole"},
    {"[\\n]", "'[\\n]'", kYes, "whole"},
    {"\\f", "'\\x0c'", kNo, "whole"},
    {"ABC", "'abc'", kNo, "whole"},
    {"The answer is: x", "'The answer is: x'", kYes, "answer_is"},
    // The sentence's full stop.
    {"So the answer is 2.", "2", kYes, "answer_is"},
    {"So the answer is **2.**", "2", kYes, "answer_is"},
    {"So the answer is 2.0.", "2.0", kYes, "answer_is"},
    {"So the answer is 2.5", "2.5", kYes, "answer_is"},
    {"So the answer is 2.", "2.0", kNo, "answer_is"},
    {"2.", "2.0", kYes, "whole"},
    // Words in a formula.
    {"\\boxed{\\text{True}}", "True", kYes, "boxed"},
    {"\\boxed{\\textbf{\\text{[1, 2]}}}", "[1, 2]", kYes, "boxed"},
    {"\\boxed{\\text{True} x}", "True", kNo, "boxed"},
    // Nothing.
    {"", "''", kNone, ""},
    {" \n", "''", kNone, ""},
    {"  ", "'  '", kNone, ""},
    {" ", "'  '", kNone, ""},
    {"", "'a'", kNone, ""},
    {"", "[]", kNone, ""},
    // A target that is no literal.
    {"f(x)", " f(x) ", kYes, "whole"},
    {"f(x)", "f(y)", kNo, "whole"},
};

TEST_CASE("Python literals and the bare text of strings", "[scorers][pyliteral]") {
  const auto scorer = make_scorer("pyliteral");
  for (const ScoreRow& row : kScores) {
    CAPTURE(row.answer, row.target);
    const Score s = score(*scorer, row.target, row.answer);
    CAPTURE(s.explanation);
    CHECK(name(s.outcome) == name(row.outcome));
    CHECK(s.rule == row.rule);
  }
}

TEST_CASE("an empty answer is an empty string only where the response states it", "[scorers][pyliteral]") {
  const auto scorer = make_scorer("pyliteral");
  const Sample sample = test::with_targets({"''"});
  struct Row {
    std::string text;  // of the whole response
    SplitVerdict verdict;
    Outcome outcome;
  };
  const std::vector<Row> rows = {
      {R"({"reasoning": "r", "answer": ""})", SplitVerdict::closed, kYes},
      {R"({"answer": ""})", SplitVerdict::no_trace, kYes},
      {R"({"reasoning": "r"})", SplitVerdict::empty_answer, kNone},
      {"<think>r</think>", SplitVerdict::empty_answer, kNone},
      {"<think>r", SplitVerdict::empty_answer, kNone},
      {"<think>r", SplitVerdict::truncated_in_trace, kNone},
      {"<think>r</think>", SplitVerdict::truncated_in_answer, kNone},
      {"", SplitVerdict::empty_answer, kNone},
      {"", SplitVerdict::no_trace, kNone},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text, name(row.verdict));
    Response r = test::answering("", row.verdict);
    r.text = row.text;
    CHECK(name(score(*scorer, sample, r).outcome) == name(row.outcome));
  }
}

TEST_CASE("votes over literals", "[scorers][pyliteral]") {
  const auto scorer = make_scorer("pyliteral");
  const Sample sample = test::with_targets({"[1]"});
  const auto of = [&](const char* text) { return score(*scorer, sample, test::answering(text)); };
  CHECK(scorer->same_answer(sample, of("{1: 2, 3: 4}"), of("{3: 4, 1: 2}")));
  CHECK(scorer->same_answer(sample, of("'abc'"), of("abc")));
  CHECK_FALSE(scorer->same_answer(sample, of("1"), of("1.0")));
  CHECK_FALSE(scorer->same_answer(sample, of(""), of("")));
}

}  // namespace
}  // namespace assay
