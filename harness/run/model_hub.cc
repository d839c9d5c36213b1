#include "harness/run/model_hub.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/http.h"
#include "harness/base/json.h"
#include "harness/base/suggest.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kScheme = "hf:";
constexpr const char* kEndpoint = "https://huggingface.co";
constexpr std::uint64_t kMaxListingBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 40;
constexpr std::size_t kMaxFiles = 10'000;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string endpoint() {
  std::string out = environment("HF_ENDPOINT");
  if (out.empty()) out = kEndpoint;
  while (out.ends_with('/')) out.pop_back();
  return out;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 3986, section 2.1; slashes stay.
std::string url_path(std::string_view text, bool keep_slashes) {
  std::string out;
  for (const char c : text) {
    const bool plain = is_letter_or_digit(c) || c == '-' || c == '_' || c == '.' || c == '~' || (c == '/' && keep_slashes);
    if (plain) {
      out += c;
    } else {
      out += format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

bool is_commit(std::string_view text) {
  return text.size() == 40 && std::all_of(text.begin(), text.end(),
                                          [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool ends_with_safetensors(const std::string& path) {
  return path.ends_with(".safetensors") && path.find('/') == std::string::npos;
}

// One of a repository's files as the listing has it.
Result<ModelFile> file_of(const Json& sibling) {
  ModelFile out;
  out.path = json_string(sibling, "rfilename").value_or("");
  if (!is_path_below(out.path)) {
    return Error{Code::corrupt, format("lists a file '{}', which is no path within a folder", printable(out.path))};
  }
  std::optional<std::int64_t> bytes = json_int(sibling, "size");
  if (const Json* lfs = json_find(sibling, "lfs"); lfs != nullptr && lfs->is_object()) {
    auto hex = json_string(*lfs, "sha256");
    if (!hex) hex = json_string(*lfs, "oid");
    if (hex) out.sha256 = Digest::from_hex(*hex);
    if (!out.sha256) return Error{Code::corrupt, format("gives no SHA-256 for '{}'", printable(out.path))};
    if (const auto size = json_int(*lfs, "size")) bytes = size;
  }
  if (bytes.value_or(0) < 0) return Error{Code::corrupt, format("gives '{}' a size below 0", printable(out.path))};
  out.bytes = static_cast<std::uint64_t>(bytes.value_or(0));
  return out;
}

struct Listing {
  std::string commit;
  std::string licence;
  std::vector<ModelFile> files;
};

std::string licence_of(const Json& json) {
  if (const Json* card = json_find(json, "cardData")) {
    if (auto licence = json_string(*card, "license")) return *licence;
  }
  constexpr std::string_view kTag = "license:";
  const Json* tags = json_find(json, "tags");
  for (std::size_t i = 0; tags != nullptr && tags->is_array() && i < tags->size(); ++i) {
    const auto* tag = (*tags)[i].get_ptr<const Json::string_t*>();
    if (tag != nullptr && tag->starts_with(kTag)) return tag->substr(kTag.size());
  }
  return {};
}

Result<Listing> listing_of(const Json& json) {
  Listing out;
  out.commit = json_string(json, "sha").value_or("");
  if (!is_commit(out.commit)) return Error{Code::corrupt, "names no commit"};
  out.licence = licence_of(json);
  const Json* siblings = json_find(json, "siblings");
  if (siblings == nullptr || !siblings->is_array()) return Error{Code::corrupt, "lists no files"};
  if (siblings->size() > kMaxFiles) return invalid(format("lists more than {} files", kMaxFiles));
  for (const Json& sibling : *siblings) {
    auto file = file_of(sibling);
    if (!file) return file.error();
    out.files.push_back(std::move(*file));
  }
  return out;
}

// Downloaded, since that follows redirects (renamed repositories) and is bounded.
Result<Listing> fetch_listing(const HubModel& hub, const fs::path& scratch) {
  static std::atomic<unsigned> number{0};
  const fs::path file = scratch / format("listing.{}.{}.part", ::getpid(), number++);
  DownloadOptions options;
  options.max_bytes = kMaxListingBytes;
  options.bearer = environment("HF_TOKEN");
  std::string url = format("{}/api/models/{}", endpoint(), url_path(hub.repo, true));
  if (!hub.revision.empty()) url += "/revision/" + url_path(hub.revision, false);
  const auto done = http_download(url + "?blobs=true", file, options);
  std::string text;
  if (done) {
    std::ifstream in(file, std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  std::error_code ignored;
  fs::remove(file, ignored);
  if (!done && done.error().code == Code::invalid) {
    const char* key = options.bearer.empty() ? "; a private or gated one needs HF_TOKEN" : "";
    return invalid(format("{}: no such repository or revision, or no access{}", done.error().message, key));
  }
  if (!done) return done.error();
  const auto json = parse_json(text);
  if (!json) return Error{Code::corrupt, "the hub's answer is no JSON: " + json.error().message};
  auto listing = listing_of(*json);
  if (!listing) return Error{listing.error().code, "the hub's answer " + listing.error().message};
  return listing;
}

Result<ModelFile> one_file(const Listing& listing, const std::string& wanted) {
  std::vector<std::string_view> names;
  for (const ModelFile& f : listing.files) {
    if (f.path == wanted) return f;
    names.push_back(f.path);
  }
  return invalid(format("has no file '{}'{}", printable(wanted), did_you_mean(wanted, names)));
}

Error no_weights(const Listing& listing) {
  std::string ggufs;
  for (const ModelFile& f : listing.files) {
    if (f.path.ends_with(".gguf") && ggufs.size() < 300) ggufs += (ggufs.empty() ? "" : ", ") + f.path;
  }
  if (ggufs.empty()) return invalid("has neither .safetensors nor .gguf files");
  return invalid(format("has no .safetensors files; name one of its GGUF files as hf:ORG/NAME/FILE: {}", printable(ggufs)));
}

// What a model in safetensors consists of. Some repositories hold the weights twice; those that the index and
// transformers know are called model*.safetensors.
Result<std::vector<ModelFile>> model_files(const Listing& listing) {
  constexpr std::string_view kBeside[] = {"config.json",           "generation_config.json", "tokenizer.json",
                                          "tokenizer_config.json", "chat_template.jinja",    "model.safetensors.index.json",
                                          "special_tokens_map.json"};
  const bool named = std::any_of(listing.files.begin(), listing.files.end(), [](const ModelFile& f) {
    return ends_with_safetensors(f.path) && f.path.starts_with("model");
  });
  std::vector<ModelFile> out;
  bool weights = false;
  bool config = false;
  for (const ModelFile& f : listing.files) {
    const bool weight = ends_with_safetensors(f.path) && (!named || f.path.starts_with("model"));
    if (!weight && std::find(std::begin(kBeside), std::end(kBeside), f.path) == std::end(kBeside)) continue;
    weights = weights || weight;
    config = config || f.path == "config.json";
    out.push_back(f);
  }
  if (!weights) return no_weights(listing);
  if (!config) return invalid("has no config.json");
  // Small files first, so that what is wrong shows early.
  std::stable_sort(out.begin(), out.end(), [](const ModelFile& a, const ModelFile& b) { return a.bytes < b.bytes; });
  return out;
}

}  // namespace

bool is_hub_source(const std::string& source) { return source.starts_with(kScheme); }

Result<HubModel> parse_hub_source(const std::string& source) {
  const auto wrong = [&source] {
    return invalid(format("'{}': expected hf:ORG/NAME, hf:ORG/NAME/FILE.gguf, or either with @REVISION", printable(source)));
  };
  if (!is_hub_source(source)) return wrong();
  HubModel out;
  std::string rest = source.substr(kScheme.size());
  if (const auto at = rest.find('@'); at != std::string::npos) {
    out.revision = rest.substr(at + 1);
    rest.resize(at);
    if (out.revision.empty() || !is_path_below(out.revision)) return wrong();
  }
  const auto first = rest.find('/');
  if (first == std::string::npos) return wrong();
  const auto second = rest.find('/', first + 1);
  out.repo = rest.substr(0, second);
  if (second != std::string::npos) out.file = rest.substr(second + 1);
  if (!check_model_name(out.repo.substr(0, first)) || !check_model_name(out.repo.substr(first + 1))) return wrong();
  if (second != std::string::npos && !is_path_below(out.file)) return wrong();
  if (!out.file.empty() && !out.file.ends_with(".gguf")) return wrong();
  return out;
}

std::string hub_source(const HubModel& hub) {
  std::string out = std::string(kScheme) + hub.repo;
  if (!hub.file.empty()) out += "/" + hub.file;
  if (!hub.revision.empty()) out += "@" + hub.revision;
  return out;
}

Result<RegisteredModel> look_up_hub_model(const HubModel& hub, const fs::path& scratch) {
  const auto of_repo = [&hub](const Error& error) {
    return Error{error.code, format("hf:{}: {}", hub.repo, error.message)};
  };
  const auto listing = fetch_listing(hub, scratch);
  if (!listing) return of_repo(listing.error());
  RegisteredModel out;
  out.licence = listing->licence;
  HubModel pinned = hub;
  pinned.revision = listing->commit;
  out.source = hub_source(pinned);
  if (!hub.file.empty()) {
    auto file = one_file(*listing, hub.file);
    if (!file) return of_repo(file.error());
    out.format = "gguf";
    out.files = {std::move(*file)};
    return out;
  }
  auto files = model_files(*listing);
  if (!files) return of_repo(files.error());
  out.format = "safetensors";
  out.files = std::move(*files);
  return out;
}

DownloadTo hub_download(const HubModel& hub, const ModelFile& file) {
  DownloadTo out;
  out.url = format("{}/{}/resolve/{}/{}", endpoint(), url_path(hub.repo, true), url_path(hub.revision, false),
                   url_path(file.path, true));
  out.label = file.path;
  out.bearer = environment("HF_TOKEN");
  out.max_bytes = file.bytes > 0 ? file.bytes : kMaxFileBytes;
  return out;
}

}  // namespace assay
