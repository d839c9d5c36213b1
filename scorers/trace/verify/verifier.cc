#include "scorers/trace/verify/verifier.h"

#include <utility>

namespace assay::verify {
namespace {

// Names that begin so; the first that fits counts.
constexpr std::pair<std::string_view, Verifier> kVerifiers[] = {
    {"dyck_languages", verify_dyck},
    {"logic/dyck", verify_dyck},
    {"tracking_shuffled_objects", verify_tracking},
    {"logic/tracking", verify_tracking},
    {"word_sorting", verify_word_sorting},
    {"multistep_arithmetic", verify_arithmetic},
    {"math/arithmetic", verify_arithmetic},
    {"logical_deduction", verify_ordering},
    {"logic/ordering", verify_ordering},
    {"logic/knights-knaves", verify_knights},
    {"logic/zebra", verify_zebra},
    {"math/countdown", verify_countdown},
};

}  // namespace

Verifier verifier_for(std::string_view task) {
  if (task.starts_with("bbh/") || task.starts_with("bbh_")) task.remove_prefix(4);
  for (const auto& [name, verifier] : kVerifiers) {
    if (task.starts_with(name)) return verifier;
  }
  return nullptr;
}

}  // namespace assay::verify
