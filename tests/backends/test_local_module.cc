#include "backends/local_module.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "harness/api/catalog.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace assay {
namespace {

// The variable for as long as the object lives.
class ModuleAt {
 public:
  explicit ModuleAt(const std::string& path) {
    if (const char* was = std::getenv("ASSAY_LOCAL_MODULE")) was_ = was;
    setenv("ASSAY_LOCAL_MODULE", path.c_str(), 1);
  }
  ~ModuleAt() {
    if (was_) {
      setenv("ASSAY_LOCAL_MODULE", was_->c_str(), 1);
    } else {
      unsetenv("ASSAY_LOCAL_MODULE");
    }
  }
  ModuleAt(const ModuleAt&) = delete;
  ModuleAt& operator=(const ModuleAt&) = delete;

 private:
  std::optional<std::string> was_;
};

const BackendEntry& row() {
  for (const BackendEntry& entry : backend_catalog()) {
    if (entry.id == "local") return entry;
  }
  FAIL("the catalog has no row local");
  return backend_catalog()[0];
}

TEST_CASE("A missing module is said with its place and what to do", "[local]") {
  const test::TempDir dir;
  const ModuleAt at(dir / "none.so");
  CHECK_THAT(row().unavailable(), test::has("none.so") && test::has("ASSAY_LOCAL_MODULE"));
  const auto made = row().make({});
  REQUIRE_FALSE(made.ok());
  CHECK(made.error().code == Code::invalid);
  CHECK_THAT(made.error().message, test::has("none.so"));
}

TEST_CASE("What is no module is refused, and asking for it loads nothing", "[local]") {
  const test::TempDir dir;
  const std::string path = dir.file("m.so", "this is no library");
  const ModuleAt at(path);
  CHECK(row().unavailable().empty());  // it looks for the file only
  const auto made = row().make({});
  REQUIRE_FALSE(made.ok());
  CHECK_THAT(made.error().message, test::has("m.so cannot be loaded"));
}

TEST_CASE("A library of something else is refused by what it lacks", "[local]") {
  std::string path;
  for (const char* folder :
       {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/lib/aarch64-linux-gnu"}) {
    if (std::filesystem::exists(std::string(folder) + "/libz.so.1"))
      path = std::string(folder) + "/libz.so.1";
  }
  if (path.empty()) {
    WARN("no libz.so.1 was found to load");
    return;
  }
  const ModuleAt at(path);
  const auto made = row().make({});
  REQUIRE_FALSE(made.ok());
  CHECK_THAT(made.error().message, test::has("assay_local_module"));
}

}  // namespace
}  // namespace assay
