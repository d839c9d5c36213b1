#include "backends/replay/replay.h"

#include "backends/delay_queue.h"
#include "backends/options.h"
#include "backends/replay/recording.h"
#include "harness/base/format.h"

namespace assay {
namespace {

constexpr std::uint32_t kMaxChoices = 128;

BackendReply failure(Code code, std::string message) {
  BackendError error;
  error.code = code;
  error.message = std::move(message);
  BackendReply reply;
  reply.error = std::move(error);
  return reply;
}

class Replay final : public Backend {
 public:
  Replay(Recording recording, BackendInfo info) : recording_(std::move(recording)), info_(std::move(info)) {}

  BackendInfo describe() const override { return info_; }

  // Nothing is paid for.
  TokenBound bound(const Request&) const override { return {0, 0}; }

  void submit(Request r, Done done) override {
    const auto start = std::chrono::steady_clock::now();
    const RequestId id = r.id;
    queue_.push(id, start, [this, start, r = std::move(r), done = std::move(done)](bool cancelled) {
      if (cancelled) return done(failure(Code::cancelled, "replay: cancelled"));
      BackendReply reply = answer(r);
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      for (Response& response : reply.responses) response.timing.total = took.count();
      done(std::move(reply));
    });
  }

  void cancel(RequestId id) override { queue_.cancel(id); }

 private:
  BackendReply answer(const Request& r) const {
    if (r.choices < 1 || r.choices > kMaxChoices) {
      return failure(Code::invalid,
                     format("replay: {} choices asked for, 1 to {} can be had", r.choices, kMaxChoices));
    }
    if (!r.prefix.empty())
      return failure(Code::invalid, "replay: a recorded answer cannot go on from a prefix");
    BackendReply reply;
    for (std::uint32_t c = 0; c < r.choices; ++c) {
      auto found = recording_.find(r, c);
      if (!found) return failure(found.error().code, found.error().message);
      reply.responses.push_back(**found);
      reply.responses.back().reasoning_kind = info_.trace_kind;
    }
    return reply;
  }

  const Recording recording_;
  const BackendInfo info_;
  DelayQueue queue_;  // last: its destructor makes the last calls of `done`
};

}  // namespace

Result<std::unique_ptr<Backend>> make_replay(const BackendOptions& options) {
  OptionReader read("replay", options.options);
  const std::string file = read.text("file", "");
  const bool draws = read.word("rows", "epochs", {"epochs", "draws"}) == "draws";
  BackendInfo info;
  info.id = "replay";
  info.max_choices = kMaxChoices;
  info.trace_kind =
      read.word("trace_kind", "raw", {"raw", "summary"}) == "raw" ? TraceKind::raw : TraceKind::summary;
  info.think_tags = read.texts("think_tags");
  info.opens_think = read.flag("opens_think", false);
  if (auto ok = read.finish(); !ok) return ok.error();
  if (file.empty())
    return invalid("backend replay: option file must name a .jsonl or .jsonl.gz file of recorded answers");
  auto recording = Recording::load(file, draws ? RowsAre::draws : RowsAre::epochs);
  if (!recording) return recording.error();
  std::string stem = std::filesystem::path(file).filename().string();
  stem.resize(std::min(stem.find(".jsonl"), stem.size()));
  info.model = options.model.empty() ? stem : options.model;
  info.revision = recording->digest().hex();
  return std::unique_ptr<Backend>(std::make_unique<Replay>(std::move(*recording), std::move(info)));
}

}  // namespace assay
