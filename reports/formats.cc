#include "reports/formats.h"

#include <ostream>

namespace assay {

Result<void> for_each_page(const ItemsInput& input, const OnPage& fn) {
  std::vector<ItemRow> page;
  for (;;) {
    const Result<bool> more = input.next_page(page);
    if (!more) return more.error();
    if (!*more) return {};
    if (!page.empty()) fn(page);
  }
}

Result<void> written(const std::ostream& out) {
  if (out.good()) return {};
  return invalid("report: the output cannot be written (is the disk full, or the pipe closed?)");
}

}  // namespace assay
