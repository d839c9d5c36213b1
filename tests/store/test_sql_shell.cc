#include <sstream>

#include "harness/store/sql_shell.h"
#include "tests/store/fixtures.h"

namespace assay {
namespace {

std::filesystem::path sample_database(const TempDir& dir) {
  const auto path = dir / "s.db";
  auto store = open_store(path);
  const RunRecord run = run_record();
  REQUIRE(store->begin_run(run).ok());
  const auto entry = store->add_entry(entry_record(run.run_id, "m\x1b[31m\nx", "math/t", 4));
  REQUIRE(entry.ok());
  put_attempt(*store, *entry, 0, 0, Outcome::correct, 1);
  put_attempt(*store, *entry, 1, 0, Outcome::incorrect, 0);
  AttemptResult failed;
  failed.outcome = Outcome::error;
  failed.error = "no answer from the server";
  store->finish_attempt({*entry, 2, 0}, sample_of(2), failed, {});
  CallRecord call = call_record(3, 0, "<think>" + std::string(900, 't') + "</think>the end");
  call.response.split.trace = std::string(900, 't');
  call.response.split.answer = "the end";
  store->add_call({*entry, 3, 0}, sample_of(3), call, {});
  AttemptResult partial = result_of(Outcome::partial, 0.5);
  store->finish_attempt({*entry, 3, 0}, sample_of(3), partial, {});
  REQUIRE(store->flush().ok());
  return path;
}

std::string query(const std::filesystem::path& path, const std::string& sql, SqlFormat format = SqlFormat::csv) {
  std::ostringstream out;
  const auto r = run_sql(path, sql, out, format);
  return r ? out.str() : "error: " + r.error().message;
}

TEST_CASE("the views show results in words and texts in full") {
  TempDir dir;
  const auto path = sample_database(dir);
  CHECK(query(path, "SELECT task, scorer, planned, finished, scored, correct, partial, error, accuracy_low, accuracy_high, "
                    "calls, output_tokens FROM v_leaderboard") ==
        "task,scorer,planned,finished,scored,correct,partial,error,accuracy_low,accuracy_high,calls,output_tokens\n"
        "math/t,numeric,4,4,3,1,1,1,0.375,0.625,3,30\n");
  CHECK(query(path, "SELECT sample_key, outcome, value, answer, error FROM v_attempts ORDER BY sample_key") ==
        "sample_key,outcome,value,answer,error\n"
        "s-0,correct,1.0,the answer,\n"
        "s-1,incorrect,0.0,the answer,\n"
        "s-2,error,0.0,,no answer from the server\n"
        "s-3,partial,0.5,the end,\n");
  CHECK(query(path, "SELECT length(trace), answer, status, kind, finish, json_extract(request, '$.messages[0].content') AS asked "
                    "FROM v_calls WHERE sample_key = 's-3'") ==
        "length(trace),answer,status,kind,finish,asked\n900,the end,ok,answer,stop,what is 3?\n");
  CHECK(query(path, "SELECT json_extract(sample, '$.targets[0]') AS target FROM v_attempts WHERE sample_key = 's-3'") ==
        "target\n3\n");
}

TEST_CASE("control characters never reach the terminal") {
  TempDir dir;
  const auto path = sample_database(dir);
  for (const SqlFormat format : {SqlFormat::table, SqlFormat::csv, SqlFormat::json}) {
    const std::string out = query(path, "SELECT name, char(155) || char(127) AS c1 FROM model", format);
    INFO(out);
    CHECK(out.find('\x1b') == std::string::npos);
    CHECK(out.find('\x7f') == std::string::npos);
    CHECK(out.find("\xc2\x9b") == std::string::npos);
    CHECK(out.find("[31m") != std::string::npos);
  }
}

TEST_CASE("rows print as a table, CSV and JSON") {
  TempDir dir;
  const auto path = sample_database(dir);
  const std::string sql = "SELECT 1 AS one, NULL AS none, 'a,\"b\"' AS text, x'00ff' AS bytes, 0.5 AS half";
  CHECK(query(path, sql, SqlFormat::csv) == "one,none,text,bytes,half\n1,,\"a,\"\"b\"\"\",x'00ff',0.5\n");
  CHECK(query(path, sql, SqlFormat::json) ==
        "[\n{\"one\":1,\"none\":null,\"text\":\"a,\\\"b\\\"\",\"bytes\":\"x'00ff'\",\"half\":0.5}\n]\n");
  CHECK(query(path, "SELECT 'long' AS a, 2 AS b UNION ALL SELECT 'x', 33", SqlFormat::table) ==
        "a     b\n----  --\nlong  2\nx     33\n(2 rows)\n");
  CHECK(query(path, "SELECT 1 WHERE 0", SqlFormat::json) == "[\n]\n");
  CHECK(sql_format_from_name("csv") == SqlFormat::csv);
  CHECK_FALSE(sql_format_from_name("xml").has_value());
}

TEST_CASE("nothing can be changed from the shell") {
  TempDir dir;
  const auto path = sample_database(dir);
  const auto other = (dir / "other.db").string();
  for (const std::string& sql :
       {std::string("DELETE FROM run"), std::string("UPDATE run SET suite = 'x'"), std::string("DROP TABLE score"),
        std::string("INSERT INTO task (name, version) VALUES ('x', 1)"), std::string("CREATE TEMP TABLE t (x)"),
        "ATTACH '" + other + "' AS o", std::string("SELECT load_extension('x')"), std::string("PRAGMA query_only = 0"),
        std::string("PRAGMA journal_mode = DELETE"), std::string("PRAGMA user_version = 9"),
        "VACUUM INTO '" + other + "'", std::string("BEGIN IMMEDIATE"), std::string("SELECT 1; DELETE FROM run")}) {
    INFO(sql);
    const std::string out = query(path, sql);
    CHECK(out.find("error: sql: ") != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(other));
  CHECK(query(path, "SELECT count(*) AS n FROM run") == "n\n1\n");
  CHECK(query(path, "SELECT * FROM nowhere") == "error: sql: no such table: nowhere");
  CHECK(query(path, "SELECT ?") == "error: sql: parameters (?) have no value here");
}

TEST_CASE("the interactive shell reads statements over several lines") {
  TempDir dir;
  auto shell = SqlShell::open(sample_database(dir));
  REQUIRE(shell.ok());
  std::istringstream in("SELECT 1\n  AS a;\nbroken;\n.tables\n.what\nSELECT 'x;y' AS b");
  std::ostringstream out, errors;
  (*shell)->interact(in, out, errors, SqlFormat::csv, false);
  CHECK(out.str().starts_with("a\n1\n"));
  CHECK(out.str().find("v_leaderboard,view") != std::string::npos);
  CHECK(out.str().ends_with("b\nx;y\n"));
  CHECK(errors.str().find("near \"broken\": syntax error") != std::string::npos);
  CHECK(errors.str().find(".quit") != std::string::npos);
}

}  // namespace
}  // namespace assay
