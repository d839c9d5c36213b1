// Prints the rows of a statement as a table, CSV or JSON. Internal to harness/store.
#pragma once

#include <iosfwd>
#include <memory>

#include "harness/store/sql_shell.h"

struct sqlite3_stmt;

namespace assay {

// Order: made before the first row, row() for each, end() once, unless the statement failed.
class SqlPrinter {
 public:
  virtual ~SqlPrinter() = default;
  virtual void row(sqlite3_stmt*) = 0;
  virtual void end() = 0;
};

std::unique_ptr<SqlPrinter> make_sql_printer(SqlFormat, std::ostream&, sqlite3_stmt*);

}  // namespace assay
