#include <algorithm>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "backends/local/weights/mapped_file.h"
#include "backends/local/weights/safetensors.h"
#include "backends/local/weights/tensor_table.h"
#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";
constexpr std::size_t kMostShards = 10000;

// A name within the model's own folder: anything else would have the index open files of its choice.
bool is_plain_name(std::string_view name) {
  constexpr std::string_view kEnd = ".safetensors";
  return name.size() > kEnd.size() && name.substr(name.size() - kEnd.size()) == kEnd && name.front() != '.' &&
         name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<void> add_file(const std::filesystem::path& folder, const std::string& file, const ShardIndex* index,
                      TensorTable& table) {
  auto mapping = MappedFile::open(folder / file);
  if (!mapping) return mapping.error();
  const std::string name = printable((folder / file).string());
  auto tensors = read_safetensors(name, mapping->bytes());
  if (!tensors) return tensors.error();
  for (TensorView& tensor : *tensors) {
    const std::string shown = printable(truncate_utf8(tensor.name, 200));
    if (index != nullptr) {
      const auto at = std::lower_bound(index->tensors.begin(), index->tensors.end(),
                                       std::pair(tensor.name, std::string()));
      if (at == index->tensors.end() || at->first != tensor.name) {
        return invalid(format("{}: holds the tensor '{}', which the index does not name", name, shown));
      }
      if (at->second != file) {
        return invalid(format("{}: holds the tensor '{}', which the index places in {}", name, shown,
                              printable(at->second)));
      }
    }
    table.add(std::move(tensor));  // names are unique within a file, and the index gives each one file
  }
  table.keep(std::move(*mapping));
  return {};
}

}  // namespace

Result<ShardIndex> read_shard_index(const std::string& name, std::string_view text) {
  const auto json = parse_json_unique(text, 8);
  if (!json) return invalid(format("{}: {}", name, printable(json.error().message)));
  const Json* map = json_find(*json, "weight_map");
  if (map == nullptr || !map->is_object() || map->empty()) {
    return invalid(format("{}: no weight_map from tensors to files", name));
  }
  ShardIndex out;
  for (const auto& [tensor, file] : map->items()) {
    const std::string shown = printable(truncate_utf8(tensor, 200));
    if (!file.is_string()) return invalid(format("{}: tensor '{}' is in no file", name, shown));
    const std::string& shard = file.get_ref<const std::string&>();
    if (!is_plain_name(shard)) {
      return invalid(format("{}: tensor '{}' is in '{}', which is no plain name that ends in .safetensors",
                            name, shown, printable(truncate_utf8(shard, 200))));
    }
    out.tensors.emplace_back(tensor, shard);
    out.files.push_back(shard);
  }
  std::sort(out.files.begin(), out.files.end());
  out.files.erase(std::unique(out.files.begin(), out.files.end()), out.files.end());
  std::sort(out.tensors.begin(), out.tensors.end());
  if (out.files.size() > kMostShards) return invalid(format("{}: {} shards", name, out.files.size()));
  return out;
}

Result<SafetensorsFolder> open_safetensors(const std::filesystem::path& folder) {
  std::error_code ignored;
  SafetensorsFolder out;
  auto table = std::make_unique<TensorTable>();
  std::optional<ShardIndex> index;
  if (std::filesystem::exists(folder / kSingle, ignored)) {
    out.files = {kSingle};
  } else if (std::filesystem::exists(folder / kIndex, ignored)) {
    const std::string name = printable((folder / kIndex).string());
    const auto text = MappedFile::open(folder / kIndex);
    if (!text) return text.error();
    auto read = read_shard_index(name, text_of(text->bytes()));
    if (!read) return read.error();
    index = std::move(*read);
    out.files = index->files;
  } else {
    return invalid(format("{}: neither {} nor {} is there; weights in other files (pytorch_model.bin, "
                          "consolidated.*) are not read",
                          printable(folder.string()), kSingle, kIndex));
  }
  for (const std::string& file : out.files) {
    if (auto ok = add_file(folder, file, index ? &*index : nullptr, *table); !ok) return ok.error();
  }
  if (index) {
    for (const auto& tensor : index->tensors) {
      if (table->find(tensor.first) != nullptr) continue;
      return invalid(format("{}: the tensor '{}' is not in {}, where the index places it",
                            printable((folder / kIndex).string()),
                            printable(truncate_utf8(tensor.first, 200)), printable(tensor.second)));
    }
    out.files.push_back(kIndex);
  }
  out.tensors = std::move(table);
  return out;
}

}  // namespace assay::local
