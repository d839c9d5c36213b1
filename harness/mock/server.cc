#include "harness/mock/server.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <queue>
#include <utility>
#include <vector>

#include "harness/base/format.h"
#include "harness/mock/connection.h"
#include "harness/mock/listen.h"

namespace assay::mock {
namespace {

using Clock = Connection::Clock;
using Time = Connection::Time;

constexpr int kPollMs = 200;
constexpr std::uint32_t kNobody = UINT32_MAX;  // the number that stands for sockets which are no connection
constexpr auto kSweep = std::chrono::seconds(5);

// As many descriptors as the system allows, a few kept for everything else.
std::uint32_t connection_limit(std::uint32_t wanted) {
  constexpr rlim_t kOthers = 64;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  if (limit.rlim_cur < limit.rlim_max && limit.rlim_cur < wanted + kOthers) {
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, wanted + kOthers);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  const rlim_t room = limit.rlim_cur > 2 * kOthers ? limit.rlim_cur - kOthers : kOthers;
  return static_cast<std::uint32_t>(std::min<rlim_t>(wanted, room));
}

}  // namespace

class MockServer::Impl {
 public:
  explicit Impl(MockOptions options) : context_(std::move(options)) {}
  ~Impl() {
    close_all();
    for (const int fd : listening_.sockets) ::close(fd);
    if (epoll_ >= 0) ::close(epoll_);
    if (wake_ >= 0) ::close(wake_);
  }

  Result<void> start() {
    const MockOptions& o = context_.options;
    most_ = connection_limit(std::max<std::uint32_t>(1, o.max_connections));
    if (!o.replay.empty()) {
      auto replay = Replay::load(o.replay);
      if (!replay) return Error{replay.error().code, format("--replay {}", replay.error().message)};
      context_.replay = std::move(*replay);
    }
    if (!o.log.empty()) {
      if (auto opened = context_.ledger.open_log(o.log); !opened) return opened;
    }
    auto listening = listen_on(o.host, o.port);
    if (!listening) return listening.error();
    listening_ = std::move(*listening);
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (epoll_ < 0 || wake_ < 0) return Error{Code::unavailable, "mock-server: no descriptors are left"};
    watch(wake_, EPOLLIN, kNobody);
    accepting(true);
    return {};
  }

  void run() {
    const Time end = context_.options.stop_after_s > 0
                         ? Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                              std::chrono::duration<double>(context_.options.stop_after_s))
                         : Time::max();
    std::array<epoll_event, 256> events;
    Time sweep_at = Clock::now() + kSweep;
    while (!stopping_) {
      const int n = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms(end));
      for (int i = 0; i < n; ++i) handle(events[static_cast<std::size_t>(i)]);
      const Time now = Clock::now();
      fire_timers(now);
      go_on_again();
      if (now >= sweep_at) {
        sweep(now);
        sweep_at = now + kSweep;
      }
      context_.ledger.flush();
      const auto& asked = context_.options.stop_requested;
      if (now >= end || (asked && asked())) break;
    }
    close_all();
    context_.ledger.flush();
  }

  void stop() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = ::write(wake_, &one, sizeof one);
  }

  std::uint16_t port() const { return listening_.port; }
  std::string url() const { return format("http://{}:{}", listening_.host, listening_.port); }
  Json ledger() const { return context_.ledger.to_json(open_); }

 private:
  struct Slot {
    std::unique_ptr<Connection> connection;
    std::uint32_t number = 0;  // of the connection, to tell it from an earlier one with the same descriptor
    Time timer = Time::max();  // its earliest entry in the queue of timers
  };
  struct Timer {
    Time at;
    int fd;
    std::uint32_t number;
    bool operator<(const Timer& other) const { return at > other.at; }  // the earliest on top
  };

  void watch(int fd, std::uint32_t events, std::uint32_t number) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = static_cast<std::uint64_t>(number) << 32 | static_cast<std::uint32_t>(fd);
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  // While there are as many connections as may be, others wait in the listening sockets' queues.
  void accepting(bool yes) {
    if (accepting_ == yes) return;
    accepting_ = yes;
    for (const int fd : listening_.sockets) {
      if (yes) {
        watch(fd, EPOLLIN, kNobody);
      } else {
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
      }
    }
  }

  int wait_ms(Time end) const {
    if (!again_.empty()) return 0;
    const Time next = timers_.empty() ? end : std::min(end, timers_.top().at);
    const auto now = Clock::now();
    if (next <= now) return 0;
    if (next == Time::max()) return kPollMs;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
    return static_cast<int>(std::min<std::int64_t>(left, kPollMs));
  }

  void handle(const epoll_event& event) {
    const int fd = static_cast<int>(event.data.u64 & 0xFFFFFFFFU);
    const auto number = static_cast<std::uint32_t>(event.data.u64 >> 32);
    if (number == kNobody) {
      if (fd == wake_) {
        stopping_ = true;
      } else {
        accept_from(fd);
      }
      return;
    }
    Slot* slot = slot_of(fd, number);
    if (slot == nullptr) return;
    const std::uint32_t e = event.events;
    slot->connection->note((e & EPOLLIN) != 0, (e & EPOLLOUT) != 0, (e & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
    pump(fd, *slot);
  }

  Slot* slot_of(int fd, std::uint32_t number) {
    if (static_cast<std::size_t>(fd) >= slots_.size()) return nullptr;
    Slot& slot = slots_[static_cast<std::size_t>(fd)];
    return slot.connection && slot.number == number ? &slot : nullptr;
  }

  void accept_from(int listener) {
    for (int i = 0; i < 256; ++i) {
      if (open_ >= most_) return accepting(false);
      const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) accepting(false);
        return;
      }
      if (static_cast<std::size_t>(fd) >= slots_.size()) slots_.resize(static_cast<std::size_t>(fd) + 1);
      Slot& slot = slots_[static_cast<std::size_t>(fd)];
      slot.number = next_number_++ % kNobody;
      slot.timer = Time::max();
      slot.connection = std::make_unique<Connection>(fd, slot.number, context_);
      context_.connections = ++open_;
      context_.ledger.connected(open_);
      watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, slot.number);
    }
  }

  void pump(int fd, Slot& slot) {
    switch (slot.connection->pump()) {
      case Connection::Step::closed: close(slot); return;
      case Connection::Step::again: again_.emplace_back(fd, slot.number); break;
      case Connection::Step::idle: break;
    }
    const Time at = slot.connection->wake_at();
    if (at < slot.timer) {
      slot.timer = at;
      timers_.push({at, fd, slot.number});
    }
  }

  void close(Slot& slot) {
    slot.connection.reset();  // which closes the socket, so that the poller forgets it
    context_.connections = --open_;
    if (open_ < most_) accepting(true);
  }

  void fire_timers(Time now) {
    while (!timers_.empty() && timers_.top().at <= now) {
      const Timer timer = timers_.top();
      timers_.pop();
      Slot* slot = slot_of(timer.fd, timer.number);
      if (slot == nullptr) continue;
      slot->timer = Time::max();
      if (slot->connection->wake_at() <= now) slot->connection->wake();
      pump(timer.fd, *slot);
    }
  }

  void go_on_again() {
    const auto again = std::exchange(again_, {});
    for (const auto& [fd, number] : again) {
      if (Slot* slot = slot_of(fd, number)) pump(fd, *slot);
    }
  }

  // Closes connections that were idle for too long; also takes up accepting after a lack of descriptors.
  void sweep(Time now) {
    const auto idle = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(context_.options.idle_s));
    for (Slot& slot : slots_) {
      if (slot.connection && slot.connection->may_expire() && now - slot.connection->active_at() > idle) close(slot);
    }
    if (open_ < most_) accepting(true);
  }

  void close_all() {
    for (Slot& slot : slots_) {
      if (slot.connection) close(slot);
    }
    accepting(false);
  }

  Context context_;
  Listening listening_;
  int epoll_ = -1;
  int wake_ = -1;
  bool accepting_ = false;
  bool stopping_ = false;
  std::uint64_t most_ = 0;
  std::uint64_t open_ = 0;
  std::uint32_t next_number_ = 0;
  std::vector<Slot> slots_;  // by descriptor
  std::priority_queue<Timer> timers_;
  std::vector<std::pair<int, std::uint32_t>> again_;
};

MockServer::MockServer(MockOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
MockServer::~MockServer() = default;
Result<void> MockServer::start() { return impl_->start(); }
std::uint16_t MockServer::port() const { return impl_->port(); }
std::string MockServer::url() const { return impl_->url(); }
void MockServer::run() { impl_->run(); }
void MockServer::stop() { impl_->stop(); }
Json MockServer::ledger() const { return impl_->ledger(); }

}  // namespace assay::mock
