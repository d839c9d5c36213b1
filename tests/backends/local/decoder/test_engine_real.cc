// The engine over the real decoder, with real weights: stories260K, where the data folder has it.
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <vector>

#include "backends/local/decoder/load.h"
#include "backends/local/engine/local_backend.h"
#include "harness/base/format.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::local;

namespace {

std::filesystem::path data_dir() {
  const char* data = std::getenv("ASSAY_DATA");
  return (data != nullptr ? std::filesystem::path(data)
                          : std::filesystem::path(ASSAY_SOURCE_DIR) / "../shared/data") /
         "local";
}

std::string pinned_text() {
  std::ifstream in(data_dir() / "stories260K.greedy200.txt", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

LocalSettings settings_of(const std::string& dtype, const std::string& kernels) {
  LocalSettings s;
  s.model = "stories260K";
  s.load.device = "cpu";
  s.load.dtype = dtype;
  s.load.kernels = kernels;
  s.load.threads = 2;
  return s;
}

// The responses to all of these, handed in at once; with a cache of so many blocks, when `blocks` is not 0.
std::vector<Response> answers(LocalSettings settings, const std::vector<Request>& requests,
                              std::uint64_t blocks = 0) {
  auto files = open_model(data_dir() / "stories260K.bin");
  if (!files) FAIL(files.error().message);
  auto model = load_model(*files, settings.load);
  if (!model) FAIL(model.error().message);
  if (blocks > 0) settings.kv.bytes = blocks * (*model)->shape().block_bytes;
  auto backend = make_local_backend(settings, std::move(*files), std::move(*model));
  if (!backend) FAIL(backend.error().message);
  std::mutex mutex;
  std::condition_variable ready;
  std::vector<BackendReply> replies(requests.size());
  std::size_t left = requests.size();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    (*backend)->submit(requests[i], [&, i](BackendReply reply) {
      const std::lock_guard lock(mutex);
      replies[i] = std::move(reply);
      --left;
      ready.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  ready.wait(lock, [&] { return left == 0; });
  std::vector<Response> out;
  for (BackendReply& reply : replies) {
    if (reply.error) FAIL(reply.error->message);
    out.push_back(std::move(reply.responses[0]));
  }
  return out;
}

std::vector<std::string> texts(const LocalSettings& settings, const std::vector<Request>& requests,
                               std::uint64_t blocks = 0) {
  std::vector<std::string> out;
  for (Response& r : answers(settings, requests, blocks)) out.push_back(std::move(r.text));
  return out;
}

// Four samples of four epochs, some with a long start in common.
std::vector<Request> stories() {
  const std::string start = pinned_text();
  std::vector<Request> requests(16);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    Request& r = requests[i];
    r.id = i + 1;
    r.task = "stories";
    r.sample_key = std::to_string(i / 4);
    r.epoch = static_cast<std::uint32_t>(i % 4);
    r.messages.push_back({Role::user, start.substr(0, 20 + i / 4 * 74)});
    r.sampling.max_tokens = 24 + static_cast<std::int64_t>(i);
    r.sampling.temperature = i % 3 == 0 ? 0 : 0.9;
    if (i % 3 == 1) r.sampling.top_p = 0.9;
  }
  return requests;
}

bool data_is_here() {
  if (std::filesystem::exists(data_dir() / "stories260K.bin")) return true;
  WARN("stories260K is not here; set ASSAY_DATA");
  return false;
}

}  // namespace

TEST_CASE("stories260K tells the pinned story through the engine", "[decoder][engine]") {
  if (!data_is_here()) return;
  Request r;
  r.messages.push_back({Role::user, ""});
  r.sampling.max_tokens = 200;
  r.sampling.temperature = 0;
  std::string pinned = pinned_text();
  while (!pinned.empty() && pinned.back() == '\n') pinned.pop_back();
  for (const char* kernels : {"auto", "torch"}) {
    INFO(kernels);
    const auto made = answers(settings_of("fp32", kernels), {r});
    CHECK(made[0].text == pinned);
    CHECK(made[0].usage.output == 200);
    CHECK(made[0].finish == FinishReason::length);
  }
}

TEST_CASE("With a real model, too, a text depends on its request alone", "[decoder][engine]") {
  if (!data_is_here()) return;
  const std::vector<Request> requests = stories();
  for (const auto& [dtype, kv_cache] :
       {std::pair("bf16", "auto"), std::pair("fp32", "auto"), std::pair("bf16", "int8")}) {
    INFO(dtype << ", cache " << kv_cache);
    LocalSettings plain = settings_of(dtype, "auto");
    plain.load.kv_cache = kv_cache;
    const auto batch = texts(plain, requests);
    CHECK(batch[0] != batch[4]);
    LocalSettings single = plain;
    single.max_batch = 1;
    CHECK(texts(single, requests) == batch);
    LocalSettings chunked = plain;
    chunked.max_batch = 5;
    chunked.step_rows = 5 + kBlockTokens;
    CHECK(texts(chunked, requests) == batch);
    CHECK(texts(plain, requests, 24) == batch);  // hardly two sequences at once
  }
}
