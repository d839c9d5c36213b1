#include "tasks/prompt.h"

#include "tests/support/catch.h"

using namespace assay;

TEST_CASE("prompt templates put fields in and leave other braces alone") {
  const FieldLookup fields = [](std::string_view name) -> std::optional<std::string> {
    if (name == "question") return "What is {x}?";
    if (name == "a.b-c_1") return "nested";
    return std::nullopt;
  };
  struct Row {
    const char* text;
    const char* rendered;  // nullptr: an error
  };
  const Row row = GENERATE(values<Row>({
      {"", ""},
      {"Q: {question}\nA:", "Q: What is {x}?\nA:"},
      {"{question}{question}", "What is {x}?What is {x}?"},
      {"{a.b-c_1}", "nested"},
      {"\\boxed{}", "\\boxed{}"},
      {"{ question }", "{ question }"},
      {"{1}", "{1}"},
      {"{{question}}", "{question}"},
      {"{{{question}}}", "{What is {x}?}"},
      {"{question", "{question"},
      {"}", "}"},
      {"{", "{"},
      {"{answer}", nullptr},
  }));
  CAPTURE(row.text);
  const auto out = render(row.text, fields);
  if (row.rendered) {
    REQUIRE(out);
    CHECK(*out == row.rendered);
  } else {
    REQUIRE_FALSE(out);
    CHECK(out.error().message == "prompt template, byte 0: unknown field {answer}");
  }
}
