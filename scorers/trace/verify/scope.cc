#include "scorers/trace/verify/scope.h"

#include <algorithm>

#include "scorers/trace/verify/text.h"

namespace assay::verify {

void classify(Sentence& s, const Tokens& t) {
  for (std::size_t i = 0; i < t.size(); ++i) {
    const std::string_view w = t.at(i);
    if (is_one_of(w, {"suppose", "assume", "assuming", "imagine", "supposing"}) ||
        ((w == "let's" || w == "lets") && is_one_of(t.at(i + 1), {"say", "suppose", "assume", "try"})) ||
        (w == "case" && i == 0) || (w == "try" && i == 0)) {
      s.supposes = true;
    }
    if (w == "if" || w == "unless" || w == "when" || w == "otherwise") s.conditional = true;
    if (is_one_of(w, {"could", "might", "may", "either", "whether", "possibly", "perhaps", "maybe",
                      "possible", "or", "possibilities"}))
      s.possible = true;
    if (w == "can" && t.at(i + 1) != "not" && t.at(i + 1) != "only") s.possible = true;
    if (is_one_of(w, {"contradiction", "contradicts", "contradictory", "impossible", "inconsistent"}))
      s.contradicts = true;
    if (w == "contradiction" && i > 0 && t.at(i - 1) == "no") s.contradicts = false;
    if (is_one_of(w, {"trouble", "fails", "fail", "problem", "conflict", "conflicts", "violates"}))
      s.fails = true;
    if (w == "work" && i > 0 && (t.at(i - 1) == "not" || t.at(i - 1).ends_with("n't"))) s.fails = true;
    if (w == "then" || w == "would") s.goes_on = true;
    if (i == 0 && is_one_of(w, {"so",      "but",     "that", "this",      "which", "and",  "now",
                                "since",   "because", "also", "therefore", "hence", "thus", "in",
                                "however", "it",      "they", "he",        "she",   "as"})) {
      s.goes_on = true;
    }
  }
  if (s.supposes) s.conditional = false;
}

std::vector<Sentence> sentences_in(std::string_view text) {
  std::vector<Sentence> out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const bool last = i == text.size();
    const char c = last ? '\n' : text[i];
    const bool number = c == '.' && i > begin && is_digit(text[i - 1]) &&
                        trimmed(text.substr(begin, i - begin)).size() <= 3;  // "1. "
    const bool stop = last || c == '\n' ||
                      ((c == '.' || c == '?' || c == '!') &&
                       (i + 1 == text.size() || is_blank(text[i + 1]) || text[i + 1] == '"') && !number);
    if (!stop) continue;
    Sentence s;
    s.begin = begin;
    s.end = i;
    s.asks = c == '?';
    if (!trimmed(text.substr(begin, i - begin)).empty()) {
      out.push_back(s);
    }
    begin = i + 1;
  }
  return out;
}

std::string without_quotes(std::string_view text) {
  std::string out(text);
  const std::string low = lowered(text);
  bool quoted = false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '"' || low.compare(i, 3, "“") == 0 || low.compare(i, 3, "”") == 0) {
      quoted = !quoted;
    } else if (quoted) {
      out[i] = ' ';
    } else if ((i == 0 || !is_letter(low[i - 1])) &&
               (low.compare(i, 4, "says") == 0 || low.compare(i, 4, "said") == 0 ||
                low.compare(i, 6, "claims") == 0 || low.compare(i, 6, "claim ") == 0)) {
      while (i < out.size() && is_letter(out[i])) ++i;
      while (i < out.size() && std::string_view(",;()\n.").find(out[i]) == std::string_view::npos)
        out[i++] = ' ';
      --i;
    }
  }
  return out;
}

namespace {

struct Cuts {
  std::size_t assumed = std::string_view::npos;  // where what is supposed ends
  std::size_t from = 0;                          // where it begins
  std::size_t contradiction = std::string_view::npos;
  bool answers = false;
};

Cuts cuts_in(const Tokens& t) {
  Cuts out;
  for (std::size_t i = 0; i < t.size(); ++i) {
    const std::string_view w = t.at(i);
    if (is_one_of(w, {"if", "unless", "when", "otherwise"}) && out.from == 0) out.from = t[i].begin;
    if ((w == "then" || w == ",") && t[i].begin > out.from + 8 && out.assumed == std::string_view::npos)
      out.assumed = t[i].begin;
    if (is_one_of(w, {"contradiction", "contradicts", "contradictory", "impossible", "inconsistent"})) {
      out.contradiction = std::min(out.contradiction, t[i].begin);
    }
    out.answers = out.answers || w == "answer";
  }
  return out;
}

}  // namespace

void ScopedCheck::wrong(std::size_t step, const Asserted& a) {
  report_.wrong(step, a.begin, a.end, "false_statement", a.detail);
}

void ScopedCheck::state(std::size_t step, const Asserted& a) {
  ++statements_;
  const bool opposes = std::any_of(assumed_.begin(), assumed_.end(), [&](const Asserted& b) {
    return b.about == a.about && b.value != a.value;
  });
  if (scope_.open() && opposes) scope_.close();  // what was supposed is given up
  if (scope_.impossible()) return;
  if (a.holds) return report_.checked();
  wrong(step, a);
}

void ScopedCheck::read(std::size_t step, std::string_view text, const Reader& reader) {
  const std::string plain = without_quotes(text);
  for (Sentence& s : sentences_in(plain)) {
    const std::string_view sentence = std::string_view(plain).substr(s.begin, s.end - s.begin);
    if (s.asks) continue;
    const Tokens tokens(sentence);
    classify(s, tokens);
    std::vector<Asserted> claims = reader(sentence, tokens);
    const Cuts cuts = cuts_in(tokens);
    if (cuts.answers || (scope_.by_if() && !s.goes_on)) scope_.close();
    std::size_t next = 0;
    if ((s.supposes || s.conditional) && !claims.empty()) {
      if (claims[0].begin < cuts.from) continue;  // "P if Q"
      assumed_.clear();
      while (next < claims.size() && claims[next].begin < cuts.assumed) assumed_.push_back(claims[next++]);
      const bool holds =
          std::all_of(assumed_.begin(), assumed_.end(), [](const Asserted& a) { return a.holds; });
      scope_.suppose(!s.possible && holds, !s.supposes);
    } else if (s.possible) {
      next = claims.size();
    }
    bool contradicted = !s.contradicts;
    for (; next <= claims.size(); ++next) {
      const bool last = next == claims.size();
      if (!contradicted && (last || claims[next].begin > cuts.contradiction)) {
        contradicted = true;
        if (scope_.open() && !scope_.impossible() && !assumed_.empty()) {
          report_.wrong(step, s.begin, s.end, "false_contradiction", "what was supposed is no contradiction");
        }
        scope_.close();
      }
      if (last) break;
      Asserted a = claims[next];
      a.begin += s.begin;
      a.end += s.begin;
      state(step, a);
    }
    if (s.fails) scope_.close();
  }
}

}  // namespace assay::verify
