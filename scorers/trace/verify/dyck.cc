// Bracket sequences: the trace replays the sequence symbol by symbol and shows the stack.
//
// A step that names the next symbol must name the right one and show the exact stack; the end must be
// reached neither early nor late; what is popped is the stack from its top; the answer is its closers.
#include <algorithm>
#include <string>

#include "harness/base/format.h"
#include "harness/puzzle/brackets.h"
#include "scorers/trace/verify/report.h"
#include "scorers/trace/verify/text.h"

namespace assay::verify {
namespace {

constexpr std::string_view kBrackets = "()[]{}<>";

bool is_bracket(char c) { return kBrackets.find(c) != std::string_view::npos; }

// The longest run of brackets and blanks, the last of them when several are as long.
std::string sequence_in(std::string_view prompt) {
  std::string best;
  std::string run;
  for (std::size_t i = 0; i <= prompt.size(); ++i) {
    if (i < prompt.size() && is_bracket(prompt[i])) {
      run += prompt[i];
    } else if (i == prompt.size() || !is_blank(prompt[i])) {
      if (run.size() >= best.size() && !run.empty()) best = run;
      run.clear();
    }
  }
  return best;
}

struct BracketList {
  std::string brackets;
  std::size_t end = 0;
  bool empty_word = false;  // "empty", "nothing", "none"
  bool any() const { return empty_word || !brackets.empty(); }
};

std::size_t times(std::string_view word) {
  if (word == "twice") return 2;
  if (word == "thrice") return 3;
  return 0;
}

// Brackets from byte `at` on, over quotes, commas, blanks and "and"; "[" twice is [ [.
BracketList list_at(std::string_view text, std::size_t at) {
  BracketList out;
  out.end = at;
  std::size_t i = at;
  while (i < text.size()) {
    const char c = text[i];
    if (is_bracket(c)) {
      out.brackets += c;
      out.end = ++i;
    } else if (is_blank(c) || c == '"' || c == ',' || c == '`' || c == '\'' || c == ':' || c == '*') {
      ++i;
    } else if (text.substr(i).starts_with("“") || text.substr(i).starts_with("”")) {
      i += 3;
    } else if (is_letter(c)) {
      std::size_t end = i;
      while (end < text.size() && is_letter(text[end])) ++end;
      const std::string word = lowered(text.substr(i, end - i));
      if (word == "and" || word == "then") {
        i = end;
      } else if (times(word) > 0 && !out.brackets.empty()) {
        out.brackets.append(times(word) - 1, out.brackets.back());
        out.end = i = end;
      } else if (out.brackets.empty() && (word == "empty" || word == "nothing" || word == "none")) {
        out.empty_word = true;
        out.end = end;
        break;
      } else {
        break;
      }
    } else {
      break;
    }
  }
  return out;
}

class Replay {
 public:
  Replay(const Input& input, std::string sequence)
      : input_(input), report_(input), sequence_(std::move(sequence)) {}

  StateVerdict run() {
    for (step_ = 0; step_ < input_.steps.size() && !report_.full(); ++step_) read(input_.steps[step_].text);
    if (shown_ == 0) return Report::unparsed("no step shows a stack");
    return report_.verdict("no step shows a stack");
  }

 private:
  void read(std::string_view text) {
    const std::string low = lowered(text);
    std::size_t from = 0;  // what lies before it is dealt with
    for (std::size_t i = 0; i < low.size();) {
      const std::string_view rest = std::string_view(low).substr(i);
      const bool word_start = i == 0 || !is_letter(low[i - 1]);
      if (word_start && rest.starts_with("stack")) {
        i = from = stack_at(text, from, i);
      } else if (word_start &&
                 (rest.starts_with("reached the end") || rest.starts_with("reach the end") ||
                  rest.starts_with("end of the input") || rest.starts_with("end of the sequence"))) {
        at_end(i, i + 11);
        i = from = i + 11;
      } else if (word_start && (rest.starts_with("pop out") || rest.starts_with("pop off"))) {
        i = from = popped(text, i, i + 7);
      } else if (word_start && rest.starts_with("we need") && ended_) {
        i = from = closers(text, i, list_after_words(text, i + 7), false);
      } else if (word_start && (rest.starts_with("answer is") || rest.starts_with("answer:"))) {
        at_end(i, i + 9);
        const std::size_t start = i + (rest[6] == ':' ? 7 : 9);
        i = from = closers(text, i, list_at(text, start), true);
      } else {
        ++i;
      }
    }
  }

  static BracketList list_after_words(std::string_view text, std::size_t at) {
    while (at < text.size() && text[at] != '.' && !is_bracket(text[at])) {
      const BracketList here = list_at(text, at);
      if (here.any()) return here;
      ++at;
    }
    return list_at(text, at);
  }

  // "stack" stands at `at`: the symbols named between `from` and there, then what the stack is said to be.
  std::size_t stack_at(std::string_view text, std::size_t from, std::size_t at) {
    std::size_t i = at + 5;
    std::size_t words = 0;  // "stack: ", "stack is now ", "stack becomes "
    while (i < text.size() && !is_bracket(text[i]) && text[i] != '.' && text[i] != '\n' && words <= 4) {
      if (!is_letter(text[i])) {
        ++i;
        continue;
      }
      if (list_at(text, i).empty_word) break;
      ++words;
      while (i < text.size() && is_letter(text[i])) ++i;
    }
    const std::string_view between = text.substr(at + 5, std::min(i, text.size()) - (at + 5));
    const bool displays = between.find(':') != std::string_view::npos ||
                          between.find('=') != std::string_view::npos ||
                          lowered(between).find("is") != std::string::npos ||
                          lowered(between).find("becomes") != std::string::npos ||
                          lowered(between).find("now") != std::string::npos;
    const std::string_view before = text.substr(from, at - from);
    const bool empty_before = lowered(trimmed(before)).ends_with("empty");
    BracketList shown = list_at(text, i);
    if (!displays && empty_before) return at + 5;  // "empty stack" at the start
    if (!displays || !shown.any()) return at + 5;
    std::string named;
    for (const char c : before) {
      if (is_bracket(c)) named += c;
    }
    ++shown_;
    const bool final = lowered(before).find("final") != std::string::npos;
    compare(named, shown, from, final);
    return std::max(shown.end, at + 5);
  }

  void compare(const std::string& named, const BracketList& shown, std::size_t from, bool final) {
    const std::string now(stack_.open());
    if (final || ended_) {
      at_end(from, shown.end);
      check(shown.brackets == now, from, shown.end, "state_mismatch", "the final stack", now, shown.brackets);
      return;
    }
    if (named.empty()) {
      // A stack without a symbol: the one before, or the one after one more symbol.
      if (shown.brackets == now) return report_.checked();
      if (started_ && next_ < sequence_.size()) advance(1);
      check(shown.brackets == stack_.open(), from, shown.end, "state_mismatch", "the stack",
            std::string(stack_.open()), shown.brackets);
      return;
    }
    started_ = true;
    if (next_ >= sequence_.size()) {
      report_.wrong(step_, from, shown.end, "wrong_symbol", "a symbol is read after the end of the sequence");
      return;
    }
    // Several symbols at once, when all of them are the next ones and the stack fits.
    if (named.size() > 1 && std::string_view(sequence_).substr(next_).starts_with(named)) {
      puzzle::BracketStack several = stack_;
      if (!several.feed_all(named) && several.open() == shown.brackets) {
        next_ += named.size();
        stack_ = several;
        return report_.checked();
      }
    }
    const char expected = sequence_[next_];
    const bool right_symbol =
        named.find(expected) != std::string::npos && (named.size() > 1 || named[0] == expected);
    advance(1);
    if (!right_symbol) {
      report_.wrong(step_, from, shown.end, "wrong_symbol",
                    format("symbol {} of the sequence is {}, not {}", next_, expected, named));
      return;
    }
    check(shown.brackets == stack_.open(), from, shown.end, "state_mismatch", "the stack",
          std::string(stack_.open()), shown.brackets);
  }

  void advance(std::size_t n) {
    for (; n > 0 && next_ < sequence_.size(); --n) stack_.feed(sequence_[next_++]);
  }

  void check(bool right, std::size_t begin, std::size_t end, std::string_view kind, std::string_view what,
             const std::string& is, const std::string& said) {
    if (right) return report_.checked();
    report_.wrong(step_, begin, end, kind,
                  format("{} is {}, not {}", what, is.empty() ? "empty" : is, said.empty() ? "empty" : said));
  }

  void at_end(std::size_t begin, std::size_t end) {
    if (ended_) return;
    ended_ = true;
    if (shown_ == 0) {  // nothing was replayed: the answer alone is checked
      advance(sequence_.size());
      return;
    }
    const std::size_t left = sequence_.size() - next_;
    advance(left);
    if (left == 0) return;
    report_.wrong(step_, begin, end, "ended_early", format("{} symbols of the sequence are left out", left));
  }

  std::size_t popped(std::string_view text, std::size_t at, std::size_t after) {
    const BracketList list = list_at(text, after);
    if (!ended_ || !list.any()) return after;
    std::string top_first(stack_.open());
    std::reverse(top_first.begin(), top_first.end());
    check(list.brackets == top_first, at, list.end, "wrong_pops", "what is popped", top_first, list.brackets);
    return list.end;
  }

  std::size_t closers(std::string_view, std::size_t at, const BracketList& list, bool) {
    const std::string closing = stack_.closing();
    check(list.brackets == closing, at, std::max(list.end, at), "wrong_answer", "what is missing", closing,
          list.brackets);
    return std::max(list.end, at + 7);
  }

  const Input& input_;
  Report report_;
  std::string sequence_;
  puzzle::BracketStack stack_;
  std::size_t next_ = 0;  // symbols read
  std::size_t step_ = 0;
  std::size_t shown_ = 0;  // stacks shown
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace

StateVerdict verify_dyck(const Input& input) {
  std::string sequence;
  if (input.metadata != nullptr) {
    for (const char c : json_string(*input.metadata, "sequence").value_or("")) {
      if (is_bracket(c)) sequence += c;
    }
  }
  if (sequence.empty()) sequence = sequence_in(input.prompt);
  if (sequence.empty()) return Report::unparsed("the prompt holds no bracket sequence");
  puzzle::BracketStack all;
  if (all.feed_all(sequence)) return Report::unparsed("the prompt's sequence does not nest");
  return Replay(input, std::move(sequence)).run();
}

}  // namespace assay::verify
