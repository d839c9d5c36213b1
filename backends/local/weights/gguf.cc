#include "backends/local/weights/gguf.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "backends/local/weights/blocks.h"
#include "backends/local/weights/byte_reader.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

constexpr std::uint64_t kMaxNameBytes = 65535;  // the format's own bound of a key
constexpr std::uint32_t kMaxDimensions = 4;     // ggml's
constexpr std::int64_t kMaxAlignment = 1 << 20;

enum class Kind : std::uint32_t {
  u8 = 0, i8 = 1, u16 = 2, i16 = 3, u32 = 4, i32 = 5, f32 = 6, boolean = 7, text = 8, array = 9,
  u64 = 10, i64 = 11, f64 = 12
};

bool is_integer(Kind kind) {
  return kind <= Kind::i32 || kind == Kind::u64 || kind == Kind::i64;
}

// ggml's type numbers. Those without a DType are known by name only, to be refused by it.
struct TypeName {
  std::uint32_t number;
  const char* name;
  std::optional<DType> dtype;
};
constexpr std::array<TypeName, 37> kTypes = {{
    {0, "F32", DType::f32},    {1, "F16", DType::f16}, {2, "Q4_0", DType::q4_0}, {3, "Q4_1", DType::q4_1},
    {6, "Q5_0", {}},           {7, "Q5_1", {}},        {8, "Q8_0", DType::q8_0}, {9, "Q8_1", {}},
    {10, "Q2_K", {}},          {11, "Q3_K", {}},       {12, "Q4_K", {}},         {13, "Q5_K", {}},
    {14, "Q6_K", {}},          {15, "Q8_K", {}},       {16, "IQ2_XXS", {}},      {17, "IQ2_XS", {}},
    {18, "IQ3_XXS", {}},       {19, "IQ1_S", {}},      {20, "IQ4_NL", {}},       {21, "IQ3_S", {}},
    {22, "IQ2_S", {}},         {23, "IQ4_XS", {}},     {24, "I8", {}},           {25, "I16", {}},
    {26, "I32", {}},           {27, "I64", {}},        {28, "F64", {}},          {29, "IQ1_M", {}},
    {30, "BF16", DType::bf16}, {31, "Q4_0_4_4", {}},   {32, "Q4_0_4_8", {}},     {33, "Q4_0_8_8", {}},
    {34, "TQ1_0", {}},         {35, "TQ2_0", {}},      {36, "IQ4_NL_4_4", {}},   {39, "MXFP4", {}},
    {40, "NVFP4", {}},
}};

const TypeName* type_of(std::uint32_t number) {
  for (const TypeName& type : kTypes) {
    if (type.number == number) return &type;
  }
  return nullptr;
}

template <typename T>
const T* array_of(const GgufValue* value) {
  if (value == nullptr) return nullptr;
  const GgufArray* array = std::get_if<GgufArray>(value);
  return array == nullptr ? nullptr : std::get_if<T>(array);
}

}  // namespace

const GgufValue* GgufFile::find(std::string_view key) const {
  const auto found = metadata_.find(key);
  return found == metadata_.end() ? nullptr : &found->second;
}

std::optional<std::string_view> GgufFile::text(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr || !std::holds_alternative<std::string_view>(*value)) return std::nullopt;
  return std::get<std::string_view>(*value);
}

std::optional<std::int64_t> GgufFile::integer(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr || !std::holds_alternative<std::int64_t>(*value)) return std::nullopt;
  return std::get<std::int64_t>(*value);
}

std::optional<double> GgufFile::number(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (const auto* whole = std::get_if<std::int64_t>(value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(value)) return *real;
  return std::nullopt;
}

std::optional<bool> GgufFile::boolean(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr || !std::holds_alternative<bool>(*value)) return std::nullopt;
  return std::get<bool>(*value);
}

const std::vector<std::string_view>* GgufFile::texts(std::string_view key) const {
  return array_of<std::vector<std::string_view>>(find(key));
}

const std::vector<std::int64_t>* GgufFile::integers(std::string_view key) const {
  return array_of<std::vector<std::int64_t>>(find(key));
}

const std::vector<double>* GgufFile::numbers(std::string_view key) const {
  return array_of<std::vector<double>>(find(key));
}

const GgufTensor* GgufFile::tensor(std::string_view name) const {
  const auto found = tensor_index_.find(name);
  return found == tensor_index_.end() ? nullptr : &tensors_[found->second];
}

// Reads front to back; every step that finds too few bytes ends in the same message with what was being read.
class GgufParser {
 public:
  GgufParser(std::string name, std::span<const std::byte> bytes) : bytes_(bytes), in_(bytes) {
    out_.name_ = std::move(name);
  }

  Result<GgufFile> run() {
    if (auto ok = read_head(); !ok) return ok.error();
    for (std::uint64_t i = 0; i < metadata_count_; ++i) {
      if (auto ok = read_metadata(); !ok) return ok.error();
    }
    for (std::uint64_t i = 0; i < tensor_count_; ++i) {
      if (auto ok = read_tensor_info(); !ok) return ok.error();
    }
    if (auto ok = place_tensors(); !ok) return ok.error();
    return std::move(out_);
  }

 private:
  Error bad(const std::string& what) const { return invalid(format("{}: {}", out_.name_, what)); }
  Error cut(std::string_view where) const {
    return bad(format("truncated: the file ends within {}, at byte {}", where, bytes_.size()));
  }

  Result<void> read_head() {
    const auto magic = in_.take_text(4);
    if (!magic || *magic != "GGUF") return bad("no GGUF file (it does not begin with 'GGUF')");
    const auto version = in_.read<std::uint32_t>();
    if (!version) return cut("the header");
    if ((*version & 0xFFFF) == 0 && *version != 0) return bad("a big-endian GGUF file, which is not read");
    if (*version != 2 && *version != 3) return bad(format("GGUF version {}; read are 2 and 3", *version));
    const auto tensors = in_.read<std::uint64_t>();
    const auto metadata = in_.read<std::uint64_t>();
    if (!tensors || !metadata) return cut("the header");
    tensor_count_ = *tensors;
    metadata_count_ = *metadata;
    return {};
  }

  Result<std::string_view> read_text(std::string_view where, std::uint64_t most) {
    const auto size = in_.read<std::uint64_t>();
    if (!size) return cut(where);
    if (*size > most) return bad(format("a text of {} bytes in {}; at most {}", *size, where, most));
    const auto text = in_.take_text(*size);
    if (!text) return cut(where);
    return *text;
  }

  template <typename T>
  Result<GgufValue> whole(std::string_view where) {
    const auto value = in_.read<T>();
    if (!value) return cut(where);
    if (std::is_same_v<T, std::uint64_t> && static_cast<std::uint64_t>(*value) > INT64_MAX) {
      return GgufValue(static_cast<double>(*value));
    }
    return GgufValue(static_cast<std::int64_t>(*value));
  }

  template <typename T>
  Result<GgufValue> real(std::string_view where) {
    const auto value = in_.read<T>();
    if (!value) return cut(where);
    return GgufValue(static_cast<double>(*value));
  }

  Result<GgufValue> read_scalar(Kind kind, const std::string& where) {
    switch (kind) {
      case Kind::u8: return whole<std::uint8_t>(where);
      case Kind::i8: return whole<std::int8_t>(where);
      case Kind::u16: return whole<std::uint16_t>(where);
      case Kind::i16: return whole<std::int16_t>(where);
      case Kind::u32: return whole<std::uint32_t>(where);
      case Kind::i32: return whole<std::int32_t>(where);
      case Kind::u64: return whole<std::uint64_t>(where);
      case Kind::i64: return whole<std::int64_t>(where);
      case Kind::f32: return real<float>(where);
      case Kind::f64: return real<double>(where);
      case Kind::boolean: {
        const auto value = in_.read<std::uint8_t>();
        if (!value) return cut(where);
        if (*value > 1) return bad(format("{} is a boolean of value {}", where, *value));
        return GgufValue(*value == 1);
      }
      case Kind::text: {
        auto text = read_text(where, UINT64_MAX);
        if (!text) return text.error();
        return GgufValue(*text);
      }
      case Kind::array: return bad(format("{} is an array of arrays, which is not read", where));
    }
    return bad(format("{} has the unknown value type {}", where, static_cast<std::uint32_t>(kind)));
  }

  Result<GgufValue> read_array(const std::string& where) {
    const auto number = in_.read<std::uint32_t>();
    const auto size = in_.read<std::uint64_t>();
    if (!number || !size) return cut(where);
    const Kind kind = static_cast<Kind>(*number);
    std::vector<std::int64_t> integers;
    std::vector<double> numbers;
    std::vector<std::string_view> texts;
    // Nothing is reserved: the count is the file's word, and each element costs it at least one byte.
    for (std::uint64_t i = 0; i < *size; ++i) {
      auto value = read_scalar(kind, where);
      if (!value) return value.error();
      if (const auto* text = std::get_if<std::string_view>(&*value)) {
        texts.push_back(*text);
      } else if (const auto* w = std::get_if<std::int64_t>(&*value)) {
        integers.push_back(*w);
      } else if (const auto* flag = std::get_if<bool>(&*value)) {
        integers.push_back(*flag ? 1 : 0);
      } else if (is_integer(kind)) {
        return bad(format("{} holds an integer above 2^63", where));
      } else {
        numbers.push_back(std::get<double>(*value));
      }
    }
    if (kind == Kind::text) return GgufValue(GgufArray(std::move(texts)));
    if (kind == Kind::f32 || kind == Kind::f64) return GgufValue(GgufArray(std::move(numbers)));
    if (!is_integer(kind) && kind != Kind::boolean) {
      return bad(format("{} is an array of the type {}, which is not read", where, *number));
    }
    return GgufValue(GgufArray(std::move(integers)));
  }

  Result<void> read_metadata() {
    auto key = read_text("the metadata", kMaxNameBytes);
    if (!key) return key.error();
    const std::string where = format("metadata '{}'", printable(*key));
    const auto kind = in_.read<std::uint32_t>();
    if (!kind) return cut(where);
    auto value = static_cast<Kind>(*kind) == Kind::array ? read_array(where)
                                                         : read_scalar(static_cast<Kind>(*kind), where);
    if (!value) return value.error();
    if (!out_.metadata_.emplace(*key, std::move(*value)).second) return bad(format("{} stands twice", where));
    return {};
  }

  Result<void> read_tensor_info() {
    auto name = read_text("the tensor infos", kMaxNameBytes);
    if (!name) return name.error();
    const std::string where = format("tensor '{}'", printable(*name));
    const auto dimensions = in_.read<std::uint32_t>();
    if (!dimensions) return cut(where);
    if (*dimensions == 0 || *dimensions > kMaxDimensions) {
      return bad(format("{} has {} dimensions; expected 1 to {}", where, *dimensions, kMaxDimensions));
    }
    GgufTensor tensor;
    tensor.name = *name;
    for (std::uint32_t i = 0; i < *dimensions; ++i) {
      const auto size = in_.read<std::uint64_t>();
      if (!size) return cut(where);
      if (*size == 0 || *size > (std::uint64_t{1} << 48))
        return bad(format("{} has a dimension of {}", where, *size));
      tensor.shape.insert(tensor.shape.begin(), static_cast<std::int64_t>(*size));
    }
    const auto type = in_.read<std::uint32_t>();
    const auto offset = in_.read<std::uint64_t>();
    if (!type || !offset) return cut(where);
    const TypeName* known = type_of(*type);
    if (known == nullptr || !known->dtype) {
      return bad(format("{} has the type {}, which is not read (read are F32, F16, BF16, Q8_0, Q4_0, Q4_1)",
                        where, known == nullptr ? format("number {}", *type) : std::string(known->name)));
    }
    tensor.dtype = *known->dtype;
    if (!out_.tensor_index_.emplace(*name, out_.tensors_.size()).second)
      return bad(format("{} stands twice", where));
    out_.tensors_.push_back(std::move(tensor));
    offsets_.push_back(*offset);
    return {};
  }

  Result<std::uint64_t> alignment() const {
    if (out_.find("general.alignment") == nullptr) return std::uint64_t{32};
    const auto given = out_.integer("general.alignment");
    if (!given || *given < 1 || *given > kMaxAlignment || (*given & (*given - 1)) != 0) {
      return bad("general.alignment is no power of two up to 2^20");
    }
    return static_cast<std::uint64_t>(*given);
  }

  // Tensors lie one after the other, each at the next multiple of the alignment.
  Result<void> place_tensors() {
    if (out_.tensors_.empty()) return {};
    const auto align = alignment();
    if (!align) return align.error();
    const std::uint64_t base = (in_.position() + *align - 1) / *align * *align;
    if (base > bytes_.size()) return cut("the padding before the tensors");
    const std::uint64_t room = bytes_.size() - base;
    std::vector<std::size_t> order(out_.tensors_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return offsets_[a] < offsets_[b]; });
    std::uint64_t end = 0;
    for (const std::size_t i : order) {
      GgufTensor& tensor = out_.tensors_[i];
      const std::string where = format("tensor '{}'", printable(tensor.name));
      const auto size = count_bytes(tensor.dtype, tensor.shape);
      if (!size) {
        return bad(format(
            "{}: shape {} of type {} has no size (a row is no whole number of blocks, or it overflows)",
            where, shape_text(tensor.shape), local::name(tensor.dtype)));
      }
      const std::uint64_t offset = offsets_[i];
      if (offset % *align != 0)
        return bad(format("{}: offset {} is no multiple of {}", where, offset, *align));
      if (offset < end) return bad(format("{}: offset {} lies within the tensor before it", where, offset));
      if (offset - end >= *align) return bad(format("{}: a hole of {} bytes before it", where, offset - end));
      if (offset > room || static_cast<std::uint64_t>(*size) > room - offset) {
        return bad(
            format("{}: its {} bytes at offset {} end outside the file (truncated?)", where, *size, offset));
      }
      end = offset + static_cast<std::uint64_t>(*size);
      tensor.bytes = bytes_.subspan(static_cast<std::size_t>(base + offset), static_cast<std::size_t>(*size));
    }
    return {};
  }

  std::span<const std::byte> bytes_;
  ByteReader in_;
  GgufFile out_;
  std::uint64_t tensor_count_ = 0;
  std::uint64_t metadata_count_ = 0;
  std::vector<std::uint64_t> offsets_;
};

Result<GgufFile> read_gguf(std::string name, std::span<const std::byte> bytes) {
  return GgufParser(std::move(name), bytes).run();
}

Result<GgufFile> open_gguf(const std::filesystem::path& path) {
  auto mapping = MappedFile::open(path);
  if (!mapping) return mapping.error();
  auto out = read_gguf(printable(path.string()), mapping->bytes());
  if (out) out->mapping_ = std::move(*mapping);
  return out;
}

}  // namespace assay::local
