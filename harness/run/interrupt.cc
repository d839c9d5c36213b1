#include "harness/run/interrupt.h"

#include <unistd.h>
#include <csignal>
#include <cstring>

#include <atomic>

namespace assay {
namespace {

constexpr int kInterruptedExit = 130;
std::atomic<int> g_count{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch it");
struct sigaction g_before_int, g_before_term;

extern "C" void on_signal(int) {
  if (g_count.fetch_add(1) > 0) _exit(kInterruptedExit);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  g_count = 0;
  struct sigaction action;
  std::memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, &g_before_int);
  sigaction(SIGTERM, &action, &g_before_term);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &g_before_int, nullptr);
  sigaction(SIGTERM, &g_before_term, nullptr);
}

int interrupt_count() { return g_count; }

}  // namespace assay
