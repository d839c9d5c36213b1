// A model hub that speaks the Hugging Face Hub's HTTP interface: which files a repository's revision has, and
// where they are. Internal to harness/run.
//
//   GET {endpoint}/api/models/{repo}/revision/{rev}?blobs=true   {"sha", "siblings": [{"rfilename", "size",
//                                                                 "lfs": {"sha256", "size"}}], "cardData"}
//   GET {endpoint}/{repo}/resolve/{commit}/{path}                the file, often through a redirect
//
// (huggingface.co/docs/hub/api; the fields are those that huggingface_hub's ModelInfo reads.)
// The endpoint is HF_ENDPOINT where it is set. HF_TOKEN goes to the endpoint's own origin and nowhere else, and is
// stored nowhere.
// Threads: any. What the hub says is untrusted.
#pragma once

#include <filesystem>
#include <string>

#include "harness/base/model_cache.h"
#include "harness/base/result.h"
#include "harness/run/fetch.h"

namespace assay {

struct HubModel {
  std::string repo;      // "ORG/NAME"
  std::string file;      // one file of it; empty: the files of a model in safetensors
  std::string revision;  // branch, tag or commit; empty: the default branch
};

bool is_hub_source(const std::string& source);  // begins with "hf:"
// "hf:ORG/NAME[/FILE][@REVISION]". Error: Code::invalid.
Result<HubModel> parse_hub_source(const std::string& source);
std::string hub_source(const HubModel&);  // the inverse

// The files to fetch with sizes, SHA-256 where the hub has one, source pinned to the commit, format and licence;
// the name is left empty. Errors: Code::invalid for a repository, revision or file that is not there, and for one
// without weights that can be read; Code::unavailable when the hub cannot be reached; Code::corrupt for an answer
// that makes no sense. `scratch` is a folder for the answer.
Result<RegisteredModel> look_up_hub_model(const HubModel&, const std::filesystem::path& scratch);

// How one of these files is downloaded. REQUIRES: hub.revision is the commit.
DownloadTo hub_download(const HubModel& hub, const ModelFile&);

}  // namespace assay
