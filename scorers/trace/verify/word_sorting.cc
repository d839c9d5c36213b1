// Sorting words letter by letter: groups of words that share their letters so far are split one after
// another.
//
// A letter claim must be true; a chain must hold the words of what it splits, in groups that agree in the
// letter, in the order of the alphabet; a chain of all words must say what has been established and no more;
// a tie is resolved before another group is opened; the answer is the sorted list. A word copied with a slip
// is still that word.
#include <algorithm>
#include <map>

#include "harness/base/format.h"
#include "scorers/trace/verify/report.h"
#include "scorers/trace/verify/sorting_text.h"
#include "scorers/trace/verify/text.h"

namespace assay::verify {
namespace {

constexpr std::size_t kMaxWords = 1000;

std::string letters_only(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (is_letter(c)) out += c;
  }
  return out;
}

// Share of letters in common, in order: 2 * common subsequence / lengths. Words are short.
double similarity(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty() || a.size() > 64 || b.size() > 64) return 0;
  std::vector<std::size_t> row(b.size() + 1);
  for (const char c : a) {
    std::size_t diagonal = 0;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t old = row[j + 1];
      row[j + 1] = c == b[j] ? diagonal + 1 : std::max(row[j], row[j + 1]);
      diagonal = old;
    }
  }
  return 2.0 * static_cast<double>(row.back()) / static_cast<double>(a.size() + b.size());
}

std::vector<std::string> words_in(std::string_view prompt) {
  const std::string low = lowered(prompt);
  std::string_view text = low;
  for (const std::string_view lead : {"list:", "words:"}) {
    const std::size_t at = text.rfind(lead);
    if (at != std::string_view::npos) text = text.substr(at + lead.size());
  }
  text = trimmed(text.substr(0, std::min(text.find("\n\n"), text.size())));
  std::vector<std::string> out;
  for (std::size_t i = 0; i < text.size() && out.size() <= kMaxWords;) {
    std::size_t end = i;
    while (end < text.size() && !is_blank(text[end]) && text[end] != ',') ++end;
    if (end > i) out.emplace_back(text.substr(i, end - i));
    i = end + 1;
  }
  return out;
}

using Group = std::vector<std::size_t>;  // sorted ids of distinct words

class Sorting {
 public:
  Sorting(const Input& input, std::vector<std::string> list) : input_(input), report_(input) {
    std::sort(list.begin(), list.end());
    sorted_ = list;
    list.erase(std::unique(list.begin(), list.end()), list.end());
    words_ = std::move(list);
    Group all;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      ids_[words_[i]] = i;
      all.push_back(i);
    }
    known_.push_back(all);
    subpart_ = all;
  }

  StateVerdict run() {
    for (step_ = 0; step_ < input_.steps.size() && !report_.full(); ++step_) {
      for (const SortingEvent& e : sorting_events(input_.steps[step_].text)) take(e);
      bare_list(input_.steps[step_].text);
      answer(input_.steps[step_].text);
    }
    if (read_ == 0) return Report::unparsed("no step compares letters or words");
    return report_.verdict("no step compares letters or words");
  }

 private:
  using Kind = SortingEvent::Kind;

  void wrong(const SortingEvent& e, std::string_view kind, std::string detail) {
    report_.wrong(step_, e.begin, e.end, kind, std::move(detail));
  }

  std::optional<std::size_t> id_of(const std::string& word) {
    const auto found = ids_.find(word);
    if (found != ids_.end()) return found->second;
    std::optional<std::size_t> best;
    double best_share = 0.7;
    for (std::size_t i = 0; i < words_.size() && ids_.size() < 2 * kMaxWords; ++i) {
      if (word.empty() || words_[i][0] != word[0]) continue;
      const double share = similarity(word, words_[i]);
      if (share >= best_share) {
        best = i;
        best_share = share;
      }
    }
    if (best) ids_[word] = *best;
    return best;
  }

  void take(const SortingEvent& e) {
    if (e.kind == Kind::ordinal) {
      if (place_ != static_cast<std::size_t>(*e.number)) split_ = false;
      place_ = static_cast<std::size_t>(*e.number);
    } else if (e.kind == Kind::letter) {
      ++read_;
      letter(e);
    } else {
      if (e.groups.size() > 1 || e.groups[0].words.size() > 1) ++read_;
      chain(e);
    }
  }

  // The letter of a word at the place that is looked at; with and without what is no letter in it.
  bool has_letter(std::size_t id, std::string_view letter) const { return has_letter(words_[id], letter); }
  bool has_letter(const std::string& word, std::string_view letter) const {
    const std::string plain = letters_only(word);
    const auto at = [&](const std::string& w) {
      return place_ <= w.size() && letter.size() == 1 && w[place_ - 1] == letter[0];
    };
    return at(word) || at(plain) || (letter.empty() && (place_ > word.size() || place_ > plain.size()));
  }

  void letter(const SortingEvent& e) {
    const auto id = id_of(e.word);
    if (!id) return wrong(e, "unknown_word", format("\"{}\" is not in the list", e.word));
    // A slip in copying may have moved the letters; either spelling counts.
    if (!has_letter(*id, e.letter) && !has_letter(e.word, e.letter)) {
      return wrong(e, "wrong_letter",
                   format("letter {} of \"{}\" is not \"{}\"", place_, words_[*id], e.letter));
    }
    const int index = e.letter.size() == 1 ? e.letter[0] - 'a' + 1 : 0;
    if (e.number && index >= 1 && index <= 26 && *e.number != index) {
      return wrong(e, "wrong_letter", format("\"{}\" is letter {} of the alphabet", e.letter, index));
    }
    report_.checked();
  }

  struct Said {
    std::vector<Group> groups;
    std::size_t words = 0;
    bool good = true;
  };

  Said said_in(const SortingEvent& e) {
    Said out;
    std::map<std::size_t, std::size_t> times;
    for (const WordGroup& g : e.groups) {
      Group ids;
      for (const std::string& w : g.words) {
        const auto id = id_of(w);
        if (!id) {
          wrong(e, "unknown_word", format("\"{}\" is not in the list", w));
          out.good = false;
          continue;
        }
        const auto allowed = std::equal_range(sorted_.begin(), sorted_.end(), words_[*id]);
        if (++times[*id] > static_cast<std::size_t>(allowed.second - allowed.first)) {
          wrong(e, "repeated_word", format("\"{}\" stands in the chain too often", words_[*id]));
          out.good = false;
        }
        ids.push_back(*id);
      }
      std::sort(ids.begin(), ids.end());
      ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
      out.words += ids.size();
      if (!ids.empty() && (out.groups.empty() || out.groups.back() != ids))
        out.groups.push_back(std::move(ids));
    }
    out.words = times.size();
    return out;
  }

  void chain(const SortingEvent& e) {
    const Said said = said_in(e);
    if (!said.good) return;
    Group flat;
    for (const Group& g : said.groups) flat.insert(flat.end(), g.begin(), g.end());
    std::sort(flat.begin(), flat.end());
    flat.erase(std::unique(flat.begin(), flat.end()), flat.end());
    const bool labelled =
        std::any_of(e.groups.begin(), e.groups.end(), [](const WordGroup& g) { return g.label.has_value(); });
    if (e.kind == Kind::open) return open(e, flat);
    if (e.for_subpart || (labelled && !split_)) return split(e, said, flat);
    full(e, said);
  }

  void open(const SortingEvent& e, const Group& group) {
    const bool within = ties_.empty() || std::find(ties_.begin(), ties_.end(), group) != ties_.end();
    if (std::find(known_.begin(), known_.end(), group) == known_.end()) {
      wrong(e, "wrong_group", "these words are not one of the groups that are left to sort");
    } else if (!within) {
      wrong(e, "tie_left", "another group is opened while a tie is not resolved");
      ties_.clear();
    } else {
      report_.checked();
    }
    subpart_ = group;
    split_ = false;
  }

  // A chain that splits the group being looked at by the letter at place_.
  void split(const SortingEvent& e, const Said& said, const Group& flat) {
    split_ = true;
    // A tie may be looked into without being opened again.
    if (flat != subpart_ && std::find(known_.begin(), known_.end(), flat) != known_.end()) subpart_ = flat;
    if (flat != subpart_) {
      return wrong(e, "wrong_group",
                   flat.size() < subpart_.size() ? "words of the group are left out"
                                                 : "words of other groups are taken in");
    }
    int last = -1;
    for (const WordGroup& g : e.groups) {
      for (const std::string& w : g.words) {
        const std::size_t id = *id_of(w);
        const std::string l = g.label && *g.label >= 1 && *g.label <= 26
                                  ? std::string(1, static_cast<char>('a' + *g.label - 1))
                                  : std::string();
        if (!g.label || has_letter(id, l) || has_letter(w, l)) continue;
        return wrong(e, "wrong_letter",
                     format("letter {} of \"{}\" is not number {}", place_, words_[id], *g.label));
      }
      if (g.label && *g.label <= last)
        return wrong(e, "wrong_order", format("({}) stands after ({})", *g.label, last));
      if (g.label) last = *g.label;
    }
    if (!ordered(e, said)) return;
    report_.checked();
    refine(said.groups);
  }

  // Do the groups stand in the order of the list? Of two groups every word of the first comes before.
  bool ordered(const SortingEvent& e, const Said& said) {
    for (std::size_t i = 0; i + 1 < said.groups.size(); ++i) {
      if (said.groups[i].back() < said.groups[i + 1].front()) continue;
      // Words that differ only in what is no letter may stand either way.
      const std::string a = letters_only(words_[said.groups[i].back()]);
      const std::string b = letters_only(words_[said.groups[i + 1].front()]);
      if (a <= b && (a != words_[said.groups[i].back()] || b != words_[said.groups[i + 1].front()])) continue;
      wrong(e, "wrong_order",
            format("\"{}\" does not come before \"{}\"", words_[said.groups[i].back()],
                   words_[said.groups[i + 1].front()]));
      return false;
    }
    return true;
  }

  void refine(const std::vector<Group>& groups) {
    const auto found = std::find(known_.begin(), known_.end(), subpart_);
    if (found == known_.end()) return;
    const auto at = known_.erase(found);
    known_.insert(at, groups.begin(), groups.end());
    split_any_ = true;
    ties_.erase(std::remove(ties_.begin(), ties_.end(), subpart_), ties_.end());
    if (subpart_.size() == words_.size()) return;  // the first split leaves all groups open
    for (const Group& g : groups) {
      if (g.size() > 1) ties_.push_back(g);
    }
  }

  // A chain of all words, or of neighbours: what is established, no more and no less.
  void full(const SortingEvent& e, const Said& said) {
    if (!ordered(e, said)) return;
    const auto found = std::search(known_.begin(), known_.end(), said.groups.begin(), said.groups.end());
    if (found != known_.end()) return report_.checked();
    wrong(e, "not_established",
          said.words < words_.size() ? "words are left out" : "the chain is not what was established");
  }

  // "Hence, we have ant bee cow ...": all words in a row, without a sign between them, claim the final order.
  void bare_list(std::string_view text) {
    const std::size_t lead = text.rfind("we have ");
    if (lead == std::string_view::npos) return;
    const std::size_t begin = lead + 8;
    std::string_view rest = text.substr(begin);
    rest = rest.substr(0, rest.find('\n'));
    if (rest.find_first_of("<?[(\":") != std::string_view::npos) return;
    if (rest.ends_with('.')) rest.remove_suffix(1);
    std::vector<std::string> said = words_in(rest);
    for (std::string& w : said) {
      if (const auto id = id_of(w)) w = words_[*id];
    }
    std::vector<std::string> same = said;
    std::sort(same.begin(), same.end());
    if (same != sorted_) return;
    if (said == sorted_) return report_.checked();
    report_.wrong(step_, begin, begin + rest.size(), "wrong_order", "the list is not sorted");
  }

  void answer(std::string_view text) {
    const auto part = stated_answer(text);
    if (!part || part->text.empty() || read_ == 0) return;
    std::vector<std::string> said;
    for (const std::string& w : words_in(part->text)) {
      const auto id = id_of(w.ends_with('.') ? w.substr(0, w.size() - 1) : w);
      said.push_back(id ? words_[*id] : w);
    }
    const std::size_t end = part->begin + part->text.size();
    const bool open = std::any_of(known_.begin(), known_.end(), [](const Group& g) { return g.size() > 1; });
    if (said != sorted_) {
      report_.wrong(step_, part->begin, end, "wrong_answer", "the list is not sorted");
    } else if (open && split_any_) {
      report_.wrong(step_, part->begin, end, "not_established",
                    "the order of some words was never established");
    } else {
      report_.checked();
    }
  }

  const Input& input_;
  Report report_;
  std::vector<std::string> sorted_;
  std::vector<std::string> words_;  // distinct, sorted: a lower id comes first
  std::map<std::string, std::size_t> ids_;
  std::vector<Group> known_;  // groups in order, as established
  Group subpart_;             // the group being looked at
  std::vector<Group> ties_;   // groups that a split has left undecided
  std::size_t place_ = 1;     // which letter is looked at
  bool split_ = false;        // ... has been split
  bool split_any_ = false;
  std::size_t step_ = 0;
  std::size_t read_ = 0;
};

}  // namespace

StateVerdict verify_word_sorting(const Input& input) {
  auto words = words_in(input.prompt);
  if (words.size() < 2 || words.size() > kMaxWords)
    return Report::unparsed("the prompt holds no list of words");
  return Sorting(input, std::move(words)).run();
}

}  // namespace assay::verify
