// load_model: a model's files to a Decoder on a device. The ModelLoader of this module.
//
// Before anything is allocated the tensors are checked by name and shape, and what the weights and the
// planned cache take is compared with what is available: nothing is killed half-way for want of memory.
// Weights are then repacked tensor by tensor, and the pages of each file are let go, so that they are in
// memory once.
//
// Errors: those of engine/load_options.h.
#pragma once

#include <memory>
#include <string>

#include "backends/local/engine/load_options.h"

namespace assay::local {

Result<std::unique_ptr<Model>> load_model(const ModelFiles& files, const LoadOptions& options);

// Of the LibTorch that this was loaded with: "LibTorch 1.13.1, CPU".
std::string torch_version();

}  // namespace assay::local
