#include "tests/structure/rules.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <map>
#include <string_view>

#include "tests/structure/source_text.h"

namespace assay::structure {
namespace {

constexpr std::size_t kMaxHeaderLines = 200;
constexpr std::size_t kMaxSourceLines = 450;

bool starts_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }
bool is_header(std::string_view path) { return path.size() > 2 && path.substr(path.size() - 2) == ".h"; }
bool is_test(std::string_view path) { return starts_with(path, "tests/"); }

// What a folder may include, itself apart.
struct Layer {
  std::string_view folder;
  std::vector<std::string_view> may_include;
};
const std::vector<Layer>& layers() {
  static const std::vector<Layer> all = {
      {"harness/base", {}},
      {"harness/api", {"harness/base"}},
      {"harness/text", {"harness/api", "harness/base"}},
      {"harness/stats", {"harness/api", "harness/base"}},
      {"harness/puzzle", {"harness/api", "harness/base"}},
      {"harness/store", {"harness/api", "harness/base"}},
      {"harness/run", {"harness/store", "harness/stats", "harness/text", "harness/api", "harness/base"}},
      {"harness/mock", {"harness/api", "harness/base"}},
      {"harness/cli",
       {"harness/run", "harness/mock", "harness/store", "harness/stats", "harness/text", "harness/api", "harness/base"}},
      {"tasks", {"harness/text", "harness/puzzle", "harness/api", "harness/base"}},
      {"scorers", {"harness/text", "harness/puzzle", "harness/api", "harness/base"}},
      {"backends", {"harness/text", "harness/puzzle", "harness/api", "harness/base"}},
      {"reports", {"harness/stats", "harness/text", "harness/puzzle", "harness/api", "harness/base"}},
      {"tests",
       {"harness", "tasks", "scorers", "backends", "reports", "bench"}},
      {"bench", {"harness", "tasks", "scorers", "backends", "reports", "tests"}},
  };
  return all;
}

const Layer* layer_of(std::string_view path) {
  for (const Layer& layer : layers()) {
    if (starts_with(path, layer.folder) && path.size() > layer.folder.size() && path[layer.folder.size()] == '/') {
      return &layer;
    }
  }
  return nullptr;
}

// A third-party library's headers, the one place that may include them, and the tests of that place,
// which may look behind it.
struct Door {
  std::string_view header;  // a prefix
  std::string_view place;   // a prefix of the including file
  std::string_view tests;   // likewise; none where it is empty
};
constexpr Door kDoors[] = {
    {"nlohmann/", "harness/base/json.h", ""},
    {"fmt/", "harness/base/format.h", ""},
    {"re2/", "harness/base/regex.", ""},
    {"absl/", "harness/base/regex.", ""},
    {"yaml-cpp/", "harness/base/yaml.", ""},
    {"curl/", "harness/base/http", ""},
    {"zlib.h", "harness/base/compress.", "tests/base/test_compress."},
    {"zstd", "harness/base/compress.", "tests/base/test_compress."},
    {"openssl/", "harness/base/digest.", ""},
    {"tbb/", "harness/base/parallel.", ""},
    {"oneapi/", "harness/base/parallel.", ""},
    {"unicode/", "harness/base/unicode.", ""},
    {"archive", "harness/base/archive.", ""},
    {"flint/", "scorers/math/exact/", "tests/scorers/math/exact/"},
    {"arb", "scorers/math/exact/", "tests/scorers/math/exact/"},
    {"acb", "scorers/math/exact/", "tests/scorers/math/exact/"},
    {"calcium/", "scorers/math/exact/", "tests/scorers/math/exact/"},
    {"torch/", "backends/local/decoder/", "tests/backends/local/decoder/"},
    {"ATen/", "backends/local/decoder/", "tests/backends/local/decoder/"},
    {"c10/", "backends/local/decoder/", "tests/backends/local/decoder/"},
    {"immintrin.h", "backends/local/kernels/", ""},
    {"cpuid.h", "backends/local/kernels/", ""},
    {"sqlite3", "harness/store/", "tests/store/"},
    {"CLI/", "harness/cli/", ""},
    {"catch2/", "tests/support/", ""},
    {"httplib.h", "tests/support/", ""},
};

// C headers of the system; C++'s own have neither a dot nor a slash.
constexpr std::string_view kSystemHeaders[] = {
    "arpa/inet.h",  "dirent.h",   "dlfcn.h",  "fcntl.h",  "langinfo.h", "netdb.h",  "netinet/", "poll.h",
    "pthread.h",    "pwd.h",      "sched.h",  "signal.h", "spawn.h",    "sys/",     "termios.h", "unistd.h",
    "linux/magic.h"};
// Left out on purpose: std::regex is not linear, and clang 14 cannot read the others.
constexpr std::string_view kBannedHeaders[] = {"regex", "ranges", "source_location"};

class Checker {
 public:
  explicit Checker(const std::vector<SourceFile>& files) : files_(files) {
    for (std::size_t i = 0; i < files.size(); ++i) index_[files[i].path] = i;
  }

  std::vector<std::string> run() {
    edges_.resize(files_.size());
    for (std::size_t i = 0; i < files_.size(); ++i) check_file(i);
    find_cycles();
    std::sort(found_.begin(), found_.end());
    return found_;
  }

 private:
  void add(const std::string& path, std::size_t line, const std::string& what) {
    found_.push_back(path + ":" + std::to_string(line) + ": " + what);
  }

  void check_file(std::size_t i) {
    const SourceFile& file = files_[i];
    const std::string code = code_only(file.text);
    check_name(file.path);
    check_length(file);
    if (layer_of(file.path) == nullptr) add(file.path, 1, "lies in no folder of the layout");
    if (is_header(file.path) && code.find("#pragma once") == std::string::npos) {
      add(file.path, 1, "a header without #pragma once");
    }
    for (const std::string_view name : {"system", "popen"}) {
      for (const std::size_t line : calls_of(code, name)) {
        add(file.path, line, "calls " + std::string(name) + "(), which starts a shell");
      }
    }
    const std::size_t regex = code.find("std::regex");
    if (regex != std::string::npos) {
      const auto lines = std::count(code.begin(), code.begin() + static_cast<std::ptrdiff_t>(regex), '\n');
      add(file.path, static_cast<std::size_t>(lines) + 1, "std::regex; use harness/base/regex.h");
    }
    for (const Include& include : includes_of(code)) {
      if (include.angled) {
        check_foreign(file.path, include);
      } else {
        check_own(i, include);
      }
    }
  }

  void check_name(const std::string& path) {
    const std::string_view stem = std::string_view(path).substr(0, path.rfind('.'));
    const bool snake = std::all_of(stem.begin(), stem.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '/';
    });
    if (!snake) add(path, 1, "a name that is not snake_case");
  }

  void check_length(const SourceFile& file) {
    if (is_test(file.path)) return;
    const auto lines = static_cast<std::size_t>(std::count(file.text.begin(), file.text.end(), '\n'));
    const std::size_t most = is_header(file.path) ? kMaxHeaderLines : kMaxSourceLines;
    if (lines > most) {
      add(file.path, lines, std::to_string(lines) + " lines; split by idea below " + std::to_string(most));
    }
  }

  void check_foreign(const std::string& path, const Include& include) {
    for (const std::string_view banned : kBannedHeaders) {
      if (include.path == banned) add(path, include.line, "<" + include.path + "> is not used here");
    }
    for (const Door& door : kDoors) {
      if (!starts_with(include.path, door.header)) continue;
      const bool test = !door.tests.empty() && starts_with(path, door.tests);
      if (!test && !starts_with(path, door.place)) {
        add(path, include.line, "<" + include.path + "> outside its door, " + std::string(door.place) + "*");
      }
      return;
    }
    if (include.path.find_first_of("./") == std::string::npos) return;
    for (const std::string_view known : kSystemHeaders) {
      if (starts_with(include.path, known)) return;
    }
    add(path, include.line, "<" + include.path + "> has no door");
  }

  void check_own(std::size_t i, const Include& include) {
    const std::string& path = files_[i].path;
    const auto target = index_.find(include.path);
    if (target == index_.end()) {
      add(path, include.line, "\"" + include.path + "\" is no header of the tree, named from the root");
      return;
    }
    edges_[i].push_back(target->second);
    const Layer* from = layer_of(path);
    const Layer* to = layer_of(include.path);
    if (from == nullptr || to == nullptr || from == to) return;
    const bool allowed = std::any_of(from->may_include.begin(), from->may_include.end(), [&](std::string_view may) {
      return to->folder == may || starts_with(to->folder, std::string(may) + "/");
    });
    if (!allowed) {
      add(path, include.line, std::string(from->folder) + " may not include " + include.path);
    }
  }

  // Depth first, with an explicit stack: a file met again while it is still open closes a cycle.
  void find_cycles() {
    enum : char { unseen, open, closed };
    std::vector<char> state(files_.size(), unseen);
    for (std::size_t start = 0; start < files_.size(); ++start) {
      if (state[start] != unseen) continue;
      std::vector<std::pair<std::size_t, std::size_t>> stack = {{start, 0}};
      state[start] = open;
      while (!stack.empty()) {
        const std::size_t node = stack.back().first;
        if (stack.back().second == edges_[node].size()) {
          state[node] = closed;
          stack.pop_back();
          continue;
        }
        const std::size_t next = edges_[node][stack.back().second++];
        if (state[next] == open) add(files_[node].path, 1, "closes a cycle of includes at " + files_[next].path);
        if (state[next] == unseen) {
          state[next] = open;
          stack.push_back({next, 0});
        }
      }
    }
  }

  const std::vector<SourceFile>& files_;
  std::map<std::string, std::size_t> index_;
  std::vector<std::vector<std::size_t>> edges_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<SourceFile> read_tree(const std::filesystem::path& root) {
  std::vector<SourceFile> out;
  for (const char* top : {"harness", "tasks", "scorers", "backends", "reports", "tests", "bench"}) {
    if (!std::filesystem::is_directory(root / top)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension().string();
      if (!entry.is_regular_file() || (extension != ".h" && extension != ".cc")) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      out.push_back({entry.path().lexically_relative(root).generic_string(),
                     std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>())});
    }
  }
  std::sort(out.begin(), out.end(), [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return out;
}

std::vector<std::string> check_tree(const std::vector<SourceFile>& files) { return Checker(files).run(); }

}  // namespace assay::structure
