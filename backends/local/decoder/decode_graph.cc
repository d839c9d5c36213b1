#include "backends/local/decoder/decode_graph.h"

#include <torch/csrc/api/include/torch/version.h>

// A LibTorch that was built with CUDA has a header that says how.
#if TORCH_VERSION_MAJOR >= 2 && __has_include(<c10/cuda/impl/cuda_cmake_macros.h>) && \
    __has_include(<cuda_runtime_api.h>)
#define ASSAY_CUDA_GRAPHS 1
#else
#define ASSAY_CUDA_GRAPHS 0
#endif

#if ASSAY_CUDA_GRAPHS
#include <ATen/ATen.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <exception>
#include <utility>
#endif

namespace assay::local {

#if ASSAY_CUDA_GRAPHS

namespace {

constexpr int kChecks = 2;
constexpr double kTolerance = 0.02;  // relative RMS: another kernel may be chosen, and round otherwise

// One pool for what all recordings work in: they are played one after another, and what one gives is read
// before the next.
auto shared_pool() {
  static const auto pool = at::cuda::graph_pool_handle();
  return pool;
}

bool alike(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor wide = a.to(at::kFloat);
  return (wide - b.to(at::kFloat)).norm().item<double>() <= kTolerance * wide.norm().item<double>();
}

}  // namespace

struct DecodeGraph::Recording {
  at::cuda::CUDAGraph graph;
  at::Tensor rows;
  int checked = 0;

  // Only what is launched on a stream other than the default one can be recorded.
  void record(const std::function<at::Tensor()>& operations, c10::Device device) {
    c10::cuda::getCurrentCUDAStream(device.index()).synchronize();
    const c10::cuda::CUDAStreamGuard guard(c10::cuda::getStreamFromPool(false, device.index()));
    graph.capture_begin(shared_pool());
    try {
      rows = operations();
    } catch (const std::exception&) {
      abandon();
      throw;
    }
    graph.capture_end();
  }

  // A stream is never left recording.
  void abandon() noexcept {
    try {
      graph.capture_end();
    } catch (const std::exception&) {  // what it says is that there is no recording
    }
  }
};

bool DecodeGraph::possible() { return true; }

DecodeGraph::DecodeGraph() = default;

at::Tensor DecodeGraph::run(const std::function<at::Tensor()>& operations) {
  if (recording_ && recording_->checked == kChecks) {
    recording_->graph.replay();
    return recording_->rows;
  }
  at::Tensor rows = operations();
  if (given_up_ || !rows.is_cuda()) return rows;
  try {
    if (!recording_) {
      recording_ = std::make_unique<Recording>();
      recording_->record(operations, rows.device());
    }
    recording_->graph.replay();
    ++recording_->checked;
    if (alike(rows, recording_->rows)) return rows;
    TORCH_WARN_ONCE("assay: a recorded decoding step differs from its operations; decoding goes on without");
  } catch (const std::exception& error) {
    TORCH_WARN_ONCE("assay: a decoding step could not be recorded: ", error.what());
  }
  given_up_ = true;
  recording_.reset();
  return rows;
}

#else

struct DecodeGraph::Recording {};

bool DecodeGraph::possible() { return false; }
DecodeGraph::DecodeGraph() = default;
at::Tensor DecodeGraph::run(const std::function<at::Tensor()>& operations) { return operations(); }

#endif

DecodeGraph::~DecodeGraph() = default;

}  // namespace assay::local
