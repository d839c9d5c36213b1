#include "scorers/trace/verify/report.h"

#include <algorithm>

#include "harness/base/format.h"
#include "scorers/trace/verify/text.h"

namespace assay::verify {
namespace {

constexpr std::size_t kLookAhead = 400;  // bytes after a false statement in which a withdrawal counts
constexpr std::size_t kLookSentences = 2;

// How a writer takes something back; matched at the start of a sentence or clause.
constexpr std::string_view kOpeners[] = {"wait",
                                         "no",
                                         "oops",
                                         "hmm",
                                         "hold on",
                                         "scratch that",
                                         "sorry",
                                         "correction",
                                         "let me correct",
                                         "let me recheck",
                                         "let me re-check",
                                         "let me redo",
                                         "let me fix",
                                         "let's recheck",
                                         "let's redo",
                                         "actually",
                                         "my mistake"};
// What says so anywhere in a sentence.
constexpr std::string_view kAnywhere[] = {"that's wrong",      "that is wrong",    "that's not right",
                                          "that is not right", "i made a mistake", "i made an error",
                                          "that's a mistake",  "this is wrong",    "that was wrong",
                                          "that's incorrect",  "that is incorrect"};

bool ends_sentence(char c) { return c == '.' || c == '!' || c == '?' || c == '\n'; }

// Does the writer take back what was said just before `text`?
bool takes_back(std::string_view text) {
  const std::string low = lowered(text.substr(0, kLookAhead));
  std::size_t sentences = 0;
  bool opens = true;
  for (std::size_t i = 0; i < low.size() && sentences <= kLookSentences; ++i) {
    const std::string_view rest = std::string_view(low).substr(i);
    if (opens && is_letter(low[i])) {
      for (const std::string_view marker : kOpeners) {
        if (!rest.starts_with(marker)) continue;
        const char next = rest.size() > marker.size() ? rest[marker.size()] : ' ';
        if (marker == "no" ? next == ',' || next == '.' || next == '!' || next == ':' : !is_letter(next))
          return true;
      }
      opens = false;
    }
    for (const std::string_view marker : kAnywhere) {
      if (rest.starts_with(marker)) return true;
    }
    if (ends_sentence(low[i])) {
      opens = true;
      if (i + 1 < low.size() && !ends_sentence(low[i + 1])) ++sentences;
    }
    if (low[i] == ',' || low[i] == ';' || low[i] == '(') opens = low[i] != ',';
  }
  return false;
}

}  // namespace

void Report::wrong(std::size_t step, std::size_t begin, std::size_t end, std::string_view kind,
                   std::string detail) {
  checked();
  if (full()) return;
  end = std::min(end, input_.steps[step].text.size());
  found_.push_back({step, std::min(begin, end), end, kind, std::move(detail)});
}

bool Report::withdrawn(const Wrong& wrong) const {
  const auto steps = input_.steps;
  std::string after(steps[wrong.step].text.substr(std::min(wrong.end, steps[wrong.step].text.size())));
  for (std::size_t i = wrong.step + 1; i < steps.size() && i <= wrong.step + 2 && after.size() < kLookAhead;
       ++i) {
    after += ".\n";
    after += steps[i].text.substr(0, kLookAhead);
  }
  return takes_back(after);
}

StateVerdict Report::verdict(std::string_view nothing_read) const {
  StateVerdict out;
  out.claims = claims_;
  out.outcome = claims_ == 0 ? Outcome::unparsed : Outcome::none;
  if (claims_ == 0) out.reason = nothing_read;
  std::vector<const Wrong*> order;
  for (const Wrong& w : found_) order.push_back(&w);
  std::stable_sort(order.begin(), order.end(), [](const Wrong* a, const Wrong* b) {
    return a->step != b->step ? a->step < b->step : a->begin < b->begin;
  });
  for (const Wrong* w : order) {
    const bool back = withdrawn(*w);
    const std::size_t base = input_.steps[w->step].begin;
    out.findings.push_back({.kind = std::string(back ? "self_corrected" : w->kind),
                            .step = static_cast<std::uint32_t>(w->step),
                            .span = {base + w->begin, base + w->end},
                            .detail = w->detail,
                            .severity = back ? Severity::info : Severity::error});
    if (!back && !out.first_mistake) {
      out.first_mistake = static_cast<std::uint32_t>(w->step);
      out.outcome = Outcome::mistake;
    }
  }
  return out;
}

StateVerdict Report::unparsed(std::string reason) {
  StateVerdict out;
  out.reason = std::move(reason);
  return out;
}

}  // namespace assay::verify
