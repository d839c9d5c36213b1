// The interpreter on the rows of data/jinja_cases.jsonl, one a line:
//   template, input (variables, {} when absent), and either expect (the output) or error (without the
//   prefix). agree: whose output was the same when the row was written, of jinja2 (set up as transformers
//   does: trim_blocks, lstrip_blocks, the immutable sandbox, loop controls) and @huggingface/jinja, which
//   shows values in its own way.
// The clock stands at 2024-11-24 00:00:00 UTC.
#include <fstream>
#include <string>

#include "harness/base/json.h"
#include "harness/text/chat_template.h"
#include "tests/support/catch.h"

namespace assay {
namespace {

std::string outcome(const std::string& source, const OrderedJson& variables) {
  const auto chat = ChatTemplate::parse(source);
  if (!chat) return chat.error().message;
  ChatInput input;
  input.variables = variables;
  input.unix_seconds = 1'732'406'400;
  const auto out = chat->render(input);
  return out ? *out : out.error().message;
}

TEST_CASE("templates render as the rows say", "[text][template]") {
  std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/tests/text/data/jinja_cases.jsonl");
  std::string line;
  int rows = 0;
  for (; std::getline(in, line); ++rows) {
    const auto row = parse_ordered_json(line);
    REQUIRE(row);
    const std::string source = (*row)["template"].get<std::string>();
    CAPTURE(source);
    const OrderedJson input = row->contains("input") ? (*row)["input"] : OrderedJson::object();
    if (row->contains("expect")) {
      CHECK(outcome(source, input) == (*row)["expect"].get<std::string>());
    } else {
      CHECK(outcome(source, input) == "chat template, " + (*row)["error"].get<std::string>());
    }
  }
  CHECK(rows > 250);
}

struct Bounded {
  std::string what;
  std::string source;
  std::string message;  // part of it
};

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST_CASE("a template that asks for too much ends with an error", "[text][template]") {
  const std::vector<Bounded> rows = {
      {"loops in loops", "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
       "steps"},
      {"a range", "{% for a in range(10000000) %}{% endfor %}", "more than 100000 items"},
      {"doubling",
       "{% set n = namespace(s='abcdefgh') %}{% for i in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
       "bytes"},
      {"repetition", "{{ 'ab' * 100000000 }}", "too long"},
      {"list repetition", "{{ ([1] * 1000000) * 1000000 }}", "too long"},
      {"output", "{% set s = 'x' * 1000000 %}{% for i in range(100) %}{{ s }}{% endfor %}", "output"},
      {"all strings", "{% set s = 'x' * 10000000 %}{% for i in range(1000) %}{% set t = s ~ i %}{% endfor %}",
       "bytes of text"},
      {"recursion", "{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}", "deeper than 40"},
      {"brackets", "{{ " + repeated("[", 1000) + repeated("]", 1000) + " }}", "nested deeper"},
      {"parentheses", "{{ " + repeated("(", 1000) + "1" + repeated(")", 1000) + " }}", "nested deeper"},
      {"minus", "{{ " + repeated("-", 100000) + "1 }}", "nested deeper"},
      {"not", "{{ " + repeated("not ", 100000) + "1 }}", "nested deeper"},
      {"sums", "{{ 1" + repeated("+1", 100000) + " }}", "nested deeper"},
      {"attributes", "{{ a" + repeated(".b", 100000) + " }}", "nested deeper"},
      {"filters", "{{ a" + repeated("|trim", 100000) + " }}", "nested deeper"},
      {"ifs", repeated("{% if 1 %}", 100000), "nested deeper"},
      {"conditionals", "{{ 1" + repeated(" if 1 else 1", 10000) + " }}", "nested deeper"},
      {"targets", "{% for " + repeated("(", 1000) + "a" + repeated(")", 1000) + " in x %}{% endfor %}",
       "nested deeper"},
      {"values", "{% set n = namespace(l=[]) %}{% for i in range(1000) %}{% set n.l = [n.l] %}{% endfor %}",
       "nested deeper"},
      {"shared values",
       "{% set n = namespace(l=[]) %}{% for i in range(90) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l }}",
       "steps"},
      {"shared values as JSON",
       "{% set n = namespace(l=[]) %}{% for i in range(90) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l | "
       "tojson }}",
       "steps"},
      {"comparing shared values",
       "{% set n = namespace(l=[], m=[]) %}{% for i in range(90) %}{% set n.l = [n.l, n.l] %}{% set n.m = "
       "[n.m, n.m] %}"
       "{% endfor %}{{ n.l == n.m }}",
       "steps"},
      {"integers", "{{ 9223372036854775807 + 1 }}", "64 bits"},
      {"powers", "{{ 10 ** 100 }}", "64 bits"},
      {"source", std::string((1 << 20) + 1, 'x'), "longer than"},
  };
  for (const Bounded& row : rows) {
    CAPTURE(row.what);
    const std::string message = outcome(row.source, OrderedJson::object());
    CHECK_THAT(message.substr(0, 300), test::has("chat template") && test::has(row.message));
  }
}

TEST_CASE("values that hold themselves are no leak", "[text][template]") {
  CHECK(outcome("{% set n = namespace() %}{% set n.n = n %}{% set n.l = [n, {'k': n}] %}{{ n.n.l[0].n is "
                "defined }}",
                {}) == "True");
  CHECK(outcome("{% for i in [1] %}{{ loop.changed(loop) }}{% endfor %}", {}) == "True");
  CHECK(
      outcome("{% macro f() %}{% endmacro %}{% set n = namespace(f=f) %}{% set l = [f, n] %}{{ l | length }}",
              {}) == "2");
  CHECK_THAT(outcome("{% set n = namespace() %}{% for i in [1] %}{% macro f() %}{% endmacro %}{% set n.f = f "
                     "%}{% endfor %}{{ n.f() }}",
                     {}),
             test::has("after the end of the block"));
}

}  // namespace
}  // namespace assay
