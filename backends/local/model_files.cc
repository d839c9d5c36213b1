#include "backends/local/model_files.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "backends/local/config/read_config.h"
#include "backends/local/config/tensor_list.h"
#include "backends/local/model_settings.h"
#include "backends/local/weights/gguf.h"
#include "backends/local/weights/llama2c.h"
#include "backends/local/weights/mapped_file.h"
#include "backends/local/weights/safetensors.h"
#include "harness/base/file_digest.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

namespace fs = std::filesystem;

std::string shown(const fs::path& path) { return printable(path.string()); }

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// Names are those within a folder, so that a model is the same wherever it lies; a model of one file has
// none.
Result<Digest> revision_of(const fs::path& folder, std::vector<std::string> files, bool named) {
  std::sort(files.begin(), files.end());
  DigestBuilder out;
  for (const std::string& file : files) {
    std::error_code error;
    const auto size = fs::file_size(folder / file, error);
    const auto digest = file_digest(folder / file);
    if (!digest) return digest.error();
    out.add("file", named ? std::string_view(file) : std::string_view());
    out.add("size", error ? std::int64_t{-1} : static_cast<std::int64_t>(size));
    out.add("sha256", digest->view());
  }
  return out.finish();
}

// What holds of every format. The embedding may have more rows than there are tokens, which pads it to a
// round size; a token without a row could not be read.
Result<void> check_model(const std::string& where, const ModelFiles& model) {
  if (auto ok = check_tensors(where, model.config, *model.weights); !ok) return ok;
  const auto tokens = static_cast<std::int64_t>(model.tokenizer->size());
  if (tokens > model.config.vocab) {
    return invalid(format("{}: the tokenizer has {} ids, but the embedding has {} rows", where, tokens,
                          model.config.vocab));
  }
  for (const TokenId id : model.end_tokens) {
    if (id < 0 || id >= model.config.vocab) {
      return invalid(
          format("{}: the end token {} is no id of the {} in the vocabulary", where, id, model.config.vocab));
    }
  }
  return {};
}

// One JSON file of a folder; null when it is not there.
Result<Json> read_json(const fs::path& folder, const std::string& name, std::vector<std::string>& files) {
  if (!is_there(folder / name)) return Json();
  const auto file = MappedFile::open(folder / name);
  if (!file) return file.error();
  auto json = parse_json_unique(text_of(file->bytes()));
  if (!json) return invalid(format("{}: {}", shown(folder / name), printable(json.error().message)));
  if (!json->is_object()) return invalid(format("{}: no JSON object", shown(folder / name)));
  files.push_back(name);
  return json;
}

Result<std::string> read_template(const fs::path& folder, const Json& tokenizer_config,
                                  std::vector<std::string>& files) {
  const std::string name = "chat_template.jinja";
  if (!is_there(folder / name))
    return template_from_json(shown(folder / "tokenizer_config.json"), tokenizer_config);
  const auto file = MappedFile::open(folder / name);
  if (!file) return file.error();
  files.push_back(name);
  return std::string(text_of(file->bytes()));
}

Result<ModelFiles> open_folder(const fs::path& folder) {
  std::vector<std::string> files;
  const auto config = read_json(folder, "config.json", files);
  if (!config) return config.error();
  if (config->is_null()) return invalid(format("{}: no config.json is there", shown(folder)));
  const auto tokenizer = read_json(folder, "tokenizer.json", files);
  if (!tokenizer) return tokenizer.error();
  if (tokenizer->is_null()) {
    return invalid(format("{}: no tokenizer.json is there (a SentencePiece tokenizer.model is not read)",
                          shown(folder)));
  }
  const auto tokenizer_config = read_json(folder, "tokenizer_config.json", files);
  if (!tokenizer_config) return tokenizer_config.error();
  const auto generation = read_json(folder, "generation_config.json", files);
  if (!generation) return generation.error();

  ModelFiles out;
  const std::string config_name = shown(folder / "config.json");
  auto read_config = config_from_json(config_name, *config);
  if (!read_config) return read_config.error();
  out.config = std::move(*read_config);
  auto weights = open_safetensors(folder);
  if (!weights) return weights.error();
  out.weights = std::move(weights->tensors);
  files.insert(files.end(), weights->files.begin(), weights->files.end());
  auto built = tokenizer_from_json(*tokenizer, *tokenizer_config);
  if (!built) return invalid(format("{}: {}", shown(folder / "tokenizer.json"), built.error().message));
  out.tokenizer = std::move(*built);
  auto chat_template = read_template(folder, *tokenizer_config, files);
  if (!chat_template) return chat_template.error();
  out.chat_template = std::move(*chat_template);
  const std::string generation_name = shown(folder / "generation_config.json");
  auto defaults = generation_from_json(generation_name, *generation);
  if (!defaults) return defaults.error();
  out.generation = *defaults;
  auto ends = end_tokens_from_json(generation_name, *generation, config_name, *config);
  if (!ends) return ends.error();
  out.end_tokens = std::move(*ends);
  if (out.end_tokens.empty() && out.tokenizer->eos()) out.end_tokens = {*out.tokenizer->eos()};
  if (auto ok = check_model(shown(folder), out); !ok) return ok.error();
  auto revision = revision_of(folder, std::move(files), true);
  if (!revision) return revision.error();
  out.revision = *revision;
  return out;
}

Result<ModelFiles> open_gguf_model(const fs::path& path) {
  auto file = open_gguf(path);
  if (!file) return file.error();
  ModelFiles out;
  auto config = config_from_gguf(*file);
  if (!config) return config.error();
  out.config = std::move(*config);
  auto vocabulary = gguf_vocabulary(*file);
  if (!vocabulary) return vocabulary.error();
  out.chat_template = std::string(file->text("tokenizer.chat_template").value_or(""));
  auto ends = end_tokens_from_gguf(*file, *vocabulary);
  if (!ends) return ends.error();
  out.end_tokens = std::move(*ends);
  auto tokenizer = tokenizer_from_vocabulary(std::move(*vocabulary));
  if (!tokenizer) return invalid(format("{}: {}", shown(path), tokenizer.error().message));
  out.tokenizer = std::move(*tokenizer);
  auto weights = gguf_tensors(std::move(*file));
  if (!weights) return weights.error();
  out.weights = std::move(*weights);
  if (auto ok = check_model(shown(path), out); !ok) return ok.error();
  auto revision = revision_of(path.parent_path(), {path.filename().string()}, false);
  if (!revision) return revision.error();
  out.revision = *revision;
  return out;
}

Result<ModelFiles> open_llama2c_model(const fs::path& path) {
  auto file = open_llama2c(path);
  if (!file) return file.error();
  ModelFiles out;
  auto config = config_from_llama2c(shown(path), file->header);
  if (!config) return config.error();
  out.config = std::move(*config);
  out.weights = std::move(file->tensors);
  const fs::path folder = path.parent_path();
  const std::string own = format("tok{}.bin", out.config.vocab);
  const std::string name = is_there(folder / own) ? own : "tokenizer.bin";
  const auto bytes = MappedFile::open(folder / name);
  if (!bytes) {
    return invalid(
        format("{}: its vocabulary is not beside it: expected {} or tokenizer.bin", shown(path), own));
  }
  auto vocabulary = read_llama2c_vocabulary(shown(folder / name), bytes->bytes(), out.config.vocab);
  if (!vocabulary) return vocabulary.error();
  // Texts of the training set begin with BOS and do not end with EOS, so that BOS ends a story.
  out.end_tokens = {*vocabulary->bos, *vocabulary->eos};
  auto tokenizer = tokenizer_from_vocabulary(std::move(*vocabulary));
  if (!tokenizer) return invalid(format("{}: {}", shown(folder / name), tokenizer.error().message));
  out.tokenizer = std::move(*tokenizer);
  if (auto ok = check_model(shown(path), out); !ok) return ok.error();
  auto revision = revision_of(folder, {path.filename().string(), name}, false);
  if (!revision) return revision.error();
  out.revision = *revision;
  return out;
}

}  // namespace

Result<ModelFiles> open_model(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return open_folder(path);
  if (!is_there(path)) return invalid(format("{}: no such file or folder", shown(path)));
  const auto file = MappedFile::open(path);
  if (!file) return file.error();
  // By content, since a GGUF file in a cache may have any name.
  if (text_of(file->bytes()).substr(0, 4) == "GGUF") return open_gguf_model(path);
  if (path.extension() == ".bin") return open_llama2c_model(path);
  return invalid(
      format("{}: neither a folder with config.json, a GGUF file (it does not begin with 'GGUF') nor a "
             "llama2.c checkpoint (.bin)",
             shown(path)));
}

}  // namespace assay::local
