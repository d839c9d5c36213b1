#include "harness/run/serve.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <future>
#include <thread>

#include "harness/base/format.h"
#include "harness/base/http.h"
#include "harness/base/utf8.h"
#include "harness/run/timer.h"

namespace assay {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(100);
constexpr double kAnswerS = 5;            // for one look whether it is ready
constexpr std::size_t kTailBytes = 4096;  // of the log that are looked at
constexpr std::size_t kTailShown = 300;

using Clock = std::chrono::steady_clock;

bool answers(HttpClient& client, const std::string& url) {
  std::promise<int> status;
  HttpRequest request;
  request.url = url;
  request.timeouts.connect_s = kAnswerS;
  request.timeouts.deadline = Clock::now() + seconds(kAnswerS);
  request.max_body = std::size_t{16} << 20;
  HttpHandlers handlers;
  handlers.done = [&status](const HttpResult& result) { status.set_value(result.error ? 0 : result.status); };
  client.submit(std::move(request), std::move(handlers));
  const int got = status.get_future().get();
  return got >= 200 && got < 300;
}

Error about(const ModelEntry& entry, const std::string& what, const ServerProcess& server) {
  const std::string tail = server.log_tail();
  return invalid(format("model '{}': its server {}; log {}{}", printable(entry.name), what,
                        printable(server.log().string()), tail.empty() ? " is empty" : ": ... " + tail));
}

}  // namespace

std::string ServerProcess::log_tail() const {
  std::ifstream in(log_, std::ios::binary | std::ios::ate);
  const auto size = in ? static_cast<std::streamoff>(in.tellg()) : 0;
  const auto from = std::max<std::streamoff>(0, size - static_cast<std::streamoff>(kTailBytes));
  std::string text(static_cast<std::size_t>(size - from), '\0');
  in.seekg(from);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (text.size() > kTailShown) text.erase(0, text.size() - kTailShown);
  return printable(text);
}

Result<std::unique_ptr<ServerProcess>> serve_model(const ModelEntry& entry, const std::filesystem::path& log,
                                                   const std::function<bool()>& stop_requested) {
  const ServeSpec& spec = *entry.serve;
  const std::string url = spec.ready.empty() ? entry.base_url + "/models" : spec.ready;
  HttpOptions plain;
  plain.use_proxy = false;  // it runs here
  HttpClient client(plain);
  if (answers(client, url)) {
    return invalid(format("model '{}': somebody answers at {} already; stop that server or leave `serve` out",
                          printable(entry.name), printable(url)));
  }
  auto server = ServerProcess::start(spec.command, log);
  if (!server)
    return Error{server.error().code, format("model '{}': {}", printable(entry.name), server.error().message)};
  const auto until = Clock::now() + seconds(spec.ready_s);
  while (!answers(client, url)) {
    if (const auto end = (*server)->ended())
      return about(entry, format("ended before it was ready ({})", *end), **server);
    if (stop_requested && stop_requested()) return Error{Code::cancelled, "the run stops"};
    if (Clock::now() >= until)
      return about(entry, format("did not answer at {} within {:g} s", printable(url), spec.ready_s), **server);
    std::this_thread::sleep_for(kLookEvery);
  }
  return server;
}

}  // namespace assay
