// The one door to yaml-cpp: text to an immutable tree that knows where each of its nodes stands.
//
//   auto root = parse_yaml(text, "suite.yaml");
//   if (!root) return root.error();                    // "suite.yaml:3:7: key 'seed' is given twice ..."
//   if (auto r = root->only_keys({"name", "seed"}); !r) return r.error();
//   if (const YamlNode* seed = root->get("seed")) { auto value = seed->as_uint(); ... }
//
// Stricter than YAML where leniency would hide a mistake: one document only, keys are plain text
// and unique, no alias to a node that contains it, no tags but !!str, valid UTF-8 without control
// characters. Bounded: kMaxYamlBytes of text, kMaxYamlNodes nodes after alias expansion,
// kMaxYamlDepth levels.
//
// Threads: const after construction, any number of readers. Ownership: a YamlNode is a handle that
// keeps its part of the tree alive; cheap to copy. REQUIRES of every method but the constructor:
// the node came from parse_yaml, not from the default constructor.
// Errors: Code::invalid, one line "file:line:column: message", terminal escapes made visible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay {

inline constexpr std::size_t kMaxYamlBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMaxYamlNodes = 1'000'000;
inline constexpr std::size_t kMaxYamlDepth = 100;

enum class YamlKind : std::uint8_t { null, scalar, sequence, map };

struct YamlEntry;

class YamlNode {
 public:
  struct Rep;
  YamlNode() = default;
  explicit YamlNode(std::shared_ptr<const Rep> rep) : rep_(std::move(rep)) {}

  YamlKind kind() const;
  bool is_null() const { return kind() == YamlKind::null; }
  bool is_scalar() const { return kind() == YamlKind::scalar; }
  bool is_sequence() const { return kind() == YamlKind::sequence; }
  bool is_map() const { return kind() == YamlKind::map; }
  const std::string& text() const;      // a scalar's text; empty for other kinds
  bool was_quoted() const;              // "...", '...', |, > or !!str: text, whatever it looks like
  int line() const;                     // from 1; of an alias's target, not of the alias
  int column() const;                   // from 1, in bytes
  const std::string& file() const;
  std::span<const YamlNode> items() const;     // of a sequence; empty for other kinds
  std::span<const YamlEntry> entries() const;  // of a map, in file order; empty for other kinds

  // Code::invalid at this node's place.
  Error error(std::string_view message) const;

  // Typed readers. A quoted scalar is text and never a number or a truth value. as_string takes
  // every scalar's own text. as_number gives finite values only.
  Result<std::string> as_string() const;
  Result<std::int64_t> as_int() const;
  Result<std::uint64_t> as_uint() const;
  Result<double> as_number() const;
  Result<bool> as_bool() const;
  Result<std::vector<std::string>> as_strings() const;  // a sequence of scalars

  // A map's value; nullptr when absent or when this is not a map.
  const YamlNode* get(std::string_view key) const;
  // The same, or an error that names the missing key.
  Result<YamlNode> need(std::string_view key) const;
  // This is a map, and has no other keys. The error stands at the unknown key and suggests one.
  Result<void> only_keys(std::initializer_list<std::string_view> known) const;
  Result<void> only_keys(std::span<const std::string_view> known) const;

  // As YAML 1.2's core schema reads it (yaml.org/spec/1.2.2, section 10.3.2): unquoted null, truth
  // values, integers and finite floats get their types, everything else is text.
  Json to_json() const;

 private:
  Error expected(std::string_view what) const;
  std::shared_ptr<const Rep> rep_;
};

struct YamlEntry {
  std::string key;
  int line = 0;      // of the key
  int column = 0;
  YamlNode value;
};

// `filename` is only used in messages. An empty text is a null node.
Result<YamlNode> parse_yaml(std::string_view text, std::string filename);
// Error: Code::invalid also for a file that is missing, not readable or larger than kMaxYamlBytes.
Result<YamlNode> load_yaml(const std::filesystem::path& path);
// The text alone, for readers that take a text. One byte more than kMaxYamlBytes at most.
Result<std::string> read_yaml_text(const std::filesystem::path& path);

}  // namespace assay
