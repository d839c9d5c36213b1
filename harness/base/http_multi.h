// libcurl's transfers on an epoll of their own, so that a turn costs what happens in it and not what is open. Included
// by http.cc alone.
//
// Transfers are spread over several curl multi handles of kShard transfers each: libcurl looks for an idle connection
// by walking along all that the handle has, which with thousands of them would be most of a request's cost. They fill up
// in order, so that connections are reused as much as with one handle. Names and TLS sessions are shared.
// Threads: one, but for wake().
#pragma once

#include <curl/curl.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace assay::internal {

class HttpMulti {
 public:
  explicit HttpMulti(std::size_t max_transfers);
  ~HttpMulti();  // REQUIRES: every handle is removed, and cleaned up
  HttpMulti(const HttpMulti&) = delete;
  HttpMulti& operator=(const HttpMulti&) = delete;

  static constexpr std::size_t kNone = SIZE_MAX;
  // Where a transfer was put, to be given back to remove(); kNone when libcurl refuses it.
  // REQUIRES: fewer than max_transfers are there.
  std::size_t add(CURL* easy);
  void remove(CURL* easy, std::size_t shard);

  // Sleeps until something happens, at most `ms`; then moves all transfers on that can be.
  void turn(int ms);
  // The next transfer that has ended since, to be removed by the caller. False: there is none.
  bool next_done(CURL*& easy, CURLcode& code);

  void wake();  // from any thread: ends the current or the next sleep

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kShard = 64;

  struct Shard {
    HttpMulti* owner = nullptr;
    CURLM* multi = nullptr;
    std::size_t active = 0;
    std::size_t room = 0;
    Clock::time_point timer = Clock::time_point::max();
  };
  struct Socket {
    Shard* shard = nullptr;  // null: libcurl does not want to hear of it now
    bool watched = false;    // the epoll may still know it
  };

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* shard, void*) noexcept;
  static int on_timer(CURLM* multi, long ms, void* shard) noexcept;
  void watch(curl_socket_t fd, int what, Shard& shard);
  int sleep_ms(int ms) const;

  int epoll_ = -1;
  int wake_fd_ = -1;
  std::atomic<bool> woken_{false};
  CURLSH* share_ = nullptr;
  std::vector<std::unique_ptr<Shard>> shards_;  // pointed to by libcurl
  std::vector<Socket> sockets_;                 // by descriptor
  std::size_t asking_ = 0;                      // shard whose messages are read
};

}  // namespace assay::internal
