// Buffer: memory aligned to a cache line and, where large, on 2 MB pages where the system has them to give. What
// of a large one was never written costs no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace assay::local::kernels {

class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t bytes);  // zeros; std::bad_alloc where there is no memory
  ~Buffer();
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::size_t bytes() const { return bytes_; }
  template <typename T>
  T* as() {
    return static_cast<T*>(data_);
  }
  template <typename T>
  const T* as() const {
    return static_cast<const T*>(data_);
  }
  // Makes room for at least `bytes`; what was there is lost when it grows.
  void grow(std::size_t bytes) {
    if (bytes > bytes_) *this = Buffer(bytes + bytes / 2);
  }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace assay::local::kernels
