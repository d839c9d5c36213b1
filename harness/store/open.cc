#include "harness/store/open.h"

#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <system_error>
#include <thread>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/store/schema.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kSmallFile = std::uintmax_t{4} << 20;  // checked in full when opened

struct Magic {
  std::uint32_t value;
  const char* name;
};
// statfs(2) and linux/magic.h
constexpr Magic kNetwork[] = {
    {0x6969, "NFS"},      {0x0BD00BD0, "Lustre"}, {0x47504653, "GPFS"}, {0xFF534D42, "CIFS"}, {0xFE534D42, "SMB"},
    {0x517B, "SMB"},      {0x01021997, "9p"},     {0x5346414F, "AFS"},  {0x00C36400, "Ceph"}, {0x19830326, "BeeGFS"},
};

Result<void> check_path(const fs::path& path, StoreMode mode) {
  const std::string shown = path.string();
  std::error_code ec;
  const fs::file_status status = fs::status(path, ec);
  if (fs::is_directory(status)) return invalid(format("{}: is a directory, expected a database file", shown));
  if (fs::exists(status)) {
    if (!fs::is_regular_file(status)) return invalid(format("{}: is not a regular file, expected a database", shown));
    if (access(path.c_str(), R_OK) != 0) return invalid(format("{}: cannot be read: {}", shown, std::strerror(errno)));
    if (mode == StoreMode::read_write && access(path.c_str(), W_OK) != 0) {
      return invalid(format("{}: is read-only ({}); choose another file with --db", shown, std::strerror(errno)));
    }
  } else if (mode == StoreMode::read_only) {
    return invalid(format("{}: no such database", shown));
  }
  if (mode == StoreMode::read_only) return {};
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, ec)) return invalid(format("{}: the folder {} does not exist", shown, folder.string()));
  if (access(folder.c_str(), W_OK) != 0) {
    return invalid(format("{}: the folder is read-only ({}); choose another file with --db", shown, std::strerror(errno)));
  }
  if (const std::string network = network_filesystem(folder); !network.empty()) {
    return invalid(format(
        "{}: lies on a network filesystem ({}), where a database that is being written can be damaged; "
        "write to a local file with --db and copy it there when the run has ended",
        shown, network));
  }
  return {};
}

// The file's first bytes, before SQLite would take an empty or foreign file for its own.
Result<void> check_header(const fs::path& path) {
  std::error_code ec;
  const std::uintmax_t size = fs::file_size(path, ec);
  if (ec || size == 0) return {};
  std::ifstream in(path, std::ios::binary);
  std::array<char, 100> header{};
  in.read(header.data(), header.size());
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  if (size < header.size() || std::string_view(header.data(), kMagic.size()) != kMagic) {
    return invalid(format("{}: is not a SQLite database; choose another file with --db", path.string()));
  }
  return {};
}

Result<std::int64_t> number_of(Db& db, const char* sql) {
  Query q(db, sql);
  const auto row = q.step();
  if (!row) return row.error();
  return *row ? q.integer_at(0) : 0;
}

// Whose database is this, and of which version? Version 0 stands for an empty one.
Result<std::int64_t> version_of(Db& db) {
  const auto application = number_of(db, "PRAGMA application_id");
  if (!application) return application;
  const auto version = number_of(db, "PRAGMA user_version");
  if (!version) return version;
  const auto objects = number_of(db, "SELECT count(*) FROM sqlite_schema");
  if (!objects) return objects;
  if (*application == 0 && *version == 0 && *objects == 0) return 0;
  if (*application != kApplicationId || *version < 1) {
    return invalid(format("{}: is the database of another program; choose another file with --db", db.path()));
  }
  if (*version > schema_version()) {
    return invalid(format("{}: was written by a newer assay (schema {}, this one knows up to {}); update assay", db.path(),
                          *version, schema_version()));
  }
  return version;
}

// Cheap signs of damage: a file that was cut, roots that cannot be read. A small file is checked in full.
Result<void> check_damage(Db& db, const fs::path& path) {
  std::error_code ec;
  const std::uintmax_t size = fs::file_size(path, ec);
  if (!ec && size > 0 && size <= kSmallFile) {
    Query q(db, "PRAGMA quick_check(1)");
    const auto row = q.step();
    if (!row) return row.error();
    if (*row && q.text_at(0) != "ok") {
      return Error{Code::corrupt, format("{}: the database is damaged ({}); restore a copy, or recover it with sqlite3 .recover",
                                         db.path(), printable(q.text_at(0)))};
    }
    return {};
  }
  for (const char* sql : {"SELECT 1 FROM run LIMIT 1", "SELECT 1 FROM entry LIMIT 1", "SELECT max(id) FROM attempt",
                          "SELECT max(id) FROM call", "SELECT max(call) FROM response", "SELECT max(id) FROM blob",
                          "SELECT 1 FROM score LIMIT 1"}) {
    if (auto r = number_of(db, sql); !r) return r.error();
  }
  return {};
}

// The switch to WAL needs the file alone for a moment and does not always ask the busy handler.
Result<void> use_wal(Db& db, int busy_ms) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(busy_ms);
  for (;;) {
    Result<void> r = db.exec("PRAGMA journal_mode = WAL");
    if (r || r.error().code != Code::unavailable || std::chrono::steady_clock::now() >= until) return r;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

Result<OpenedDatabase> open_writable(const fs::path& path, const StoreOptions& options) {
  DbOptions writer;
  writer.busy_ms = options.busy_ms;
  auto db = Db::open(path, writer);
  if (!db) return db.error();
  const auto version = version_of(**db);
  if (!version) return version.error();
  if (*version > 0) {
    if (auto r = check_damage(**db, path); !r) return r.error();
  }
  if (auto r = use_wal(**db, options.busy_ms); !r) return r.error();
  // FULL: an answer that was paid for survives a power cut too; groups make the syncs cheap.
  if (auto r = (*db)->exec("PRAGMA synchronous = FULL; PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 16000; "
                           "PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY");
      !r) {
    return r.error();
  }
  if (*version < schema_version()) {
    if (auto r = migrate(**db, migrations(), view_statements()); !r) return r.error();
  }
  if (options.max_pages > 0) {
    const std::string limit = format("PRAGMA max_page_count = {}", options.max_pages);
    if (auto r = (*db)->exec(limit.c_str()); !r) return r.error();
  }
  DbOptions reader = writer;
  reader.read_only = true;
  return OpenedDatabase{std::move(*db), reader};
}

Result<OpenedDatabase> open_read_only(const fs::path& path, const StoreOptions& options) {
  DbOptions reader;
  reader.read_only = true;
  reader.busy_ms = options.busy_ms;
  std::error_code ec;
  fs::path log = path;
  log += "-wal";
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const bool log_is_empty = !fs::exists(log, ec) || fs::file_size(log, ec) == 0;
  // Reading a WAL database creates files beside it. Where that cannot be, and nobody writes, the
  // file alone is the whole database.
  if (log_is_empty && (access(folder.c_str(), W_OK) != 0 || !network_filesystem(folder).empty())) reader.immutable = true;
  auto db = Db::open(path, reader);
  if (!db) return db.error();
  const auto version = version_of(**db);
  if (!version) return version.error();
  // As a kill leaves it that comes between the file and its first table.
  if (*version == 0) return invalid(format("{}: holds no results yet", path.string()));
  if (*version < schema_version()) {
    return invalid(format("{}: has schema {}, this assay reads {}; any command that writes to it upgrades it", path.string(),
                          *version, schema_version()));
  }
  if (auto r = check_damage(**db, path); !r) return r.error();
  return OpenedDatabase{std::move(*db), reader};
}

}  // namespace

std::string network_filesystem(const fs::path& path) {
  struct statfs info {};
  if (statfs(path.c_str(), &info) != 0) return {};
  const auto type = static_cast<std::uint32_t>(info.f_type);
  for (const Magic& m : kNetwork) {
    if (m.value == type) return m.name;
  }
  return {};
}

Result<OpenedDatabase> open_database(const fs::path& path, StoreMode mode, const StoreOptions& options) {
  if (path.empty()) return invalid("database: the file's name is empty");
  if (auto r = check_path(path, mode); !r) return r.error();
  if (auto r = check_header(path); !r) return r.error();
  return mode == StoreMode::read_write ? open_writable(path, options) : open_read_only(path, options);
}

Readers::Lease::~Lease() {
  if (!db_) return;
  const std::lock_guard<std::mutex> lock(pool_->mutex_);
  if (pool_->idle_.size() < 8) pool_->idle_.push_back(std::move(db_));
}

void Readers::close_idle() {
  const std::lock_guard<std::mutex> lock(mutex_);
  idle_.clear();
}

Result<Readers::Lease> Readers::take() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Db> db = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(db));
    }
  }
  auto db = Db::open(path_, options_);
  if (!db) return db.error();
  return Lease(*this, std::move(*db));
}

}  // namespace assay
