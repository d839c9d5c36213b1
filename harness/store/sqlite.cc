#include "harness/store/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "harness/base/format.h"
#include "harness/store/packed_text.h"

namespace assay {
namespace {

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

// A path as a file: URI, with everything escaped that a URI gives a meaning to.
std::string file_uri(const std::filesystem::path& path, const char* query) {
  std::string uri = "file://";  // an empty authority, so that a path may begin with two slashes
  std::string text = std::filesystem::absolute(path).string();
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '%' || c == '?' || c == '#' || u < 0x20) {
      uri += format("%{:02X}", static_cast<unsigned>(u));
    } else {
      uri += c;
    }
  }
  return uri + query;
}

}  // namespace

Result<std::unique_ptr<Db>> Db::open(const std::filesystem::path& path, const DbOptions& options) {
  // SQLite's memory statistics take a global lock at every allocation, and nobody reads them.
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)configured;
  std::unique_ptr<Db> db(new Db);
  db->path_ = path.string();
  db->busy_ms_ = options.busy_ms;
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
  flags |= options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const std::string uri = file_uri(path, options.immutable ? "?immutable=1" : "");
  const int rc = sqlite3_open_v2(uri.c_str(), &db->db_, flags, nullptr);
  if (rc != SQLITE_OK) return db->error(rc);
  sqlite3_extended_result_codes(db->db_, 1);
  sqlite3_busy_handler(db->db_, &Db::wait, db.get());
  sqlite3_db_config(db->db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db->db_, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  sqlite3_db_config(db->db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (const int registered = register_text_functions(db->db_); registered != SQLITE_OK) return db->error(registered);
  return db;
}

Db::~Db() {
  for (const auto& entry : statements_) sqlite3_finalize(entry.second);
  sqlite3_close_v2(db_);
}

// Short sleeps: a group commit of another process takes milliseconds.
int Db::wait(void* self, int count) {
  auto* db = static_cast<Db*>(self);
  const std::int64_t now = steady_ms();
  if (count == 0) db->busy_since_ = now;
  if (now - db->busy_since_ >= db->busy_ms_) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(std::min(1 + count / 8, 10)));
  return 1;
}

Error Db::error(int rc) const {
  const std::string what = db_ ? sqlite3_errmsg(db_) : sqlite3_errstr(rc);
  const auto os_error = [&]() -> std::string {
    const int e = db_ ? sqlite3_system_errno(db_) : 0;
    return e ? format(" ({})", std::strerror(e)) : std::string();
  };
  switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      failed_ = true;
      return {Code::unavailable, format("{}: locked by another process for more than {} s; wait for it or stop it",
                                        path_, static_cast<double>(busy_ms_) / 1000)};
    case SQLITE_NOTADB:
      failed_ = true;
      return invalid(format("{}: not a SQLite database", path_));
    case SQLITE_CORRUPT:
      failed_ = true;
      return {Code::corrupt, format("{}: the database is damaged ({})", path_, what)};
    case SQLITE_FULL:
      failed_ = true;
      return invalid(format("{}: the disk is full; free some space, then resume", path_));
    case SQLITE_READONLY:
      failed_ = true;
      return invalid(format("{}: cannot be written; check the permissions of the file and its folder", path_));
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      failed_ = true;
      return invalid(format("{}: cannot be opened{}", path_, os_error()));
    case SQLITE_IOERR:
      failed_ = true;
      return invalid(format("{}: reading or writing failed{}", path_, os_error()));
    case SQLITE_NOMEM:
      failed_ = true;
      return {Code::internal, format("{}: out of memory", path_)};
    default:
      return {Code::internal, format("{}: {}", path_, what)};
  }
}

Result<void> Db::exec(const char* sql) {
  const int rc = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  if (rc != SQLITE_OK) return error(rc);
  return {};
}

std::int64_t Db::last_id() const { return sqlite3_last_insert_rowid(db_); }
int Db::changes() const { return sqlite3_changes(db_); }

sqlite3_stmt* Db::prepared(const char* sql, int& rc) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return found->second;
  sqlite3_stmt* statement = nullptr;
  rc = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (rc == SQLITE_OK) statements_.emplace(sql, statement);
  return statement;
}

Query::Query(Db& db, const char* sql) : db_(db), statement_(db.prepared(sql, rc_)) {}

Query::~Query() {
  if (statement_) sqlite3_reset(statement_);
}

void Query::again() {
  if (statement_) sqlite3_reset(statement_);
  next_ = 1;
}

Query& Query::integer(std::int64_t value) {
  if (statement_) note(sqlite3_bind_int64(statement_, next_++, value));
  return *this;
}
Query& Query::integer(std::optional<std::int64_t> value) { return value ? integer(*value) : null(); }
Query& Query::real(double value) {
  if (statement_) note(sqlite3_bind_double(statement_, next_++, value));
  return *this;
}
Query& Query::real(std::optional<double> value) { return value ? real(*value) : null(); }
Query& Query::text(std::string_view value) {
  const char* data = value.data() ? value.data() : "";  // a null pointer would bind NULL
  if (statement_) note(sqlite3_bind_text64(statement_, next_++, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}
Query& Query::blob(std::string_view value) {
  const char* data = value.data() ? value.data() : "";
  if (statement_) note(sqlite3_bind_blob64(statement_, next_++, data, value.size(), SQLITE_TRANSIENT));
  return *this;
}
Query& Query::blob_ref(std::string_view value) {
  const char* data = value.data() ? value.data() : "";
  if (statement_) note(sqlite3_bind_blob64(statement_, next_++, data, value.size(), SQLITE_STATIC));
  return *this;
}
Query& Query::null() {
  if (statement_) note(sqlite3_bind_null(statement_, next_++));
  return *this;
}

Result<bool> Query::step() {
  if (rc_ != SQLITE_OK) return db_.error(rc_);
  const int rc = sqlite3_step(statement_);
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) return false;
  return db_.error(rc);
}

Result<void> Query::run() {
  for (;;) {
    const auto row = step();
    if (!row) return row.error();
    if (!*row) return {};
  }
}

std::int64_t Query::integer_at(int column) const { return sqlite3_column_int64(statement_, column); }
double Query::real_at(int column) const { return sqlite3_column_double(statement_, column); }
std::string_view Query::text_at(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return {static_cast<const char*>(data), data ? static_cast<std::size_t>(size) : 0};
}
bool Query::null_at(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
std::optional<std::int64_t> Query::maybe_integer_at(int column) const {
  if (null_at(column)) return std::nullopt;
  return integer_at(column);
}
std::optional<double> Query::maybe_real_at(int column) const {
  if (null_at(column)) return std::nullopt;
  return real_at(column);
}
Digest Query::digest_at(int column) const {
  Digest digest;
  const std::string_view bytes = text_at(column);
  if (bytes.size() == digest.bytes.size()) std::memcpy(digest.bytes.data(), bytes.data(), bytes.size());
  return digest;
}

}  // namespace assay
