#include "backends/local/weights/safetensors.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "backends/local/weights/blocks.h"
#include "backends/local/weights/byte_reader.h"
#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

std::optional<DType> dtype_of(std::string_view name) {
  if (name == "BF16") return DType::bf16;
  if (name == "F16") return DType::f16;
  if (name == "F32") return DType::f32;
  return std::nullopt;
}

// One entry of the header, before it is known where the others lie.
class EntryReader {
 public:
  EntryReader(const std::string& file, const std::string& tensor, const Json& entry,
              std::span<const std::byte> data)
      : file_(file), tensor_(tensor), entry_(entry), data_(data) {}

  Result<TensorView> run() {
    TensorView out;
    out.name = tensor_;
    if (!entry_.is_object()) return bad("is no object in the header");
    const auto type = json_string(entry_, "dtype");
    if (!type) return bad("has no dtype");
    const auto dtype = dtype_of(*type);
    if (!dtype) {
      return bad(format("has the type {}, which is not read (read are BF16, F16, F32)",
                        printable(truncate_utf8(*type, 40))));
    }
    out.dtype = *dtype;
    const auto shape = integers("shape");
    if (!shape) return shape.error();
    out.shape = *shape;
    const auto offsets = integers("data_offsets");
    if (!offsets) return offsets.error();
    if (offsets->size() != 2)
      return bad(format("has {} data_offsets; expected begin and end", offsets->size()));
    const std::int64_t begin = (*offsets)[0];
    const std::int64_t end = (*offsets)[1];
    if (begin > end) return bad(format("ends at {} before it begins at {}", end, begin));
    if (static_cast<std::uint64_t>(end) > data_.size()) {
      return bad(format("ends at byte {} of {} bytes of data (truncated?)", end, data_.size()));
    }
    const auto size = count_bytes(out.dtype, out.shape);
    if (!size) return bad(format("has the shape {}, whose size overflows", shape_text(out.shape)));
    if (*size != end - begin) {
      return bad(format("has {} bytes, but shape {} of type {} takes {}", end - begin, shape_text(out.shape),
                        *type, *size));
    }
    out.bytes = data_.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    return out;
  }

 private:
  Error bad(std::string_view what) const {
    return invalid(format("{}: tensor '{}' {}", file_, printable(truncate_utf8(tensor_, 200)), what));
  }

  Result<std::vector<std::int64_t>> integers(std::string_view key) const {
    const Json* list = json_find(entry_, key);
    if (list == nullptr || !list->is_array()) return bad(format("has no {}", key));
    if (list->size() > 16) return bad(format("has {} numbers in {}", list->size(), key));
    std::vector<std::int64_t> out;
    for (const Json& value : *list) {
      if (!value.is_number_integer()) return bad(format("has a {} that is no integer", key));
      if (value.is_number_unsigned() ? value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)
                                     : value.get<std::int64_t>() < 0) {
        return bad(format("has a {} that is negative or too large", key));
      }
      out.push_back(value.get<std::int64_t>());
    }
    return out;
  }

  const std::string& file_;
  const std::string& tensor_;
  const Json& entry_;
  std::span<const std::byte> data_;
};

// Every byte of the data belongs to exactly one tensor.
Result<void> check_coverage(const std::string& file, const std::vector<TensorView>& tensors,
                            std::span<const std::byte> data) {
  std::vector<const TensorView*> order;
  for (const TensorView& tensor : tensors) order.push_back(&tensor);
  // Of two at one place the shorter comes first, so that an empty tensor overlaps nothing.
  std::sort(order.begin(), order.end(), [](const TensorView* a, const TensorView* b) {
    return std::pair(a->bytes.data(), a->bytes.size()) < std::pair(b->bytes.data(), b->bytes.size());
  });
  std::size_t end = 0;
  for (const TensorView* tensor : order) {
    const auto begin = static_cast<std::size_t>(tensor->bytes.data() - data.data());
    const std::string shown = printable(truncate_utf8(tensor->name, 200));
    if (begin < end) return invalid(format("{}: tensor '{}' overlaps the one before it", file, shown));
    if (begin > end)
      return invalid(format("{}: a hole of {} bytes before tensor '{}'", file, begin - end, shown));
    end = begin + tensor->bytes.size();
  }
  if (end != data.size())
    return invalid(format("{}: {} bytes of data belong to no tensor", file, data.size() - end));
  return {};
}

}  // namespace

Result<std::vector<TensorView>> read_safetensors(const std::string& name, std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  const auto size = in.read<std::uint64_t>();
  if (!size) return invalid(format("{}: truncated: no safetensors file has less than 8 bytes", name));
  if (*size > kMaxSafetensorsHeader) {
    return invalid(format("{}: a header of {} bytes; a safetensors header has at most {}", name, *size,
                          kMaxSafetensorsHeader));
  }
  const auto header = in.take_text(*size);
  if (!header)
    return invalid(format("{}: truncated: a header of {} bytes in a file of {}", name, *size, bytes.size()));
  if (header->empty() || header->front() != '{')
    return invalid(format("{}: its header is no JSON object", name));
  const auto json = parse_json_unique(*header, 8);
  if (!json) return invalid(format("{}: its header: {}", name, printable(json.error().message)));
  const std::span<const std::byte> data = bytes.subspan(in.position());
  std::vector<TensorView> out;
  for (const auto& [tensor, entry] : json->items()) {
    if (tensor == "__metadata__") continue;
    auto view = EntryReader(name, tensor, entry, data).run();
    if (!view) return view.error();
    out.push_back(std::move(*view));
  }
  if (auto ok = check_coverage(name, out, data); !ok) return ok.error();
  return out;
}

}  // namespace assay::local
