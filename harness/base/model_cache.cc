#include "harness/base/model_cache.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "harness/base/file_lock.h"
#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/known_models.h"
#include "harness/base/suggest.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxNameBytes = 100;
constexpr std::uintmax_t kMaxRegistryBytes = std::uintmax_t{16} << 20;
constexpr std::int64_t kRegistryVersion = 1;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

fs::path registry_of(const fs::path& cache) { return cache / "models.json"; }

Json to_json(const RegisteredModel& m) {
  Json out{{"name", m.name}, {"source", m.source}, {"format", m.format}, {"licence", m.licence}};
  if (!m.in_place.empty()) out["in_place"] = m.in_place.string();
  Json files = Json::array();
  for (const ModelFile& f : m.files) {
    Json file{{"path", f.path}, {"bytes", f.bytes}};
    if (f.sha256) file["sha256"] = f.sha256->hex();
    files.push_back(std::move(file));
  }
  out["files"] = std::move(files);
  return out;
}

std::optional<RegisteredModel> from_json(const Json& json) {
  RegisteredModel m;
  m.name = json_string(json, "name").value_or("");
  m.source = json_string(json, "source").value_or("");
  m.format = json_string(json, "format").value_or("");
  m.licence = json_string(json, "licence").value_or("");
  m.in_place = json_string(json, "in_place").value_or("");
  if (!check_model_name(m.name)) return std::nullopt;
  const Json* files = json_find(json, "files");
  if (files != nullptr && !files->is_array()) return std::nullopt;
  for (std::size_t i = 0; files != nullptr && i < files->size(); ++i) {
    ModelFile f;
    f.path = json_string((*files)[i], "path").value_or("");
    const auto bytes = json_int((*files)[i], "bytes");
    if (!is_path_below(f.path) || bytes.value_or(0) < 0) return std::nullopt;
    f.bytes = static_cast<std::uint64_t>(bytes.value_or(0));
    if (const auto hex = json_string((*files)[i], "sha256")) f.sha256 = Digest::from_hex(*hex);
    m.files.push_back(std::move(f));
  }
  if (m.in_place.empty() == m.files.empty()) return std::nullopt;
  return m;
}

Result<void> write_registry(const fs::path& cache, std::vector<RegisteredModel> models) {
  std::sort(models.begin(), models.end());
  Json list = Json::array();
  for (const RegisteredModel& m : models) list.push_back(to_json(m));
  const Json registry{{"version", kRegistryVersion}, {"models", std::move(list)}};
  return replace_file(registry_of(cache), dump_json_pretty(registry) + "\n");
}

bool has_magic(const fs::path& file, std::string_view magic) {
  std::ifstream in(file, std::ios::binary);
  std::string start(magic.size(), '\0');
  return in.read(start.data(), static_cast<std::streamsize>(start.size())) && start == magic;
}

bool holds_safetensors(const fs::path& folder) {
  std::error_code ec;
  for (fs::directory_iterator at(folder, ec), end; !ec && at != end; at.increment(ec)) {
    if (at->path().extension() == ".safetensors") return true;
  }
  return false;
}

Error not_here(const std::string& name, const char* why) {
  return invalid(format("'{}' {}; `assay models pull {}` fetches it", name, why, name));
}

Error unknown(const std::string& name, const std::vector<RegisteredModel>& models) {
  std::vector<std::string_view> names;
  std::string listed;
  for (const RegisteredModel& m : models) names.push_back(m.name);
  for (const KnownModel& m : known_models()) {
    if (std::find(names.begin(), names.end(), m.name) == names.end()) names.push_back(m.name);
  }
  for (const std::string_view known : names) listed += format("{}{}", listed.empty() ? "" : ", ", known);
  return invalid(format("no model '{}'{}: neither a registered name nor a path; known are {}; `assay models add` registers others",
                        printable(name), did_you_mean(name, names), listed));
}

}  // namespace

fs::path model_cache_dir() {
  if (const std::string own = environment("ASSAY_MODELS"); !own.empty()) return fs::path(own);
  if (const std::string cache = environment("XDG_CACHE_HOME"); !cache.empty()) return fs::path(cache) / "assay" / "models";
  if (const std::string home = environment("HOME"); !home.empty()) return fs::path(home) / ".cache" / "assay" / "models";
  return {};
}

bool is_path_below(const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos) return false;
  const fs::path p(path);
  if (p.is_absolute()) return false;
  return std::none_of(p.begin(), p.end(), [](const fs::path& part) { return part == ".." || part.empty(); });
}

Result<void> check_model_name(std::string_view name) {
  const bool fits = !name.empty() && name.size() <= kMaxNameBytes && is_letter_or_digit(name[0]) &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
                    });
  const bool ours = name == "models.json" || name == "models.lock";
  if (fits && !ours) return {};
  return invalid(format("'{}' is no model name: expected letters, digits, '.', '_' and '-', up to {} bytes",
                        printable(truncate_utf8(name, kMaxNameBytes)), kMaxNameBytes));
}

Result<std::string> model_format(const fs::path& path) {
  const std::string shown = printable(path.string());
  std::error_code ec;
  if (fs::is_directory(path, ec)) {
    if (!fs::is_regular_file(path / "config.json", ec)) return invalid(format("{}: a model's folder holds config.json", shown));
    if (!holds_safetensors(path)) return invalid(format("{}: holds no .safetensors file", shown));
    return std::string("safetensors");
  }
  if (!fs::exists(path, ec)) return invalid(format("{}: no such file or folder", shown));
  if (!fs::is_regular_file(path, ec)) return invalid(format("{}: not a regular file", shown));
  if (has_magic(path, "GGUF")) return std::string("gguf");
  if (path.extension() == ".bin") return std::string("llama2.c");
  return invalid(format("{}: expected a GGUF file, a llama2.c .bin file, or a folder with config.json and .safetensors", shown));
}

Result<std::vector<RegisteredModel>> registered_models(const fs::path& cache) {
  const fs::path file = registry_of(cache);
  const auto damaged = [&file](const std::string& what) {
    return Error{Code::corrupt, format("{}: {}; move it away and add the models again", printable(file.string()), what)};
  };
  std::error_code ec;
  if (!fs::exists(file, ec)) return std::vector<RegisteredModel>{};
  if (fs::file_size(file, ec) > kMaxRegistryBytes || ec) return damaged("is too large, or cannot be read");
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto json = parse_json(text);
  if (!json) return damaged(json.error().message);
  if (json_int(*json, "version").value_or(0) > kRegistryVersion) return damaged("was written by a newer assay");
  const Json* list = json_find(*json, "models");
  if (list == nullptr || !list->is_array()) return damaged("expected a list 'models'");
  std::vector<RegisteredModel> out;
  for (const Json& item : *list) {
    auto model = from_json(item);
    if (!model) return damaged(format("entry {} of 'models' is no model", out.size() + 1));
    out.push_back(std::move(*model));
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::optional<RegisteredModel>> registered_model(const fs::path& cache, std::string_view name) {
  auto models = registered_models(cache);
  if (!models) return models.error();
  for (RegisteredModel& m : *models) {
    if (m.name == name) return std::optional<RegisteredModel>(std::move(m));
  }
  return std::optional<RegisteredModel>();
}

Result<void> register_model(const fs::path& cache, const RegisteredModel& model) {
  if (auto named = check_model_name(model.name); !named) return named;
  std::error_code ec;
  fs::create_directories(cache, ec);
  if (ec) return invalid(format("{}: {}", printable(cache.string()), ec.message()));
  const auto lock = FileLock::take(cache / "models.lock");
  if (!lock) return lock.error();
  auto models = registered_models(cache);
  if (!models) return models.error();
  std::erase_if(*models, [&model](const RegisteredModel& m) { return m.name == model.name; });
  models->push_back(model);
  return write_registry(cache, std::move(*models));
}

Result<bool> forget_model(const fs::path& cache, std::string_view name) {
  std::error_code ec;
  if (!fs::exists(registry_of(cache), ec)) return false;
  const auto lock = FileLock::take(cache / "models.lock");
  if (!lock) return lock.error();
  auto models = registered_models(cache);
  if (!models) return models.error();
  if (std::erase_if(*models, [name](const RegisteredModel& m) { return m.name == name; }) == 0) return false;
  if (auto written = write_registry(cache, std::move(*models)); !written) return written.error();
  return true;
}

fs::path path_of(const fs::path& cache, const RegisteredModel& model) {
  if (!model.in_place.empty()) return model.in_place;
  const fs::path folder = cache / model.name;
  return model.format == "safetensors" ? folder : folder / model.files.front().path;
}

bool is_present(const fs::path& cache, const RegisteredModel& model) {
  std::error_code ec;
  if (!model.in_place.empty()) return fs::exists(model.in_place, ec);
  return std::all_of(model.files.begin(), model.files.end(), [&](const ModelFile& f) {
    const fs::path path = cache / model.name / f.path;
    std::error_code missing;
    if (!fs::is_regular_file(path, missing)) return false;
    return f.bytes == 0 || fs::file_size(path, missing) == f.bytes;
  });
}

Result<fs::path> resolve_model(const std::string& name_or_path, fs::path cache) {
  if (cache.empty()) cache = model_cache_dir();
  auto models = registered_models(cache);
  if (!models) return models.error();
  const auto named = std::find_if(models->begin(), models->end(),
                                  [&](const RegisteredModel& m) { return m.name == name_or_path; });
  if (named != models->end() && is_present(cache, *named)) return path_of(cache, *named);
  std::error_code ec;
  if (!name_or_path.empty() && fs::exists(name_or_path, ec)) return fs::path(name_or_path);
  if (named != models->end() && !named->in_place.empty()) {
    return invalid(format("'{}': {} is no longer there; `assay models add` it anew, or `assay models remove {}`",
                          named->name, printable(named->in_place.string()), named->name));
  }
  if (named != models->end()) return not_here(named->name, "is not wholly here");
  if (const KnownModel* known = known_model(name_or_path)) return not_here(known->name, "is not here yet");
  return unknown(name_or_path, *models);
}

}  // namespace assay
