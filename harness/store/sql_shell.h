// `assay sql`: the user's own queries, on a connection that cannot change anything.
//
// The connection is read-only, query_only, and an authorizer denies whatever is not a read: ATTACH,
// load_extension, every write, and pragmas that set something. Rows are printed as they come, with
// control characters escaped, so that nothing a model wrote reaches the terminal.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string_view>

#include "harness/base/result.h"

namespace assay {

enum class SqlFormat : std::uint8_t { table, csv, json };  // json: one array of objects a statement
std::optional<SqlFormat> sql_format_from_name(std::string_view);

class SqlShell {
 public:
  // Errors as for Store::open in read_only mode.
  static Result<std::unique_ptr<SqlShell>> open(const std::filesystem::path& database);
  ~SqlShell();
  SqlShell(const SqlShell&) = delete;
  SqlShell& operator=(const SqlShell&) = delete;

  // Runs every statement of `text` in order and prints its rows; stops at the first error, which is
  // Code::invalid with SQLite's words.
  Result<void> run(std::string_view text, std::ostream& out, SqlFormat format);

  // Reads statements, which may span lines and end with a semicolon, until the end of `in`. Errors
  // go to `errors` and the loop goes on. `.tables` and `.schema` list what there is, `.quit` ends.
  // With `prompt`, writes one before each line.
  void interact(std::istream& in, std::ostream& out, std::ostream& errors, SqlFormat format, bool prompt);

 private:
  struct Impl;
  explicit SqlShell(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// One statement list on one database: SqlShell::open and run.
Result<void> run_sql(const std::filesystem::path& database, std::string_view text, std::ostream& out, SqlFormat format);

}  // namespace assay
