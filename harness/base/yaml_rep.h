// What a YamlNode points to; shared by yaml.cc (builds it) and yaml_node.cc (reads it) only.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/yaml.h"

namespace assay {

struct YamlNode::Rep {
  YamlKind kind = YamlKind::null;
  bool quoted = false;
  int line = 1;
  int column = 1;
  std::string text;
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;
  std::shared_ptr<const std::string> file;
  std::size_t nodes = 1;   // of the whole subtree, aliases expanded
  std::size_t height = 1;  // levels of it
};

Error yaml_error(std::string_view file, int line, int column, std::string_view message);

}  // namespace assay
