#include "harness/base/line_reader.h"

#include <fstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"

using namespace assay;
namespace fs = std::filesystem;

namespace {

struct TempFile {
  fs::path path = fs::temp_directory_path() / "assay-test-line-reader.txt";
  explicit TempFile(std::string_view text) { std::ofstream(path, std::ios::binary) << text; }
  ~TempFile() { fs::remove(path); }
};

std::vector<std::string> lines_of(const fs::path& path) {
  auto reader = LineReader::open(path);
  REQUIRE(reader.ok());
  std::vector<std::string> out;
  while (true) {
    auto line = reader->next();
    REQUIRE(line.ok());
    if (!line->has_value()) break;
    out.emplace_back(**line);
    CHECK(reader->line() == out.size());
  }
  return out;
}

}  // namespace

TEST_CASE("Lines end in LF, CRLF or with the file") {
  struct Row {
    std::string text;
    std::vector<std::string> lines;
  };
  const std::string longer(200000, 'x');
  const Row rows[] = {
      {"", {}},
      {"a", {"a"}},
      {"a\n", {"a"}},
      {"a\nb", {"a", "b"}},
      {"a\r\nb\r\n", {"a", "b"}},
      {"\n\na\n", {"", "", "a"}},
      {"a\n\n", {"a", ""}},
      {"\r\n", {""}},
      {"\xEF\xBB\xBF" "a\n\xEF\xBB\xBF" "b\n", {"a", "\xEF\xBB\xBF" "b"}},
      {"a\rb\n", {"a\rb"}},
      {longer + "\n" + longer + "\r\nend", {longer, longer, "end"}},
  };
  for (const Row& row : rows) {
    INFO(row.text.substr(0, 40));
    const TempFile file(row.text);
    CHECK(lines_of(file.path) == row.lines);
  }
}

TEST_CASE("A line's offset is where it starts in the file") {
  const std::string filler(70000, 'y');
  const TempFile file("ab\r\n" + filler + "\nz");
  auto reader = LineReader::open(file.path);
  REQUIRE(reader.ok());
  std::vector<std::uint64_t> offsets;
  while (true) {
    auto line = reader->next();
    REQUIRE(line.ok());
    if (!line->has_value()) break;
    offsets.push_back(reader->offset());
  }
  CHECK(offsets == std::vector<std::uint64_t>{0, 4, 70005});
}

TEST_CASE("A line above the bound is an error that names file and line") {
  const TempFile file("short\n" + std::string(100, 'x') + "\n");
  auto reader = LineReader::open(file.path, 99);
  REQUIRE(reader.ok());
  REQUIRE(reader->next().ok());
  CHECK(reader->next().error().message == file.path.string() + ":2: a line of more than 99 bytes");
  auto after = reader->next();
  REQUIRE(after.ok());
  CHECK_FALSE(after->has_value());
  CHECK(lines_of(file.path).size() == 2);
}

TEST_CASE("JSON Lines give values, and bad ones are named by line") {
  const TempFile file("{\"a\": 1}\n\n  \n[2]\n{\"a\": }\n");
  auto reader = JsonlReader::open(file.path);
  REQUIRE(reader.ok());
  auto row = reader->next();
  REQUIRE((row.ok() && row->has_value()));
  CHECK(dump_json(**row) == R"({"a":1})");
  CHECK(reader->line() == 1);
  row = reader->next();
  REQUIRE((row.ok() && row->has_value()));
  CHECK(reader->line() == 4);
  CHECK(reader->text() == "[2]");
  CHECK(reader->error("no").message == file.path.string() + ":4: no");
  row = reader->next();
  REQUIRE_FALSE(row.ok());
  CHECK(row.error().message.substr(0, file.path.string().size() + 4) == file.path.string() + ":5: ");
  CHECK(row.error().message.find('\n') == std::string::npos);
}

TEST_CASE("A file that is not there is named") {
  const auto reader = LineReader::open("/nonexistent/x.jsonl");
  REQUIRE_FALSE(reader.ok());
  CHECK(reader.error().message.find("/nonexistent/x.jsonl") != std::string::npos);
}
