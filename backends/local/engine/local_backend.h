// The backend `local`: a model that runs in this process, through continuous batching.
//
// Everything that the user can have got wrong is found while the backend is made: options, files, template,
// memory. Afterwards one thread of the backend's own drives the model; submit() renders and tokenises on the
// calling thread and hands over. docs/backends.md says what the options mean.
//
// Threads, order and ownership: harness/api/backend.h. Errors of a request: invalid (a prompt that does not
// fit
//   the context, a sampling value out of range), deadline, cancelled, internal (the model's library failed,
//   or its logits are not numbers).
#pragma once

#include <functional>
#include <memory>

#include "backends/local/engine/load_options.h"
#include "backends/local/engine/settings.h"
#include "backends/local/model_files.h"
#include "harness/api/backend.h"

namespace assay::local {

// The factory behind the catalog's row; `load` makes the decoder. Errors: Code::invalid.
Result<std::unique_ptr<Backend>> make_local_backend(const BackendOptions& options, const ModelLoader& load);

// The same with files already open and a model that is loaded.
Result<std::unique_ptr<Backend>> make_local_backend(const LocalSettings& settings, ModelFiles files,
                                                    std::unique_ptr<Model> model);

}  // namespace assay::local
