// Recorded answers to MATH level 5 beside the published accuracies. The published scorer compares the first number of the
// answer with that of the expected one; every difference must come from that.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/line_reader.h"
#include "harness/run/import/import.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace assay;
namespace fs = std::filesystem;

namespace {

fs::path folder() {
  const char* named = std::getenv("ASSAY_DATA");
  const fs::path data = named != nullptr && *named != '\0' ? fs::path(named) : fs::path(ASSAY_SOURCE_DIR) / ".." / "shared" / "data";
  return data / "recorded" / "zeroeval" / "math-l5";
}

// The first number of a text, its commas aside; empty where there is none.
std::string first_number(const std::string& text) {
  std::string plain;
  for (const char c : text) {
    if (c != ',' && c != '$') plain += c;
  }
  const std::size_t digit = plain.find_first_of("0123456789");
  if (digit == std::string::npos) return {};
  const bool minus = digit > 0 && plain[digit - 1] == '-';
  std::size_t end = plain.find_first_not_of("0123456789", digit);
  if (end != std::string::npos && plain[end] == '.' && end + 1 < plain.size() && std::isdigit(static_cast<unsigned char>(plain[end + 1])) != 0) {
    end = plain.find_first_not_of("0123456789", end + 1);
  }
  const std::size_t begin = minus ? digit - 1 : digit;
  return plain.substr(begin, end == std::string::npos ? end : end - begin);
}

// "102/17" is evaluated before it is compared.
bool is_fraction(const std::string& text) {
  const std::size_t stroke = text.find('/');
  return stroke != std::string::npos && text.find_first_not_of("-0123456789/") == std::string::npos;
}

bool same_number(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && std::strtod(a.c_str(), nullptr) == std::strtod(b.c_str(), nullptr);
}

std::map<std::string, double> published() {
  std::ifstream in(folder() / "published.json");
  auto parsed = parse_json(std::string{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()});
  REQUIRE(parsed.ok());
  std::map<std::string, double> out;
  for (const Json& row : *parsed) out[row["Model"].get<std::string>()] = std::stod(row["Acc"].get<std::string>());
  return out;
}

std::map<std::string, std::string> golds(const fs::path& file) {
  auto reader = JsonlReader::open(file);
  REQUIRE(reader.ok());
  std::map<std::string, std::string> out;
  while (true) {
    auto row = reader->next();
    REQUIRE(row.ok());
    if (!row->has_value()) return out;
    const Json& id = (**row)["id"];
    out[id.is_string() ? id.get<std::string>() : id.dump()] = (**row)["answer"].get<std::string>();
  }
}

struct Counts {
  int items = 0;
  int correct = 0;
  int no_answer = 0;
  int cut = 0;
  int theirs_wrongly = 0;  // the first number alone is right
  int ours_rightly = 0;    // the answer's value is right, its first number is not
};

}  // namespace

TEST_CASE("recorded MATH answers score as published but for what the first number hides") {
  std::vector<fs::path> files;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(folder(), ec)) {
    if (entry.path().extension() == ".gz") files.push_back(entry.path());
  }
  if (files.empty()) {
    WARN("no recorded answers of math-l5; set ASSAY_DATA to check against them");
    return;
  }
  std::sort(files.begin(), files.end());
  const auto expected = golds(files[0]);
  test::TempDir dir;
  auto plugins = catalog_plugins();
  REQUIRE(plugins.ok());
  auto store = Store::open(dir / "test.db", StoreMode::read_write);
  REQUIRE(store.ok());
  ImportOptions options;
  options.files = files;
  options.task = "math/math-l5";
  options.data_dirs = {dir / "data"};
  auto outcome = import_files(options, **store, *plugins);
  if (!outcome) FAIL(outcome.error().message);
  CHECK(outcome->bad_rows.empty());
  CHECK_THAT(outcome->data_note, test::has("each row brings its own question"));

  Selection selection;
  selection.run_ids = {outcome->run_id};
  auto input = (*store)->items(selection);
  REQUIRE(input.ok());
  std::map<std::string, Counts> counts;
  std::vector<ItemRow> page;
  for (bool more = true; more;) {
    auto next = input->next_page(page);
    REQUIRE(next.ok());
    more = *next;
    for (const ItemRow& item : page) {
      Counts& c = counts[item.model];
      const std::string& gold = expected.at(item.sample_key);
      const bool ours = item.outcome == Outcome::correct;
      // In an output that was cut, or is prose all through, the published reader found no answer.
      const bool answer = item.outcome != Outcome::truncated && item.extracted.size() <= 200;
      const bool number = item.extracted == gold || same_number(first_number(item.extracted), first_number(gold));
      const bool theirs = answer && (is_fraction(item.extracted) ? ours : number);
      ++c.items;
      c.correct += ours ? 1 : 0;
      c.no_answer += item.outcome == Outcome::no_answer ? 1 : 0;
      c.cut += item.outcome == Outcome::truncated ? 1 : 0;
      INFO(item.model << " " << item.sample_key << ": " << gold << " | " << item.extracted << " | " << item.explanation);
      CHECK(item.outcome != Outcome::error);
      CHECK(item.outcome != Outcome::unscored);
      // More than a number stands there: that is why the two differ.
      if (ours != theirs) CHECK((first_number(item.extracted) != item.extracted || first_number(gold) != gold));
      c.theirs_wrongly += theirs && !ours ? 1 : 0;
      c.ours_rightly += ours && !theirs ? 1 : 0;
    }
  }
  for (const auto& [model, figure] : published()) {
    const auto found = counts.find(model);
    if (found == counts.end()) continue;
    const Counts& c = found->second;
    const double accuracy = 100.0 * c.correct / c.items;
    std::cout << format("  {:<32} {:6.2f}  published {:6.2f}; right by the first number alone {}, wrong by it {}; no answer {}, cut {}\n",
                        model, accuracy, figure, c.theirs_wrongly, c.ours_rightly, c.no_answer, c.cut);
    CHECK(c.items == 721);
    CHECK(std::abs(accuracy - figure) <= 0.60);
    // Two items a model at most: the published scorer reads the whole answer, and we know the compared part of it.
    CHECK(std::abs(accuracy + 100.0 * (c.theirs_wrongly - c.ours_rightly) / c.items - figure) <= 0.28);
  }
  CHECK(counts.size() == files.size());
}
