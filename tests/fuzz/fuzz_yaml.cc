// Any bytes are either a YAML tree that keeps its promises, or one line of error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "harness/base/utf8.h"
#include "harness/base/yaml.h"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void walk(const assay::YamlNode& node) {
  must(node.line() >= 1 && node.column() >= 1);
  for (const assay::YamlNode& item : node.items()) walk(item);  // as deep as kMaxYamlDepth
  for (const assay::YamlEntry& entry : node.entries()) {
    must(node.get(entry.key) != nullptr);
    walk(entry.value);
  }
  (void)node.as_int();
  (void)node.as_uint();
  (void)node.as_number();
  (void)node.as_bool();
  (void)node.as_strings();
  must(node.is_scalar() == node.as_string().ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto root = assay::parse_yaml(text, "f.yaml");
  if (!root) {
    const std::string& message = root.error().message;
    must(message.starts_with("f.yaml:") && message == assay::printable(message));
    return 0;
  }
  walk(*root);
  must(assay::is_valid_utf8(assay::dump_json(root->to_json())));
  (void)root->only_keys({"task", "version", "summary"});
  return 0;
}
