#include "harness/store/sql_printer.h"

#include <sqlite3.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr std::size_t kTableRows = 200;    // rows looked at for the width of the columns
constexpr std::size_t kWidestColumn = 60;  // columns of a terminal for one cell of a table

std::string cell_text(sqlite3_stmt* statement, int column) {
  if (sqlite3_column_type(statement, column) == SQLITE_NULL) return "";
  if (sqlite3_column_type(statement, column) == SQLITE_BLOB) {
    const auto* data = static_cast<const unsigned char*>(sqlite3_column_blob(statement, column));
    const int size = sqlite3_column_bytes(statement, column);
    std::string hex = "x'";
    for (int i = 0; i < std::min(size, 64); ++i) hex += format("{:02x}", static_cast<unsigned>(data[i]));
    return hex + (size > 64 ? format("… {} bytes'", size) : "'");
  }
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return text ? std::string(text, size) : std::string();
}

class TablePrinter : public SqlPrinter {
 public:
  TablePrinter(std::ostream& out, sqlite3_stmt* statement) : out_(out) {
    std::vector<std::string> names;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) names.push_back(printable(sqlite3_column_name(statement, i)));
    held_.push_back(std::move(names));
  }
  void row(sqlite3_stmt* statement) override {
    std::vector<std::string> cells;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) cells.push_back(fit_columns(printable(cell_text(statement, i)), kWidestColumn));
    rows_ += 1;
    if (!widths_.empty()) return print(cells);
    held_.push_back(std::move(cells));
    if (held_.size() > kTableRows) print_held();
  }
  void end() override {
    if (widths_.empty()) print_held();
    out_ << (rows_ == 1 ? "(1 row)\n" : format("({} rows)\n", rows_));
  }

 private:
  void print_held() {
    widths_.assign(held_[0].size(), 0);
    for (const auto& cells : held_) {
      for (std::size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], display_width(cells[i]));
    }
    print(held_[0]);
    std::string line;
    for (std::size_t i = 0; i < widths_.size(); ++i) line += std::string(widths_[i], '-') + (i + 1 < widths_.size() ? "  " : "");
    out_ << line << '\n';
    for (std::size_t i = 1; i < held_.size(); ++i) print(held_[i]);
    held_.clear();
  }
  void print(const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      line += cells[i];
      if (i + 1 == cells.size()) break;
      const std::size_t used = display_width(cells[i]);
      line += std::string(widths_[i] > used ? widths_[i] - used + 2 : 2, ' ');
    }
    out_ << line << '\n';
  }

  std::ostream& out_;
  std::vector<std::vector<std::string>> held_;  // the head, then the first rows
  std::vector<std::size_t> widths_;
  std::uint64_t rows_ = 0;
};

class CsvPrinter : public SqlPrinter {
 public:
  CsvPrinter(std::ostream& out, sqlite3_stmt* statement) : out_(out) {
    for (int i = 0; i < sqlite3_column_count(statement); ++i) field(i, sqlite3_column_name(statement, i));
    out_ << '\n';
  }
  void row(sqlite3_stmt* statement) override {
    for (int i = 0; i < sqlite3_column_count(statement); ++i) field(i, cell_text(statement, i));
    out_ << '\n';
  }
  void end() override {}

 private:
  void field(int i, std::string_view text) {
    if (i > 0) out_ << ',';
    const std::string safe = printable(text);
    if (safe.find_first_of(",\"") == std::string::npos) {
      out_ << safe;
      return;
    }
    out_ << '"';
    for (const char c : safe) {
      if (c == '"') out_ << '"';
      out_ << c;
    }
    out_ << '"';
  }
  std::ostream& out_;
};

class JsonPrinter : public SqlPrinter {
 public:
  JsonPrinter(std::ostream& out, sqlite3_stmt*) : out_(out) { out_ << '['; }
  void row(sqlite3_stmt* statement) override {
    out_ << (first_ ? "\n" : ",\n") << '{';
    first_ = false;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      out_ << (i ? "," : "") << ascii(sqlite3_column_name(statement, i)) << ':' << value(statement, i);
    }
    out_ << '}';
  }
  void end() override { out_ << "\n]\n"; }

 private:
  // Everything but plain ASCII as \u escapes: no control character of any kind is left.
  static std::string ascii(const std::string& text) {
    return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
  }
  static std::string value(sqlite3_stmt* statement, int i) {
    switch (sqlite3_column_type(statement, i)) {
      case SQLITE_NULL: return "null";
      case SQLITE_INTEGER: return std::to_string(sqlite3_column_int64(statement, i));
      case SQLITE_FLOAT: return dump_json(Json(sqlite3_column_double(statement, i)));
      default: return ascii(cell_text(statement, i));
    }
  }
  std::ostream& out_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<SqlPrinter> make_sql_printer(SqlFormat format, std::ostream& out, sqlite3_stmt* statement) {
  switch (format) {
    case SqlFormat::csv: return std::make_unique<CsvPrinter>(out, statement);
    case SqlFormat::json: return std::make_unique<JsonPrinter>(out, statement);
    default: return std::make_unique<TablePrinter>(out, statement);
  }
}

}  // namespace assay
