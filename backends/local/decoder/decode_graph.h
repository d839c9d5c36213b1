// DecodeGraph: the operations of a decoding step of one size, recorded as a CUDA graph and played back: one
// launch for some hundred kernels.
//
// Its inputs are tensors that stay where they are, and are filled anew for each step. Before a recording is
// relied on it is compared with the operations themselves for two steps; where it cannot be made or differs,
// the operations go on one by one, and LibTorch's log says so once.
//
// Built without CUDA, or with a LibTorch before 2.0, nothing is recorded: the operations run one by one.
// Threads: one, which drives the device. Errors: throws what the operations throw.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

namespace assay::local {

class DecodeGraph {
 public:
  // Whether this build can record.
  static bool possible();

  DecodeGraph();
  ~DecodeGraph();
  DecodeGraph(const DecodeGraph&) = delete;
  DecodeGraph& operator=(const DecodeGraph&) = delete;

  // What `operations` give, on the present inputs. The tensor is valid until the next run of any graph.
  at::Tensor run(const std::function<at::Tensor()>& operations);

 private:
  struct Recording;
  std::unique_ptr<Recording> recording_;
  bool given_up_ = false;
};

}  // namespace assay::local
