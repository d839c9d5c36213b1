#include "tests/backends/local/gguf_bytes.h"

#include <utility>

namespace assay::test {

void append_gguf_text(std::string& out, std::string_view text) {
  append_bytes<std::uint64_t>(out, text.size());
  out += text;
}

GgufBytes& GgufBytes::raw(std::string_view key, std::uint32_t type, std::string_view value) {
  append_gguf_text(metadata_, key);
  append_bytes(metadata_, type);
  metadata_ += value;
  ++metadata_count_;
  return *this;
}

GgufBytes& GgufBytes::text(std::string_view key, std::string_view value) {
  std::string out;
  append_gguf_text(out, value);
  return raw(key, 8, out);
}

GgufBytes& GgufBytes::u32(std::string_view key, std::uint32_t value) {
  std::string out;
  append_bytes(out, value);
  return raw(key, 4, out);
}

GgufBytes& GgufBytes::f32(std::string_view key, float value) {
  std::string out;
  append_bytes(out, value);
  return raw(key, 6, out);
}

GgufBytes& GgufBytes::boolean(std::string_view key, bool value) {
  return raw(key, 7, std::string(1, value ? '\1' : '\0'));
}

GgufBytes& GgufBytes::texts(std::string_view key, const std::vector<std::string>& values) {
  std::string out;
  append_bytes<std::uint32_t>(out, 8);
  append_bytes<std::uint64_t>(out, values.size());
  for (const std::string& value : values) append_gguf_text(out, value);
  return raw(key, 9, out);
}

GgufBytes& GgufBytes::i32s(std::string_view key, const std::vector<std::int32_t>& values) {
  std::string out;
  append_bytes<std::uint32_t>(out, 5);
  append_bytes<std::uint64_t>(out, values.size());
  for (const std::int32_t value : values) append_bytes(out, value);
  return raw(key, 9, out);
}

GgufBytes& GgufBytes::f32s(std::string_view key, const std::vector<float>& values) {
  std::string out;
  append_bytes<std::uint32_t>(out, 6);
  append_bytes<std::uint64_t>(out, values.size());
  for (const float value : values) append_bytes(out, value);
  return raw(key, 9, out);
}

GgufBytes& GgufBytes::tensor(std::string_view name, std::vector<std::int64_t> shape, std::uint32_t type,
                             std::string bytes) {
  tensors_.push_back({std::string(name), std::move(shape), type, std::move(bytes)});
  return *this;
}

std::string GgufBytes::build() const {
  std::string out = magic;
  append_bytes(out, version);
  append_bytes(out, tensors_.size() + static_cast<std::uint64_t>(extra_tensors));
  append_bytes(out, metadata_count_ + static_cast<std::uint64_t>(extra_metadata));
  out += metadata_;
  std::string data;
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const Tensor& tensor = tensors_[i];
    data.resize((data.size() + alignment - 1) / alignment * alignment, '\0');
    append_gguf_text(out, tensor.name);
    append_bytes(out, static_cast<std::uint32_t>(tensor.shape.size()));
    for (std::size_t d = tensor.shape.size(); d-- > 0;) append_bytes(out, tensor.shape[d]);
    append_bytes(out, tensor.type);
    append_bytes<std::uint64_t>(out, i < offsets.size() ? offsets[i] : data.size());
    data += tensor.bytes;
  }
  if (!tensors_.empty()) out.resize((out.size() + alignment - 1) / alignment * alignment, '\0');
  return out + data;
}

}  // namespace assay::test
