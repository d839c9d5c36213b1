// Opens a database file with every check that tells a user what is wrong before anything is
// written. Internal to harness/store.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/store/sqlite.h"
#include "harness/store/store.h"

namespace assay {

// Name of the network filesystem the path lies on, or empty: there, a write-ahead log is unsafe,
// because its index lives in shared memory.
std::string network_filesystem(const std::filesystem::path&);

struct OpenedDatabase {
  std::unique_ptr<Db> db;   // the writer's connection, or the first reader's
  DbOptions reader;         // how further readers are to be opened
};

// Creates and upgrades in read_write mode. Errors: see Store.
Result<OpenedDatabase> open_database(const std::filesystem::path&, StoreMode, const StoreOptions&);

// Connections for reading, lent one at a time. Any thread.
class Readers {
 public:
  class Lease {
   public:
    Lease(Readers& pool, std::unique_ptr<Db> db) : pool_(&pool), db_(std::move(db)) {}
    ~Lease();
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    Db& operator*() const { return *db_; }

   private:
    Readers* pool_;
    std::unique_ptr<Db> db_;
  };

  Readers(std::filesystem::path path, DbOptions options) : path_(std::move(path)), options_(options) {}
  Result<Lease> take();
  void close_idle();

 private:
  const std::filesystem::path path_;
  const DbOptions options_;
  std::mutex mutex_;  // guards idle_
  std::vector<std::unique_ptr<Db>> idle_;
};

}  // namespace assay
