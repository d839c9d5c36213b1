// A file that appears whole and checked under its name, or not at all. What `assay data pull` and
// `assay models pull` have in common. Internal to harness/run.
//
// While it is being fetched it is called X.part; what an earlier attempt left there is gone on with.
// Threads and processes: any; who comes second waits, and finds the file there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "harness/base/digest.h"
#include "harness/base/result.h"

namespace assay {

using Say = std::function<void(const std::string& line)>;  // progress, a line at a time; may be empty

struct FetchedFile {
  std::filesystem::path target;
  std::optional<Digest> sha256;         // where it is known beforehand
  std::optional<std::uint64_t> bytes;   // likewise
  // Writes `part`, from its end where it goes on with something. Called again with an emptied one when what an
  // earlier attempt left turns out to be wrong.
  std::function<Result<void>(const std::filesystem::path& part)> fetch;
  // Looks at a complete part before it gets its name; may be empty.
  std::function<Result<void>(const std::filesystem::path& part)> check;
};

// True when it was fetched, false when it was there. Errors: those of `fetch` and `check`, the part kept and the
// part removed; Code::invalid for another size or SHA-256 than expected (the part is removed) and for a
// folder that cannot be written.
Result<bool> fetch_file(const FetchedFile&);

// Is it there, as expected? Reads the whole file where a SHA-256 is expected.
bool is_fetched(const FetchedFile&);

struct DownloadTo {
  std::string url;
  std::string label;   // of the progress lines
  std::string bearer;  // see DownloadOptions
  std::uint64_t max_bytes = std::uint64_t{4} << 30;
  Say say;
};
// Downloads into the part with resume; once more from the start when its beginning does not fit the server's file.
Result<void> download_part(const DownloadTo&, const std::filesystem::path& part);

}  // namespace assay
