// Report: writes results in one format. A report receives rows, never a database.
//
// Order: write() any number of times. Threads: const, called concurrently.
// Errors: Code::invalid when this report cannot show this kind of input, with the ones that can.
// Everything a model or a server wrote is untrusted and escaped for the format at hand.
// Comparability: rows are written in the order given, which is total; what varies between equal
//   runs (times, hosts, ids) stands under `run_info` in JSON.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <variant>
#include <vector>

#include "harness/api/rows.h"
#include "harness/base/result.h"

namespace assay {

// `assay report`: leaderboards a task and overall.
struct ResultsInput {
  std::vector<RunInfo> runs;
  std::vector<LeaderboardRow> rows;   // sorted by task, variant, model, strategy, scorer, run
  bool allow_incomplete = false;      // headline even where the bounds are wider than a point
};

// `assay report --items`: every attempt, read page by page so that no size is too large.
struct ItemsInput {
  // Fills the next page (cleared first); false after the last one. Rows come in a total order:
  // task, variant, model, strategy, run, sample, epoch, scorer.
  std::function<Result<bool>(std::vector<ItemRow>&)> next_page;
};

using ReportInput = std::variant<ResultsInput, ItemsInput>;

struct ReportOptions {
  bool color = false;
  std::size_t width = 0;  // columns of the terminal; 0: unlimited
};

class Report {
 public:
  virtual ~Report() = default;
  virtual Result<void> write(const ReportInput&, std::ostream&) const = 0;
};

}  // namespace assay
