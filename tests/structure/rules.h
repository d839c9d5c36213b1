// The rules of docs/design.md, section 1, as functions over a tree of sources.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace assay::structure {

struct SourceFile {
  std::string path;  // from the root, with forward slashes
  std::string text;
};

// The .h and .cc files below the fixed top-level folders of `root`, sorted by path.
std::vector<SourceFile> read_tree(const std::filesystem::path& root);

// Every violation as one line, "path:line: what is wrong"; empty when the tree keeps the rules.
std::vector<std::string> check_tree(const std::vector<SourceFile>& files);

}  // namespace assay::structure
