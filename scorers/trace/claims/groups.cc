#include "scorers/trace/claims/groups.h"

namespace assay::trace {
namespace {

void note(const Token& token, Group& group) {
  if (is_relation(token.kind)) group.relation = true;
  if (token.kind == Tok::word && !token.math) group.words = true;
  if (token.kind == Tok::number) group.numbers = true;
  if (token.kind == Tok::op) group.signs = true;
}

}  // namespace

std::vector<Group> match_groups(const std::vector<Token>& tokens) {
  std::vector<Group> out(tokens.size());
  std::vector<std::uint32_t> open;
  for (std::uint32_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    // No bracket stays open over the end of a line: it was a slip.
    if (token.kind == Tok::line && token.begin < token.end) open.clear();
    if (token.kind == Tok::open) {
      open.push_back(i);
      out[i].modulo = i + 1 < tokens.size() && tokens[i + 1].kind == Tok::modulo;
    } else if (token.kind == Tok::close) {
      if (open.empty() || tokens[open.back()].sign != token.sign) {
        open.clear();
        continue;
      }
      const std::uint32_t begin = open.back();
      open.pop_back();
      out[begin].match = i;
      out[i].match = begin;
      if (open.empty()) continue;
      Group& outer = out[open.back()];
      outer.words |= out[begin].words;
      outer.numbers |= out[begin].numbers;
      outer.signs |= out[begin].signs;
    } else if (!open.empty()) {
      note(token, out[open.back()]);
    }
  }
  return out;
}

}  // namespace assay::trace
