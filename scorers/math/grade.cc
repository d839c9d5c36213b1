#include "scorers/math/grade.h"

#include <algorithm>

#include "harness/base/format.h"
#include "scorers/math/compare.h"
#include "scorers/math/extract.h"
#include "scorers/math/parse.h"
#include "scorers/math/plain.h"
#include "scorers/math/words.h"

namespace assay::math {
namespace {

// One side, read.
struct Side {
  std::string text;
  NodeId root = 0;
  bool over_limit = false;
  const char* how = "";     // "parse", "text", "run"
  const char* reason = "";  // why not parsed
};

bool is_letter_answer(std::string_view gold) {
  const std::string w = plain_words(gold);
  return w.size() == 1 && w[0] >= 'A' && w[0] <= 'Z';
}

// "pi is approximately 3.14": what a short text states.
bool states_a_value(std::string_view text) {
  return text.find(" is ") != std::string_view::npos || text.find(" are ") != std::string_view::npos ||
         text.find(" equals ") != std::string_view::npos;
}

// \text{the sum is }505 as words and mathematics.
std::string without_text_commands(std::string_view text) {
  std::string out;
  int depth = 0;
  std::vector<int> open;  // depths at which a \text{ began
  for (std::size_t i = 0; i < text.size(); ++i) {
    static constexpr std::string_view kText = "\\text{";
    if (text.substr(i, kText.size()) == kText && open.size() < 64) {
      open.push_back(++depth);
      out += ' ';
      i += kText.size() - 1;
      continue;
    }
    if (text[i] == '{') ++depth;
    if (text[i] == '}') {
      const bool ends = !open.empty() && open.back() == depth;
      --depth;
      if (ends) {
        open.pop_back();
        out += ' ';
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

// The first spelling that parses; else, where the text is a sentence, the mathematics it ends with; else words.
Side read(const std::vector<std::string>& spellings, Tree& tree) {
  Side side;
  if (spellings.empty()) return side;
  for (const std::string& s : spellings) {
    const Parsed p = parse(s, tree);
    if (p.root != 0) return {s, p.root, false, "parse", ""};
    if (p.over_limit) return {s, 0, true, "parse", p.reason};
    if (side.reason[0] == '\0') side.reason = p.reason;
  }
  if (const std::string rest(after_lead(spellings[0])); !rest.empty()) {
    const Parsed p = parse(rest, tree);
    if (p.root != 0) return {rest, p.root, false, "lead", ""};
  }
  if (is_prose(spellings[0]) || states_a_value(spellings[0])) {
    Policy inner;
    const std::string sentence = without_text_commands(spellings[0]);
    const Found found = extract(sentence, PredictionKind::response, inner, false);
    if (found.rule == std::string_view("whole") && states_a_value(sentence)) {
      const std::string run(last_run(sentence));
      const Parsed p = run.empty() ? Parsed{} : parse(run, tree);
      if (p.root != 0) return {run, p.root, false, "run", ""};
    } else if (found.rule != std::string_view("whole")) {
      for (const std::string& s : found.spellings) {
        const Parsed p = parse(s, tree);
        if (p.root != 0) return {s, p.root, false, found.rule, ""};
      }
    }
  }
  side.text = spellings[0].substr(0, kMaxAnswerBytes);
  if (const char* digits = number_word(plain_words(side.text)); digits != nullptr) {
    side.root = tree.number(digits);
    side.how = "number word";
    return side;
  }
  side.root = tree.leaf(Kind::text, side.text);
  side.how = "text";
  return side;
}

// "1000,99" against 1000.99: a comma as a decimal point.
std::string with_decimal_point(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos || comma == 0 || text.find(',', comma + 1) != std::string_view::npos) return {};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool sign = i == 0 && (text[i] == '-' || text[i] == '+');
    if (i != comma && !sign && !(text[i] >= '0' && text[i] <= '9')) return {};
  }
  if (comma + 1 == text.size()) return {};
  std::string out(text);
  out[comma] = '.';
  return out;
}

// "D" and "(D) 42"
bool is_option_text(std::string_view letter, std::string_view text) {
  const std::string words = plain_words(text);
  if (words.size() < 3 || (words[0] != '(' && words[1] != ')')) return false;
  return is_option(plain_words(letter), words);
}

bool is_decimal(std::string_view text) {
  const auto n = plain_number(text);
  return n && n->point;
}

std::optional<Compared> by_decimal_comma(const Side& gold, const Side& pred, const Policy& policy) {
  if (policy.decimal_comma == CommaPolicy::thousands) return std::nullopt;
  const std::string g = with_decimal_point(gold.text);
  const std::string p = with_decimal_point(pred.text);
  const bool always = policy.decimal_comma == CommaPolicy::decimal;
  if (g.empty() && p.empty()) return std::nullopt;
  const std::string_view x = !g.empty() && (always || is_decimal(pred.text)) ? std::string_view(g) : gold.text;
  const std::string_view y = !p.empty() && (always || is_decimal(gold.text)) ? std::string_view(p) : pred.text;
  const auto a = plain_number(x);
  const auto b = plain_number(y);
  if (!a || !b || !plain_equal(*a, *b).value_or(false)) return std::nullopt;
  return Compared{Equal::yes, "equal with a decimal comma"};
}

// Does the answer have a value at all? An undecided comparison is the prediction's fault when it has none.
bool has_value(Tree& tree, NodeId root, const Policy& policy) {
  if (!is_numeric(tree, root)) return true;
  return order_values(tree, root, root, policy).has_value();
}

void decide(Verdict& v, Side& gold, Side& pred, Tree& tree, const Policy& policy) {
  if (pred.over_limit || gold.over_limit) {
    v.equal = Equal::undecided;
    v.prediction_at_fault = pred.over_limit;
    v.reason = format("{} is over a limit: {}", pred.over_limit ? "the prediction" : "the expected answer",
                      pred.over_limit ? pred.reason : gold.reason);
    return;
  }
  Comparer comparer(tree, policy);
  Compared c = comparer.compare(gold.root, pred.root);
  if (c.equal == Equal::no) {
    const bool words = tree.kind(gold.root) == Kind::text || tree.kind(pred.root) == Kind::text;
    if (words && plain_words(gold.text) == plain_words(pred.text)) c = {Equal::yes, "the same words"};
    if (is_option_text(gold.text, pred.text) || is_option_text(pred.text, gold.text)) c = {Equal::yes, "the option's letter"};
    if (const auto comma = by_decimal_comma(gold, pred, policy)) c = *comma;
  }
  v.equal = c.equal;
  v.reason = c.reason;
  v.rule += format(" > {} > compare:{}", pred.how, comparer.type());
  if (pred.root != 0 && tree.kind(pred.root) == Kind::text && c.equal == Equal::no && pred.reason[0] != '\0') {
    v.reason = format("{}; not read as mathematics: {}", c.reason, pred.reason);
  }
  if (c.equal == Equal::undecided) {
    v.prediction_at_fault = has_value(tree, gold.root, policy) && !has_value(tree, pred.root, policy);
    if (tree.over()) v.prediction_at_fault = true;
  }
}

}  // namespace

const char* name(Equal equal) {
  return equal == Equal::yes ? "true" : equal == Equal::no ? "false" : "undecided";
}

Verdict grade(std::string_view gold, std::string_view prediction, const Policy& policy, PredictionKind kind) {
  Verdict v;
  const std::string_view g = trim_answer(gold);
  const std::string_view whole = trim_answer(prediction);
  // Cheap tiers: the same bytes; two plain numbers.
  if (whole.empty()) {
    v.equal = Equal::no;
    v.no_answer = true;
    v.reason = "the prediction is empty";
    v.rule = "none";
    return v;
  }
  const auto plain_gold = plain_number(g);
  const auto settle = [&](std::string_view pred) {
    if (pred == g) {
      v.equal = Equal::yes;
      v.reason = "the same text";
      return true;
    }
    if (!plain_gold || policy.precision >= 0) return false;
    const auto p = plain_number(pred);
    const auto equal = p ? plain_equal(*plain_gold, *p) : std::nullopt;
    if (!equal) return false;
    v.equal = *equal ? Equal::yes : Equal::no;
    v.reason = *equal ? "proven equal: plain numbers" : "proven unequal: plain numbers";
    return true;
  };
  if (!g.empty() && settle(whole)) {
    v.rule = "whole > plain";
    v.extracted = std::string(whole.substr(0, kMaxAnswerBytes));
    v.begin = static_cast<std::size_t>(whole.data() - prediction.data());
    v.end = v.begin + whole.size();
    return v;
  }
  const Found found = extract(prediction, kind, policy, is_letter_answer(gold));
  v.begin = found.begin;
  v.end = found.end;
  v.rule = found.rule;
  if (found.spellings.empty()) {
    const bool long_one = whole.size() > kMaxAnswerBytes;
    v.equal = long_one ? Equal::undecided : Equal::no;
    v.prediction_at_fault = long_one;
    v.no_answer = !long_one;
    v.reason = long_one ? "the prediction is over a limit: longer than an answer may be" : "no answer was found";
    return v;
  }
  v.extracted = found.spellings[0].substr(0, kMaxAnswerBytes);
  if (g.empty()) {
    v.equal = Equal::undecided;
    v.reason = "there is no expected answer";
    return v;
  }
  if (settle(found.spellings[0])) {
    v.rule += " > plain";
    return v;
  }
  Tree tree;
  // The expected answer is read as the prediction is, so that equality is symmetric.
  const PredictionKind gold_kind = kind == PredictionKind::answer ? kind : PredictionKind::by_looks;
  Found gold_found = extract(gold, gold_kind, policy, false);
  if (gold_found.spellings.empty()) gold_found.spellings.push_back(unescape(g));
  Side expected = read(gold_found.spellings, tree);
  Side pred = read(found.spellings, tree);
  if (!pred.text.empty()) v.extracted = pred.text;
  decide(v, expected, pred, tree, policy);
  return v;
}

Equal same_answer(std::string_view a, std::string_view b, const Policy& policy) {
  return grade(a, b, policy, PredictionKind::answer).equal;
}

}  // namespace assay::math
