#include "scorers/trace/markers.h"

#include <algorithm>

namespace assay::trace {
namespace {

struct Row {
  std::string_view words;  // lower case; matches at a sentence's start, up to an end of a word
  Marker kind;
};

// Version 1. Sorted by first letter for reading only; the longest that fits counts.
constexpr Row kMarkers[] = {
    {"actually, no", Marker::backtrack},
    {"actually, that", Marker::backtrack},
    {"actually, wait", Marker::backtrack},
    {"but wait", Marker::backtrack},
    {"correction", Marker::backtrack},
    {"hmm", Marker::backtrack},
    {"hold on", Marker::backtrack},
    {"i made a mistake", Marker::backtrack},
    {"i made an error", Marker::backtrack},
    {"i messed up", Marker::backtrack},
    {"i need to correct", Marker::backtrack},
    {"i was wrong", Marker::backtrack},
    {"let me correct", Marker::backtrack},
    {"let me double check", Marker::backtrack},
    {"let me double-check", Marker::backtrack},
    {"let me go back", Marker::backtrack},
    {"let me re-examine", Marker::backtrack},
    {"let me recheck", Marker::backtrack},
    {"let me recalculate", Marker::backtrack},
    {"let me recompute", Marker::backtrack},
    {"let me reconsider", Marker::backtrack},
    {"let me redo", Marker::backtrack},
    {"let me rethink", Marker::backtrack},
    {"let's recheck", Marker::backtrack},
    {"let's recalculate", Marker::backtrack},
    {"let's reconsider", Marker::backtrack},
    {"let's redo", Marker::backtrack},
    {"no, that", Marker::backtrack},
    {"no, wait", Marker::backtrack},
    {"oh no", Marker::backtrack},
    {"oh wait", Marker::backtrack},
    {"oops", Marker::backtrack},
    {"scratch that", Marker::backtrack},
    {"so that was wrong", Marker::backtrack},
    {"sorry", Marker::backtrack},
    {"that can't be right", Marker::backtrack},
    {"that cannot be right", Marker::backtrack},
    {"that doesn't seem right", Marker::backtrack},
    {"that is incorrect", Marker::backtrack},
    {"that is not right", Marker::backtrack},
    {"that is wrong", Marker::backtrack},
    {"that isn't right", Marker::backtrack},
    {"that's incorrect", Marker::backtrack},
    {"that's not right", Marker::backtrack},
    {"that's wrong", Marker::backtrack},
    {"this is incorrect", Marker::backtrack},
    {"this is not right", Marker::backtrack},
    {"this is wrong", Marker::backtrack},
    {"wait", Marker::backtrack},
    {"alternatively", Marker::another_way},
    {"another approach", Marker::another_way},
    {"another idea", Marker::another_way},
    {"another method", Marker::another_way},
    {"another option", Marker::another_way},
    {"another thought", Marker::another_way},
    {"another way", Marker::another_way},
    {"let me approach", Marker::another_way},
    {"let me consider another", Marker::another_way},
    {"let me start over", Marker::another_way},
    {"let me think differently", Marker::another_way},
    {"let me try", Marker::another_way},
    {"let's try", Marker::another_way},
    {"maybe i should", Marker::another_way},
    {"maybe another", Marker::another_way},
    {"perhaps another", Marker::another_way},
    {"perhaps i should", Marker::another_way},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool starts_with(std::string_view text, std::string_view words) {
  if (text.size() < words.size()) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (lower(text[i]) != words[i]) return false;
  }
  return text.size() == words.size() || !is_letter(text[words.size()]) || words == "hmm";
}

// First letters of the list, so that most sentences cost one look.
constexpr std::string_view kFirst = "abchilmnopstw";

std::size_t next_letter(std::string_view text, std::size_t at) {
  while (at < text.size() && !is_letter(text[at])) {
    if (text[at] != '*' && text[at] != '"' && text[at] != '(' && !is_space(text[at]))
      return std::string_view::npos;
    ++at;
  }
  return at < text.size() ? at : std::string_view::npos;
}

}  // namespace

Marker marker_at(std::string_view sentence) {
  if (sentence.empty() || kFirst.find(lower(sentence[0])) == std::string_view::npos) return Marker::none;
  for (const Row& row : kMarkers) {
    if (row.words[0] == lower(sentence[0]) && starts_with(sentence, row.words)) return row.kind;
  }
  return Marker::none;
}

std::vector<MarkerHit> find_markers(std::string_view text) {
  std::vector<MarkerHit> out;
  bool fresh = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (fresh && is_letter(c)) {
      if (const Marker kind = marker_at(text.substr(at, 40)); kind != Marker::none) out.push_back({at, kind});
      fresh = false;
    } else if (c == '\n' ||
               ((c == '.' || c == '?' || c == '!') && at + 1 < text.size() && is_space(text[at + 1]))) {
      fresh = true;
    } else if (!is_space(c) && c != '*' && c != '"' && c != '(') {
      fresh = false;
    }
  }
  return out;
}

bool backtrack_follows(std::string_view text, std::size_t from) {
  constexpr std::size_t kWindow = 600;
  const std::string_view near = text.substr(from, kWindow);
  int sentences = 0;
  for (std::size_t at = 0; at < near.size() && sentences < 3; ++at) {
    const char c = near[at];
    const bool end =
        c == '\n' || ((c == '.' || c == '?' || c == '!') && at + 1 < near.size() && is_space(near[at + 1]));
    // A dash or a comma may open the correction: "= 8, no wait".
    if (!end) continue;
    const std::size_t next = next_letter(near, at + 1);
    if (next == std::string_view::npos) continue;
    ++sentences;
    if (sentences <= 2 && marker_at(near.substr(next, 40)) == Marker::backtrack) return true;
    at = next - 1;
  }
  return false;
}

}  // namespace assay::trace
