// Ordering puzzles: what a trace says of the places of things must follow from the clues.
//
// Where the question offers options (BIG-Bench), a statement must follow from the clues that the trace has
// named so far: a place that nobody could know yet is guessed. "Clue, so X cannot be P" must follow from that
// clue and from places that are settled. A place past the end, and "can be any" for a place that is not free,
// are false. Where the whole order is asked for, statements are held against all clues, since writers there
// use clues unnamed.
#include <algorithm>
#include <map>
#include <string>

#include "harness/base/format.h"
#include "scorers/trace/verify/order_claim.h"
#include "scorers/trace/verify/order_reader.h"
#include "scorers/trace/verify/report.h"
#include "scorers/trace/verify/scope.h"
#include "scorers/trace/verify/text.h"

namespace assay::verify {
namespace {

using Kind = OrderClaim::Kind;
constexpr std::size_t kMaxStates = 512;  // sets of clues that are worked out

struct Question {
  std::vector<Thing> things;
  std::vector<OrderClaim> clues;
  std::vector<std::vector<OrderClaim>> options;
};

std::vector<std::string_view> sentences_of(std::string_view prompt) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= prompt.size(); ++i) {
    const bool end =
        i == prompt.size() || prompt[i] == '\n' ||
        ((prompt[i] == '.' || prompt[i] == '?') && (i + 1 == prompt.size() || is_blank(prompt[i + 1])));
    if (!end) continue;
    const std::string_view s = trimmed(prompt.substr(begin, i - begin));
    if (!s.empty()) out.push_back(s);
    begin = i + 1;
  }
  return out;
}

// "there are seven vehicles: a bus, ...": the number before the colon is that of the things after it.
std::vector<Thing> things_named(std::string_view sentence) {
  const std::size_t colon = sentence.find(": ");
  if (colon == std::string_view::npos) return {};
  const Tokens before(sentence.substr(0, colon));
  std::vector<Thing> things = things_of(sentence.substr(colon + 2));
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (cardinal(before.at(i)) == static_cast<int>(things.size()) && things.size() >= 2) return things;
  }
  return {};
}

std::optional<Question> read_question(std::string_view prompt) {
  const auto sentences = sentences_of(prompt);
  Question q;
  std::size_t start = 0;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    auto things = things_named(sentences[i]);
    if (things.empty()) continue;
    q.things = std::move(things);
    start = i + 1;
  }
  if (q.things.empty() || q.things.size() > puzzle::kMaxPlaces) return std::nullopt;
  OrderReader reader(q.things);
  bool options = false;
  for (std::size_t i = start; i < sentences.size(); ++i) {
    const std::string_view s = sentences[i];
    options = options || s.starts_with("Options") || s.starts_with("(A)");
    const bool option = s.size() > 3 && s[0] == '(' && s[2] == ')';
    auto claims = reader.read(s);
    if (option) {
      q.options.push_back(std::move(claims));
    } else if (!options && claims.size() == 1) {
      q.clues.push_back(claims[0]);
    }
  }
  return q.clues.empty() ? std::nullopt : std::optional<Question>(std::move(q));
}

class Check {
 public:
  Check(const Input& input, Question question)
      : input_(input),
        q_(std::move(question)),
        reader_(q_.things),
        report_(input),
        orders_(all_orders(q_.things.size())),
        mentioned_(q_.clues.size(), false) {}

  StateVerdict run() {
    if (known(q_.clues).orders() == 0) return Report::unparsed("no order fits the clues as they were read");
    for (step_ = 0; step_ < input_.steps.size() && !report_.full(); ++step_) read(input_.steps[step_].text);
    if (statements_ == 0) return Report::unparsed("no step says where something stands");
    return report_.verdict("no step says where something stands");
  }

 private:
  void read(std::string_view text) {
    std::size_t sentence = 0;
    std::vector<std::size_t> here;  // clues named in this sentence
    for (const OrderClaim& c : reader_.read(text)) {
      if (c.sentence != sentence) {
        sentence = c.sentence;
        here.clear();
      }
      take(c, here);
    }
    answer(text);
  }

  void take(const OrderClaim& c, std::vector<std::size_t>& here) {
    ++statements_;
    if (c.kind == Kind::no_place) return wrong(c, "no_such_place");
    if (!c.listed) {
      const auto clue =
          std::find_if(q_.clues.begin(), q_.clues.end(), [&](const OrderClaim& k) { return k.says_same(c); });
      if (clue != q_.clues.end()) {
        const auto index = static_cast<std::size_t>(clue - q_.clues.begin());
        mentioned_[index] = true;
        here.push_back(index);
        return report_.checked();
      }
    }
    if (c.kind == Kind::any) return any(c);
    const bool from_here = c.negated && !here.empty();
    if (!known(from_here ? clues_here(here) : clues_mentioned()).entails(c)) {
      return wrong(c, c.negated                                             ? "false_exclusion"
                      : c.kind == Kind::in_places || c.kind == Kind::holder ? "false_placement"
                                                                            : "false_relation");
    }
    report_.checked();
    const bool settles = c.kind == Kind::in_places && !c.negated && (c.places & (c.places - 1)) == 0;
    if (settles &&
        std::none_of(settled_.begin(), settled_.end(), [&](const OrderClaim& s) { return s.says_same(c); }))
      settled_.push_back(c);
  }

  // "Can be any": whatever the list does not place elsewhere must be possible at each of these places.
  void any(const OrderClaim& c) {
    Knowledge& k = known(clues_mentioned());
    for (std::size_t p = 0; p < q_.things.size(); ++p) {
      if ((c.places >> p & 1U) == 0) continue;
      for (std::size_t t = 0; t < q_.things.size(); ++t) {
        if ((c.things >> t & 1U) == 0 && !k.possible(t, p)) return wrong(c, "not_free");
      }
    }
    report_.checked();
  }

  std::vector<OrderClaim> clues_mentioned() const {
    std::vector<OrderClaim> out;
    for (std::size_t i = 0; i < q_.clues.size(); ++i) {
      if (mentioned_[i]) out.push_back(q_.clues[i]);
    }
    return out;
  }

  std::vector<OrderClaim> clues_here(const std::vector<std::size_t>& here) const {
    std::vector<OrderClaim> out = settled_;
    for (std::size_t i = 0; i < q_.clues.size(); ++i) {
      const bool absolute = mentioned_[i] && q_.clues[i].kind == Kind::in_places;
      if (absolute || std::find(here.begin(), here.end(), i) != here.end()) out.push_back(q_.clues[i]);
    }
    return out;
  }

  Knowledge& known(const std::vector<OrderClaim>& clues) {
    std::string key;
    for (const OrderClaim& c : clues)
      key += format("{},{},{},{},{},{};", static_cast<int>(c.kind), c.negated, c.a, c.b, c.k, c.places);
    const auto found = states_.find(key);
    if (found != states_.end()) return found->second;
    if (states_.size() >= kMaxStates) states_.clear();
    return states_.emplace(key, Knowledge(orders_, clues)).first->second;
  }

  void wrong(const OrderClaim& c, std::string_view kind) {
    report_.wrong(step_, c.begin, c.end, kind,
                  kind == "no_such_place" ? std::string("the row has no such place")
                  : kind == "not_free"    ? std::string("not everything that is left can stand there")
                                          : std::string("this does not follow from the clues"));
  }

  void answer(std::string_view text) {
    const auto part = stated_answer(text);
    if (!part || statements_ == 0) return;
    const auto letter = option_letter(part->text);
    const auto index = letter ? static_cast<std::size_t>(*letter - 'A') : q_.options.size();
    if (index >= q_.options.size()) return;
    Knowledge& k = known(q_.clues);
    for (const OrderClaim& c : q_.options[index]) {
      if (c.kind == Kind::any || c.kind == Kind::no_place) continue;
      if (k.entails(c)) {
        report_.checked();
        continue;
      }
      report_.wrong(step_, part->begin, part->begin + part->text.size(), "wrong_answer",
                    "the answer does not follow from the clues");
      return;
    }
  }

  const Input& input_;
  Question q_;
  OrderReader reader_;
  Report report_;
  std::vector<puzzle::Placement> orders_;
  std::vector<bool> mentioned_;
  std::vector<OrderClaim> settled_;  // places that the trace has rightly stated
  std::map<std::string, Knowledge> states_;
  std::size_t step_ = 0;
  std::size_t statements_ = 0;
};

// Held against all clues, with what is supposed checked as supposed.
class OpenCheck {
 public:
  OpenCheck(const Input& input, const Question& q)
      : input_(input),
        reader_(q.things, true),
        report_(input),
        check_(report_),
        orders_(all_orders(q.things.size())),
        known_(orders_, q.clues) {}

  StateVerdict run() {
    if (known_.orders() != 1)
      return Report::unparsed(format("{} orders fit the clues as they were read", known_.orders()));
    for (std::size_t i = 0; i < input_.steps.size() && !report_.full(); ++i) {
      const std::string_view text = input_.steps[i].text;
      check_.read(i, text, [&](std::string_view s, const Tokens& t) { return asserted(reader_.read(s, t)); });
      answer(i, text);
    }
    return report_.verdict("no step says where something stands");
  }

 private:
  std::vector<Asserted> asserted(const std::vector<OrderClaim>& claims) {
    std::vector<Asserted> out;
    for (const OrderClaim& c : claims) {
      if (c.kind == Kind::any) continue;
      const bool placed = c.kind == Kind::in_places && !c.negated;
      const bool holds = c.kind != Kind::no_place && known_.entails(c);
      out.push_back({c.begin, c.end, holds, placed ? static_cast<int>(c.a) : -1,
                     placed ? static_cast<int>(c.places) : 0,
                     holds ? std::string() : std::string("this does not fit the clues")});
    }
    return out;
  }

  void answer(std::size_t step, std::string_view text) {
    const auto part = stated_answer(text);
    if (!part) return;
    for (const OrderClaim& c : reader_.whole_order(part->text)) {
      if (known_.entails(c)) {
        report_.checked();
        continue;
      }
      report_.wrong(step, part->begin, part->begin + part->text.size(), "wrong_answer",
                    "the order does not fit the clues");
      return;
    }
  }

  const Input& input_;
  OrderReader reader_;
  Report report_;
  ScopedCheck check_;
  std::vector<puzzle::Placement> orders_;
  Knowledge known_;
};

}  // namespace

StateVerdict verify_ordering(const Input& input) {
  auto question = read_question(input.prompt);
  if (!question) return Report::unparsed("the question names no things and clues, or more than eight things");
  if (question->options.empty()) return OpenCheck(input, *question).run();
  return Check(input, std::move(*question)).run();
}

}  // namespace assay::verify
