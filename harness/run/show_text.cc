#include <algorithm>
#include <ostream>

#include "harness/base/format.h"
#include "harness/base/units.h"
#include "harness/base/utf8.h"
#include "harness/run/show.h"

namespace assay {
namespace {

constexpr std::string_view kIndent = "  ";
constexpr std::string_view kTab = "    ";
constexpr std::size_t kHead = 30;     // lines kept of a long text: at its start,
constexpr std::size_t kTail = 15;     // at its end,
constexpr std::size_t kAround = 3;    // and beside the mark
constexpr std::size_t kMinWidth = 20;
constexpr std::string_view kOpen = "\xE2\x9F\xA6";
constexpr std::string_view kClose = "\xE2\x9F\xA7";

// As shown: safe, on one line.
std::string shown(std::string_view text) {
  std::string out;
  std::size_t begin = 0;
  for (std::size_t tab = text.find('\t'); tab != std::string_view::npos; tab = text.find('\t', begin)) {
    out += printable(text.substr(begin, tab - begin));
    out += kTab;
    begin = tab + 1;
  }
  return out + printable(text.substr(begin));
}

std::size_t shown_width(std::string_view character) {
  if (character.size() == 1 && character[0] >= 0x20 && character[0] < 0x7F) return 1;
  return display_width(shown(character));
}

// The lines as they will stand on the terminal, as byte ranges of the text. Breaks after a blank
// where there is one in the second half of the line.
std::vector<Span> lines_of(std::string_view text, std::size_t columns) {
  std::vector<Span> lines;
  std::size_t begin = 0;
  std::size_t blank = 0;  // where a line could break, 0 if nowhere
  std::size_t used = 0;
  std::size_t used_at_blank = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\n') {
      lines.push_back({begin, i});
      begin = ++i;
      used = blank = 0;
      continue;
    }
    const std::size_t size = decode_utf8(text, i).size;
    const std::size_t width = columns == 0 ? 0 : shown_width(text.substr(i, size));
    if (columns > 0 && used > 0 && used + width > columns) {
      const std::size_t cut = blank > begin && used_at_blank * 2 > columns ? blank : i;
      lines.push_back({begin, cut});
      used = cut == blank ? used - used_at_blank : 0;
      begin = cut;
      blank = 0;
    }
    used += width;
    i += size;
    if (text[i - 1] == ' ') {
      blank = i;
      used_at_blank = used;
    }
  }
  if (begin < text.size() || lines.empty()) lines.push_back({begin, text.size()});
  return lines;
}

bool touches(const Span& line, const Span& mark) { return line.begin <= mark.end && mark.begin <= line.end; }

std::vector<bool> lines_to_show(const std::vector<Span>& lines, const std::optional<Span>& mark, bool full) {
  std::vector<bool> show(lines.size(), true);
  if (full || lines.size() <= kHead + kTail + 2 * kAround) return show;
  std::fill(show.begin() + kHead, show.end() - kTail, false);
  if (!mark) return show;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    // Of a mark over very many lines the ends are enough.
    const bool first = lines[i].begin <= mark->begin && mark->begin <= lines[i].end;
    const bool last = lines[i].begin <= mark->end && mark->end <= lines[i].end;
    if (!first && !last) continue;
    const std::size_t from = i >= kAround ? i - kAround : 0;
    for (std::size_t k = from; k < std::min(lines.size(), i + kAround + 1); ++k) show[k] = true;
  }
  return show;
}

// Writes one line; the mark's part of it stands out.
void write_line(std::string_view text, const Span& line, const std::optional<Span>& mark, bool color,
                std::ostream& out) {
  if (line.begin < line.end) out << kIndent;
  if (!mark || !touches(line, *mark)) {
    out << shown(text.substr(line.begin, line.end - line.begin)) << '\n';
    return;
  }
  const std::size_t from = std::clamp(mark->begin, line.begin, line.end);
  const std::size_t to = std::clamp(mark->end, line.begin, line.end);
  out << shown(text.substr(line.begin, from - line.begin));
  if (color) {
    if (to > from) out << "\x1b[7m" << shown(text.substr(from, to - from)) << "\x1b[0m";
  } else {
    const bool opens = mark->begin >= line.begin && mark->begin < line.end;
    const bool closes = mark->end <= line.end && mark->end > line.begin;
    out << (opens ? kOpen : "") << shown(text.substr(from, to - from)) << (closes ? kClose : "");
  }
  out << shown(text.substr(to, line.end - to)) << '\n';
}

// Without line feeds at its ends, where a mark could not be drawn; nullopt when nothing is left.
std::optional<Span> checked_mark(std::string_view text, std::optional<Span> mark) {
  if (!mark || mark->end > text.size()) return std::nullopt;
  while (mark->begin < mark->end && text[mark->begin] == '\n') ++mark->begin;
  while (mark->begin < mark->end && text[mark->end - 1] == '\n') --mark->end;
  return mark->begin < mark->end ? mark : std::nullopt;
}

}  // namespace

void show_text(std::string_view text, std::optional<Span> mark, std::ostream& out,
               const ShowOptions& options) {
  mark = checked_mark(text, mark);
  while (!text.empty() && text.back() == '\n' && (!mark || mark->end < text.size())) text.remove_suffix(1);
  const std::size_t columns =
      options.width == 0 ? 0 : std::max(kMinWidth, options.width) - kIndent.size();
  const std::vector<Span> lines = lines_of(text, columns);
  const std::vector<bool> show = lines_to_show(lines, mark, options.full);
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!show[i]) {
      ++left_out;
      continue;
    }
    if (left_out > 0) {
      out << kIndent << format("[{} lines left out; --full shows them]\n", grouped_text(left_out));
    }
    left_out = 0;
    write_line(text, lines[i], mark, options.color, out);
  }
}

}  // namespace assay
