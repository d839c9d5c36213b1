#include "backends/scripted/scripted.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "backends/delay_queue.h"
#include "backends/scripted/script.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kMaxChoices = 128;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// One line a request, appended with a single write, so that processes which share the file do not
// tear each other's lines and a killed one leaves none half-written.
class RequestLog {
 public:
  RequestLog() = default;
  ~RequestLog() {
    if (fd_ >= 0) ::close(fd_);
  }
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  Result<void> open(const std::string& path) {
    fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd_ < 0)
      return invalid(format("backend scripted: option log: {}: {}", printable(path), std::strerror(errno)));
    return {};
  }

  bool write(const Request& r) const {
    if (fd_ < 0) return true;
    const Json row = {{"task", r.task}, {"sample_key", r.sample_key}, {"epoch", r.epoch}, {"step", r.step},
                      {"draw", r.draw}, {"try", r.attempt_try}};
    const std::string line = dump_json(row) + "\n";
    ssize_t n = -1;
    do {
      n = ::write(fd_, line.data(), line.size());
    } while (n < 0 && errno == EINTR);
    return n == static_cast<ssize_t>(line.size());
  }

 private:
  int fd_ = -1;
};

BackendReply failure(BackendError error) {
  BackendReply reply;
  reply.error = std::move(error);
  return reply;
}

BackendError error_of(Code code, std::string message) {
  BackendError error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

class Scripted final : public Backend {
 public:
  Scripted(ScriptSettings settings, TargetLookup targets)
      : settings_(std::move(settings)), targets_(std::move(targets)) {}

  Result<void> log_to(const std::string& path) { return log_.open(path); }

  BackendInfo describe() const override {
    BackendInfo info;
    info.id = "scripted";
    info.model = settings_.model;
    info.revision = "script-1";
    info.output_limit = settings_.output_limit;
    info.can_continue = can_continue_;
    info.max_choices = kMaxChoices;
    info.trace_kind = settings_.reasoning == "field" ? TraceKind::raw : TraceKind::none;
    return info;
  }

  void set_can_continue(bool can) { can_continue_ = can; }

  TokenBound bound(const Request& r) const override {
    std::int64_t input = count_tokens(r.prefix);
    for (const Message& m : r.messages) input += count_tokens(m.content);
    const std::int64_t each =
        std::min(r.sampling.max_tokens.value_or(settings_.output_limit), settings_.output_limit);
    return {input, each * r.choices};
  }

  void submit(Request request, Done done) override {
    const auto start = Clock::now();
    BackendReply reply = answer(request);
    auto due = start + std::chrono::microseconds(
                           static_cast<std::int64_t>(script_latency_ms(settings_, request) * 1000));
    bool late = false;
    if (request.deadline < due) {
      if (!reply.error) reply = at_deadline(std::move(reply), request, start, due);
      due = request.deadline;
      late = true;
    }
    queue_.push(
        request.id, due,
        [reply = std::move(reply), done = std::move(done), start, late](bool cancelled) mutable {
          if (cancelled) return done(failure(error_of(Code::cancelled, "scripted: cancelled")));
          if (late && reply.error) {
            return done(failure(error_of(Code::deadline, "scripted: out of time before the first token")));
          }
          for (Response& r : reply.responses) {
            r.timing.total = seconds_since(start);
            r.timing.first_token = r.timing.total;
          }
          done(std::move(reply));
        });
  }

  void cancel(RequestId id) override { queue_.cancel(id); }

 private:
  BackendReply answer(const Request& r) const {
    if (!log_.write(r))
      return failure(error_of(Code::internal, "scripted: the request log cannot be written"));
    if (r.choices < 1 || r.choices > kMaxChoices) {
      return failure(error_of(Code::invalid, format("scripted: {} choices asked for, 1 to {} can be had",
                                                    r.choices, kMaxChoices)));
    }
    if (!r.prefix.empty() && !can_continue_) {
      return failure(
          error_of(Code::invalid, "scripted: asked to go on from a prefix with can_continue: false"));
    }
    if (auto failed = script_failure(settings_, r)) return failure(std::move(*failed));
    const std::vector<std::string> targets =
        targets_ ? targets_(r.task, r.sample_key) : std::vector<std::string>{};
    if (targets.empty()) {
      return failure(error_of(Code::invalid,
                              format("scripted: no target is known for {} sample {}, so it can be answered "
                                     "neither right nor wrong",
                                     printable(r.task), printable(r.sample_key))));
    }
    BackendReply reply;
    for (std::uint32_t c = 0; c < r.choices; ++c)
      reply.responses.push_back(script_response(settings_, r, c, targets));
    return reply;
  }

  // What a deadline leaves: the tokens that had arrived, or an error when there are none.
  BackendReply at_deadline(BackendReply reply, const Request& r, Clock::time_point start,
                           Clock::time_point due) const {
    const double whole = std::chrono::duration<double>(due - start).count();
    const double had = std::chrono::duration<double>(r.deadline - start).count();
    bool any = false;
    if (settings_.drip) {
      for (Response& response : reply.responses) {
        response = script_part(response, had / whole);
        any = any || !response.text.empty() || (response.reasoning && !response.reasoning->empty());
      }
    }
    if (any) return reply;
    return failure(error_of(Code::deadline, ""));
  }

  const ScriptSettings settings_;
  const TargetLookup targets_;
  RequestLog log_;
  bool can_continue_ = true;
  DelayQueue queue_;  // last: its destructor makes the last calls of `done`
};

}  // namespace

Result<std::unique_ptr<Backend>> make_scripted(const BackendOptions& options) {
  OptionReader read("scripted", options.options);
  auto settings = script_settings(options.model, read);
  const std::string log = read.text("log", "");
  const bool can_continue = read.flag("can_continue", true);
  if (auto ok = read.finish(); !ok) return ok.error();
  if (!settings) return settings.error();
  auto backend = std::make_unique<Scripted>(std::move(*settings), options.targets);
  backend->set_can_continue(can_continue);
  if (!log.empty()) {
    if (auto ok = backend->log_to(log); !ok) return ok.error();
  }
  return std::unique_ptr<Backend>(std::move(backend));
}

}  // namespace assay
