// Reads a scorer's options: typed, and with an error for every key that nobody asked for.
//
//   OptionReader options("numeric", json);
//   const bool last = options.flag("last_number", false);
//   if (auto done = options.finish(); !done) return done.error();
//
// Threads: one reader, one thread. Errors: Code::invalid, the first one found, from finish().
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay::answer {

class OptionReader {
 public:
  OptionReader(std::string_view scorer, const Json& options);

  bool flag(std::string_view key, bool otherwise);
  std::string text(std::string_view key, std::string_view otherwise);
  // One of a few words; the first is the default. REQUIRES: words is not empty.
  std::string word(std::string_view key, const std::vector<std::string_view>& words);
  std::optional<std::vector<std::int64_t>> integers(std::string_view key);

  void fail(std::string_view key, std::string_view expected);
  Result<void> finish();

 private:
  const Json* look(std::string_view key);

  std::string scorer_;
  Json options_;
  std::vector<std::string> known_;
  std::optional<Error> error_;
};

}  // namespace assay::answer
