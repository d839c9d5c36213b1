// Reports are compared byte for byte with tests/reports/approved/. After a wanted change, run the
// tests with ASSAY_APPROVE=1, which writes the files anew, and read the difference before committing.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/api/catalog.h"
#include "tests/reports/inputs.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

void check_approved(const std::string& name, const std::string& text) {
  const auto path = std::filesystem::path(ASSAY_SOURCE_DIR) / "tests/reports/approved" / (name + ".txt");
  if (std::getenv("ASSAY_APPROVE") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  std::stringstream approved;
  approved << file.rdbuf();
  INFO(path.string() << ": run with ASSAY_APPROVE=1 to accept a wanted change");
  CHECK(text == approved.str());
}

std::string written_by(const ReportEntry& entry, const ReportOptions& options, const ReportInput& input) {
  std::ostringstream out;
  const Result<void> result = entry.make(options)->write(input, out);
  REQUIRE(result.ok());
  return out.str();
}

const ReportEntry& table() { return report_catalog().front(); }

}  // namespace

TEST_CASE("every format writes the approved results") {
  for (const NamedResults& named : approved_results()) {
    for (const ReportEntry& entry : report_catalog()) {
      check_approved(named.name + "." + entry.id, written_by(entry, {}, named.input));
    }
  }
}

TEST_CASE("every format writes the approved items, page by page") {
  for (const ReportEntry& entry : report_catalog()) {
    check_approved("items." + entry.id, written_by(entry, {}, paged(approved_items(), 8)));
  }
}

TEST_CASE("the table fits narrow terminals and takes colour") {
  ReportOptions narrow;
  narrow.width = 72;
  check_approved("incomplete.table72", written_by(table(), narrow, results_named("incomplete")));
  check_approved("items.table72", written_by(table(), narrow, paged(approved_items(), 100)));
  ReportOptions colored;
  colored.color = true;
  check_approved("incomplete.color", written_by(table(), colored, results_named("incomplete")));
}

TEST_CASE("incomplete results are shown with a headline where that is allowed") {
  ResultsInput input = results_named("incomplete");
  input.allow_incomplete = true;
  check_approved("allowed.table", written_by(table(), {}, input));
}
