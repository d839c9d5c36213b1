// Builds the tree from yaml-cpp's events. yaml-cpp's own node tree accepts duplicate keys, aliases
// to an enclosing node and unbounded expansion, so it is not used.
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <map>
#include <optional>
#include <streambuf>
#include <unordered_map>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml.h"
#include "harness/base/yaml_rep.h"

namespace assay {
namespace {

// Thrown by the handler through yaml-cpp, and caught in parse_yaml.
struct Rejected {
  int line;
  int column;
  std::string message;
};

[[noreturn]] void reject(int line, int column, std::string message) {
  throw Rejected{line, column, std::move(message)};
}

// A std::streambuf over text that is not copied.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // never written: there is no overflow()
    setg(begin, begin, begin + text.size());
  }
};

class TreeBuilder : public YAML::EventHandler {
 public:
  using Rep = YamlNode::Rep;
  explicit TreeBuilder(std::shared_ptr<const std::string> file) : file_(std::move(file)) {}

  std::shared_ptr<Rep> root() const { return root_; }
  bool ends_in_quotes() const { return last_quoted_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) reject(mark.line + 1, mark.column + 1, "a second document; one file holds one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    leaf(make(YamlKind::null, mark), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto rep = make(YamlKind::scalar, mark);
    rep->text = value;
    rep->quoted = tag == "!" || tag == kStringTag;
    last_quoted_ = tag == "!";
    if (!rep->quoted) check_tag(tag, mark);
    leaf(std::move(rep), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      reject(mark.line + 1, mark.column + 1, "an alias to a node that contains it");
    }
    const std::shared_ptr<Rep> target = found->second;
    count(target->nodes, mark);
    check_depth(stack_.size() + target->height, mark);
    attach(target, mark);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlKind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlKind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  static constexpr const char* kStringTag = "tag:yaml.org,2002:str";

  struct Open {
    std::shared_ptr<Rep> rep;
    YAML::anchor_t anchor;
    std::optional<YamlEntry> pending;          // a key that waits for its value
    std::map<std::string, int, std::less<>> keys;  // key to its line
  };

  static void check_tag(const std::string& tag, const YAML::Mark& mark) {
    if (tag.empty() || tag == "?") return;
    reject(mark.line + 1, mark.column + 1, format("the tag '{}' is not supported", tag));
  }

  static void check_depth(std::size_t depth, const YAML::Mark& mark) {
    if (depth > kMaxYamlDepth) {
      reject(mark.line + 1, mark.column + 1, format("nested deeper than {} levels", kMaxYamlDepth));
    }
  }

  void count(std::size_t nodes, const YAML::Mark& mark) {
    nodes_ += nodes;
    if (nodes_ > kMaxYamlNodes) {
      reject(mark.line + 1, mark.column + 1, format("more than {} nodes, aliases expanded", kMaxYamlNodes));
    }
  }

  std::shared_ptr<Rep> make(YamlKind kind, const YAML::Mark& mark) {
    count(1, mark);
    auto rep = std::make_shared<Rep>();
    rep->kind = kind;
    rep->line = mark.line + 1;
    rep->column = mark.column + 1;
    rep->file = file_;
    return rep;
  }

  void leaf(std::shared_ptr<Rep> rep, YAML::anchor_t anchor) {
    const YAML::Mark mark = mark_of(*rep);
    check_depth(stack_.size() + 1, mark);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = rep;
    attach(std::move(rep), mark);
  }

  static YAML::Mark mark_of(const Rep& rep) {
    YAML::Mark mark;
    mark.line = rep.line - 1;
    mark.column = rep.column - 1;
    return mark;
  }

  void open(YamlKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    check_tag(tag == "!" ? std::string() : tag, mark);
    check_depth(stack_.size() + 1, mark);
    if (!stack_.empty() && stack_.back().rep->kind == YamlKind::map && !stack_.back().pending) {
      reject(mark.line + 1, mark.column + 1, "expected a key, got a list or a mapping");
    }
    stack_.push_back({make(kind, mark), anchor, std::nullopt, {}});
  }

  void close() {
    const Open done = std::move(stack_.back());
    stack_.pop_back();
    if (done.anchor != YAML::NullAnchor) anchors_[done.anchor] = done.rep;
    attach(done.rep, mark_of(*done.rep));
  }

  // Puts a finished node into the one that is open.
  void attach(std::shared_ptr<Rep> rep, const YAML::Mark& mark) {
    if (stack_.empty()) {
      root_ = std::move(rep);
      return;
    }
    Open& parent = stack_.back();
    if (parent.rep->kind == YamlKind::map && !parent.pending) {
      begin_entry(parent, *rep, mark);
      return;
    }
    parent.rep->nodes += rep->nodes;
    parent.rep->height = std::max(parent.rep->height, rep->height + 1);
    if (parent.rep->kind == YamlKind::sequence) {
      parent.rep->items.emplace_back(std::move(rep));
      return;
    }
    if (rep->kind == YamlKind::null && rep->line != parent.pending->line) {
      // yaml-cpp places an absent value at whatever comes next.
      rep->line = parent.pending->line;
      rep->column = parent.pending->column;
    }
    parent.pending->value = YamlNode(std::move(rep));
    parent.rep->entries.push_back(std::move(*parent.pending));
    parent.pending.reset();
  }

  static void begin_entry(Open& map, const Rep& key, const YAML::Mark& mark) {
    const int line = mark.line + 1;
    const int column = mark.column + 1;
    if (key.kind != YamlKind::scalar) reject(line, column, "expected a key; one that looks like null needs quotes");
    const auto [first, added] = map.keys.emplace(key.text, line);
    if (!added) {
      reject(line, column, format("the key '{}' is given twice; first on line {}", printable(key.text), first->second));
    }
    map.pending = YamlEntry{key.text, line, column, YamlNode()};
    map.rep->nodes += 1;
  }

  std::shared_ptr<const std::string> file_;
  std::shared_ptr<Rep> root_;
  std::vector<Open> stack_;
  std::unordered_map<YAML::anchor_t, std::shared_ptr<Rep>> anchors_;  // finished nodes only
  std::size_t nodes_ = 0;
  int documents_ = 0;
  bool last_quoted_ = false;  // the scalar read last was "...", '...', | or >
};

void build(std::string_view text, TreeBuilder& builder) {
  ViewBuffer buffer(text);
  std::istream in(&buffer);
  YAML::Parser parser(in);
  while (parser.HandleNextDocument(builder)) {
  }
}

// yaml-cpp takes the end of the file for a closing quote when white space stands before it; without
// that white space it complains.
void check_last_quote(std::string_view text, const std::shared_ptr<const std::string>& file) {
  const std::size_t end = text.find_last_not_of(" \t\r\n") + 1;
  if (end == text.size()) return;
  TreeBuilder again(file);
  build(text.substr(0, end), again);
}

// YAML 1.2 section 5.1 excludes these from a stream.
bool is_control(char32_t c) {
  return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F || (c >= 0x80 && c < 0xA0 && c != 0x85);
}

std::optional<Error> check_characters(std::string_view text, const std::string& file) {
  int line = 1, column = 1;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint p = decode_utf8(text, i);
    if (!p.valid) return yaml_error(file, line, column, "the text is not valid UTF-8");
    if (is_control(p.value)) {
      return yaml_error(file, line, column, format("the control character U+{:04X}", static_cast<unsigned>(p.value)));
    }
    i += p.size;
    column += p.size;
    if (p.value == '\n') {
      ++line;
      column = 1;
    }
  }
  return std::nullopt;
}

}  // namespace

Error yaml_error(std::string_view file, int line, int column, std::string_view message) {
  return invalid(format("{}:{}:{}: {}", printable(file), line, column, printable(message)));
}

Result<YamlNode> parse_yaml(std::string_view text, std::string filename) {
  if (text.size() > kMaxYamlBytes) {
    return yaml_error(filename, 1, 1, format("larger than {} MB", kMaxYamlBytes >> 20));
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (const auto fault = check_characters(text, filename)) return *fault;
  const auto file = std::make_shared<const std::string>(std::move(filename));
  try {
    TreeBuilder builder(file);
    build(text, builder);
    if (builder.ends_in_quotes()) check_last_quote(text, file);
    if (const auto root = builder.root()) return YamlNode(root);
    auto empty = std::make_shared<YamlNode::Rep>();
    empty->file = file;
    return YamlNode(std::move(empty));
  } catch (const Rejected& e) {
    return yaml_error(*file, e.line, e.column, e.message);
  } catch (const YAML::Exception& e) {
    return yaml_error(*file, std::max(0, e.mark.line) + 1, std::max(0, e.mark.column) + 1, e.msg);
  } catch (const std::exception& e) {
    return yaml_error(*file, 1, 1, format("cannot be read as YAML: {}", e.what()));
  }
}

}  // namespace assay
