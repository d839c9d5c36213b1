// The words by which a trace turns back or tries another way, as versioned data: counts of two versions are
// not comparable.
//
// Pure; linear. Threads: any.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace assay::trace {

inline constexpr int kMarkersVersion = 1;

enum class Marker : unsigned char { none = 0, backtrack = 1, another_way = 2 };

// The marker that a sentence starts with; `sentence` from its first letter on.
Marker marker_at(std::string_view sentence);

struct MarkerHit {
  std::size_t at = 0;
  Marker kind = Marker::none;
};

// Markers at starts of sentences and lines, in order.
std::vector<MarkerHit> find_markers(std::string_view text);

// Does a marker of backtracking start one of the next two sentences after `from`?
bool backtrack_follows(std::string_view text, std::size_t from);

}  // namespace assay::trace
