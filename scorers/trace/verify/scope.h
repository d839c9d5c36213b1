// Supposing and concluding in prose: which sentences state something, and under which assumption.
//
// "Suppose P. ... That is a contradiction. So not P." states nothing between the first and the second full
// stop but under P. Where P is false in every solution, what follows from it cannot be called false; "a
// contradiction" under a P that is true is. Threads: one an object. Bounds: linear.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "scorers/trace/verify/report.h"
#include "scorers/trace/verify/text.h"

namespace assay::verify {

struct Sentence {
  std::size_t begin = 0;  // bytes of the step
  std::size_t end = 0;
  bool asks = false;         // a question
  bool supposes = false;     // opens an assumption: "suppose", "assume", "let's say", "case 1:"
  bool conditional = false;  // "if P, then Q": states nothing by itself
  bool possible = false;     // "could", "might", "either ... or", "whether": holds something possible
  bool goes_on = false;      // carries on from the sentence before: "then", "so", "that means"
  bool fails = false;        // says that what was supposed does not work out, in whatever words
  bool contradicts = false;  // says that what was supposed cannot be
};

// Sentences end at . ? ! followed by a blank, and at line breaks. Quoted text and what stands after "says"
// belong to the sentence; use without_quotes() before reading what it states.
std::vector<Sentence> sentences_in(std::string_view text);
// Sets the rest of a sentence's fields from its words.
void classify(Sentence& sentence, const Tokens& tokens);

// The text with everything in double quotes, and what follows "says", "said" or "claims" up to the next
// comma, semicolon, bracket or full stop, blanked out: what others are quoted with is not stated.
std::string without_quotes(std::string_view text);

// What has been supposed.
class Scope {
 public:
  // `true_in_solution`: whether what the sentence supposes is so. Supposing again replaces what was supposed
  // before.
  void suppose(bool true_in_solution, bool by_if) {
    open_ = true;
    by_if_ = by_if;
    impossible_ = !true_in_solution;
  }
  void close() { open_ = impossible_ = false; }
  bool by_if() const { return open_ && by_if_; }
  bool open() const { return open_; }
  bool impossible() const { return open_ && impossible_; }

 private:
  bool open_ = false;
  bool impossible_ = false;
  bool by_if_ = false;
};

// One thing that a sentence says.
struct Asserted {
  std::size_t begin = 0;  // bytes of the sentence
  std::size_t end = 0;
  bool holds = true;  // in the puzzle's solution
  int about = -1;     // two statements about the same with different values exclude each other
  int value = 0;
  std::string detail;  // what is so instead
};

// Checks what sentences state against a puzzle that has one solution.
class ScopedCheck {
 public:
  using Reader = std::function<std::vector<Asserted>(std::string_view sentence, const Tokens& tokens)>;
  explicit ScopedCheck(Report& report) : report_(report) {}
  void read(std::size_t step, std::string_view text, const Reader& reader);
  std::size_t statements() const { return statements_; }

 private:
  void state(std::size_t step, const Asserted& a);
  void wrong(std::size_t step, const Asserted& a);

  Report& report_;
  Scope scope_;
  std::vector<Asserted> assumed_;
  std::size_t statements_ = 0;
};

}  // namespace assay::verify
