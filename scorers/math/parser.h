// The parser's inside, shared by its three sources. Others include parse.h.
#pragma once

#include <string>
#include <vector>

#include "scorers/math/parse.h"
#include "scorers/math/token.h"

namespace assay::math {

class Parser {
 public:
  Parser(std::string_view text, Tokens tokens, Tree& tree);
  Parsed run();

 private:
  // A list's end: which tokens close it.
  enum class Close : std::uint8_t { end, paren, set, brace, angle, cell };

  // parse.cc: lists, relations, sets
  NodeId list(Close close);
  NodeId item();
  NodeId relation();
  NodeId ratio();
  NodeId set_expression();
  NodeId as_set(NodeId id);
  NodeId with_unit(NodeId value);
  bool at_item_end() const;
  bool at_list_end(Close close) const;
  NodeId grouped(const std::vector<NodeId>& items, const std::vector<char>& separators);

  // parse_expression.cc, parse_atom.cc: arithmetic
  NodeId sum();
  NodeId product(bool of_function);
  NodeId factor();              // a power, perhaps with a sign
  NodeId power();
  NodeId postfix(NodeId base);
  NodeId atom();
  NodeId number_atom();
  NodeId symbol_atom();
  NodeId group();               // ( or [
  NodeId bars();
  NodeId function();
  NodeId braces();
  bool starts_atom(std::size_t at) const;
  bool bar_opens() const;
  bool is_condition(std::size_t at) const;  // a bracket that holds a relation: "(k \in Z)"
  NodeId juxtaposed(NodeId left, bool of_function);
  NodeId mixed_number(NodeId whole, std::size_t at);
  std::string subscript();

  // parse_latex.cc: commands
  NodeId command();
  NodeId fraction();
  NodeId argument();            // {…} or one token, as TeX takes it
  NodeId root();
  NodeId binomial();
  NodeId accent();
  NodeId big_operator(Function f);
  NodeId integral();
  NodeId limit();
  NodeId environment();
  NodeId rows(std::string_view name);
  NodeId derivative(std::size_t numerator);
  bool bounds(std::size_t& low, std::size_t& low_end, NodeId& high);

  const Token& tok() const { return tokens_.all[at_]; }
  const Token& tok(std::size_t ahead) const {
    return tokens_.all[at_ + ahead < tokens_.all.size() ? at_ + ahead : tokens_.all.size() - 1];
  }
  bool is(Tok t) const { return tok().type == t; }
  bool accept(Tok t) {
    if (!is(t)) return false;
    next();
    return true;
  }
  void next() {
    if (at_ + 1 < tokens_.all.size()) ++at_;
    skip_deleted();
  }
  void skip_deleted() {
    while (at_ + 1 < tokens_.all.size() && tokens_.all[at_].type == Tok::skip) ++at_;
  }
  NodeId fail(const char* reason) {
    if (!failed_) reason_ = reason;
    failed_ = true;
    return 0;
  }
  std::string source(std::size_t from, std::size_t to) const;  // canonical text of tokens

  struct Deeper {
    explicit Deeper(Parser& p) : parser(p) {
      if (++p.depth_ > kMaxNesting) {
        p.over_ = true;
        p.fail("nested too deep");
      }
    }
    ~Deeper() { --parser.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    Parser& parser;
  };

  std::string_view text_;
  Tokens tokens_;
  Tree& tree_;
  std::vector<std::uint32_t> match_;  // of a brace, the token that closes it
  std::size_t at_ = 0;
  std::size_t stop_ = SIZE_MAX;       // an integral's body ends at this token
  int depth_ = 0;
  int bar_depth_ = 0;
  bool in_set_ = false;
  bool failed_ = false;
  bool over_ = false;
  const char* reason_ = "";
};

}  // namespace assay::math
