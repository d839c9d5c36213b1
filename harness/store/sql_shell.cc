#include "harness/store/sql_shell.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <istream>
#include <ostream>
#include <string>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/store/open.h"
#include "harness/store/sql_printer.h"

namespace assay {
namespace {

int authorize(void*, int action, const char* first, const char* second, const char*, const char*) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_FUNCTION: return second && sqlite3_stricmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA: {
      // With an argument most pragmas set something; these only describe.
      constexpr std::array<const char*, 8> kReading = {"table_info", "table_xinfo", "table_list", "index_list",
                                                       "index_info", "index_xinfo", "foreign_key_list", "user_version"};
      const bool describes = std::any_of(kReading.begin(), kReading.end(), [&](const char* p) { return sqlite3_stricmp(first, p) == 0; });
      return describes && (second == nullptr || sqlite3_stricmp(first, "user_version") != 0) ? SQLITE_OK : SQLITE_DENY;
    }
    default: return SQLITE_DENY;
  }
}

struct Finalize {
  void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};

constexpr std::string_view kTables =
    "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%' ORDER BY type DESC, name";
constexpr std::string_view kSchema = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid";

}  // namespace

std::optional<SqlFormat> sql_format_from_name(std::string_view name) {
  if (name == "table") return SqlFormat::table;
  if (name == "csv") return SqlFormat::csv;
  if (name == "json") return SqlFormat::json;
  return std::nullopt;
}

struct SqlShell::Impl {
  std::unique_ptr<Db> db;

  Error failed(int rc) const {
    // A denied action reads "not authorized", which does not say why.
    const std::string what = rc == SQLITE_AUTH ? "only queries are allowed here (the database is open for reading)"
                                               : printable(sqlite3_errmsg(db->raw()));
    return invalid(format("sql: {}", what));
  }
};

SqlShell::SqlShell(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqlShell::~SqlShell() = default;

Result<std::unique_ptr<SqlShell>> SqlShell::open(const std::filesystem::path& database) {
  auto opened = open_database(database, StoreMode::read_only, {});
  if (!opened) return opened.error();
  auto impl = std::make_unique<Impl>();
  impl->db = std::move(opened->db);
  if (auto r = impl->db->exec("PRAGMA query_only = 1"); !r) return r.error();
  sqlite3_set_authorizer(impl->db->raw(), &authorize, nullptr);
  return std::unique_ptr<SqlShell>(new SqlShell(std::move(impl)));
}

Result<void> SqlShell::run(std::string_view text, std::ostream& out, SqlFormat format) {
  const std::string sql(text);
  if (sql.find('\0') != std::string::npos) return invalid("sql: the statement holds a NUL byte");
  const char* rest = sql.c_str();
  while (*rest != '\0') {
    sqlite3_stmt* raw = nullptr;
    const int rc = sqlite3_prepare_v2(impl_->db->raw(), rest, -1, &raw, &rest);
    const std::unique_ptr<sqlite3_stmt, Finalize> statement(raw);
    if (rc != SQLITE_OK) return impl_->failed(rc);
    if (!statement) continue;  // white space or a comment
    if (sqlite3_bind_parameter_count(raw) > 0) return invalid("sql: parameters (?) have no value here");
    const auto printer = make_sql_printer(format, out, raw);
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(raw)) == SQLITE_ROW) printer->row(raw);
    if (step != SQLITE_DONE) return impl_->failed(step);
    printer->end();
    if (!out) return invalid("sql: the output cannot be written");
  }
  return {};
}

void SqlShell::interact(std::istream& in, std::ostream& out, std::ostream& errors, SqlFormat format, bool prompt) {
  std::string statement;
  std::string line;
  const auto ask = [&] {
    if (prompt) out << (statement.empty() ? "assay> " : "   ...> ") << std::flush;
  };
  for (ask(); std::getline(in, line); ask()) {
    if (statement.empty() && line.starts_with(".")) {
      if (line == ".quit" || line == ".exit") return;
      const std::string_view sql = line == ".tables" ? kTables : line == ".schema" ? kSchema : std::string_view();
      if (sql.empty()) {
        errors << "sql: unknown command; there are .tables, .schema and .quit\n";
      } else if (auto r = run(sql, out, format); !r) {
        errors << r.error().message << '\n';
      }
      continue;
    }
    statement += line + '\n';
    if (statement.find_first_not_of(" \t\r\n") == std::string::npos) statement.clear();
    if (statement.empty() || !sqlite3_complete(statement.c_str())) continue;
    if (auto r = run(statement, out, format); !r) errors << r.error().message << '\n';
    statement.clear();
  }
  // The last statement may lack its semicolon.
  if (statement.find_first_not_of(" \t\r\n") == std::string::npos) return;
  if (auto r = run(statement, out, format); !r) errors << r.error().message << '\n';
}

Result<void> run_sql(const std::filesystem::path& database, std::string_view text, std::ostream& out, SqlFormat format) {
  auto shell = SqlShell::open(database);
  if (!shell) return shell.error();
  return (*shell)->run(text, out, format);
}

}  // namespace assay
