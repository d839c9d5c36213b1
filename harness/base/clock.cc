#include "harness/base/clock.h"

#include <array>
#include <chrono>
#include <ctime>
#include <mutex>
#include <random>

#include "harness/base/format.h"

namespace assay {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct UlidState {
  std::mutex mutex;  // guards the three below
  std::int64_t last_millis = 0;
  std::array<std::uint8_t, 16> random{};  // 16 base-32 digits of the random part, big end first
  std::random_device entropy;
};

}  // namespace

std::int64_t unix_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string utc_time(std::int64_t micros) {
  const std::time_t seconds = static_cast<std::time_t>(micros >= 0 ? micros / 1000000 : (micros - 999999) / 1000000);
  std::tm tm{};
  gmtime_r(&seconds, &tm);
  return format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                tm.tm_min, tm.tm_sec);
}

std::string new_ulid() {
  static UlidState state;
  const std::lock_guard<std::mutex> lock(state.mutex);
  std::int64_t millis = unix_micros() / 1000;
  if (millis > state.last_millis) {
    state.last_millis = millis;
    for (auto& digit : state.random) digit = static_cast<std::uint8_t>(state.entropy() % 32);
    state.random[0] %= 16;  // room to count up within one millisecond
  } else {
    millis = state.last_millis;
    for (std::size_t i = state.random.size(); i-- > 0;) {
      if (++state.random[i] < 32) break;
      state.random[i] = 0;
    }
  }
  std::string out(26, '0');
  for (std::size_t i = 10; i-- > 0;) {
    out[i] = kCrockford[static_cast<std::size_t>(millis & 31)];
    millis >>= 5;
  }
  for (std::size_t i = 0; i < 16; ++i) out[10 + i] = kCrockford[state.random[i]];
  return out;
}

bool is_ulid(std::string_view text) {
  if (text.size() != 26 || text[0] > '7') return false;
  return text.find_first_not_of(kCrockford) == std::string_view::npos;
}

}  // namespace assay
