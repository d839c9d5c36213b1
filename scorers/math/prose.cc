// Mathematics within sentences.
#include <algorithm>

#include "harness/base/utf8.h"
#include "scorers/math/extract.h"
#include "scorers/math/token.h"

namespace assay::math {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_wide_blank(char32_t c) { return c == 0xA0 || (c >= 0x2000 && c <= 0x200B) || c == 0x202F || c == 0x3000; }

// A letter of another script, or a sign that is no mathematics: it parts chunks as white space does.
bool parts(char32_t c) {
  return unicode_meaning(c).type == Tok::bad && !(c >= 0xB2 && c <= 0xBE) && !(c >= 0x2070 && c <= 0x2089) &&
         !(c >= 0x2150 && c <= 0x215E) && c != 0xB9;
}

struct Chunk {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool breaks = false;  // a sentence or a line ends before it
};

std::vector<Chunk> chunks_of(std::string_view text) {
  std::vector<Chunk> out;
  bool breaks = false;
  std::size_t i = 0;
  while (i < text.size()) {
    if (is_blank(text[i])) {
      breaks = breaks || text[i] == '\n';
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && !is_blank(text[i])) {
      if (static_cast<unsigned char>(text[i]) < 0x80) {
        ++i;
        continue;
      }
      const CodePoint p = decode_utf8(text, i);
      if (parts(p.value)) break;
      i += p.size;
    }
    if (i > begin) {
      out.push_back({begin, i, breaks});
      breaks = false;
    }
    if (i < text.size() && static_cast<unsigned char>(text[i]) >= 0x80) {
      const CodePoint p = decode_utf8(text, i);
      if (is_wide_blank(p.value)) {
        i += p.size;
      } else if (parts(p.value)) {
        i += p.size;
        breaks = breaks || p.value == 0x3002;
        if (i > begin) out.push_back({i, i, true});  // a boundary
      }
    }
  }
  return out;
}

// May this chunk be a part of an expression?
bool is_mathematical(std::string_view s) {
  if (s.empty()) return false;
  if (s.size() > 1 && s.back() == ':') return false;
  std::string_view core = s;
  while (!core.empty() && (core.back() == '.' || core.back() == ',' || core.back() == ';' || core.back() == '?')) core.remove_suffix(1);
  if (core.empty()) return false;
  bool digit = false;
  std::size_t letters = 0;
  std::size_t longest = 0;
  std::string_view run;
  for (std::size_t i = 0; i < core.size(); ++i) {
    if (is_letter(core[i])) {
      std::size_t end = i;
      while (end < core.size() && is_letter(core[end])) ++end;
      if (end - i > longest) {
        longest = end - i;
        run = core.substr(i, end - i);
      }
      letters += end - i;
      i = end - 1;
    } else {
      digit = digit || is_digit(core[i]);
    }
  }
  if (core[0] == '\\' || core[0] == '$') return true;
  if (letters == 0) return core.find_first_of("\"'?@#~`") == std::string_view::npos;
  const Tok meaning = name_meaning(run).type;
  const bool name = longest > 1 && meaning != Tok::bad && meaning != Tok::both && meaning != Tok::times &&
                    meaning != Tok::cup && meaning != Tok::word;
  if (digit) return longest <= 2 || name;
  if (longest == 1) return core != "a" && core != "I" && core != "A";
  return name && (longest == core.size() || core.find_first_of("(^*/=") != std::string_view::npos);
}

bool has_value(std::string_view s) {
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (is_digit(s[i])) return true;
    if (static_cast<unsigned char>(s[i]) >= 0x80) {
      const CodePoint p = decode_utf8(s, i);
      const Meaning m = unicode_meaning(p.value);
      if (m.type == Tok::constant || m.type == Tok::number || (p.value >= 0xBC && p.value <= 0xBE)) return true;
      i += p.size - 1U;
    }
  }
  return false;
}

bool is_qualifier(std::string_view word) {
  static constexpr std::string_view kWords[] = {"than", "least", "most", "between", "from", "over", "under", "above",
                                                "below", "not", "exceed", "exceeds", "until", "never", "no", "or"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

bool takes_back(std::string_view word) {
  return word == "or" || word == "from" || word == "less" || word == "more" || word == "fewer" || word == "to";
}

bool ends_sentence(std::string_view s) {
  return !s.empty() && (s.back() == '.' || s.back() == '?' || s.back() == ';');
}

}  // namespace

std::string_view last_run(std::string_view text) {
  const std::vector<Chunk> chunks = chunks_of(text);
  const auto at = [&](const Chunk& c) { return text.substr(c.begin, c.end - c.begin); };
  for (std::size_t i = chunks.size(); i-- > 0;) {
    if (!is_mathematical(at(chunks[i])) || !has_value(at(chunks[i]))) continue;
    std::size_t last = i;
    // Forward over what still belongs to it: "2026 ln 2026", "3 + x".
    while (last + 1 < chunks.size() && !chunks[last + 1].breaks && !ends_sentence(at(chunks[last])) &&
           is_mathematical(at(chunks[last + 1]))) {
      ++last;
    }
    std::size_t first = i;
    while (first > 0 && !chunks[first].breaks && !ends_sentence(at(chunks[first - 1])) && is_mathematical(at(chunks[first - 1]))) {
      --first;
    }
    // "greater than 60" is no 60.
    if (first > 0 && !chunks[first].breaks && is_qualifier(at(chunks[first - 1]))) return {};
    // Nor is "4th from last" a 4, or "6 or less" a 6.
    if (last + 1 < chunks.size() && !chunks[last + 1].breaks && takes_back(at(chunks[last + 1]))) return {};
    std::string_view run = text.substr(chunks[first].begin, chunks[last].end - chunks[first].begin);
    const auto trailing = [](char c) { return c == '.' || c == ',' || c == ';' || c == ':' || c == '*' || c == '!' || c == '?'; };
    while (!run.empty() && trailing(run.back())) run.remove_suffix(1);
    while (!run.empty() && (run.front() == '*' || run.front() == ',' || run.front() == ';' || run.front() == '}')) run.remove_prefix(1);
    // An unmatched bracket at an end belongs to the sentence.
    if (std::count(run.begin(), run.end(), '(') < std::count(run.begin(), run.end(), ')') && !run.empty() && run.back() == ')') run.remove_suffix(1);
    if (std::count(run.begin(), run.end(), '(') > std::count(run.begin(), run.end(), ')') && !run.empty() && run.front() == '(') run.remove_prefix(1);
    return run;
  }
  return {};
}

std::string_view after_lead(std::string_view text) {
  std::size_t i = 0;
  int words = 0;
  std::string_view last;
  while (i < text.size()) {
    if (is_blank(text[i]) || text[i] == ',' || text[i] == ':') {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && (is_letter(text[end]) || static_cast<unsigned char>(text[end]) >= 0x80)) {
      if (is_letter(text[end])) {
        ++end;
        continue;
      }
      const CodePoint p = decode_utf8(text, end);
      if (!parts(p.value)) break;
      end += p.size;
    }
    const std::string_view word = text.substr(i, end - i);
    const bool ends = end == text.size() || is_blank(text[end]) || text[end] == ',' || text[end] == ':';
    if (word.size() < 2 || !ends || name_meaning(word).type != Tok::bad) break;
    last = word;
    if (++words > 5) return {};
    i = end;
  }
  if (words == 0 || i >= text.size() || is_qualifier(last)) return {};
  // "June 20" is no 20: the words must be about to state something.
  const std::string_view rest = text.substr(i);
  const bool pause = text.substr(0, i).find_first_of(",:") != std::string_view::npos;
  static constexpr std::string_view kStating[] = {"is", "are", "equals", "ist", "est", "es", "get", "gives", "have", "so",
                                                  "So", "thus", "Thus", "hence", "Hence", "therefore", "Therefore", "obtain"};
  const bool states = std::find(std::begin(kStating), std::end(kStating), last) != std::end(kStating);
  return pause || states || rest.find('=') != std::string_view::npos ? rest : std::string_view();
}

bool is_prose(std::string_view text) {
  int words = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] == '\\') {  // a command is no word, but \text{…} holds some
      const std::size_t name = ++i;
      while (i < text.size() && is_letter(text[i])) ++i;
      const std::string_view command = text.substr(name, i - name);
      if (command == "begin" || command == "end" || command == "operatorname") i = std::min(text.find('}', i), text.size());
      continue;
    }
    if (static_cast<unsigned char>(text[i]) >= 0x80) {
      const CodePoint p = decode_utf8(text, i);
      if (p.value >= 0x600 && unicode_meaning(p.value).type == Tok::bad && parts(p.value)) ++words;
      i += p.size;
      continue;
    }
    if (!is_letter(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_letter(text[end])) ++end;
    const std::string_view w = text.substr(i, end - i);
    if (w.size() >= 2 && (is_short_word(w) || w.size() >= 4) && name_meaning(w).type == Tok::bad) ++words;
    i = end;
  }
  return words >= 3;
}

}  // namespace assay::math
