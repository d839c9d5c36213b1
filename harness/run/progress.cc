#include "harness/run/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <deque>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr double kLineEvery_s = 0.2;  // on a terminal
constexpr const char* kDim = "\x1b[2m";
constexpr const char* kRed = "\x1b[31m";
constexpr const char* kPlain = "\x1b[0m";
constexpr const char* kEraseLine = "\r\x1b[K";

std::string duration(double s) {
  if (!std::isfinite(s) || s < 0 || s > 1e9) return "?";
  const auto whole = static_cast<std::int64_t>(s + 0.5);
  if (whole >= 3600) return format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return format("{}:{:02}", whole / 60, whole % 60);
}

class ConsoleProgress final : public Progress {
 public:
  ConsoleProgress(std::FILE* stream, const ConsoleOptions& options) : stream_(stream), options_(options) {}

  void started(const Plan& plan, const std::string& run_id) override {
    for (const std::string& warning : plan.warnings) line("warning: " + printable(warning));
    if (options_.quiet) return;
    std::string models;
    for (const PlanEntry& e : plan.entries) {
      if (models.find(e.model) != std::string::npos) continue;
      if (!models.empty()) models += ", ";
      models += e.model;
    }
    line(format("run {}  suite {}: {} attempts, {}", run_id, printable(plan.suite), plan.attempts,
                fit_columns(printable(models), 60)));
  }

  void tick(const Snapshot& s) override {
    if (options_.quiet) return;
    const double every = options_.terminal ? kLineEvery_s : options_.plain_every_s;
    if (s.elapsed_s < shown_at_ + every) return;
    shown_at_ = s.elapsed_s;
    const std::string text = progress_line(s);
    if (!options_.terminal) return line(text);
    const std::string cut = fit_columns(text, options_.width > 1 ? options_.width - 1 : 1);
    const bool alarming = options_.color && s.errors > 0;
    std::fprintf(stream_, "%s%s%s%s", kEraseLine, alarming ? kRed : "", cut.c_str(), alarming ? kPlain : "");
    std::fflush(stream_);
    line_open_ = true;
  }

  void finished(const RunOutcome& out) override {
    if (!options_.quiet) {
      line(format("{}/{} attempts in {}, {} calls, {} retries, cost {}", out.finished, out.planned,
                  duration(out.elapsed_s), out.calls, out.retries,
                  dollars(out.cost_pico, out.calls + out.cached)));
    }
    for (const std::string& note : out.notes) line(printable(note));
  }

 private:
  void line(const std::string& text) {
    if (line_open_) std::fputs(kEraseLine, stream_);
    line_open_ = false;
    std::fprintf(stream_, "%s%s%s\n", options_.color ? kDim : "", text.c_str(), options_.color ? kPlain : "");
    std::fflush(stream_);
  }

  std::FILE* stream_;
  const ConsoleOptions options_;
  double shown_at_ = 0;
  bool line_open_ = false;
};

}  // namespace

ConsoleOptions console_options(std::FILE* stream) {
  ConsoleOptions out;
  const int fd = fileno(stream);
  out.terminal = fd >= 0 && isatty(fd) == 1;
  const char* term = std::getenv("TERM");
  if (term != nullptr && std::string(term) == "dumb") out.terminal = false;
  const char* no_color = std::getenv("NO_COLOR");
  out.color = out.terminal && (no_color == nullptr || *no_color == '\0');
  struct winsize size {};
  if (out.terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) out.width = size.ws_col;
  return out;
}

std::unique_ptr<Progress> console_progress(std::FILE* stream, const ConsoleOptions& options) {
  return std::make_unique<ConsoleProgress>(stream, options);
}

std::string dollars(std::int64_t pico) {
  const double d = static_cast<double>(pico) * 1e-12;
  return pico != 0 && std::fabs(d) < 0.01 ? format("${:.6f}", d) : format("${:.4f}", d);
}

std::string dollars(const KnownSum& cost, std::uint64_t calls) {
  if (cost.known == 0) return "unknown";
  return (cost.known < calls ? ">= " : "") + dollars(cost.sum);
}

std::string progress_line(const Snapshot& s) {
  const std::uint64_t here = s.done - s.done_before;
  const double rate = s.elapsed_s > 0 ? static_cast<double>(here) / s.elapsed_s : 0;
  std::string out = format("{}/{} {}%", s.done, s.planned, s.planned == 0 ? 100 : s.done * 100 / s.planned);
  out += format(" | {:.1f}/s | {} in flight", rate, s.in_flight);
  if (s.errors > 0) out += format(" | {} error{}", s.errors, s.errors == 1 ? "" : "s");
  if (s.retries > 0) out += format(" | {} retr{}", s.retries, s.retries == 1 ? "y" : "ies");
  if (s.throttled > 0) out += format(" | {} throttled", s.throttled);
  out += " | " + (s.cost_pico.known == 0 ? std::string("cost unknown") : dollars(s.cost_pico, s.calls));
  if (s.stopping) return out + " | stopping, waiting for what is in flight";
  if (!s.waits.empty()) return out + " | " + printable(s.waits);
  return out + " | ETA " +
         (rate > 0 ? duration(static_cast<double>(s.planned - s.done) / rate) : std::string("?"));
}

}  // namespace assay
