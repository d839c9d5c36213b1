#include "harness/text/jinja/lexer.h"

#include <algorithm>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/text/jinja/characters.h"
#include "harness/text/jinja/lex_literal.h"
#include "harness/text/jinja/limits.h"

namespace assay::jinja {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// Jinja's newlines: \r\n and \r are \n, and one at the end of the source is dropped.
std::string normalized(std::string_view source) {
  std::string out;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] != '\r') {
      out += source[i];
    } else if (i + 1 >= source.size() || source[i + 1] != '\n') {
      out += '\n';
    }
  }
  if (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < source.size(); ++i) {
      if (source[i] == '\n') starts_.push_back(i + 1);
    }
  }

  Result<std::vector<Token>> run() {
    while (at_ < source_.size() && !error_) text();
    if (error_) return *error_;
    add(TokenKind::end, {}, source_.size());
    return std::move(tokens_);
  }

 private:
  Position position(std::size_t offset) const {
    const auto line = std::upper_bound(starts_.begin(), starts_.end(), offset) - starts_.begin();
    return {static_cast<std::uint32_t>(line),
            static_cast<std::uint32_t>(offset - starts_[static_cast<std::size_t>(line) - 1] + 1)};
  }
  void add(TokenKind kind, std::string text, std::size_t offset) {
    tokens_.push_back({kind, std::move(text), position(offset)});
  }
  void fail(std::size_t offset, std::string message) {
    if (!error_) error_ = error_at(position(offset), std::move(message));
    at_ = source_.size();
  }
  bool sees(std::string_view text) const { return source_.substr(at_, text.size()) == text; }
  char peek(std::size_t ahead) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }

  void text();
  void add_text(std::string_view text, std::size_t offset, char sign, bool is_print);
  void comment(std::size_t begin);
  bool raw(std::size_t begin);
  void inside(bool is_print, std::size_t begin);
  bool close(bool is_print);
  void token();
  void sign();

  std::string_view source_;
  std::size_t at_ = 0;
  std::vector<std::size_t> starts_;
  std::vector<Token> tokens_;
  std::optional<Error> error_;
  bool line_starting_ = true;  // the tag before ended its line
  std::string open_;           // brackets still open within a tag
};

// Text up to the next tag, and the tag's opening.
void Lexer::text() {
  const std::size_t start = at_;
  std::size_t tag = start;
  while (true) {
    tag = source_.find('{', tag);
    if (tag == kNone || tag + 1 >= source_.size()) {
      add_text(source_.substr(start), start, '+', true);
      at_ = source_.size();
      return;
    }
    const char next = source_[tag + 1];
    if (next == '{' || next == '%' || next == '#') break;
    ++tag;
  }
  at_ = tag + 2;
  const char kind = source_[tag + 1];
  const char sign = peek(0) == '-' || peek(0) == '+' ? peek(0) : ' ';
  if (sign != ' ') ++at_;
  add_text(source_.substr(start, tag - start), start, sign, kind == '{');
  line_starting_ = false;
  if (kind == '#') return comment(tag);
  if (kind == '%' && raw(tag)) return;
  inside(kind == '{', tag);
}

void Lexer::add_text(std::string_view text, std::size_t offset, char sign, bool is_print) {
  if (sign == '-') {
    text = strip_right(text);
  } else if (sign != '+' && !is_print) {
    const std::size_t newline = text.rfind('\n');
    const std::size_t line = newline == kNone ? 0 : newline + 1;
    if ((line > 0 || line_starting_) && space_at(text, line) == text.size() - line)
      text = text.substr(0, line);
  }
  if (!text.empty()) add(TokenKind::text, std::string(text), offset);
}

// The end of a comment or of a block: "-" eats white space, "%}" and "#}" one newline.
std::size_t closing_size(std::string_view source, std::size_t at, std::string_view close,
                         bool trims_newline) {
  const char first = at < source.size() ? source[at] : '\0';
  if (first == '-' && source.substr(at + 1, 2) == close) return 3 + space_at(source, at + 3);
  if (first == '+' && trims_newline && source.substr(at + 1, 2) == close) return 3;
  if (source.substr(at, 2) != close) return 0;
  return trims_newline && at + 2 < source.size() && source[at + 2] == '\n' ? 3 : 2;
}

void Lexer::comment(std::size_t begin) {
  for (; at_ < source_.size(); ++at_) {
    const std::size_t size = closing_size(source_, at_, "#}", true);
    if (size == 0) continue;
    at_ += size;
    line_starting_ = source_[at_ - 1] == '\n';
    return;
  }
  fail(begin, "this comment has no end");
}

// At the inside of a block: {% raw %} up to {% endraw %} is text. False: no raw block.
bool Lexer::raw(std::size_t begin) {
  std::size_t at = at_ + space_at(source_, at_);
  if (source_.substr(at, 3) != "raw") return false;
  at += 3;
  at += space_at(source_, at);
  if (source_.substr(at, 3) == "-%}")
    at += 3 + space_at(source_, at + 3);
  else if (source_.substr(at, 2) == "%}")
    at += 2;
  else
    return false;
  const std::size_t start = at;
  line_starting_ = source_[start - 1] == '\n';
  while (true) {
    const std::size_t tag = source_.find("{%", at);
    if (tag == kNone) {
      fail(begin, "this raw block has no end");
      return true;
    }
    at = tag + 2;
    const char sign = at < source_.size() && (source_[at] == '-' || source_[at] == '+') ? source_[at] : ' ';
    if (sign != ' ') ++at;
    std::size_t end = at + space_at(source_, at);
    if (source_.substr(end, 6) != "endraw") continue;
    end += 6;
    end += space_at(source_, end);
    const std::size_t size = closing_size(source_, end, "%}", true);
    if (size == 0) continue;
    add_text(source_.substr(start, tag - start), start, sign, false);
    at_ = end + size;
    line_starting_ = source_[at_ - 1] == '\n';
    return true;
  }
}

void Lexer::inside(bool is_print, std::size_t begin) {
  add(is_print ? TokenKind::print_begin : TokenKind::block_begin, {}, begin);
  open_.clear();
  while (!error_) {
    if (at_ >= source_.size()) return fail(begin, "this tag has no end");
    if (open_.empty() && close(is_print)) return;
    const std::size_t space = space_at(source_, at_);
    if (space > 0)
      at_ += space;
    else
      token();
  }
}

bool Lexer::close(bool is_print) {
  const std::size_t size = closing_size(source_, at_, is_print ? "}}" : "%}", !is_print);
  if (size == 0) return false;
  add(is_print ? TokenKind::print_end : TokenKind::block_end, {}, at_);
  at_ += size;
  line_starting_ = source_[at_ - 1] == '\n';
  return true;
}

void Lexer::token() {
  const std::size_t start = at_;
  const char c = source_[at_];
  const auto is_digit = [](char d) { return d >= '0' && d <= '9'; };
  const auto is_name = [&](char d) {
    return (d >= 'a' && d <= 'z') || (d >= 'A' && d <= 'Z') || d == '_' || is_digit(d);
  };
  if (c == '"' || c == '\'') {
    auto literal = lex_string(source_.substr(at_));
    if (!literal) return fail(start, "this string has no end");
    at_ += literal->size;
    return add(TokenKind::string, std::move(literal->text), start);
  }
  if (is_digit(c)) {
    const bool after_dot = start > 0 && source_[start - 1] == '.';
    const NumberLiteral number = lex_number(source_.substr(at_), !after_dot);
    at_ += number.size;
    return add(number.is_real ? TokenKind::real : TokenKind::integer, number.text, start);
  }
  if (is_name(c)) {
    while (at_ < source_.size() && is_name(source_[at_])) ++at_;
    return add(TokenKind::name, std::string(source_.substr(start, at_ - start)), start);
  }
  sign();
}

void Lexer::sign() {
  constexpr std::string_view kDouble[] = {"//", "**", "==", "!=", ">=", "<="};
  constexpr std::string_view kSingle = "+-*/%~[](){}<>=.:|,;";
  const std::size_t start = at_;
  std::size_t size = 0;
  for (const std::string_view two : kDouble) {
    if (sees(two)) size = 2;
  }
  if (size == 0 && kSingle.find(source_[at_]) != kNone) size = 1;
  if (size == 0) {
    const std::size_t bytes = decode_utf8(source_, at_).size;
    return fail(start, format("unexpected character '{}'", source_.substr(at_, bytes)));
  }
  const char c = source_[at_];
  if (size == 1 && (c == '(' || c == '[' || c == '{')) open_ += c;
  if (size == 1 && (c == ')' || c == ']' || c == '}')) {
    const char opening = c == ')' ? '(' : c == ']' ? '[' : '{';
    if (open_.empty() || open_.back() != opening) return fail(start, format("unexpected '{}'", c));
    open_.pop_back();
  }
  add(TokenKind::sign, std::string(source_.substr(at_, size)), start);
  at_ += size;
}

}  // namespace

Result<std::vector<Token>> lex(std::string_view source) {
  if (source.size() > kMaxSourceBytes) {
    return invalid(format("chat template: longer than {} bytes", kMaxSourceBytes));
  }
  const std::string text = normalized(repair_utf8(source));
  return Lexer(text).run();
}

}  // namespace assay::jinja
