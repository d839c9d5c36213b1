#include "harness/run/interrupt.h"

#include <unistd.h>
#include <csignal>
#include <cstring>

#include <atomic>
#include <iterator>

namespace assay {
namespace {

constexpr int kInterruptedExit = 130;
std::atomic<int> g_count{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch it");

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
struct sigaction g_before[std::size(kSignals)];

extern "C" void on_signal(int) {
  if (g_count.fetch_add(1) > 0) _exit(kInterruptedExit);
}
// A handler, not SIG_IGN: programs that are started meanwhile would inherit that.
extern "C" void on_pipe(int) {}

}  // namespace

InterruptGuard::InterruptGuard() {
  g_count = 0;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    struct sigaction action;
    std::memset(&action, 0, sizeof action);
    action.sa_handler = kSignals[i] == SIGPIPE ? on_pipe : on_signal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(kSignals[i], nullptr, &g_before[i]);
    if (kSignals[i] == SIGHUP && g_before[i].sa_handler == SIG_IGN) continue;  // started by nohup
    sigaction(kSignals[i], &action, nullptr);
  }
}

InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], &g_before[i], nullptr);
}

int interrupt_count() { return g_count; }

}  // namespace assay
