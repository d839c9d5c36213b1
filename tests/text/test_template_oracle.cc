// Real chat templates against another implementation of Jinja. Skipped, with a message, where node and npm
// are not.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/text/chat_template.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"

namespace assay {
namespace {

struct Counts {
  int templates = 0;
  int prompts = 0;
  int differing = 0;
};

void compare(const std::filesystem::path& file, Counts& counts) {
  INFO(file.filename().string());
  std::ifstream in(file);
  std::string line;
  REQUIRE(std::getline(in, line));
  const auto head = parse_ordered_json(line);
  REQUIRE(head);
  const auto chat = ChatTemplate::parse((*head)["template"].get<std::string>());
  INFO((chat ? std::string() : chat.error().message));
  REQUIRE(chat);
  ++counts.templates;
  std::string first_difference;
  while (std::getline(in, line)) {
    const auto row = parse_ordered_json(line);
    REQUIRE(row);
    ChatInput input;
    input.variables = (*row)["input"];
    const auto prompt = chat->render(input);
    ++counts.prompts;
    if (prompt && *prompt == (*row)["prompt"].get<std::string>()) continue;
    ++counts.differing;
    if (first_difference.empty())
      first_difference = (prompt ? *prompt : prompt.error().message) + "\nfor " + line;
  }
  CHECK(first_difference == "");
}

TEST_CASE("real chat templates make the prompts that another implementation makes", "[text][template]") {
  const std::string root = ASSAY_SOURCE_DIR;
  const char* given = std::getenv("ASSAY_ORACLE_DIR");
  const std::string folder = given != nullptr ? given : root + "/build/oracle";
  const auto made = test::run_process({"/bin/bash", root + "/scripts/template-oracle", folder});
  if (made.exit_code == 3) {
    WARN("real chat templates are not compared: " << made.err);
    return;
  }
  INFO(made.err);
  REQUIRE(made.exit_code == 0);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/templates")) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  Counts counts;
  for (const auto& file : files) compare(file, counts);
  CHECK(counts.templates >= 8);
  CHECK(counts.prompts >= 500);
  CHECK(counts.differing == 0);
}

}  // namespace
}  // namespace assay
