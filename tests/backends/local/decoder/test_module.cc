// The module as it is installed: loaded by the catalog's row, it answers through a real model.
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <optional>

#include "backends/local_module.h"
#include "harness/base/format.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

namespace fs = std::filesystem;

BackendReply ask(Backend& backend, const Request& request) {
  std::mutex mutex;
  std::condition_variable ready;
  std::optional<BackendReply> got;
  backend.submit(request, [&](BackendReply reply) {
    const std::lock_guard lock(mutex);
    got = std::move(reply);
    ready.notify_one();
  });
  std::unique_lock lock(mutex);
  ready.wait(lock, [&] { return got.has_value(); });
  return std::move(*got);
}

}  // namespace

TEST_CASE("The module is loaded, makes the backend and says what is wrong with a model",
          "[decoder][module]") {
  const fs::path module = fs::path(ASSAY_BINARY).parent_path() / "libassay-local.so";
  REQUIRE(fs::exists(module));
  setenv("ASSAY_LOCAL_MODULE", module.c_str(), 1);
  BackendOptions options;
  options.model = "/no/such/model.gguf";
  const auto absent = make_local(options);
  REQUIRE_FALSE(absent.ok());
  CHECK(absent.error().code == Code::invalid);
  CHECK_THAT(absent.error().message, test::has("/no/such/model.gguf"));

  const char* data = std::getenv("ASSAY_DATA");
  const fs::path folder = data != nullptr ? fs::path(data) : fs::path(ASSAY_SOURCE_DIR) / "../shared/data";
  options.model = (folder / "local/stories260K.bin").string();
  if (!fs::exists(options.model)) {
    WARN("stories260K is not here; set ASSAY_DATA");
    return;
  }
  options.options = Json{{"device", "cpu"}, {"dtype", "fp32"}, {"threads", 1}, {"unknown", 1}};
  const auto unknown = make_local(options);
  REQUIRE_FALSE(unknown.ok());
  CHECK_THAT(unknown.error().message, test::has("unknown option unknown"));
  options.options.erase("unknown");
  auto backend = make_local(options);
  if (!backend) FAIL(backend.error().message);
  CHECK((*backend)->describe().context_limit == 512);
  Request request;
  request.messages.push_back({Role::user, "Once upon a time"});
  request.sampling.max_tokens = 12;
  const BackendReply reply = ask(**backend, request);
  REQUIRE_FALSE(reply.error);
  CHECK(reply.responses.at(0).text == ", there was a little girl named Lily. She");
  request.messages[0].content = std::string(4000, 'x');
  const BackendReply refused = ask(**backend, request);
  REQUIRE(refused.error);
  CHECK(refused.error->code == Code::invalid);
  CHECK_THAT(refused.error->message, test::has("context of 512"));
}
