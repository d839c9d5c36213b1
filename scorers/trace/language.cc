#include "scorers/trace/language.h"

#include <algorithm>
#include <array>
#include <functional>
#include <unordered_set>
#include <vector>

#include "harness/base/unicode.h"
#include "harness/base/utf8.h"

namespace assay::trace {
namespace {

// As script_of() counts. Single letters of these are symbols within another script.
constexpr int kGreek = 14;
constexpr int kLatin = 25;

bool is_symbol(bool single, int script) { return single && (script == kGreek || script == kLatin); }

struct Word {
  std::size_t begin = 0;
  std::size_t end = 0;
  int script = 0;
  bool single = false;  // one letter
};

bool ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Past what is no prose and starts at `at`: code, mathematics, a command, a tag. `at` where it is prose.
std::size_t past_other(std::string_view text, std::size_t at) {
  constexpr std::size_t kMost = 4000;
  const auto until = [&](std::string_view close, std::size_t from, std::size_t most) {
    const std::size_t end = text.substr(0, std::min(text.size(), from + most)).find(close, from);
    return end == std::string_view::npos ? at : end + close.size();
  };
  const std::string_view here = text.substr(at, 3);
  if (here == "```") return until("```", at + 3, text.size());
  switch (text[at]) {
    case '`':
      return until("`", at + 1, 200);
    case '$': {
      if (here.substr(0, 2) == "$$") return until("$$", at + 2, kMost);
      const std::size_t end = until("$", at + 1, 300);
      const std::string_view inner = text.substr(at, end - at);
      return inner.find_first_of("\\^_=") == std::string_view::npos ||
                     inner.find('\n') != std::string_view::npos
                 ? at
                 : end;
    }
    case '\\': {
      if (here.substr(0, 2) == "\\(") return until("\\)", at + 2, kMost);
      if (here.substr(0, 2) == "\\[") return until("\\]", at + 2, kMost);
      std::size_t end = at + 1;
      while (end < text.size() && ascii_letter(text[end])) ++end;
      return end;
    }
    case '<': {
      if (here.size() < 2 || (here[1] != '/' && !ascii_letter(here[1]))) return at;
      return until(">", at + 1, 60);
    }
    default:
      return at;
  }
}

template <typename Visit>
void each_word(std::string_view text, Visit visit) {
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (ascii_letter(c) || static_cast<unsigned char>(c) >= 0x80) {
      Word word{at, at, -1, false};
      std::size_t letters = 0;
      while (at < text.size()) {
        if (ascii_letter(text[at])) {
          if (word.script >= 0 && word.script != kLatin) break;
          word.script = kLatin;
          ++letters;
          ++at;
          continue;
        }
        if (static_cast<unsigned char>(text[at]) < 0x80) break;
        const CodePoint p = decode_utf8(text, at);
        const std::uint8_t kind = char_class_of(p.value);
        if ((kind & (char_class::kLetter | char_class::kMark)) == 0) break;
        if ((kind & char_class::kLetter) != 0) {
          const int script = script_of(p.value);
          if (script >= 0) {
            if (word.script >= 0 && word.script != script) break;
            word.script = script;
          }
          ++letters;
        }
        at += p.size;
      }
      word.end = at;
      word.single = letters == 1;
      if (at == word.begin) {
        at += decode_utf8(text, at).size;
      } else if (letters > 0 && word.script >= 0) {
        visit(word);
      }
      continue;
    }
    const std::size_t past = c == '`' || c == '$' || c == '\\' || c == '<' ? past_other(text, at) : at;
    at = past > at ? past : at + 1;
  }
}

std::string folded(std::string_view word) {
  std::string out(word);
  bool ascii = true;
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    ascii = ascii && static_cast<unsigned char>(c) < 0x80;
  }
  return ascii ? out : change_case(out, LetterCase::lower);
}

// Words of the prompt; a filter of hashes spares most look-ups.
class Quoted {
 public:
  explicit Quoted(std::string_view prompt) {
    each_word(prompt, [&](const Word& w) {
      std::string word = folded(prompt.substr(w.begin, w.end - w.begin));
      filter_[word.size() & 63] = true;
      words_.insert(std::move(word));
    });
  }
  bool has(std::string_view word) const {
    if (words_.empty() || !filter_[word.size() & 63]) return false;
    return words_.count(folded(word)) > 0;
  }

 private:
  std::array<bool, 64> filter_{};
  std::unordered_set<std::string> words_;
};

}  // namespace

Language language_of(std::string_view trace, std::string_view prompt, std::string_view target) {
  std::vector<std::size_t> counts;
  const auto count = [&](const Word& w) {
    if (is_symbol(w.single, w.script)) return;
    if (counts.size() <= static_cast<std::size_t>(w.script))
      counts.resize(static_cast<std::size_t>(w.script) + 1);
    ++counts[static_cast<std::size_t>(w.script)];
  };
  Language out;
  int script = target.empty() ? -1 : script_named(target);
  if (script < 0) {
    each_word(trace, count);
    const auto most = std::max_element(counts.begin(), counts.end());
    if (most == counts.end()) return out;
    script = static_cast<int>(most - counts.begin());
  }
  out.target = script_name(script);
  const Quoted quoted(prompt);
  std::size_t own = 0;
  int last = script;
  each_word(trace, [&](const Word& w) {
    const bool foreign = w.script != script;
    if (foreign && is_symbol(w.single, w.script)) return;
    ++out.words;
    out.switches += w.script != last;
    last = w.script;
    out.foreign += foreign;
    if (quoted.has(trace.substr(w.begin, w.end - w.begin))) return;
    ++own;
    if (foreign && out.foreign_own++ == 0) out.first_foreign = {w.begin, w.end};
  });
  const auto share = [](std::size_t part, std::size_t all) {
    return all == 0 ? std::nullopt : std::optional(1 - static_cast<double>(part) / static_cast<double>(all));
  };
  out.raw = share(out.foreign, out.words);
  out.noquote = share(out.foreign_own, own);
  return out;
}

}  // namespace assay::trace
