// A connection and its prepared statements: the thinnest layer over SQLite that cannot leak a
// lock. Internal to harness/store.
//
//   Query q(db, "SELECT name FROM model WHERE id = ?1");
//   auto row = q.integer(7).step();            // parameters bind in order
//   if (row && *row) use(q.text_at(0));        // valid until the next step
//
// Threads: a Db and its queries belong to one thread at a time.
// SQL is constant text: a statement is known by the address of its literal and prepared once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "harness/base/digest.h"
#include "harness/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace assay {

struct DbOptions {
  bool read_only = false;
  bool immutable = false;  // nobody writes to the file while it is open; no lock is taken
  int busy_ms = 10000;     // how long a lock of another connection is waited for
};

class Db {
 public:
  // Error: see error(). Registers assay_text() and switches on foreign keys and defensive mode.
  static Result<std::unique_ptr<Db>> open(const std::filesystem::path&, const DbOptions&);
  ~Db();
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;

  Result<void> exec(const char* sql);  // one or more constant statements without parameters
  std::int64_t last_id() const;
  int changes() const;
  void set_busy_ms(int busy_ms) { busy_ms_ = busy_ms; }  // as in DbOptions, from the next statement on
  sqlite3* raw() const { return db_; }
  const std::string& path() const { return path_; }

  // The error of a SQLite result code, as this project words it: invalid for what the user can
  // mend (read-only, full disk), unavailable for a lock, corrupt for damage, internal otherwise.
  Error error(int rc) const;
  // True once a statement met a condition that no later write can survive: a full disk, an I/O
  // error, damage, a lock beyond the bound.
  bool failed() const { return failed_; }

 private:
  friend class Query;
  Db() = default;
  sqlite3_stmt* prepared(const char* sql, int& rc);
  static int wait(void* self, int count);

  sqlite3* db_ = nullptr;
  std::string path_;
  int busy_ms_ = 0;
  std::int64_t busy_since_ = 0;  // steady clock, milliseconds
  mutable bool failed_ = false;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

// One use of a prepared statement; resets it at the end, so that no read lock stays behind.
class Query {
 public:
  Query(Db& db, const char* sql);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& integer(std::int64_t value);
  Query& integer(std::optional<std::int64_t> value);
  Query& real(double value);
  Query& real(std::optional<double> value);
  Query& text(std::string_view value);         // copied
  Query& blob(std::string_view value);         // copied
  Query& blob_ref(std::string_view value);     // REQUIRES: lives until the statement has run
  Query& digest(const Digest& value) { return blob(value.view()); }
  Query& null();

  Result<bool> step();  // true: a row is there
  Result<void> run();   // to the end
  void again();         // for the next set of parameters

  std::int64_t integer_at(int column) const;
  double real_at(int column) const;
  std::string_view text_at(int column) const;  // of TEXT and BLOB
  bool null_at(int column) const;
  std::optional<std::int64_t> maybe_integer_at(int column) const;
  std::optional<double> maybe_real_at(int column) const;
  Digest digest_at(int column) const;          // all zero unless 32 bytes

 private:
  void note(int rc) {
    if (rc_ == 0) rc_ = rc;
  }
  Db& db_;
  int rc_ = 0;  // before the statement, whose preparation sets it
  sqlite3_stmt* statement_;
  int next_ = 1;
};

}  // namespace assay
