#include <filesystem>

#include "tests/structure/rules.h"
#include "tests/structure/source_text.h"
#include "tests/support/catch.h"

using namespace assay::structure;

TEST_CASE("the sources keep the layering, the doors and the form of docs/design.md") {
  const std::vector<SourceFile> files = read_tree(ASSAY_SOURCE_DIR);
  REQUIRE(files.size() > 20);
  for (const std::string& violation : check_tree(files)) FAIL_CHECK(violation);
}

TEST_CASE("every top-level folder with sources is one of the layout") {
  for (const auto& entry : std::filesystem::directory_iterator(ASSAY_SOURCE_DIR)) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    if (name == "build" || name[0] == '.') continue;
    INFO(name);
    const std::vector<std::string> known = {"harness", "tasks", "scorers", "backends", "reports", "tests",
                                            "docs",    "suites", "bench",  "scripts",  "cmake"};
    CHECK(std::find(known.begin(), known.end(), name) != known.end());
  }
}

namespace {

// A sound tree that each row below adds one fault to.
std::vector<SourceFile> sound_tree() {
  return {
      {"harness/base/json.h", "#pragma once\n#include <nlohmann/json.hpp>\n"},
      {"harness/base/net.cc", "#include <sys/socket.h>\n#include <vector>\n"},
      {"harness/api/task.h", "#pragma once\n#include \"harness/base/json.h\"\n"},
      {"harness/store/store.h", "#pragma once\n#include \"harness/api/task.h\"\n"},
      {"harness/run/engine.h", "#pragma once\n#include \"harness/store/store.h\"\n"},
      {"scorers/exact.cc", "#include \"harness/api/task.h\"\n"},
      {"scorers/exact.h", "#pragma once\n"},
      {"tests/scorers/test_exact.cc", "#include \"scorers/exact.h\"\n"},
  };
}

std::string lines(std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += "int x" + std::to_string(i) + ";\n";
  return out;
}

struct Planted {
  const char* path;
  std::string text;
  const char* expected;  // part of the one violation; empty when there is none
};

}  // namespace

TEST_CASE("each kind of violation is caught, and named with its file and line") {
  const std::vector<Planted> rows = {
      {"harness/base/a.cc", "\n#include \"harness/api/task.h\"\n", "harness/base/a.cc:2: harness/base may not include"},
      {"harness/api/a.h", "#pragma once\n#include \"harness/store/store.h\"\n", "harness/api may not include"},
      {"harness/store/a.cc", "#include \"harness/run/engine.h\"\n", "harness/store may not include"},
      {"harness/run/a.cc", "#include \"scorers/exact.h\"\n", "harness/run may not include scorers/exact.h"},
      {"tasks/a.cc", "#include \"scorers/exact.h\"\n", "tasks may not include"},
      {"reports/a.cc", "#include \"harness/store/store.h\"\n", "reports may not include"},
      {"scorers/sub/a.cc", "#include \"scorers/exact.h\"\n", ""},
      {"bench/a.cc", "#include \"harness/run/engine.h\"\n", ""},
      {"harness/cli/a.cc", "#include \"harness/run/engine.h\"\n", ""},
      {"harness/base/a.cc", "#include \"json.h\"\n", "is no header of the tree, named from the root"},
      {"harness/base/a.cc", "# include <nlohmann/json_fwd.hpp>\n", "outside its door, harness/base/json.h"},
      {"tests/base/test_a.cc", "#include <catch2/catch.hpp>\n", "outside its door, tests/support/"},
      {"scorers/a.cc", "#include <re2/re2.h>\n", "outside its door, harness/base/regex."},
      {"scorers/a.cc", "#include <sqlite3.h>\n", "outside its door, harness/store/"},
      {"harness/store/a.cc", "#include <sqlite3.h>\n", ""},
      {"tests/store/test_a.cc", "#include <sqlite3.h>\n", ""},
      {"tests/run/test_a.cc", "#include <sqlite3.h>\n", "outside its door, harness/store/"},
      {"scorers/a.cc", "#include <boost/asio.hpp>\n", "has no door"},
      {"scorers/a.cc", "// #include <boost/asio.hpp>\n", ""},
      {"scorers/a.cc", "const char* s = R\"(\n#include <boost/asio.hpp>\n)\";\n", ""},
      {"scorers/a.cc", "int f() {\n  std::regex r;\n}\n", "scorers/a.cc:2: std::regex"},
      {"scorers/a.cc", "#include <regex>\n", "is not used here"},
      {"scorers/a.cc", "const char* s = \"std::regex \\\" system(1)\"; // std::regex\n", ""},
      {"scorers/a.cc", "\n\nint f() { return std::system(\"ls\"); }\n", "scorers/a.cc:3: calls system()"},
      {"scorers/a.cc", "auto* f = popen (\"ls\", \"r\");\n", "calls popen()"},
      {"scorers/a.cc", "int f() { return file_system(1) + x.system(2) + y->popen(3); }\n", ""},
      {"scorers/a.h", "#include <vector>\n", "without #pragma once"},
      {"scorers/a.h", "// #pragma once\n", "without #pragma once"},
      {"scorers/a.cc", lines(451), "451 lines"},
      {"scorers/a.h", "#pragma once\n" + lines(200), "201 lines"},
      {"tests/scorers/test_a.cc", lines(1000), ""},
      {"scorers/MyScorer.cc", "", "not snake_case"},
      {"scorers/my-scorer.cc", "", "not snake_case"},
      {"helpers/a.cc", "", "lies in no folder of the layout"},
  };
  CHECK(check_tree(sound_tree()).empty());
  for (const Planted& row : rows) {
    INFO(row.path << ": " << row.text.substr(0, 80));
    std::vector<SourceFile> tree = sound_tree();
    tree.push_back({row.path, row.text});
    const std::vector<std::string> found = check_tree(tree);
    if (*row.expected == '\0') {
      CHECK(found == std::vector<std::string>{});
      continue;
    }
    REQUIRE(found.size() == 1);
    CHECK(found[0].find(row.expected) != std::string::npos);
  }
}

TEST_CASE("a cycle of files is caught even where every arrow is allowed") {
  std::vector<SourceFile> tree = sound_tree();
  tree.push_back({"scorers/a.h", "#pragma once\n#include \"scorers/b.h\"\n"});
  tree.push_back({"scorers/b.h", "#pragma once\n#include \"scorers/c.h\"\n"});
  tree.push_back({"scorers/c.h", "#pragma once\n#include \"scorers/a.h\"\n"});
  const std::vector<std::string> found = check_tree(tree);
  REQUIRE(found.size() == 1);
  CHECK(found[0].find("closes a cycle of includes") != std::string::npos);
}

TEST_CASE("numbers with separators and characters do not upset the reader of sources") {
  CHECK(includes_of(code_only("int a = 1'000; char q = '\"';\n#include <a.h>\n")).size() == 1);
  CHECK(code_only("a /* x\ny */ b") == "a     \n     b");
  CHECK(code_only("\"unclosed\nint x;") == "\"        \nint x;");
}
