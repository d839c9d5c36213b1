// GgufBytes: GGUF files made in tests, well-formed unless told otherwise.
//
//   GgufBytes file;
//   file.text("general.architecture", "llama").tensor("output_norm.weight", {64}, 0, bytes);
//   file.build();
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace assay::test {

class GgufBytes {
 public:
  GgufBytes& text(std::string_view key, std::string_view value);
  GgufBytes& u32(std::string_view key, std::uint32_t value);
  GgufBytes& f32(std::string_view key, float value);
  GgufBytes& boolean(std::string_view key, bool value);
  GgufBytes& texts(std::string_view key, const std::vector<std::string>& values);
  GgufBytes& i32s(std::string_view key, const std::vector<std::int32_t>& values);
  GgufBytes& f32s(std::string_view key, const std::vector<float>& values);
  // A metadata entry of any type, its value already encoded.
  GgufBytes& raw(std::string_view key, std::uint32_t type, std::string_view value);
  // `shape` is outermost first; `type` is ggml's number: 0 F32, 1 F16, 2 Q4_0, 3 Q4_1, 8 Q8_0, 30 BF16.
  GgufBytes& tensor(std::string_view name, std::vector<std::int64_t> shape, std::uint32_t type,
                    std::string bytes);
  std::string build() const;

  // What a malformed file says.
  std::string magic = "GGUF";
  std::uint32_t version = 3;
  std::uint64_t alignment = 32;           // of the data; written only if general.alignment is added
  std::int64_t extra_tensors = 0;         // added to the count
  std::int64_t extra_metadata = 0;
  std::vector<std::uint64_t> offsets;     // instead of the right ones, when not empty

 private:
  struct Tensor {
    std::string name;
    std::vector<std::int64_t> shape;
    std::uint32_t type = 0;
    std::string bytes;
  };
  std::string metadata_;
  std::uint64_t metadata_count_ = 0;
  std::vector<Tensor> tensors_;
};

template <typename T>
void append_bytes(std::string& out, T value) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof(T));
  out.append(raw, sizeof(T));
}
void append_gguf_text(std::string& out, std::string_view text);

}  // namespace assay::test
