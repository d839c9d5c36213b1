// Real recorded answers, where they lie beside the source or under ASSAY_DATA.
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "harness/api/catalog.h"
#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/line_reader.h"
#include "harness/run/import/import.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace assay;
namespace fs = std::filesystem;

namespace {

fs::path data_dir() {
  const char* named = std::getenv("ASSAY_DATA");
  return named != nullptr && *named != '\0' ? fs::path(named) : fs::path(ASSAY_SOURCE_DIR) / ".." / "shared" / "data";
}

// The models' files of one recorded task; empty, with a warning, where there are none.
std::vector<fs::path> recorded(const std::string& task) {
  std::vector<fs::path> out;
  const fs::path folder = data_dir() / "recorded" / "zeroeval" / task;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(folder, ec)) {
    if (entry.path().extension() == ".gz") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  if (out.empty()) WARN("no recorded answers of " << task << "; set ASSAY_DATA to check against them");
  return out;
}

struct Imported {
  test::TempDir dir;
  std::unique_ptr<Store> store;
  ImportOutcome outcome;
};

void import(Imported& out, const std::vector<fs::path>& files, const std::string& task) {
  auto plugins = catalog_plugins();
  REQUIRE(plugins.ok());
  auto store = Store::open(out.dir / "test.db", StoreMode::read_write);
  REQUIRE(store.ok());
  out.store = std::move(*store);
  ImportOptions options;
  options.files = files;
  options.task = task;
  options.data_dirs = {data_dir()};
  auto outcome = import_files(options, *out.store, *plugins);
  if (!outcome) FAIL(outcome.error().message);
  out.outcome = std::move(*outcome);
  CHECK(out.outcome.data_note == "");
  CHECK(out.outcome.bad_rows.empty());
}

std::map<std::string, double> published(const fs::path& folder) {
  std::ifstream in(folder / "published.json");
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  auto parsed = parse_json(text);
  REQUIRE(parsed.ok());
  std::map<std::string, double> out;
  for (const Json& row : *parsed) out[row["Model"].get<std::string>()] = std::stod(row["Acc"].get<std::string>());
  return out;
}

std::vector<std::string> split_commas(std::string_view line) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t comma = line.find(',');
    out.emplace_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    line.remove_prefix(comma + 1);
  }
}

// model -> sample key -> right or not, as computed independently.
std::map<std::string, std::map<std::string, bool>> read_matrix(const fs::path& path) {
  auto reader = LineReader::open(path);
  REQUIRE(reader.ok());
  std::map<std::string, std::map<std::string, bool>> out;
  std::vector<std::string> header;
  while (true) {
    auto line = reader->next();
    REQUIRE(line.ok());
    if (!*line) return out;
    const std::vector<std::string> cells = split_commas(**line);
    if (header.empty()) {
      header = cells;
      continue;
    }
    REQUIRE(cells.size() == header.size());
    for (std::size_t i = 1; i < cells.size(); ++i) out[header[i]][cells[0]] = cells[i] == "1";
  }
}

// Compares every stored item with the matrix; prints and returns the share that agrees.
double agreement(Imported& imported, const fs::path& matrix_path) {
  const auto matrix = read_matrix(matrix_path);
  Selection selection;
  selection.run_ids = {imported.outcome.run_id};
  auto input = imported.store->items(selection);
  REQUIRE(input.ok());
  std::map<std::string, std::pair<int, int>> counts;  // items, equal ones
  std::vector<ItemRow> page;
  for (bool more = true; more;) {
    auto next = input->next_page(page);
    REQUIRE(next.ok());
    more = *next;
    for (const ItemRow& item : page) {
      const auto model = matrix.find(item.model);
      if (model == matrix.end()) continue;
      const auto cell = model->second.find(item.sample_key);
      REQUIRE(cell != model->second.end());
      auto& [items, equal] = counts[item.model];
      ++items;
      const bool same = (item.outcome == Outcome::correct) == cell->second;
      equal += same ? 1 : 0;
      if (!same) {
        std::cout << "  differs: " << item.model << " " << item.sample_key << " " << name(item.outcome) << " by "
                  << item.rule << ", extracted " << dump_json(Json(item.extracted.substr(0, 80))) << "\n";
      }
    }
  }
  int items = 0;
  int equal = 0;
  for (const auto& [model, pair] : counts) {
    std::cout << format("  {:<32} {} of {} items equal\n", model, pair.second, pair.first);
    items += pair.first;
    equal += pair.second;
  }
  REQUIRE(items > 0);
  return static_cast<double>(equal) / items;
}

}  // namespace

TEST_CASE("recorded GSM8K answers score as published, within 0.20 points") {
  const std::vector<fs::path> files = recorded("gsm");
  if (files.empty()) return;
  Imported imported;
  import(imported, files, "math/gsm8k");
  const auto expected = published(files[0].parent_path());
  Selection selection;
  selection.run_ids = {imported.outcome.run_id};
  auto board = imported.store->leaderboard(selection);
  REQUIRE(board.ok());
  REQUIRE(board->size() == files.size());
  std::size_t compared = 0;
  for (const LeaderboardRow& row : *board) {
    CHECK(row.planned == 1319);
    std::uint64_t scored = 0;
    for (std::size_t o = 1; o <= kOutcomeCount; ++o) {
      if (is_scored(static_cast<Outcome>(o))) scored += row.outcomes[o];
    }
    CHECK(scored == 1319);
    const double accuracy = 100 * row.value_sum / static_cast<double>(scored);
    const auto figure = expected.find(row.model);
    std::cout << format("  {:<32} {:6.2f}  published {}\n", row.model, accuracy,
                        figure == expected.end() ? "-" : format("{:.2f}", figure->second));
    if (figure == expected.end()) continue;
    ++compared;
    CHECK(std::abs(accuracy - figure->second) <= 0.20);
  }
  CHECK(compared >= 5);
  for (const ImportedFile& file : imported.outcome.files) CHECK(file.by_id == 1319);
  CHECK(agreement(imported, data_dir() / "stats" / "matrix_gsm.csv.gz") >= 0.999);
}

TEST_CASE("recorded CRUXEval answers score item by item as computed independently") {
  const std::vector<fs::path> files = recorded("crux");
  if (files.empty()) return;
  Imported imported;
  import(imported, files, "coding/cruxeval-o");
  for (const ImportedFile& file : imported.outcome.files) CHECK(file.by_id == 800);
  CHECK(agreement(imported, data_dir() / "stats" / "matrix_crux.csv.gz") >= 0.999);
}

TEST_CASE("recorded MATH answers match questions that the task holds and bring the others") {
  const std::vector<fs::path> files = recorded("math-l5");
  if (files.empty()) return;
  Imported imported;
  import(imported, files, "math/math500");
  for (const ImportedFile& file : imported.outcome.files) {
    std::cout << format("  {:<32} by id {}, by question {}, from the file {}\n", file.model, file.by_id,
                        file.by_question, file.from_row);
    CHECK(file.by_id == 0);
    CHECK(file.by_question > 50);
    CHECK(file.by_question + file.from_row == 721);
  }
}
