// Figures as texts of table cells. Unknown is "—" or "?", never 0; a lower bound says "≥".
#pragma once

#include <optional>
#include <string>

#include "reports/grid.h"

namespace assay {

inline constexpr const char* kNone = "\xE2\x80\x94";  // em dash

GridCell accuracy_cell(bool headline, const std::optional<double>& accuracy,
                       const std::optional<AttemptBounds>&);
GridCell interval_cell(bool headline, const std::optional<ConfidenceInterval>&);
GridCell bounds_cell(const std::optional<AttemptBounds>&, bool incomplete);
GridCell count_cell(std::uint64_t count);
// "1269/1319"; the numerator has decimals where partial values make it fractional.
GridCell fraction_cell(double numerator, std::uint64_t denominator);
GridCell tokens_cell(const KnownSum&, std::uint64_t calls);
GridCell cost_cell(const KnownSum&, std::uint64_t calls);

// A sum in the shortest decimal form that keeps four places: "12", "12.5", "12.3333".
std::string sum_text(double sum);

}  // namespace assay
