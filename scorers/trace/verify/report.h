// Collects what a verifier finds and turns it into a verdict: the first false statement that the trace does
// not withdraw is the mistake.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scorers/trace/verify/verifier.h"

namespace assay::verify {

class Report {
 public:
  explicit Report(const Input& input) : input_(input) {}

  // One statement was read and compared.
  void checked() { ++claims_; }
  std::size_t claims() const { return claims_; }
  // A statement of step `step`, bytes [begin, end) of that step, is false.
  void wrong(std::size_t step, std::size_t begin, std::size_t end, std::string_view kind, std::string detail);
  bool any_wrong() const { return !found_.empty(); }
  bool full() const { return found_.size() >= kMaxFindings; }

  // The verdict. Without a single checked statement it is unparsed, with `nothing_read` as the reason.
  StateVerdict verdict(std::string_view nothing_read) const;
  static StateVerdict unparsed(std::string reason);

 private:
  struct Wrong {
    std::size_t step;
    std::size_t begin;
    std::size_t end;
    std::string_view kind;
    std::string detail;
  };
  bool withdrawn(const Wrong& wrong) const;

  const Input& input_;
  std::vector<Wrong> found_;
  std::size_t claims_ = 0;
};

}  // namespace assay::verify
