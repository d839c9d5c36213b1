// What begins with a backslash, or did before an encoder took it for an escape.
#include <algorithm>

#include "scorers/math/lexer.h"

namespace assay::math {

// A text whose every backslash before a letter is doubled went through an encoder once too often.
bool Lexer::all_doubled(std::string_view text) {
  bool any = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') continue;
    std::size_t n = i;
    while (n < text.size() && text[n] == '\\') ++n;
    if (n < text.size() && is_letter(text[n])) {
      if ((n - i) % 2 != 0) return false;
      any = true;
    }
    i = n - 1;
  }
  return any;
}

// White space, or what an encoder made of \frac, \boxed, \times, \right by taking the first letter for an escape.
void Lexer::damaged(char c) {
  static constexpr struct {
    char c;
    std::string_view rest;
    std::string_view name;
  } kDamage[] = {{'\f', "rac", "frac"},  {'\f', "orall", "forall"}, {'\b', "inom", "binom"}, {'\b', "egin", "begin"},
                 {'\b', "ar", "bar"},    {'\b', "eta", "beta"},     {'\t', "imes", "times"}, {'\t', "heta", "theta"},
                 {'\t', "ext{", "text"}, {'\t', "frac", "tfrac"},   {'\t', "an", "tan"},     {'\r', "ight", "right"},
                 {'\r', "angle", "rangle"}, {'\r', "floor", "rfloor"}, {'\n', "eq", "neq"}, {'\a', "lpha", "alpha"},
                 {'\b', "oxed", "boxed"}, {'\t', "au", "tau"}, {'\r', "ho", "rho"}};
  for (const auto& d : kDamage) {
    if (d.c == c && text_.substr(at_ + 1, d.rest.size()) == d.rest) {
      const std::size_t size = d.name.size() == d.rest.size() ? d.rest.size() : 1 + d.rest.size();
      return command(d.name, at_ + (d.rest.back() == '{' ? d.rest.size() : size));
    }
  }
  blank(1);
}

void Lexer::backslash() {
  std::size_t slashes = 1;
  if (peek(1) == '\\') {
    if (halve_) {
      if (is_letter(peek(2))) slashes = 2;
      if (slashes == 1 && peek(2) == '\\' && peek(3) == '\\') return row(4);
      if (slashes == 1) return row(2);
    } else if (is_letter(peek(2)) && environments_ == 0) {
      std::size_t end = at_ + 2;
      while (end < text_.size() && is_letter(text_[end])) ++end;
      if (!known_command(text_.substr(at_ + 2, end - at_ - 2))) return row(2);
      slashes = 2;
    } else if (peek(2) == '{' || peek(2) == '}' || peek(2) == '%' || peek(2) == '$') {
      slashes = environments_ == 0 ? 2 : 1;
      if (slashes == 1) return row(2);
    } else {
      return row(2);
    }
  }
  const std::size_t name_at = at_ + slashes;
  if (name_at >= text_.size()) return blank(slashes);
  const char c = text_[name_at];
  if (is_letter(c)) {
    std::size_t end = name_at;
    while (end < text_.size() && is_letter(text_[end])) ++end;
    return command(text_.substr(name_at, end - name_at), end);
  }
  escaped(c, name_at + 1);
}

bool Lexer::known_command(std::string_view name) {
  return command_meaning(name).type != Tok::bad || is_text_command(name) || is_layout_command(name);
}

void Lexer::escaped(char c, std::size_t end) {
  switch (c) {
    case '{': ++brackets_; return push(Tok::open_set, {}, end);
    case '}': if (brackets_ > 0) --brackets_; return push(Tok::close_set, {}, end);
    case '%': return push(Tok::percent, {}, end);
    case '$': return money(end) ? push(Tok::currency, {}, end) : blank(end - at_);
    case '|': return push(Tok::bar, {}, end);
    case '&': return push(Tok::both, {}, end);
    case '_': return blank(end - at_);
    case '*': return push(Tok::times, {}, end);
    default: return blank(end - at_);
  }
}

bool Lexer::money(std::size_t at) const {
  while (at < text_.size() && text_[at] == ' ') ++at;
  return at < text_.size() && (is_digit(text_[at]) || text_[at] == '.');
}

void Lexer::command(std::string_view name, std::size_t end) {
  Meaning m = command_meaning(name);
  if (m.type == Tok::bad && !is_text_command(name) && !is_layout_command(name)) {
    // "\lvertx": the longest known name that it begins with.
    std::size_t n = name.size();
    while (n > 2 && !known_command(name.substr(0, n))) --n;
    if (n <= 2) return push(Tok::word, name, end);
    end -= name.size() - n;
    name = name.substr(0, n);
    m = command_meaning(name);
  }
  if (is_text_command(name)) return text_command(end);
  if (m.type == Tok::bad) {
    if (name == "left" || name == "mleft" || name == "right" || name == "mright") return delimiter(name, end);
    return blank(end - at_);
  }
  if (m.text == "begin" || m.text == "end") return environment(m.text == "begin", end);
  if (m.text == "operatorname" || m.text == "mathbb") return named(m.text == "mathbb", end);
  if (m.text == "char") return character(end);
  if (m.type == Tok::open || m.type == Tok::open_set || m.type == Tok::open_bracket) ++brackets_;
  if ((m.type == Tok::close || m.type == Tok::close_set || m.type == Tok::close_bracket) && brackets_ > 0) --brackets_;
  push(m.type, m.text.empty() ? name : m.text, end);
}

// \left| and \right| say which way a bar faces; "\left." is nothing.
void Lexer::delimiter(std::string_view name, std::size_t end) {
  const bool left = name == "left" || name == "mleft";
  std::size_t i = end;
  while (i < text_.size() && text_[i] == ' ') ++i;
  const std::string_view rest = text_.substr(i);
  if (rest.substr(0, 1) == "." ) return blank(i + 1 - at_);
  for (const std::string_view bar : {"|", "\\vert", "\\|", "\\lvert", "\\rvert", "\\Vert"}) {
    if (rest.substr(0, bar.size()) == bar && !(bar.size() > 2 && rest.size() > bar.size() && is_letter(rest[bar.size()]))) {
      return push(left ? Tok::open_bar : Tok::close_bar, {}, i + bar.size());
    }
  }
  if (left && (rest.substr(0, 8) == "\\{\\begin" || rest.substr(0, 9) == "\\{ \\begin") && rest.find("\\right.") != std::string_view::npos) {
    return blank(i + 2 - at_);  // the brace of a system of equations
  }
  if (rest.substr(0, 1) == "{" || rest.substr(0, 1) == "}") {
    brackets_ += left ? 1 : (brackets_ > 0 ? -1 : 0);
    return push(left ? Tok::open_set : Tok::close_set, {}, i + 1);
  }
  if (rest.substr(0, 1) == "<") return push(Tok::open_angle, {}, i + 1);
  if (rest.substr(0, 1) == ">") return push(Tok::close_angle, {}, i + 1);
  blank(end - at_);
}

// Where the brace that opens at `open` closes, or npos.
std::size_t Lexer::closing(std::size_t open) const {
  int depth = 0;
  for (std::size_t i = open; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      ++i;
    } else if (text_[i] == '{') {
      ++depth;
    } else if (text_[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

void Lexer::text_command(std::size_t end) {
  while (end < text_.size() && text_[end] == ' ') ++end;
  if (end < text_.size() && text_[end] == '{' && text_end_ == 0) {
    const std::size_t close = closing(end);
    if (close != std::string_view::npos) {
      text_end_ = close + 1;
      return blank(end + 1 - at_);
    }
  }
  blank(end - at_);
}

void Lexer::environment(bool begin, std::size_t end) {
  while (end < text_.size() && text_[end] == ' ') ++end;
  if (end >= text_.size() || text_[end] != '{') return push(Tok::bad, {}, end);
  const std::size_t close = text_.find('}', end);
  if (close == std::string_view::npos || close - end > 20) return push(Tok::bad, {}, end + 1);
  const std::string_view name = text_.substr(end + 1, close - end - 1);
  std::size_t next = close + 1;
  if (begin && (name == "array" || name == "tabular") && next < text_.size() && text_[next] == '{') {
    const std::size_t columns = closing(next);
    if (columns != std::string_view::npos) next = columns + 1;
  }
  environments_ += begin ? 1 : -1;
  if (environments_ < 0) environments_ = 0;
  push(begin ? Tok::begin_env : Tok::end_env, name, next);
}

// \operatorname{lcm}, \mathbb{R}, \mathbb R
void Lexer::named(bool set, std::size_t end) {
  while (end < text_.size() && (text_[end] == ' ' || text_[end] == '*')) ++end;
  std::size_t begin = end;
  std::size_t stop = end + 1;
  if (end < text_.size() && text_[end] == '{') {
    const std::size_t close = text_.find('}', end);
    if (close == std::string_view::npos || close - end > 24) return push(Tok::bad, {}, end);
    begin = end + 1;
    stop = close;
    end = close + 1;
  } else {
    end = std::min(end + 1, text_.size());
    stop = end;
  }
  std::string_view name = text_.substr(begin, stop - begin);
  while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  if (set) return push(Tok::named_set, name, end);
  const Meaning m = name_meaning(name);
  if (m.type != Tok::bad) return push(m.type, m.text.empty() ? name : m.text, end);
  push(Tok::word, name, end);
}

// \char"000190: a code point in hexadecimal.
void Lexer::character(std::size_t end) {
  std::size_t i = end;
  char32_t value = 0;
  if (i < text_.size() && text_[i] == '"') ++i;
  const std::size_t first = i;
  for (; i < text_.size() && i < first + 6; ++i) {
    const char c = text_[i];
    if (is_digit(c)) {
      value = value * 16 + static_cast<char32_t>(c - '0');
    } else if (c >= 'A' && c <= 'F') {
      value = value * 16 + static_cast<char32_t>(c - 'A' + 10);
    } else {
      break;
    }
  }
  const Meaning m = unicode_meaning(value);
  push(i == first ? Tok::bad : m.type, m.text, i);
}

}  // namespace assay::math
