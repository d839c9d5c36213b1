// The inputs of the approved outputs and of the report tests: a small set that has everything that
// a report must not get wrong.
#pragma once

#include <string>
#include <vector>

#include "harness/api/report.h"

namespace assay {

struct NamedResults {
  std::string name;
  ResultsInput input;
};
std::vector<NamedResults> approved_results();

// complete, incomplete, epochs, mixed, nasty: as in approved_results().
ResultsInput results_named(const std::string& name);

std::vector<ItemRow> approved_items();
// Hands the rows out in pages of `page_size`.
ItemsInput paged(std::vector<ItemRow> rows, std::size_t page_size);

// A row with these counts of correct, incorrect and error; everything is known, one epoch.
LeaderboardRow plain_row(const std::string& model, const std::string& task, std::uint64_t correct,
                         std::uint64_t incorrect, std::uint64_t errors = 0);

}  // namespace assay
