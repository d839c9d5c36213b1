#include "scorers/trace/verify/sorting_text.h"

#include "scorers/trace/verify/text.h"

namespace assay::verify {
namespace {

struct Piece {
  enum class Kind { quoted, word, label, open, close, less, tie, colon, other } kind;
  std::string text;
  int number = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The byte after the quotation mark at `at`, or 0 when there is none.
std::size_t after_quote(std::string_view text, std::size_t at) {
  if (text[at] == '"') return at + 1;
  const std::string_view rest = text.substr(at);
  return rest.starts_with("“") || rest.starts_with("”") ? at + 3 : 0;
}

constexpr std::size_t kMaxWord = 64;

Piece quoted(std::string_view text, std::size_t begin, std::size_t inside) {
  std::size_t close = inside;
  while (close < text.size() && close < inside + kMaxWord && after_quote(text, close) == 0) ++close;
  const bool closed = close < text.size() && after_quote(text, close) != 0;
  if (!closed) return {Piece::Kind::other, "", 0, begin, inside};
  return {Piece::Kind::quoted, lowered(trimmed(text.substr(inside, close - inside))), 0, begin,
          after_quote(text, close)};
}

Piece piece_at(std::string_view text, std::size_t i) {
  const char c = text[i];
  if (const std::size_t inside = after_quote(text, i)) return quoted(text, i, inside);
  if (c == '(') {
    std::size_t end = i + 1;
    int n = 0;
    while (end < text.size() && is_digit(text[end]) && n < 1000) n = n * 10 + (text[end++] - '0');
    if (end > i + 1 && end < text.size() && text[end] == ')') return {Piece::Kind::label, "", n, i, end + 1};
  }
  if (is_letter(c)) {
    std::size_t end = i;
    while (end < text.size() &&
           (is_letter(text[end]) || is_digit(text[end]) || text[end] == '\'' || text[end] == '-'))
      ++end;
    return {Piece::Kind::word, lowered(text.substr(i, end - i)), 0, i, end};
  }
  const auto kind = c == '['               ? Piece::Kind::open
                    : c == ']'             ? Piece::Kind::close
                    : c == '<'             ? Piece::Kind::less
                    : c == '?' || c == '=' ? Piece::Kind::tie
                    : c == ':'             ? Piece::Kind::colon
                                           : Piece::Kind::other;
  return {kind, "", 0, i, i + 1};
}

std::vector<Piece> pieces(std::string_view text) {
  std::vector<Piece> out;
  for (std::size_t i = 0; i < text.size();) {
    if (is_blank(text[i])) {
      ++i;
      continue;
    }
    out.push_back(piece_at(text, i));
    i = out.back().end;
  }
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : pieces_(pieces(text)) {}

  std::vector<SortingEvent> run() {
    while (at_ < pieces_.size()) {
      if (letter_claim() || chain()) continue;
      word();
      ++at_;
    }
    return std::move(out_);
  }

 private:
  using Kind = Piece::Kind;
  bool is(std::size_t i, Kind kind) const { return i < pieces_.size() && pieces_[i].kind == kind; }
  bool says(std::size_t i, std::string_view word) const {
    return is(i, Kind::word) && pieces_[i].text == word;
  }
  // A word of a chain: quoted, or bare beside "<" or "?".
  bool item(std::size_t i) const {
    if (is(i, Kind::quoted)) return true;
    if (!is(i, Kind::word)) return false;
    const auto joint = [&](std::size_t j) { return is(j, Kind::less) || is(j, Kind::tie); };
    return joint(i + 1) || (i > 0 && joint(i - 1));
  }

  bool letter_claim() {
    if (!is(at_, Kind::quoted) || !is(at_ + 1, Kind::colon) || !is(at_ + 2, Kind::quoted)) return false;
    SortingEvent e;
    e.kind = SortingEvent::Kind::letter;
    e.word = pieces_[at_].text;
    e.letter = pieces_[at_ + 2].text;
    e.begin = pieces_[at_].begin;
    e.end = pieces_[at_ + 2].end;
    at_ += 3;
    if (is(at_, Kind::label)) {
      e.number = pieces_[at_].number;
      e.end = pieces_[at_++].end;
    }
    out_.push_back(std::move(e));
    return true;
  }

  bool group(WordGroup& g) {
    std::size_t i = at_;
    if (is(i, Kind::label)) g.label = pieces_[i++].number;
    const bool bracket = is(i, Kind::open);
    if (bracket) ++i;
    while (item(i)) {
      g.words.push_back(pieces_[i++].text);
      if (bracket && is(i, Kind::quoted)) continue;  // ["costume" "counterpart"]
      if (!is(i, Kind::tie)) break;
      ++i;
      if (is(i, Kind::label)) ++i;  // (16) "impermissible" = (16) "imperial"
    }
    if (g.words.empty()) return false;
    if (bracket && is(i, Kind::close)) ++i;
    at_ = i;
    return true;
  }

  // ["costume" < "counterpart"] < "oven": a bracket around a chain that is in order already.
  bool nested(std::size_t i) const {
    if (!is(i, Kind::open)) return false;
    std::size_t j = i + 1;
    while (item(j) || is(j, Kind::label)) ++j;
    return is(j, Kind::less);
  }

  bool chain() {
    if (!is(at_, Kind::label) && !is(at_, Kind::open) && !item(at_)) return false;
    const std::size_t start = at_;
    SortingEvent e;
    e.kind = SortingEvent::Kind::chain;
    do {
      WordGroup g;
      if (!e.groups.empty()) ++at_;  // the "<"
      if (nested(at_)) ++at_;
      if (!group(g)) break;
      e.groups.push_back(std::move(g));
      if (is(at_, Kind::close) && is(at_ + 1, Kind::less)) ++at_;
    } while (is(at_, Kind::less));
    if (e.groups.empty()) {
      at_ = start;
      return false;
    }
    e.begin = pieces_[start].begin;
    e.end = pieces_[at_ - 1].end;
    e.for_subpart = says(at_, "for") && (says(at_ + 1, "subpart") || says(at_ + 2, "subpart"));
    const bool one = e.groups.size() == 1;
    if (one && start > 0 && says(start - 1, "subpart")) e.kind = SortingEvent::Kind::open;
    if (one && e.groups[0].words.size() == 1 && !e.groups[0].label && !e.for_subpart)
      return true;  // a word in quotes
    out_.push_back(std::move(e));
    return true;
  }

  void word() {
    if (!is(at_, Kind::word)) return;
    const auto n = ordinal(pieces_[at_].text);
    if (!n || !is(at_ + 1, Kind::word) || !pieces_[at_ + 1].text.starts_with("letter")) return;
    SortingEvent e;
    e.number = *n;
    e.begin = pieces_[at_].begin;
    e.end = pieces_[at_ + 1].end;
    out_.push_back(std::move(e));
  }

  std::vector<Piece> pieces_;
  std::size_t at_ = 0;
  std::vector<SortingEvent> out_;
};

}  // namespace

std::vector<SortingEvent> sorting_events(std::string_view text) { return Reader(text).run(); }

}  // namespace assay::verify
