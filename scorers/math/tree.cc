#include "scorers/math/tree.h"

namespace assay::math {
namespace {

constexpr std::size_t kMaxText = 1U << 20;
constexpr std::size_t kMaxDescription = 4096;

const char* word(Kind kind) {
  static const char* const kWords[] = {
      "?",      "number", "repeating", "based",   "pi",        "e",         "i",      "infinity", "symbol",
      "add",    "mul",    "div",       "pow",     "neg",       "pm",        "call",   "opaque",   "percent",
      "unit",   "mixed",  "...",       "tuple",   "bracket",   "half_open", "list",   "set",      "union",
      "meet",   "minus",  "empty",     "named",   "matrix",    "relation",  "ratio",  "text"};
  return kWords[static_cast<std::size_t>(kind)];
}

void write(const Tree& tree, NodeId id, int depth, std::string& out) {
  if (out.size() > kMaxDescription || depth > 4 * kMaxNesting) return;
  const Node& n = tree.node(id);
  if (n.count == 0) {
    out += n.text_size > 0 ? std::string(tree.text(id)) : std::string(word(n.kind));
    return;
  }
  out += '(';
  out += word(n.kind);
  if (n.op != 0) out += static_cast<char>('A' + n.op % 64);
  if (n.text_size > 0) {
    out += ':';
    out += tree.text(id);
  }
  for (std::uint32_t i = 0; i < n.count; ++i) {
    out += ' ';
    write(tree, tree.kid(id, i), depth + 1, out);
  }
  out += ')';
}

}  // namespace

Tree::Tree() {
  nodes_.reserve(64);
  kids_.reserve(64);
  nodes_.push_back({});
}

NodeId Tree::add(Kind kind, std::span<const NodeId> kids, std::string_view text, std::uint8_t op) {
  if (nodes_.size() >= kMaxNodes || text_.size() + text.size() > kMaxText ||
      kids_.size() + kids.size() > 4 * kMaxNodes) {
    over_ = true;
    return 0;
  }
  Node n;
  n.kind = kind;
  n.op = op;
  n.first = static_cast<std::uint32_t>(kids_.size());
  n.count = static_cast<std::uint32_t>(kids.size());
  n.text = static_cast<std::uint32_t>(text_.size());
  n.text_size = static_cast<std::uint32_t>(text.size());
  // Either may point into this tree: grow first, then copy by position.
  const bool own_kids = !kids.empty() && kids.data() >= kids_.data() && kids.data() < kids_.data() + kids_.size();
  const std::size_t kids_at = own_kids ? static_cast<std::size_t>(kids.data() - kids_.data()) : 0;
  kids_.reserve(kids_.size() + kids.size());
  for (std::size_t i = 0; i < n.count; ++i) {
    const NodeId kid = own_kids ? kids_[kids_at + i] : kids[i];
    kids_.push_back(kid);
  }
  text_ += std::string(text);
  nodes_.push_back(n);
  return static_cast<NodeId>(nodes_.size() - 1);
}

std::string describe(const Tree& tree, NodeId id) {
  std::string out;
  write(tree, id, 0, out);
  return out;
}

}  // namespace assay::math
