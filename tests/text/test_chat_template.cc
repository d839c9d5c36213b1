#include "harness/text/chat_template.h"

#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

namespace assay {
namespace {

constexpr const char* kChat =
    "{{ bos_token }}{% for m in messages %}\n"
    "<{{ m.role }}>{{ m['content'] | trim }}</{{ m.role }}>\n"
    "{% endfor %}\n"
    "{% if add_generation_prompt %}\n"
    "<assistant>\n"
    "{{- '\\n<think>\\n' if enable_thinking is not defined or enable_thinking }}\n"
    "{%- endif %}";

ChatInput conversation() {
  ChatInput input;
  input.messages = {{Role::system, "Be brief."}, {Role::user, " Hi \n"}};
  input.bos_token = "<s>";
  return input;
}

TEST_CASE("messages become a prompt", "[text][template]") {
  const auto chat = ChatTemplate::parse(kChat);
  REQUIRE(chat);
  ChatInput input = conversation();
  CHECK(chat->render(input).value() ==
        "<s><system>Be brief.</system>\n<user>Hi</user>\n<assistant>\n<think>\n");
  input.variables["enable_thinking"] = false;
  CHECK(chat->render(input).value() == "<s><system>Be brief.</system>\n<user>Hi</user>\n<assistant>");
  input.add_generation_prompt = false;
  CHECK(chat->render(input).value() == "<s><system>Be brief.</system>\n<user>Hi</user>\n");
}

TEST_CASE("given variables win over the fields, in the order of their keys", "[text][template]") {
  const auto chat = ChatTemplate::parse(
      "{{ messages[0].extra }}|{{ tools | tojson }}|{{ bos_token }}|{{ documents is none }}");
  REQUIRE(chat);
  ChatInput input = conversation();
  input.variables = *parse_ordered_json(
      R"({"messages": [{"role": "user", "extra": 7}], "tools": [{"z": 1, "a": {"y": 2, "b": 3}}]})");
  CHECK(chat->render(input).value() == R"(7|[{"z": 1, "a": {"y": 2, "b": 3}}]|<s>|True)");
  ChatInput bare = conversation();
  CHECK(ChatTemplate::parse("{{ tools is none }}{{ nope is defined }}")->render(bare).value() == "TrueFalse");
}

TEST_CASE("an error names line and column and is one line", "[text][template]") {
  const auto unknown = ChatTemplate::parse("a\n  {{ x | nofilter }}");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Code::invalid);
  CHECK(unknown.error().message == "chat template, line 2, column 10: there is no filter 'nofilter'");
  const auto raises = ChatTemplate::parse("\n\n{{ raise_exception('line 1\nline\x1b[2J 2') }}");
  REQUIRE(raises);
  const auto refused = raises->render({});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        R"(chat template, line 3, column 4: the template refuses: line 1\nline\x1b[2J 2)");
}

TEST_CASE("invalid bytes in a message become replacement characters", "[text][template]") {
  ChatInput input;
  input.messages = {{Role::user,
                     "a\xff"
                     "b\xe2\x82"}};
  const auto chat = ChatTemplate::parse("{{ messages[0].content }}{{ messages[0].content | length }}");
  CHECK(chat->render(input).value() == "a\uFFFDb\uFFFD4");
}

TEST_CASE("the digest is the source's", "[text][template]") {
  const auto a = ChatTemplate::parse("x");
  const auto b = ChatTemplate::parse("x\n");
  REQUIRE((a && b));
  CHECK(a->digest() == sha256("x"));
  CHECK(b->digest() == sha256("x\n"));
}

TEST_CASE("the clock is used when no time is given", "[text][template]") {
  const auto chat = ChatTemplate::parse("{{ strftime_now('%Y') }}");
  REQUIRE(chat);
  CHECK(chat->render({}).value() >= "2024");
  ChatInput input;
  input.unix_seconds = 951'782'400;  // a leap day
  CHECK(ChatTemplate::parse("{{ strftime_now('%-d %B %Y, %A, day %j') }}")->render(input).value() ==
        "29 February 2000, Tuesday, day 060");
}

struct OpensRow {
  const char* prompt;
  bool opens;
};

TEST_CASE("a prompt that ends in an open think tag is known", "[text][template]") {
  const OpensRow row = GENERATE(OpensRow{"<think>", true}, OpensRow{"x<assistant>\n<think>\n", true},
                                OpensRow{"<think> \t\n\n", true}, OpensRow{"<think>\n\n</think>\n\n", false},
                                OpensRow{"<think>a", false}, OpensRow{"think>", false}, OpensRow{"", false},
                                OpensRow{"</think>", false}, OpensRow{"\x80\x80<think>\n", true},
                                OpensRow{"<think>\xff", false}, OpensRow{"\x80", false});
  CAPTURE(row.prompt);
  CHECK(ChatTemplate::opens_think(row.prompt) == row.opens);
}

TEST_CASE("several threads render one template", "[text][template]") {
  const auto chat = ChatTemplate::parse(
      "{% macro f(x) %}[{{ x }}]{% endmacro %}{% set ns = namespace(n=0) %}{% for m in messages %}"
      "{% set ns.n = ns.n + 1 %}{{ f(m.content) }}{% endfor %}{{ ns.n }}");
  REQUIRE(chat);
  std::vector<std::string> outs(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < outs.size(); ++i) {
    threads.emplace_back([&outs, &chat, i] {
      ChatInput input = conversation();
      for (int n = 0; n < 50; ++n) outs[i] = *chat->render(input);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& out : outs) CHECK(out == "[Be brief.][ Hi \n]2");
}

}  // namespace
}  // namespace assay
