// Reads a backend's own options from its model entry, and refuses what it does not know.
//
//   OptionReader read("scripted", options.options);
//   settings.seed = read.integer("seed", 0, 0, kMax);
//   if (auto ok = read.finish(); !ok) return ok.error();   // first fault, or an unknown key
//
// Threads: one. Errors: Code::invalid that names the backend, the option and what was expected;
// values read after a fault are the defaults.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay {

class OptionReader {
 public:
  // `options` outlives the reader. Null counts as no options.
  OptionReader(std::string backend, const Json& options);

  bool has(std::string_view key) const;  // present and not null
  std::string text(std::string_view key, std::string otherwise);
  bool flag(std::string_view key, bool otherwise);
  std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t low, std::int64_t high);
  double number(std::string_view key, double otherwise, double low, double high);
  double rate(std::string_view key, double otherwise) { return number(key, otherwise, 0, 1); }
  // One of a fixed list of words.
  std::string word(std::string_view key, std::string otherwise,
                   std::initializer_list<std::string_view> words);
  std::vector<std::string> texts(std::string_view key);
  const Json* any(std::string_view key);  // nullptr when absent; marks the key as known

  void fail(std::string_view key, std::string_view expected);
  Result<void> finish() const;

 private:
  const Json* find(std::string_view key);

  const std::string backend_;
  const Json& options_;
  std::set<std::string, std::less<>> known_;
  std::optional<Error> fault_;
};

}  // namespace assay
