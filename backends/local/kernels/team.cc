#include "backends/local/kernels/team.h"

#include <chrono>

namespace assay::local::kernels {
namespace {

constexpr auto kSpin = std::chrono::microseconds(50);

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// True as soon as `ready`, false after the time to spin.
template <typename Ready>
bool spin_until(Ready ready) {
  for (int i = 0; i < 64; ++i) {
    if (ready()) return true;
    pause_briefly();
  }
  const auto deadline = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < 16; ++i) {
      if (ready()) return true;
      pause_briefly();
    }
  } while (std::chrono::steady_clock::now() < deadline);
  return ready();
}

}  // namespace

Team::Team(int threads) {
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
}

Team::~Team() {
  stop_.store(true);
  region_.fetch_add(1);
  region_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

// A part belongs to whoever moves the ticket on. The region's number in it makes sure that call_ and
// context_, read before, are still this region's: they change only when all of its parts are done.
bool Team::take_part() {
  std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
  for (;;) {
    const auto part = static_cast<std::uint32_t>(ticket);
    const std::uint32_t parts = parts_.load(std::memory_order_relaxed);
    const Call call = call_.load(std::memory_order_relaxed);
    void* const context = context_.load(std::memory_order_relaxed);
    if (part >= parts) return false;
    if (!ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel,
                                       std::memory_order_acquire)) {
      continue;
    }
    call(context, part);
    if (done_.fetch_add(1) + 1 == parts && caller_sleeps_.load()) done_.notify_one();
    return true;
  }
}

void Team::start(std::int64_t parts, Call call, void* context) {
  const std::uint64_t region = (ticket_.load(std::memory_order_relaxed) >> 32) + 1;
  done_.store(0, std::memory_order_relaxed);
  // A late thread must find no part of the old region while the new one is being described.
  parts_.store(0, std::memory_order_relaxed);
  ticket_.exchange(region << 32 | 0xffffffffu, std::memory_order_acq_rel);
  call_.store(call, std::memory_order_relaxed);
  context_.store(context, std::memory_order_relaxed);
  parts_.store(static_cast<std::uint32_t>(parts), std::memory_order_relaxed);
  ticket_.store((region + 1) << 32, std::memory_order_release);
  region_.store(static_cast<std::uint32_t>(region + 1));
  if (sleepers_.load() != 0) region_.notify_all();

  while (take_part()) {
  }
  const auto finished = [&] { return done_.load(std::memory_order_acquire) == parts; };
  if (spin_until(finished)) return;
  caller_sleeps_.store(true);
  for (std::uint32_t done = done_.load(); done != parts; done = done_.load()) done_.wait(done);
  caller_sleeps_.store(false);
}

void Team::work() {
  std::uint32_t seen = 0;  // as constructed, also where this thread is late
  for (;;) {
    const auto news = [&] { return region_.load(std::memory_order_acquire) != seen; };
    if (!spin_until(news)) {
      sleepers_.fetch_add(1);
      region_.wait(seen);
      sleepers_.fetch_sub(1);
    }
    seen = region_.load();
    if (stop_.load()) return;
    while (take_part()) {
    }
  }
}

}  // namespace assay::local::kernels
