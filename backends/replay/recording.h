// A file of recorded answers in memory, looked up by sample.
//
// Const after load(): any thread. Errors of load(): Code::invalid, "file:line: what is wrong".
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "harness/api/request.h"
#include "harness/api/response.h"
#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay {

// What rows of one sample without numbers of their own are, in the order of the file.
enum class RowsAre : std::uint8_t { epochs, draws };

class Recording {
 public:
  static Result<Recording> load(const std::filesystem::path& path, RowsAre rows_are);

  // The answer recorded for this request's task, sample, epoch, step and draw + `choice`.
  // Error: Code::invalid that names the sample, and what there is of it.
  Result<const Response*> find(const Request& request, std::uint32_t choice) const;

  std::uint64_t size() const { return size_; }
  const Digest& digest() const { return digest_; }  // of the decoded text of the file

 private:
  using Place = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;  // epoch, step, draw
  struct Answers {
    std::map<Place, Response> by_place;
    std::uint32_t unnumbered = 0;
    bool numbered = false;
  };
  Result<void> take(const Json& row, RowsAre rows_are);

  std::string name_;
  std::unordered_map<std::string, Answers> samples_;  // by task + '\0' + key; task empty: any
  std::uint64_t size_ = 0;
  Digest digest_;
};

// One row's answer. Error without file and line.
Result<Response> recorded_response(const Json& row);

}  // namespace assay
