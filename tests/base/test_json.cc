#include "harness/base/json.h"
#include "tests/support/catch.h"

using namespace assay;

TEST_CASE("JSON nested too deeply is refused before anything is built") {
  const std::string deep(100000, '[');
  auto parsed = parse_json(deep);
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.error().code == Code::invalid);
  CHECK(parse_json(std::string(200, '[') + std::string(200, ']')).ok());
  CHECK(parse_json("\"[[[[\"", 1).ok());
}

TEST_CASE("a JSON error says where") {
  auto parsed = parse_json("{\"a\": }");
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.error().message.find("column") != std::string::npos);
}

TEST_CASE("dump_json is canonical and replaces invalid UTF-8") {
  CHECK(dump_json(Json{{"b", 1}, {"a", 2}}) == "{\"a\":2,\"b\":1}");
  CHECK(dump_json(Json("\xff")) == "\"\xef\xbf\xbd\"");
}

TEST_CASE("typed look-ups never convert") {
  const Json o{{"i", 3}, {"f", 3.0}, {"s", "3"}, {"n", nullptr}, {"u", UINT64_MAX}};
  CHECK(json_int(o, "i") == 3);
  CHECK_FALSE(json_int(o, "f"));
  CHECK_FALSE(json_int(o, "s"));
  CHECK_FALSE(json_int(o, "u"));
  CHECK_FALSE(json_string(o, "n"));
  CHECK_FALSE(json_string(o, "missing"));
  CHECK(json_number(o, "i") == 3.0);
  CHECK_FALSE(json_string(Json(1), "s"));
}

TEST_CASE("parse_json_unique refuses a key that stands twice in one object") {
  CHECK(parse_json_unique(R"({"a": {"b": 1}, "b": [{"a": 1}, {"a": 2}]})").ok());
  CHECK(dump_json(*parse_json_unique(R"({"a": {"b": 1}, "b": [{"a": 1}]})")) == R"({"a":{"b":1},"b":[{"a":1}]})");
  for (const char* text : {R"({"a": 1, "a": 1})", R"([{"x": {"a": 1, "b": {}, "a": 2}}])", R"({"a": {"a": 1}, "\u0061": 2})"}) {
    const auto parsed = parse_json_unique(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().message == "the key 'a' stands twice in one object");
  }
  CHECK_FALSE(parse_json_unique("{").ok());
  CHECK_FALSE(parse_json_unique(std::string(300, '[')).ok());
}
