#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <ostream>
#include <set>
#include <sstream>
#include <streambuf>

#include "harness/api/catalog.h"
#include "harness/base/json.h"
#include "harness/base/utf8.h"
#include "reports/results_view.h"
#include "tests/reports/inputs.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

const ReportEntry& entry(const std::string& id) {
  for (const ReportEntry& e : report_catalog()) {
    if (e.id == id) return e;
  }
  FAIL("no report " << id);
  return report_catalog().front();
}

std::string written(const std::string& id, const ReportInput& input, const ReportOptions& options = {}) {
  std::ostringstream out;
  REQUIRE(entry(id).make(options)->write(input, out).ok());
  return out.str();
}

Json json_of(const ReportInput& input) {
  const Result<Json> parsed = parse_json(written("json", input));
  REQUIRE(parsed.ok());
  return *parsed;
}

// RFC 4180, strictly: records end in CR LF, a quote stands only around a field or doubled in one.
std::vector<std::vector<std::string>> csv_records(const std::string& text) {
  std::vector<std::vector<std::string>> records;
  std::vector<std::string> record(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        record.back() += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        record.back() += '"';
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      REQUIRE(record.back().empty());
      quoted = true;
    } else if (c == ',') {
      record.emplace_back();
    } else if (c == '\r') {
      REQUIRE(text.compare(i, 2, "\r\n") == 0);
      ++i;
      records.push_back(record);
      record.assign(1, "");
    } else {
      REQUIRE(c != '\n');
      record.back() += c;
    }
  }
  REQUIRE_FALSE(quoted);
  return records;
}

// Cells of a GitHub table line: split at pipes that no backslash escapes.
std::size_t markdown_cells(const std::string& line) {
  std::size_t pipes = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') ++i;
    else if (line[i] == '|') ++pipes;
  }
  return pipes - 1;
}

void collect_keys(const Json& value, std::set<std::string>& keys) {
  if (value.is_object()) {
    for (const auto& item : value.items()) keys.insert(item.key());
  }
  if (value.is_structured()) {
    for (const Json& inner : value) collect_keys(inner, keys);
  }
}

class FullDisk : public std::streambuf {
 protected:
  int overflow(int) override { return traits_type::eof(); }
  std::streamsize xsputn(const char*, std::streamsize) override { return 0; }
};

}  // namespace

TEST_CASE("every CSV record has the header's fields, and no cell of others is a formula") {
  std::vector<std::string> texts = {written("csv", paged(approved_items(), 3))};
  for (const NamedResults& named : approved_results()) texts.push_back(written("csv", named.input));
  for (const std::string& text : texts) {
    const auto records = csv_records(text);
    REQUIRE_FALSE(records.empty());
    for (const auto& record : records) {
      CHECK(record.size() == records.front().size());
      for (const std::string& field : record) {
        if (!field.empty()) CHECK(std::string("=+-@\t").find(field[0]) == std::string::npos);
      }
    }
  }
}

TEST_CASE("a CSV name that looks like a formula gets an apostrophe, a number of ours does not") {
  struct Row { std::string name; std::string cell; };
  const Row rows[] = {{"=1", "'=1"}, {"+1", "'+1"}, {"-1", "'-1"}, {"@x", "'@x"}, {"\t=1", "'\t=1"},
                      {"\xEF\xBC\x9D" "1", "'\xEF\xBC\x9D" "1"}, {"a,b", "a,b"}, {"q\"q", "q\"q"}, {"1=1", "1=1"},
                      {"\x1b[1m", "\\x1b[1m"}, {"two\nlines", "two\nlines"}};
  for (const Row& row : rows) {
    ResultsInput in;
    in.rows = {plain_row(row.name, "t", 1, 0)};
    in.rows[0].cost_pico.sum = -1'500'000'000'000;
    const auto records = csv_records(written("csv", in));
    REQUIRE(records.size() == 2);
    CHECK(records[1][1] == row.cell);
    const auto cost = std::find(records[0].begin(), records[0].end(), "cost_usd");
    REQUIRE(cost != records[0].end());
    CHECK(records[1][static_cast<std::size_t>(cost - records[0].begin())] == "-1.5");
  }
}

TEST_CASE("every line of a Markdown table has the header's cells") {
  std::vector<std::string> texts = {written("markdown", paged(approved_items(), 3))};
  for (const NamedResults& named : approved_results()) texts.push_back(written("markdown", named.input));
  for (const std::string& text : texts) {
    std::istringstream lines(text);
    std::size_t cells = 0;
    for (std::string line; std::getline(lines, line);) {
      CHECK(line.find('<') == std::string::npos);
      if (line.empty() || line[0] != '|') {
        cells = 0;
        continue;
      }
      if (cells == 0) cells = markdown_cells(line);
      CHECK(markdown_cells(line) == cells);
    }
  }
}

TEST_CASE("no control byte of anybody else reaches a terminal in any format") {
  for (const ReportEntry& e : report_catalog()) {
    std::string text = written(e.id, results_named("nasty")) + written(e.id, paged(approved_items(), 4));
    text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }), text.end());
    INFO(e.id);
    CHECK(printable(text) == text);
  }
}

TEST_CASE("table lines fit the terminal, and no figure is lost") {
  for (const NamedResults& named : approved_results()) {
    ReportOptions narrow;
    narrow.width = 60;
    const std::string table = written("table", named.input, narrow);
    // Every figure of the wide table stands in the narrow one, as often.
    std::istringstream wide(written("table", named.input));
    std::map<std::string, int> figures;
    for (std::string word; wide >> word;) {
      if (word.find_first_of("0123456789") == 0) --figures[word];
    }
    std::istringstream words(table);
    for (std::string word; words >> word;) {
      if (word.find_first_of("0123456789") == 0) ++figures[word];
    }
    for (const auto& figure : figures) {
      INFO(named.name << ": " << figure.first);
      CHECK((figure.second >= 0 || figure.first.find("01JD") == 0));
    }
    std::istringstream text(table);
    for (std::string line; std::getline(text, line);) {
      // Titles and notes are prose.
      const bool prose = line.find("scored by") != std::string::npos || line.find(". ") != std::string::npos ||
                         (!line.empty() && line.back() == '.') || line.find("overall:") == 0;
      INFO(named.name << ": " << line);
      if (!prose) CHECK(display_width(line) <= 60);
      CHECK((line.empty() || line.back() != ' '));
    }
  }
}

TEST_CASE("equal runs differ in run_info alone") {
  ResultsInput one = results_named("incomplete");
  ResultsInput two = one;
  for (RunInfo& run : two.runs) {
    run.run_id = "01JZZZZZZZZZZZZZZZZZZZZZZZ";
    run.started += 1;
    run.finished = 1864000123000000;
    run.host = "other";
    run.command = "assay run --resume";
  }
  for (LeaderboardRow& row : two.rows) {
    row.run_id = two.runs[0].run_id;
    row.wall_seconds *= 2;
    row.call_seconds *= 3;
  }
  Json left = json_of(one);
  Json right = json_of(two);
  CHECK(left != right);
  left.erase("run_info");
  right.erase("run_info");
  CHECK(dump_json(left) == dump_json(right));

  std::vector<ItemRow> items = approved_items();
  Json first = json_of(paged(items, 4));
  for (ItemRow& item : items) item.run_id = "01JZZZZZZZZZZZZZZZZZZZZZZZ";
  Json second = json_of(paged(items, 100));
  CHECK(first != second);
  first.erase("run_info");
  second.erase("run_info");
  CHECK(dump_json(first) == dump_json(second));
}

TEST_CASE("unknown is null and never 0, and no figure is NaN") {
  ResultsInput in = results_named("complete");
  const Json row = json_of(in).at("rows").at(0);
  CHECK(row.at("cost_usd").is_null());
  CHECK(row.at("cost_complete") == false);
  for (const char* kind : {"input", "output", "reasoning"}) CHECK(row.at("tokens").at(kind).is_null());
  CHECK(row.at("accuracy") == Approx(681.0 / 1319));

  in.rows = {LeaderboardRow{}};
  in.rows[0].wall_seconds = in.rows[0].call_seconds = std::numeric_limits<double>::quiet_NaN();
  for (const ReportEntry& e : report_catalog()) {
    std::string text = written(e.id, in);
    if (text.find("run_info") != std::string::npos) text.erase(text.find("run_info"), 8);
    CHECK(text.find("nan") == std::string::npos);
    CHECK(text.find("inf") == std::string::npos);
  }
  const Json empty = json_of(in).at("rows").at(0);
  CHECK(empty.at("accuracy").is_null());
  CHECK(empty.at("bounds").is_null());
}

TEST_CASE("every key of the JSON is documented") {
  std::ifstream file(std::filesystem::path(ASSAY_SOURCE_DIR) / "docs/report-json.md");
  REQUIRE(file.good());
  std::stringstream doc;
  doc << file.rdbuf();
  std::set<std::string> keys;
  for (const NamedResults& named : approved_results()) collect_keys(json_of(named.input), keys);
  collect_keys(json_of(paged(approved_items(), 5)), keys);
  CHECK(keys.size() > 50);
  for (const std::string& key : keys) {
    INFO(key);
    const bool found = doc.str().find("`" + key + "`") != std::string::npos ||
                       doc.str().find("." + key + "`") != std::string::npos;
    CHECK(found);
  }
}

TEST_CASE("where the bounds are more than a point apart there is no headline unless allowed") {
  ResultsInput in;
  in.rows = {plain_row("m", "t", 90, 8, 2)};
  CHECK(ResultsView(in).incomplete());
  Json row = json_of(in).at("rows").at(0);
  CHECK(row.at("accuracy").is_null());
  CHECK(row.at("interval").is_null());
  CHECK(row.at("bounds").at("low") == 0.9);
  CHECK(row.at("bounds").at("high") == 0.92);
  CHECK(row.at("incomplete") == true);
  CHECK(written("table", in).find("90.00–92.00 %") != std::string::npos);

  in.allow_incomplete = true;
  CHECK_FALSE(ResultsView(in).incomplete());
  row = json_of(in).at("rows").at(0);
  CHECK(row.at("accuracy") == Approx(90.0 / 98));
  CHECK(row.at("incomplete") == true);

  in.allow_incomplete = false;
  in.rows = {plain_row("m", "t", 90, 9, 1)};
  CHECK_FALSE(ResultsView(in).incomplete());
  CHECK(json_of(in).at("rows").at(0).at("accuracy") == Approx(90.0 / 99));
}

TEST_CASE("overall counts each task once and only models that have all of them") {
  ResultsInput in;
  in.rows = {plain_row("both", "big", 900, 100), plain_row("both", "small", 1, 9), plain_row("one", "big", 999, 1)};
  const ResultsView view(in);
  REQUIRE(view.overall().size() == 2);
  CHECK(view.overall()[0].model == "both");
  CHECK(view.overall()[0].accuracy == Approx(0.5));
  CHECK(view.overall()[0].scored == 1010);
  CHECK(view.overall()[1].tasks == 1);
  CHECK(view.overall()[1].tasks_total == 2);
  CHECK_FALSE(view.overall()[1].accuracy);
  CHECK_FALSE(view.overall()[1].bounds);
}

TEST_CASE("overall leaves further scorers out, keeps task versions apart and takes the latest run") {
  ResultsInput in;
  LeaderboardRow further = plain_row("m", "a", 0, 100);
  further.scorer = "trace";
  further.primary = false;
  LeaderboardRow old = plain_row("m", "b", 0, 100);
  old.run_id = "01A";
  LeaderboardRow fresh = plain_row("m", "b", 100, 0);
  fresh.run_id = "01B";
  in.rows = {plain_row("m", "a", 50, 50), further, fresh, old};
  {
    const ResultsView view(in);
    REQUIRE(view.overall().size() == 1);
    CHECK(view.overall()[0].tasks_total == 2);
    CHECK(view.overall()[0].accuracy == Approx(0.75));
    CHECK(view.superseded_runs());
    REQUIRE(view.sections().size() == 3);
    CHECK(view.sections()[2].show_run);
    CHECK_FALSE(view.sections()[0].show_run);
  }
  in.rows[3].task_version = 2;
  const ResultsView apart(in);
  CHECK(apart.overall()[0].tasks_total == 3);
  CHECK_FALSE(apart.sections()[2].show_run);
}

TEST_CASE("lines stand best first, then by name; those without a headline last") {
  ResultsInput in;
  in.rows = {plain_row("a", "t", 50, 50), plain_row("b", "t", 60, 40), plain_row("c", "t", 60, 40),
             plain_row("cut", "t", 99, 0, 50), plain_row("none", "t", 0, 0, 10)};
  const ResultsView view(in);
  std::string order;
  for (const EntryView& e : view.sections().at(0).entries) order += e.row->model + " ";
  CHECK(order == "b c a cut none ");
}

TEST_CASE("short run ids tell the runs apart") {
  ResultsInput in;
  in.rows = {plain_row("m", "t", 1, 0), plain_row("m", "t", 1, 0)};
  in.rows[0].run_id = "01JD3V0Z6A7Q8R9S0T1V2W3X4Y";
  in.rows[1].run_id = "01JD3V0Z6A7Q8R9S0T1V2W3X4Z";
  const ResultsView close(in);
  CHECK(close.short_run_id(in.rows[0].run_id) == in.rows[0].run_id);
  in.rows[1].run_id = "01JE3V0Z6A7Q8R9S0T1V2W3X4Z";
  CHECK(ResultsView(in).short_run_id(in.rows[0].run_id) == "01JD3V0Z");
  CHECK(ResultsView(in).short_run_id("x") == "x");
}

TEST_CASE("a report that cannot be written or read whole is an error") {
  FullDisk disk;
  for (const ReportEntry& e : report_catalog()) {
    INFO(e.id);
    std::ostream out(&disk);
    CHECK_FALSE(e.make({})->write(results_named("complete"), out).ok());
    std::ostream items_out(&disk);
    CHECK_FALSE(e.make({})->write(paged(approved_items(), 3), items_out).ok());

    ItemsInput broken;
    int pages = 0;
    broken.next_page = [&pages](std::vector<ItemRow>& page) -> Result<bool> {
      if (++pages > 1) return Error{Code::corrupt, "page 2 is damaged"};
      page = approved_items();
      return true;
    };
    std::ostringstream text;
    const Result<void> result = e.make({})->write(broken, text);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == Code::corrupt);
  }
}

TEST_CASE("items are written as they are read: pages do not show") {
  for (const char* id : {"csv", "json", "markdown"}) {
    CHECK(written(id, paged(approved_items(), 1)) == written(id, paged(approved_items(), 1000)));
  }
  CHECK(json_of(paged({}, 10)).at("items").empty());
}
