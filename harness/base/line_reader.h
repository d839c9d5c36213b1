// Lines of a text file, plain or gzip, in bounded memory; and JSON values of a JSON Lines file.
//
//   auto reader = JsonlReader::open("answers.jsonl.gz");
//   while (true) {
//     auto row = reader->next();
//     if (!row) return row.error();          // "answers.jsonl.gz:17: parse error ..."
//     if (!row->has_value()) break;          // end of the file
//     use(**row, reader->line());
//   }
//
// Threads: one at a time. Ownership: a reader owns its file.
// Errors: Code::invalid for a file that cannot be opened, a line longer than kMaxLineBytes, or text
//   that is not JSON; what InputStream reports otherwise. Each names the file and, where there is
//   one, the line. After an error the reader is at an end that it cannot pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/compress.h"
#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay {

inline constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20;

class LineReader {
 public:
  // `max_line` bounds the bytes of one line, its end not counted.
  static Result<LineReader> open(const std::filesystem::path& path, std::size_t max_line = kMaxLineBytes);
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;
  ~LineReader();

  // The next line without its "\n" or "\r\n"; nullopt after the last. The last line needs no end; a
  // byte order mark at the start of the file is not part of the first. The view lasts to the next call.
  Result<std::optional<std::string_view>> next();
  std::uint64_t line() const;    // number of the line read last, from 1
  std::uint64_t offset() const;  // where that line starts, in decoded bytes

 private:
  struct Impl;
  explicit LineReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class JsonlReader {
 public:
  static Result<JsonlReader> open(const std::filesystem::path& path);

  // The next line's value; lines of white space alone are passed over. nullopt after the last.
  Result<std::optional<Json>> next();
  std::uint64_t line() const { return lines_.line(); }
  std::string_view text() const { return text_; }  // the line itself, until the next call
  // "file:line: message", for a fault found in the value read last.
  Error error(std::string_view message) const;

 private:
  JsonlReader(LineReader lines, std::string name) : lines_(std::move(lines)), name_(std::move(name)) {}
  LineReader lines_;
  std::string name_;
  std::string_view text_;
};

// "file:line: message", one line, terminal escapes made visible.
Error line_error(const std::filesystem::path& path, std::uint64_t line, std::string_view message);

}  // namespace assay
