// TensorTable: the TensorSource of every format; it owns the mapped files that its tensors lie in.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "backends/local/weights/mapped_file.h"
#include "backends/local/weights/tensor_source.h"

namespace assay::local {

class TensorTable final : public TensorSource {
 public:
  void keep(MappedFile file) { files_.push_back(std::move(file)); }
  // False, and nothing is added, when there is a tensor of that name.
  bool add(TensorView tensor) {
    if (!index_.emplace(tensor.name, tensors_.size()).second) return false;
    tensors_.push_back(std::move(tensor));
    return true;
  }

  std::span<const TensorView> tensors() const override { return tensors_; }
  const TensorView* find(std::string_view name) const override {
    const auto found = index_.find(std::string(name));
    return found == index_.end() ? nullptr : &tensors_[found->second];
  }
  void release(const TensorView& tensor) const override {
    for (const MappedFile& file : files_) file.release(tensor.bytes);
  }

 private:
  std::vector<MappedFile> files_;
  std::vector<TensorView> tensors_;
  std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace assay::local
