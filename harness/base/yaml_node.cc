#include "harness/base/yaml.h"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <optional>

#include "harness/base/format.h"
#include "harness/base/suggest.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml_rep.h"

namespace assay {
namespace {

constexpr std::size_t kShownBytes = 60;  // of a value in a message

std::string shown(std::string_view text) {
  const std::string_view cut = truncate_utf8(text, kShownBytes);
  return printable(cut) + (cut.size() < text.size() ? "..." : "");
}

bool all_digits(std::string_view s) {
  if (s.empty()) return false;
  for (const char c : s) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

struct Integer {
  bool negative = false;
  std::uint64_t magnitude = 0;
};

// [-+]? [0-9]+ | 0o [0-7]+ | 0x [0-9a-fA-F]+, up to 64 bits of magnitude.
std::optional<Integer> parse_integer(std::string_view s) {
  Integer out;
  int base = 10;
  if (s.starts_with("0x") || s.starts_with("0o")) {
    base = s[1] == 'x' ? 16 : 8;
    s.remove_prefix(2);
  } else if (s.starts_with('-') || s.starts_with('+')) {
    out.negative = s[0] == '-';
    s.remove_prefix(1);
  }
  if (s.empty() || (base == 10 && !all_digits(s))) return std::nullopt;
  const auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), out.magnitude, base);
  if (ec != std::errc() || end != s.data() + s.size()) return std::nullopt;
  return out;
}

std::optional<std::int64_t> to_int64(const Integer& value) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;
  if (value.negative) {
    if (value.magnitude > kLimit) return std::nullopt;
    return static_cast<std::int64_t>(0 - value.magnitude);
  }
  if (value.magnitude >= kLimit) return std::nullopt;
  return static_cast<std::int64_t>(value.magnitude);
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool looks_like_float(std::string_view s) {
  if (s.starts_with('-') || s.starts_with('+')) s.remove_prefix(1);
  std::size_t i = 0, digits = 0;
  for (; i < s.size() && s[i] >= '0' && s[i] <= '9'; ++i) ++digits;
  if (i < s.size() && s[i] == '.') {
    for (++i; i < s.size() && s[i] >= '0' && s[i] <= '9'; ++i) ++digits;
  }
  if (digits == 0) return false;
  if (i == s.size()) return true;
  if (s[i] != 'e' && s[i] != 'E') return false;
  ++i;
  if (i < s.size() && (s[i] == '-' || s[i] == '+')) ++i;
  return all_digits(s.substr(i));
}

std::optional<double> parse_number(std::string_view s) {
  if (const auto integer = parse_integer(s)) {
    const auto magnitude = static_cast<double>(integer->magnitude);
    return integer->negative ? -magnitude : magnitude;
  }
  if (!looks_like_float(s)) return std::nullopt;
  if (s.starts_with('+')) s.remove_prefix(1);
  double value = 0;
  const auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (ec != std::errc() || end != s.data() + s.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<bool> parse_bool(std::string_view s) {
  if (s == "true" || s == "True" || s == "TRUE") return true;
  if (s == "false" || s == "False" || s == "FALSE") return false;
  return std::nullopt;
}

Json scalar_to_json(const YamlNode::Rep& rep) {
  if (rep.quoted) return rep.text;
  if (const auto flag = parse_bool(rep.text)) return *flag;
  if (const auto integer = parse_integer(rep.text)) {
    if (const auto value = to_int64(*integer)) return *value;
    if (!integer->negative) return integer->magnitude;
  }
  if (const auto number = parse_number(rep.text)) return *number;
  return rep.text;
}

}  // namespace

YamlKind YamlNode::kind() const { return rep_->kind; }
const std::string& YamlNode::text() const { return rep_->text; }
bool YamlNode::was_quoted() const { return rep_->quoted; }
int YamlNode::line() const { return rep_->line; }
int YamlNode::column() const { return rep_->column; }
const std::string& YamlNode::file() const { return *rep_->file; }
std::span<const YamlNode> YamlNode::items() const { return rep_->items; }
std::span<const YamlEntry> YamlNode::entries() const { return rep_->entries; }

Error YamlNode::error(std::string_view message) const {
  return yaml_error(*rep_->file, rep_->line, rep_->column, message);
}

Error YamlNode::expected(std::string_view what) const {
  switch (rep_->kind) {
    case YamlKind::null: return error(format("expected {}, got nothing", what));
    case YamlKind::sequence: return error(format("expected {}, got a list", what));
    case YamlKind::map: return error(format("expected {}, got a mapping", what));
    case YamlKind::scalar: break;
  }
  return error(format("expected {}, got {}'{}'", what, rep_->quoted ? "the text " : "", shown(rep_->text)));
}

Result<std::string> YamlNode::as_string() const {
  if (!is_scalar()) return expected("a text");
  return rep_->text;
}

Result<std::int64_t> YamlNode::as_int() const {
  const auto integer = is_scalar() && !rep_->quoted ? parse_integer(rep_->text) : std::nullopt;
  const auto value = integer ? to_int64(*integer) : std::nullopt;
  if (!value) return expected("an integer");
  return *value;
}

Result<std::uint64_t> YamlNode::as_uint() const {
  const auto integer = is_scalar() && !rep_->quoted ? parse_integer(rep_->text) : std::nullopt;
  if (!integer || (integer->negative && integer->magnitude != 0)) return expected("a non-negative integer");
  return integer->magnitude;
}

Result<double> YamlNode::as_number() const {
  const auto value = is_scalar() && !rep_->quoted ? parse_number(rep_->text) : std::nullopt;
  if (!value) return expected("a number");
  return *value;
}

Result<bool> YamlNode::as_bool() const {
  const auto value = is_scalar() && !rep_->quoted ? parse_bool(rep_->text) : std::nullopt;
  if (!value) return expected("true or false");
  return *value;
}

Result<std::vector<std::string>> YamlNode::as_strings() const {
  if (!is_sequence()) return expected("a list");
  std::vector<std::string> out;
  out.reserve(rep_->items.size());
  for (const YamlNode& item : rep_->items) {
    auto text = item.as_string();
    if (!text) return text.error();
    out.push_back(std::move(*text));
  }
  return out;
}

const YamlNode* YamlNode::get(std::string_view key) const {
  for (const YamlEntry& entry : rep_->entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Result<YamlNode> YamlNode::need(std::string_view key) const {
  if (!is_map()) return expected(format("a mapping with the key '{}'", key));
  if (const YamlNode* value = get(key)) return *value;
  return error(format("the key '{}' is missing", key));
}

Result<void> YamlNode::only_keys(std::initializer_list<std::string_view> known) const {
  return only_keys(std::span<const std::string_view>(known.begin(), known.size()));
}

Result<void> YamlNode::only_keys(std::span<const std::string_view> known) const {
  if (!is_map()) return expected("a mapping");
  for (const YamlEntry& entry : rep_->entries) {
    bool found = false;
    for (const std::string_view key : known) found = found || key == entry.key;
    if (found) continue;
    std::string message = format("unknown key '{}'{}", shown(entry.key), did_you_mean(entry.key, known));
    if (!message.ends_with(')')) {
      message += "; known are";
      for (const std::string_view key : known) message += format("{} {}", key == known.front() ? "" : ",", key);
    }
    return yaml_error(*rep_->file, entry.line, entry.column, message);
  }
  return {};
}

Json YamlNode::to_json() const {
  switch (rep_->kind) {
    case YamlKind::null: return nullptr;
    case YamlKind::scalar: return scalar_to_json(*rep_);
    case YamlKind::sequence: {
      Json out = Json::array();
      for (const YamlNode& item : rep_->items) out.push_back(item.to_json());
      return out;
    }
    case YamlKind::map: break;
  }
  Json out = Json::object();
  for (const YamlEntry& entry : rep_->entries) out[entry.key] = entry.value.to_json();
  return out;
}

Result<YamlNode> load_yaml(const std::filesystem::path& path) {
  const auto text = read_yaml_text(path);
  if (!text) return text.error();
  return parse_yaml(*text, path.string());
}

Result<std::string> read_yaml_text(const std::filesystem::path& path) {
  const std::string name = printable(path.string());
  std::error_code ec;
  if (std::filesystem::is_directory(path, ec)) return invalid(name + ": is a directory, expected a YAML file");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return invalid(format("{}: cannot be read: {}", name, std::strerror(errno)));
  std::string text;
  char buffer[16384];
  while (in.read(buffer, sizeof buffer), in.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxYamlBytes) break;  // parse_yaml names the limit
  }
  if (in.bad()) return invalid(name + ": cannot be read to its end");
  if (text.size() > kMaxYamlBytes) text.resize(kMaxYamlBytes + 1);
  return text;
}

}  // namespace assay
