#include "harness/run/import/tolerant_json.h"
#include "tests/support/catch.h"

using namespace assay;

TEST_CASE("strings decode leniently") {
  struct Row {
    std::string inside;
    std::string text;
  };
  const std::vector<Row> rows = {
      {"plain", "plain"},
      {"a\\nb\\t\\\"c\\\" \\\\ \\/", "a\nb\t\"c\" \\ /"},
      {"\\( x \\)", "\\( x \\)"},
      {"\\u0041\\u00e9\\u20ac", "A\xc3\xa9\xe2\x82\xac"},
      {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
      {"\\ud83d!", "\xef\xbf\xbd!"},
      {"\\ude00", "\xef\xbf\xbd"},
      {"\\ud83d\\u0041", "\xef\xbf\xbd\x41"},
      {"\\underline", "\\underline"},
      {"\\u12", "\\u12"},
      {"ends in \\", "ends in \\"},
      {"raw\nline", "raw\nline"},
      {"\xff\xfe", "\xff\xfe"},
      {"", ""},
  };
  for (const Row& row : rows) {
    INFO(row.inside);
    CHECK(unescape_leniently(row.inside) == row.text);
  }
}

TEST_CASE("a field's value is read to where it ends, whatever is wrong inside") {
  struct Row {
    std::string text;
    std::string value;
    bool quoted;
    bool closed;
  };
  const std::vector<Row> rows = {
      {R"("5"})", "5", true, true},
      {"\"5\"\n}\n```", "5", true, true},
      {R"("a", "b": 1})", "a", true, true},
      {R"("say "hi", ok"})", "say \"hi\", ok", true, true},
      {R"("b"os; ||; agx5""})", "b\"os; ||; agx5\"", true, true},
      {R"("{"a": "b"}"})", "{\"a\": \"b\"}", true, true},
      {R"("5",})", "5", true, true},
      {"\"5\"\n \"next\": 1}", "5", true, true},
      {"\"no end", "no end", true, false},
      {"\"no quote at the end\n}", "\"no quote at the end", false, true},
      {"\"<\" * 10\n}", "\"<\" * 10", false, true},
      {"'single'}", "single", true, true},
      {"42\n}", "42", false, true},
      {"42}", "42", false, true},
      {"42, \"b\": 1}", "42", false, true},
      {"1,234\n}", "1,234", false, true},
      {"42\"\n}", "42", false, true},
      {"44.670}", "44.670", false, true},
      {"-9", "-9", false, false},
      {"[1, [2, \"]\"]] }", "[1, [2, \"]\"]]", false, true},
      {"{\"a\": {\"b\": 1}}}", "{\"a\": {\"b\": 1}}", false, true},
      {"[1, 2", "[1, 2", false, false},
      {"", "", false, false},
      {"\"", "", true, false},
      {"}", "", false, true},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const FieldValue value = read_field_value(row.text, 0);
    CHECK(value.text == row.value);
    CHECK(value.quoted == row.quoted);
    CHECK(value.closed == row.closed);
  }
}

TEST_CASE("a field is found by its key, surely quoted before likely") {
  const std::string text = R"({"answer": 1, "x": "the answer is", answer": 2, "answer" : 3, "answer", 'answer':4)";
  CHECK(text.substr(find_first_field(text, "answer")->value, 1) == "1");
  CHECK(text.substr(find_last_field(text, "answer")->value, 1) == "4");
  const std::string torn = "**answer\": \"42\"\n}";
  CHECK(torn.substr(find_last_field(torn, "answer")->value, 4) == "\"42\"");
  CHECK_FALSE(find_first_field("answer: 5", "answer"));
  CHECK_FALSE(find_first_field("", "answer"));
  CHECK(find_first_field("\"answer\":", "answer")->value == 9);
}

TEST_CASE("LaTeX that JSON escapes swallowed comes back, and other control characters stay") {
  struct Row {
    std::string text;
    std::string restored;
  };
  const std::vector<Row> rows = {
      {"\frac{1}{2}", "\\frac{1}{2}"},
      {"\boxed{3}", "\\boxed{3}"},
      {"\b\f", "\b\f"},
      {"$3 \times 4$", "$3 \\times 4$"},
      {"3 \times 4", "3 \times 4"},
      {"{a\neq b}", "{a\\neq b}"},
      {"{\n  eq\n}", "{\n  eq\n}"},
      {"$x$\nequal", "$x$\nequal"},
      {"\\left( x \right)", "\\left( x \\right)"},
      {"\frac1", "\\frac1"},
      {"\fracture", "\fracture"},
      {"a\tb", "a\tb"},
      {"", ""},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(restore_latex(row.text) == row.restored);
  }
}
