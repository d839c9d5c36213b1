#include "backends/local/engine/stop_finder.h"

#include <algorithm>
#include <utility>

namespace assay::local {

StopFinder::StopFinder(std::vector<std::string> stops) : stops_(std::move(stops)) {
  for (const std::string& stop : stops_) longest_ = std::max(longest_, stop.size());
}

bool StopFinder::append(std::string& text, std::string_view piece) const {
  const std::size_t before = text.size();
  text += piece;
  if (piece.empty() || longest_ == 0) return false;
  // A stop string that was not there before ends within the piece.
  const std::size_t from = before - std::min(before, longest_ - 1);
  std::size_t first = std::string::npos;
  for (const std::string& stop : stops_) first = std::min(first, text.find(stop, from));
  if (first == std::string::npos) return false;
  text.resize(first);
  return true;
}

bool StopFinder::is_stop(std::string_view whole) const {
  return std::find(stops_.begin(), stops_.end(), whole) != stops_.end();
}

std::string_view whole_characters(std::string_view text) {
  // At most three bytes can wait for the end of their character.
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0U) == 0x80U) continue;
    const std::size_t wanted = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    if (wanted > back) text.remove_suffix(back);
    break;
  }
  return text;
}

}  // namespace assay::local
