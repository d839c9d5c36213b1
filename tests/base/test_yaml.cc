#include "harness/base/yaml.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "harness/base/format.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

YamlNode parsed(std::string_view text) {
  auto node = parse_yaml(text, "t.yaml");
  if (!node) FAIL(node.error().message);
  return *node;
}

std::string failure(std::string_view text) {
  const auto node = parse_yaml(text, "t.yaml");
  if (node) return "(no error)";
  CHECK(node.error().code == Code::invalid);
  return node.error().message;
}

std::string nested(std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += '[';
  for (std::size_t i = 0; i < depth; ++i) text += ']';
  return text;
}

}  // namespace

TEST_CASE("A YAML tree knows its kinds, texts and places") {
  const YamlNode root = parsed("a: 1\nb:\n  - x\n  - \"2\"\n  - ~\nc: {d: e}\n");
  REQUIRE(root.is_map());
  REQUIRE(root.entries().size() == 3);
  CHECK(root.entries()[1].key == "b");
  CHECK(root.entries()[1].line == 2);
  CHECK(root.get("a")->column() == 4);
  const auto items = root.get("b")->items();
  REQUIRE(items.size() == 3);
  CHECK_FALSE(items[0].was_quoted());
  CHECK(items[1].was_quoted());
  CHECK(items[1].line() == 4);
  CHECK(items[1].column() == 5);
  CHECK(items[2].is_null());
  CHECK(root.get("nothing") == nullptr);
  CHECK(items[0].get("x") == nullptr);
  CHECK(root.error("no").message == "t.yaml:1:1: no");
}

TEST_CASE("Malformed YAML is refused in one line with file, line and column") {
  struct Row {
    const char* text;
    const char* message;
  };
  const Row rows[] = {
      {"a: 1\na: 2\n", "t.yaml:2:1: the key 'a' is given twice; first on line 1"},
      {"x:\n  b: 1\n  c: 2\n  \"b\": 3\n", "t.yaml:4:3: the key 'b' is given twice; first on line 2"},
      {"a: 1\n---\nb: 2\n", "t.yaml:2:1: a second document; one file holds one"},
      {"a: &x [1, *x]\n", "t.yaml:1:11: an alias to a node that contains it"},
      {"a: &x {b: {c: *x}}\n", "t.yaml:1:15: an alias to a node that contains it"},
      {"a: *nowhere\n", "t.yaml:1:4: the referenced anchor is not defined"},
      {"a:\n\t- b\n", "t.yaml:2:2: "},
      {"a: [1, 2\nb: 3\n", "t.yaml:2:2: "},
      {"a: \"open\n", "t.yaml:1:9: "},
      {"a: \"open\n\n  \n", "t.yaml:1:9: "},
      {"a: 'open", "t.yaml:1:9: "},
      {"b: 1\na: \"one\n  two\n", "t.yaml:3:6: "},
      {"a: 1\n b: 2\n", "t.yaml:2:3: "},
      {"- a\nb: 1\n", "t.yaml:2:1: "},
      {"a: !!python/object:os.system x\n", "t.yaml:1:4: the tag "},
      {"a: !mine [1]\n", "t.yaml:1:4: the tag "},
      {"? [1, 2]\n: x\n", "t.yaml:1:3: expected a key"},
      {"~: 1\n", "t.yaml:1:1: expected a key; one that looks like null needs quotes"},
      {"a: b\xFFz\n", "t.yaml:1:5: the text is not valid UTF-8"},
      {"a: 1\nb: \xC3\xA9\xC3\n", "t.yaml:2:6: the text is not valid UTF-8"},
      {"a: x\x1b[31m\n", "t.yaml:1:5: the control character U+001B"},
      {"a: \"\\e[31m\"\n\"\\e[31m\": 1\n\"\\e[31m\": 2\n", "t.yaml:3:1: the key '\\x1b[31m' is given twice; first on line 2"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const std::string message = failure(row.text);
    CHECK(message.substr(0, std::string(row.message).size()) == row.message);
    CHECK(message.find('\n') == std::string::npos);
  }
  CHECK(failure(std::string_view("a: \0b", 5)) == "t.yaml:1:4: the control character U+0000");
}

TEST_CASE("Depth, node count and size of a YAML text are bounded") {
  CHECK(parse_yaml(nested(kMaxYamlDepth), "t.yaml").ok());
  CHECK(failure(nested(kMaxYamlDepth + 1)) == "t.yaml:1:101: nested deeper than 100 levels");
  CHECK(failure(nested(100000)).find("nested deeper") != std::string::npos);

  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    laughs += format("a{}: &a{} [", i, i);
    for (int j = 0; j < 10; ++j) laughs += format("{}*a{}", j == 0 ? "" : ", ", i - 1);
    laughs += "]\n";
  }
  CHECK(failure(laughs).find("more than 1000000 nodes") != std::string::npos);

  std::string deep = "a0: &a0 [x]\n";
  for (int i = 1; i < 200; ++i) deep += format("a{}: &a{} [*a{}]\n", i, i, i - 1);
  CHECK(failure(deep).find("nested deeper than 100 levels") != std::string::npos);

  CHECK(failure(std::string(kMaxYamlBytes + 1, ' ')) == "t.yaml:1:1: larger than 16 MB");
}

TEST_CASE("An alias is its anchor's value") {
  const YamlNode root = parsed("base: &b {x: 1}\nother: *b\nlist: [*b, *b]\n");
  CHECK(dump_json(root.to_json()) == R"({"base":{"x":1},"list":[{"x":1},{"x":1}],"other":{"x":1}})");
}

TEST_CASE("Unquoted scalars follow the YAML 1.2 core schema") {
  struct Row {
    const char* scalar;
    const char* json;
  };
  const Row rows[] = {
      {"null", "null"}, {"~", "null"}, {"", "null"}, {"'null'", R"("null")"},
      {"true", "true"}, {"False", "false"}, {"TRUE", "true"}, {"\"true\"", R"("true")"},
      {"yes", R"("yes")"}, {"no", R"("no")"}, {"on", R"("on")"}, {"y", R"("y")"},
      {"0", "0"}, {"-12", "-12"}, {"+7", "7"}, {"007", "7"}, {"0o17", "15"}, {"0x1F", "31"}, {"0b1", R"("0b1")"},
      {"1_000", R"("1_000")"}, {"'5'", R"("5")"}, {"12:30", R"("12:30")"},
      {"9223372036854775807", "9223372036854775807"}, {"-9223372036854775808", "-9223372036854775808"},
      {"18446744073709551615", "18446744073709551615"}, {"18446744073709551616", "1.8446744073709552e+19"},
      {"1.5", "1.5"}, {".5", "0.5"}, {"-1.", "-1.0"}, {"1e3", "1000.0"}, {"1.2.3", R"("1.2.3")"}, {"e5", R"("e5")"},
      {".inf", R"(".inf")"}, {".nan", R"(".nan")"}, {"1e999", R"("1e999")"}, {"!!str 5", R"("5")"},
      {"nan", R"("nan")"}, {"0x", R"("0x")"}, {"-0x1", R"("-0x1")"}, {"-", R"("-")"}, {"|\n  5\n", R"("5\n")"},
  };
  for (const Row& row : rows) {
    INFO(row.scalar);
    const std::string text = std::string("k: ") + row.scalar + "\n";
    const auto node = parse_yaml(text, "t.yaml");
    if (std::string(row.scalar) == "-") {  // an empty list item where none may stand
      CHECK_FALSE(node.ok());
      continue;
    }
    REQUIRE(node.ok());
    CHECK(dump_json(node->get("k")->to_json()) == row.json);
  }
}

TEST_CASE("Typed readers say what was expected and what was found") {
  const YamlNode root = parsed(
      "i: -5\nu: 7\nn: 1.5\nb: true\ns: text\nq: '5'\nl: [a, b]\nm: {x: 1}\nz:\ninf: .inf\nbig: 99999999999999999999\n"
      "esc: \"a\\e]0;x\\nb\"\n");
  CHECK(*root.get("i")->as_int() == -5);
  CHECK(*root.get("u")->as_uint() == 7);
  CHECK(*root.get("n")->as_number() == 1.5);
  CHECK(*root.get("u")->as_number() == 7);
  CHECK(*root.get("b")->as_bool());
  CHECK(*root.get("u")->as_string() == "7");
  CHECK(*root.get("l")->as_strings() == std::vector<std::string>{"a", "b"});
  struct Row {
    const char* key;
    char type;
    const char* message;
  };
  const Row rows[] = {
      {"s", 'i', "t.yaml:5:4: expected an integer, got 'text'"},
      {"q", 'i', "t.yaml:6:4: expected an integer, got the text '5'"},
      {"n", 'i', "t.yaml:3:4: expected an integer, got '1.5'"},
      {"big", 'i', "t.yaml:11:6: expected an integer, got '99999999999999999999'"},
      {"i", 'u', "t.yaml:1:4: expected a non-negative integer, got '-5'"},
      {"inf", 'n', "t.yaml:10:6: expected a number, got '.inf'"},
      {"s", 'b', "t.yaml:5:4: expected true or false, got 'text'"},
      {"l", 's', "t.yaml:7:4: expected a text, got a list"},
      {"m", 's', "t.yaml:8:4: expected a text, got a mapping"},
      {"z", 's', "t.yaml:9:1: expected a text, got nothing"},
      {"s", 'l', "t.yaml:5:4: expected a list, got 'text'"},
      {"esc", 'i', "t.yaml:12:6: expected an integer, got the text 'a\\x1b]0;x\\nb'"},
  };
  for (const Row& row : rows) {
    INFO(row.key << " " << row.type);
    const YamlNode& node = *root.get(row.key);
    std::string message = "(no error)";
    const auto note = [&](const auto& result) {
      if (!result.ok()) message = result.error().message;
    };
    if (row.type == 'i') note(node.as_int());
    if (row.type == 'u') note(node.as_uint());
    if (row.type == 'n') note(node.as_number());
    if (row.type == 'b') note(node.as_bool());
    if (row.type == 's') note(node.as_string());
    if (row.type == 'l') note(node.as_strings());
    CHECK(message == row.message);
  }
}

TEST_CASE("An unknown or missing key is named, with the one that was probably meant") {
  const YamlNode root = parsed("name: x\n  \nepocs: 3\n");
  CHECK(root.only_keys({"name", "epochs", "epocs"}).ok());
  CHECK(root.only_keys({"name", "epochs"}).error().message ==
        "t.yaml:3:1: unknown key 'epocs' (did you mean 'epochs'?)");
  CHECK(root.only_keys({"name", "limit"}).error().message == "t.yaml:3:1: unknown key 'epocs'; known are name, limit");
  CHECK(root.need("name").ok());
  CHECK(root.need("tasks").error().message == "t.yaml:1:1: the key 'tasks' is missing");
  CHECK(root.get("name")->only_keys({"a"}).error().message == "t.yaml:1:7: expected a mapping, got 'x'");
}

TEST_CASE("A YAML file that cannot be read is named") {
  namespace fs = std::filesystem;
  const fs::path dir = fs::temp_directory_path() / "assay-test-yaml";
  fs::create_directories(dir);
  CHECK(load_yaml(dir / "none.yaml").error().message == (dir / "none.yaml").string() +
        ": cannot be read: No such file or directory");
  CHECK(load_yaml(dir).error().message == dir.string() + ": is a directory, expected a YAML file");
  { std::ofstream(dir / "ok.yaml") << "\xEF\xBB\xBF" "a: 1\r\nb: 2\r\n"; }
  const auto node = load_yaml(dir / "ok.yaml");
  REQUIRE(node.ok());
  CHECK(dump_json(node->to_json()) == R"({"a":1,"b":2})");
  CHECK(parsed("").is_null());
  CHECK(parsed("# only a comment\n").is_null());
  fs::remove_all(dir);
}
