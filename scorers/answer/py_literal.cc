#include "scorers/answer/py_literal.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "harness/base/format.h"
#include "scorers/answer/ascii.h"
#include "scorers/answer/py_atom.h"

namespace assay::answer {
namespace {

// A value in two canonical texts: `typed` keeps types apart; `loose` is equal where Python's == holds, for
// 1 == 1.0 == True decides which keys of a dict or elements of a set are the same.
struct Node {
  std::string typed;
  std::string loose;
  bool hashable = true;
  std::optional<std::string> text;  // of a str
};

std::string sized(char kind, std::string_view value) { return format("{}{}:{}", kind, value.size(), value); }

Node simple(std::string typed, std::string loose) {
  return {std::move(typed), std::move(loose), true, std::nullopt};
}

Node integer_node(bool negative, const std::string& digits) {
  const char* sign = negative && digits != "0" ? "-" : "";
  return simple(format("i{}{}", sign, digits), format("n{}{}", sign, digits));
}

// A float without fraction equals the integer; canonical_float writes large ones as 1e+30.
std::string loose_float(double value) {
  if (value == static_cast<double>(static_cast<long long>(std::clamp(value, -9e15, 9e15)))) {
    return format("n{}", static_cast<long long>(value));
  }
  return format("f{}", canonical_float(value));
}

Node float_node(double value) { return simple(format("f{}", canonical_float(value)), loose_float(value)); }

Node complex_node(double real, double imaginary) {
  const std::string value = format("c{},{}", canonical_float(real), canonical_float(imaginary));
  return simple(value, imaginary == 0 ? loose_float(real) : value);
}

// An open bracket, or the top level.
struct Frame {
  char bracket = 0;    // '(', '[', '{' or 0
  bool comma = false;  // one was seen: "(1,)" is a tuple
  bool dict = false;
  bool expects_value = true;  // an item may start here
  bool after_colon = false;
  std::vector<Node> items;  // of a dict: key, value, key, value, ...
};

Node join(char open, char close, std::vector<Node>& items, bool hashable) {
  Node out;
  out.typed = out.loose = std::string(1, open);
  for (const Node& item : items) {
    out.typed += item.typed + ",";
    out.loose += item.loose + ",";
    hashable = hashable && item.hashable;
  }
  out.typed += close;
  out.loose += close;
  out.hashable = hashable;
  return out;
}

std::optional<Node> close_set(std::vector<Node>& items) {
  std::map<std::string, std::string> elements;  // loose to typed; the first of equal elements stays
  for (const Node& item : items) {
    if (!item.hashable) return std::nullopt;
    elements.emplace(item.loose, item.typed);
  }
  std::vector<std::string> typed;
  for (const auto& [loose, t] : elements) typed.push_back(t);
  std::sort(typed.begin(), typed.end());
  Node out = simple("{", "{");
  for (const std::string& t : typed) out.typed += t + ",";
  for (const auto& [loose, t] : elements) out.loose += loose + ",";
  out.typed += "}";
  out.loose += "}";
  out.hashable = false;
  return out;
}

std::optional<Node> close_dict(std::vector<Node>& items) {
  struct Entry {
    std::string key;
    const Node* value;
  };
  std::map<std::string, Entry> entries;  // by loose key: the first key stays, the last value wins
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (!items[i].hashable) return std::nullopt;
    const auto it = entries.try_emplace(items[i].loose, Entry{items[i].typed, nullptr}).first;
    it->second.value = &items[i + 1];
  }
  std::vector<std::string> typed;
  Node out = simple("<", "<");
  for (const auto& [loose, entry] : entries) {
    typed.push_back(entry.key + "=" + entry.value->typed);
    out.loose += loose + "=" + entry.value->loose + ",";
  }
  std::sort(typed.begin(), typed.end());
  for (const std::string& t : typed) out.typed += t + ",";
  out.typed += ">";
  out.loose += ">";
  out.hashable = false;
  return out;
}

std::optional<Node> close_frame(Frame& frame) {
  switch (frame.bracket) {
    case '[':
      return join('[', ']', frame.items, false);
    case '{':
      return frame.dict || frame.items.empty() ? close_dict(frame.items) : close_set(frame.items);
    default:
      break;
  }
  if (frame.items.size() == 1 && !frame.comma) return std::move(frame.items[0]);
  if (frame.items.empty() && frame.bracket == 0) return std::nullopt;
  return join('(', ')', frame.items, true);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) { stack_.emplace_back(); }

  std::optional<PyLiteral> run() {
    while (true) {
      skip_space();
      if (at_ == text_.size()) break;
      if (!step()) return std::nullopt;
    }
    Frame& top = stack_.back();
    if (stack_.size() != 1 || top.items.empty() || (top.expects_value && !top.comma)) return std::nullopt;
    std::optional<Node> value = close_frame(top);
    if (!value) return std::nullopt;
    return PyLiteral{std::move(value->typed), std::move(value->text)};
  }

 private:
  // Line breaks end a literal at the top level, apart from those around it, which are trimmed.
  void skip_space() {
    const bool inside = stack_.size() > 1;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (c == ' ' || c == '\t' || c == '\f' || (inside && (c == '\n' || c == '\r'))) {
        ++at_;
      } else {
        break;
      }
    }
  }

  bool step() {
    Frame& frame = stack_.back();
    const char c = text_[at_];
    if (c == ')' || c == ']' || c == '}') return close(c);
    if (c == ',') {
      if (frame.expects_value || frame.items.empty()) return false;
      if (frame.dict && frame.items.size() % 2 == 1) return false;
      ++at_;
      frame.comma = frame.expects_value = true;
      return true;
    }
    if (c == ':') {
      const bool key = frame.bracket == '{' && !frame.expects_value && frame.items.size() % 2 == 1;
      if (!key || (!frame.dict && frame.items.size() != 1) || (!frame.dict && frame.comma)) return false;
      ++at_;
      frame.dict = frame.expects_value = frame.after_colon = true;
      return true;
    }
    if (!frame.expects_value) return false;
    if (c == '(' || c == '[' || c == '{') {
      if (stack_.size() > kMaxLiteralDepth) return false;
      ++at_;
      stack_.emplace_back();
      stack_.back().bracket = c;
      return true;
    }
    std::optional<Node> value = atom();
    return value && add(std::move(*value));
  }

  bool add(Node value) {
    Frame& frame = stack_.back();
    frame.items.push_back(std::move(value));
    frame.expects_value = frame.after_colon = false;
    return true;
  }

  bool close(char c) {
    Frame& frame = stack_.back();
    const char wanted = frame.bracket == '(' ? ')' : frame.bracket == '[' ? ']' : '}';
    if (frame.bracket == 0 || c != wanted || frame.after_colon) return false;
    if (frame.dict && frame.items.size() % 2 == 1) return false;
    ++at_;
    std::optional<Node> value = close_frame(frame);
    if (!value) return false;
    stack_.pop_back();
    return add(std::move(*value));
  }

  std::optional<Node> atom() {
    if (at_py_string(text_, at_)) return string();
    const char c = text_[at_];
    if (c == '-' || c == '+' || is_digit(c) || (c == '.' && text_.substr(at_, 3) != "...")) return number();
    return named();
  }

  std::optional<Node> named() {
    for (const auto& [name, node] : {std::pair<std::string_view, Node>{"None", simple("N", "N")},
                                     {"True", simple("T", "n1")},
                                     {"False", simple("F", "n0")},
                                     {"...", simple("E", "E")}}) {
      if (text_.substr(at_, name.size()) != name) continue;
      const std::size_t end = at_ + name.size();
      if (name != "..." && end < text_.size() &&
          (is_letter(text_[end]) || is_digit(text_[end]) || text_[end] == '_'))
        continue;
      at_ = end;
      return node;
    }
    if (text_.substr(at_, 3) != "set") return std::nullopt;
    std::size_t end = at_ + 3;
    while (end < text_.size() && text_[end] == ' ') ++end;
    if (text_.substr(end, 2) != "()") return std::nullopt;
    at_ = end + 2;
    Node empty = simple("{}", "{}");
    empty.hashable = false;
    return empty;
  }

  std::optional<Node> string() {
    std::optional<PyString> all;
    while (true) {
      std::optional<PyString> part = read_py_string(text_, at_);
      if (!part || (all && all->bytes != part->bytes)) return std::nullopt;
      if (!all) {
        all = std::move(part);
      } else {
        all->value += part->value;
      }
      skip_space();
      if (at_ == text_.size() || !at_py_string(text_, at_)) break;
    }
    const std::string value = sized(all->bytes ? 'b' : 's', all->value);
    Node out = simple(value, value);
    if (!all->bytes) out.text = std::move(all->value);
    return out;
  }

  bool sign() {
    const bool negative = text_[at_] == '-';
    if (negative || text_[at_] == '+') {
      ++at_;
      skip_space();
    }
    return negative;
  }

  std::optional<Node> number() {
    const bool negative = sign();
    const std::optional<PyNumber> n = read_py_number(text_, at_);
    if (!n) return std::nullopt;
    const double real = negative ? -n->real : n->real;
    if (n->kind == PyNumber::Kind::imaginary) return complex_node(0, real);
    skip_space();
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) return complex(*n, negative);
    if (n->kind == PyNumber::Kind::integer) return integer_node(negative, n->digits);
    return float_node(real);
  }

  // The "+2j" of "1+2j".
  std::optional<Node> complex(const PyNumber& real, bool real_negative) {
    const bool negative = sign();
    const std::optional<PyNumber> n = read_py_number(text_, at_);
    if (!n || n->kind != PyNumber::Kind::imaginary) return std::nullopt;
    double value = real.real;
    if (real.kind == PyNumber::Kind::integer) {
      std::size_t at = 0;
      const std::string as_float = real.digits + ".0";
      value = read_py_number(as_float, at)->real;
    }
    return complex_node(real_negative ? -value : value, negative ? -n->real : n->real);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Frame> stack_;
};

}  // namespace

std::optional<PyLiteral> parse_py_literal(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > kMaxLiteralBytes || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  return Parser(text).run();
}

}  // namespace assay::answer
