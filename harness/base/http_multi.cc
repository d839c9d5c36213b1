#include "harness/base/http_multi.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "harness/base/check.h"

namespace assay::internal {

HttpMulti::HttpMulti(std::size_t max_transfers) {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  wake_fd_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  CHECK_THAT_HOLDS(epoll_ >= 0 && wake_fd_ >= 0, "there are descriptors for an HTTP client");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wake_fd_;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_fd_, &event);
  share_ = curl_share_init();
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);  // no locks: one thread
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  for (std::size_t left = max_transfers; left > 0;) {
    auto shard = std::make_unique<Shard>();
    shard->owner = this;
    shard->multi = curl_multi_init();
    CHECK_THAT_HOLDS(shard->multi != nullptr, "there is memory for an HTTP client");
    shard->room = std::min(left, kShard);
    left -= shard->room;
    const auto room = static_cast<long>(shard->room);
    curl_multi_setopt(shard->multi, CURLMOPT_MAX_HOST_CONNECTIONS, room);
    curl_multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS, room);
    curl_multi_setopt(shard->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(shard->multi, CURLMOPT_SOCKETDATA, static_cast<void*>(shard.get()));
    curl_multi_setopt(shard->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(shard->multi, CURLMOPT_TIMERDATA, static_cast<void*>(shard.get()));
    shards_.push_back(std::move(shard));
  }
}

HttpMulti::~HttpMulti() {
  for (const auto& shard : shards_) curl_multi_cleanup(shard->multi);
  curl_share_cleanup(share_);
  ::close(epoll_);
  ::close(wake_fd_);
}

std::size_t HttpMulti::add(CURL* easy) {
  const auto free = std::find_if(shards_.begin(), shards_.end(), [](const auto& s) { return s->active < s->room; });
  CHECK_THAT_HOLDS(free != shards_.end(), "no more transfers are started than may run");
  curl_easy_setopt(easy, CURLOPT_SHARE, share_);
  if (curl_multi_add_handle((*free)->multi, easy) != CURLM_OK) return kNone;
  ++(*free)->active;
  return static_cast<std::size_t>(free - shards_.begin());
}

void HttpMulti::remove(CURL* easy, std::size_t shard) {
  curl_multi_remove_handle(shards_[shard]->multi, easy);
  --shards_[shard]->active;
}

int HttpMulti::on_timer(CURLM*, long ms, void* shard) noexcept {
  static_cast<Shard*>(shard)->timer = ms < 0 ? Clock::time_point::max() : Clock::now() + std::chrono::milliseconds(ms);
  return 0;
}

int HttpMulti::on_socket(CURL*, curl_socket_t fd, int what, void* user, void*) noexcept {
  Shard& shard = *static_cast<Shard*>(user);
  shard.owner->watch(fd, what, shard);
  return 0;
}

// A connection is dropped after each response and taken up again for the next request: it stays watched meanwhile, and
// is let go of when it has something to say that nobody wants to hear. A descriptor that was closed, and is another
// socket's now, is not known to the epoll any more, which its answer to a change tells.
void HttpMulti::watch(curl_socket_t fd, int what, Shard& shard) {
  const auto at = static_cast<std::size_t>(fd);
  if (at >= sockets_.size()) sockets_.resize(at + 1);
  Socket& socket = sockets_[at];
  if (what == CURL_POLL_REMOVE) {
    socket.shard = nullptr;
    return;
  }
  socket.shard = &shard;
  epoll_event event{};
  event.data.fd = fd;
  if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  if (socket.watched && ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) == 0) return;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0 && errno == EEXIST) {
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
  }
  socket.watched = true;
}

int HttpMulti::sleep_ms(int ms) const {
  Clock::time_point next = Clock::time_point::max();
  for (const auto& shard : shards_) next = std::min(next, shard->timer);
  if (next == Clock::time_point::max() || ms == 0) return ms;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, ms));
}

void HttpMulti::turn(int ms) {
  std::array<epoll_event, 256> events;
  const int n = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), sleep_ms(ms));
  int running = 0;
  for (int i = 0; i < n; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const int fd = event.data.fd;
    if (fd == wake_fd_) {
      // In this order: a wake() between the two writes nothing, but its caller looks for what it was for after this
      // turn. The other way round its byte would be read, and woken_ stay true, so that no later one would write.
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t size = ::read(wake_fd_, &count, sizeof count);
      woken_.exchange(false);
      continue;
    }
    Socket& socket = sockets_[static_cast<std::size_t>(fd)];
    if (socket.shard == nullptr) {
      ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
      socket.watched = false;
      continue;
    }
    int mask = 0;
    if ((event.events & EPOLLIN) != 0) mask |= CURL_CSELECT_IN;
    if ((event.events & EPOLLOUT) != 0) mask |= CURL_CSELECT_OUT;
    // An end that is not an error is read, like bytes; libcurl finds out by itself what it was.
    if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) mask |= CURL_CSELECT_IN | CURL_CSELECT_OUT;
    curl_multi_socket_action(socket.shard->multi, fd, mask, &running);
  }
  const auto now = Clock::now();
  for (const auto& shard : shards_) {
    if (shard->timer > now) continue;
    shard->timer = Clock::time_point::max();
    curl_multi_socket_action(shard->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  asking_ = 0;
}

bool HttpMulti::next_done(CURL*& easy, CURLcode& code) {
  for (; asking_ < shards_.size(); ++asking_) {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(shards_[asking_]->multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      easy = message->easy_handle;
      code = message->data.result;
      return true;
    }
  }
  return false;
}

void HttpMulti::wake() {
  if (woken_.exchange(true)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = ::write(wake_fd_, &one, sizeof one);
}

}  // namespace assay::internal
