// LaTeX commands.
#include <algorithm>
#include <iterator>

#include "scorers/trace/claims/lexer.h"

namespace assay::trace {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Command {
  std::string_view name;
  Tok kind;
  char sign;
};
constexpr Command kCommands[] = {
    {"times", Tok::op, '*'},      {"cdot", Tok::op, '*'},       {"ast", Tok::op, '*'},
    {"div", Tok::op, '/'},        {"frac", Tok::fraction, 0},   {"dfrac", Tok::fraction, 0},
    {"tfrac", Tok::fraction, 0},  {"cfrac", Tok::fraction, 0},  {"binom", Tok::binomial, 0},
    {"dbinom", Tok::binomial, 0}, {"tbinom", Tok::binomial, 0}, {"sqrt", Tok::root, 0},
    {"pi", Tok::pi, 0},           {"approx", Tok::approx, 0},   {"simeq", Tok::approx, 0},
    {"equiv", Tok::congruent, 0}, {"pmod", Tok::modulo, 0},     {"bmod", Tok::modulo, 0},
    {"mod", Tok::modulo, 0},      {"lbrace", Tok::stop, 0},     {"rbrace", Tok::stop, 0},
    {"implies", Tok::stop, 0},    {"Rightarrow", Tok::stop, 0}, {"rightarrow", Tok::stop, 0},
    {"to", Tok::stop, 0},         {"iff", Tok::stop, 0},        {"Longrightarrow", Tok::stop, 0},
    {"le", Tok::stop, 0},         {"leq", Tok::stop, 0},        {"ge", Tok::stop, 0},
    {"geq", Tok::stop, 0},        {"ne", Tok::stop, 0},         {"neq", Tok::stop, 0},
    {"lt", Tok::stop, 0},         {"gt", Tok::stop, 0},         {"therefore", Tok::stop, 0},
    {"qquad", Tok::stop, 0},      {"quad", Tok::stop, 0},       {"newline", Tok::line, 0},
    {"lvert", Tok::unknown, 0},
};
// They say how it looks and nothing else.
constexpr std::string_view kLooks[] = {
    "left", "right",  "big",    "Big",          "bigl",      "bigr",       "Bigl",
    "Bigr", "bigg",   "Bigg",   "displaystyle", "textstyle", "boxed",      "fbox",
    "circ", "degree", "limits", "nonumber",     "hspace",    "underbrace", "phantom"};
constexpr std::string_view kText[] = {"text", "textbf", "mathrm", "textrm", "mbox", "textit"};

template <typename Table>
bool holds(const Table& table, std::string_view name) {
  return std::find(std::begin(table), std::end(table), name) != std::end(table);
}

}  // namespace

void ClaimLexer::backslash() {
  const char next = at(at_ + 1);
  if (is_letter(next)) {
    std::size_t end = at_ + 1;
    while (is_letter(at(end))) ++end;
    return command(text_.substr(at_ + 1, end - at_ - 1), end);
  }
  switch (next) {
    case '(':
      inline_math_ = true;
      break;
    case ')':
      inline_math_ = false;
      break;
    case '[':
      // In display mathematics nothing before counts.
      push(Tok::line, 0);
      ++display_;
      break;
    case ']':
      display_ = 0;
      push(Tok::line, 0);
      break;
    case '\\':
      push(Tok::line, 2);
      return;
    case '%':
      push(Tok::percent, 2);
      return;
    case '{':
    case '}':
    case '|':
      push(Tok::unknown, 2);
      return;
    case ',':
    case ';':
    case ':':
    case ' ':
    case '!':
    case '$':
    case '&':
    case '#':
    case '_':
      break;
    case 'n':
    default:
      break;
  }
  spaced_ = spaced_ || next == ',' || next == ';' || next == ' ';
  at_ = std::min(at_ + 2, text_.size());
}

void ClaimLexer::command(std::string_view name, std::size_t end) {
  for (const Command& c : kCommands) {
    if (c.name != name) continue;
    push(c.kind, end - at_, c.sign);
    return;
  }
  if (holds(kText, name)) return text_command(end);
  if (name == "begin" || name == "end") return environment(name == "begin", end);
  if (holds(kLooks, name)) {
    at_ = end;
    if ((name == "left" || name == "right") && at(at_) == '.') ++at_;
    return;
  }
  push(Tok::unknown, end - at_);
}

// \text{ miles}: its words are prose; braces are passed over.
void ClaimLexer::text_command(std::size_t end) {
  if (at(end) != '{') {
    at_ = end;
    return;
  }
  const std::size_t close = text_.find('}', end);
  if (close == std::string_view::npos || close - end > 300) {
    push(Tok::unknown, end - at_);
    return;
  }
  const std::string_view inner = text_.substr(end + 1, close - end - 1);
  at_ = end + 1;
  spaced_ = true;
  if (inner.find_first_of("\\{$") != std::string_view::npos) {  // mathematics within
    push(Tok::unknown, close + 1 - at_);
    return;
  }
  prose_until_ = close;
  while (at_ < close) {
    if (is_letter(text_[at_])) {
      std::size_t stop = at_;
      while (stop < close && (is_letter(text_[stop]) || text_[stop] == '\'')) ++stop;
      push(Tok::word, stop - at_).math = close - end == 2;  // \mathrm{e}
    } else if (text_[at_] >= '0' && text_[at_] <= '9') {
      number();
    } else {
      spaced_ = true;
      ++at_;
    }
  }
  at_ = std::max(at_, close + 1);
}

void ClaimLexer::environment(bool begins, std::size_t end) {
  const std::size_t close = at(end) == '{' ? text_.find('}', end) : std::string_view::npos;
  if (close == std::string_view::npos || close - end > 40) {
    push(Tok::unknown, end - at_);
    return;
  }
  const std::string_view name = text_.substr(end + 1, close - end - 1);
  const bool lines = name.substr(0, 5) == "align" || name.substr(0, 6) == "gather" ||
                     name.substr(0, 8) == "equation" || name.substr(0, 5) == "split" ||
                     name.substr(0, 8) == "multline" || name.substr(0, 7) == "eqnarra";
  if (lines) {
    push(Tok::line, close + 1 - at_);
    display_ = begins ? display_ + 1 : std::max(0, display_ - 1);
    return;
  }
  // A matrix, cases or a table is not read: what it stands in has no value here.
  std::size_t stop = close + 1;
  if (begins) {
    constexpr std::size_t kMost = 4000;
    const std::size_t last = text_.substr(0, std::min(text_.size(), stop + kMost)).find("\\end{", stop);
    if (last != std::string_view::npos) stop = std::min(text_.find('}', last), text_.size() - 1) + 1;
  }
  push(Tok::unknown, stop - at_);
}

}  // namespace assay::trace
