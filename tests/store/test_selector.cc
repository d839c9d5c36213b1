#include <fstream>

#include "harness/store/selector.h"
#include "tests/store/fixtures.h"

namespace assay {
namespace {

struct Row {
  const char* text;
  const char* file;
  const char* run;
  std::uint32_t back;
  const char* model;
};

TEST_CASE("selectors name a file, a run and a model") {
  const Row rows[] = {
      {"latest", "", "", 0, ""},
      {"latest~2", "", "", 2, ""},
      {"latest:gpt-4o", "", "", 0, "gpt-4o"},
      {"latest~1:meta-llama/Llama-3.1-8B:free", "", "", 1, "meta-llama/Llama-3.1-8B:free"},
      {"01JD0", "", "01JD0", 0, ""},
      {"01jd0xyz", "", "01JD0XYZ", 0, ""},
      {"01JD0:org/model:v1", "", "01JD0", 0, "org/model:v1"},
      {"old.db", "old.db", "", 0, ""},
      {"/x/y.db", "/x/y.db", "", 0, ""},
      {"/x/y.db#01JD0", "/x/y.db", "01JD0", 0, ""},
      {"y.db#latest~3:m:n", "y.db", "", 3, "m:n"},
      {"y.db:m/n:o", "y.db", "", 0, "m/n:o"},
      {"latest:my.db", "", "", 0, "my.db"},
      {"a.db.db", "a.db.db", "", 0, ""},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const auto s = parse_selector(row.text);
    REQUIRE(s.ok());
    CHECK(s->file.string() == row.file);
    CHECK(s->run == row.run);
    CHECK(s->back == row.back);
    CHECK(s->model == row.model);
  }
}

TEST_CASE("what is not a selector says what one looks like") {
  for (const char* text : {"", "latest~", "latest~x", "latest~-1", "latest1", ":model", "latest:", "y.db:", "y.db#", "a b",
                           "01JD0-x", "0123456789012345678901234567890", "\x1b[31m"}) {
    INFO(text);
    const auto s = parse_selector(text);
    REQUIRE_FALSE(s.ok());
    CHECK(s.error().code == Code::invalid);
    CHECK(s.error().message.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("a file that exists is a file whatever its name") {
  TempDir dir;
  const std::string odd = (dir / "odd:name#1").string();
  std::ofstream(odd) << "x";
  const auto s = parse_selector(odd + ":m:1");
  REQUIRE(s.ok());
  CHECK(s->file.string() == odd);
  CHECK(s->model == "m:1");
}

TEST_CASE("selectors resolve to one run and say what is near when they do not") {
  TempDir dir;
  const auto path = dir / "r.db";
  std::vector<std::string> ids;
  {
    auto store = open_store(path);
    for (int i = 0; i < 3; ++i) {
      RunRecord run = run_record("suite-" + std::to_string(i));
      run.run_id = std::string("01JD0000000000000000000A") + (i == 2 ? "ZZ" : i == 1 ? "BC" : "BB");
      ids.push_back(run.run_id);
      REQUIRE(store->begin_run(run).ok());
      REQUIRE(store->add_entry(entry_record(run.run_id, "org/m:1")).ok());
    }
  }
  const auto resolved = [&](const std::string& text) { return resolve_selector(text, path); };
  CHECK(resolved("latest")->selection.run_ids == std::vector<std::string>{ids[2]});
  CHECK(resolved("latest~2:org/m:1")->selection.run_ids == std::vector<std::string>{ids[0]});
  CHECK(resolved("latest~2:org/m:1")->selection.models == std::vector<std::string>{"org/m:1"});
  CHECK(resolved(ids[1])->selection.run_ids == std::vector<std::string>{ids[1]});
  CHECK(resolved("01jd0000000000000000000az")->selection.run_ids == std::vector<std::string>{ids[2]});
  const auto file = resolve_selector(path.string() + "#" + ids[0] + ":org/m:1", "elsewhere.db");
  REQUIRE(file.ok());
  CHECK(file->file == path);
  CHECK(file->selection.run_ids == std::vector<std::string>{ids[0]});

  const auto message = [&](const std::string& text) { return resolved(text).error().message; };
  CHECK(message("latest~3").find("has 3 runs") != std::string::npos);
  CHECK(message("01JD0000000000000000000AB").find("2 runs begin with") != std::string::npos);
  CHECK(message("01JD0000000000000000000AB").find(ids[1]) != std::string::npos);
  CHECK(message("01JE").find("nearest: 01JD") != std::string::npos);
  CHECK(message("latest:other").find("org/m:1") != std::string::npos);
  CHECK(resolve_selector("latest", dir / "none.db").error().message.find("no such database") != std::string::npos);
}

TEST_CASE("an empty database has no latest run") {
  TempDir dir;
  open_store(dir / "e.db");
  CHECK(resolve_selector("latest", dir / "e.db").error().message.find("holds no run") != std::string::npos);
}

}  // namespace
}  // namespace assay
