// The database's schema as a list of migrations, and what marks a file as ours. Internal to
// harness/store; docs/schema.md says what every column means.
#pragma once

#include <cstdint>
#include <span>

#include "harness/base/result.h"
#include "harness/store/sqlite.h"

namespace assay {

inline constexpr std::int64_t kApplicationId = 0x61737379;  // "assy" at byte 68 of the file

// Brings a database from version - 1 to version, and sets user_version itself. Steps that were released are never edited.
struct Migration {
  std::int64_t version;
  const char* sql;
};
std::span<const Migration> migrations();
inline std::int64_t schema_version() { return migrations().back().version; }

// Drops every view there has been and makes those of the newest version (schema_views.cc). No step makes one.
const char* view_statements();

// Applies the steps that the database lacks and then, if there were any, `views`, in one transaction: all of
// it or nothing. Several processes may do this at once. REQUIRES: an empty database or one of ours, writable.
Result<void> migrate(Db&, std::span<const Migration> steps, const char* views = nullptr);

}  // namespace assay
