#include "harness/mock/ledger.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/mock/text.h"

namespace assay::mock {

const char* name(End end) {
  constexpr const char* kNames[kEnds] = {"complete", "broken", "refused", "cut", "unanswered"};
  return kNames[static_cast<std::size_t>(end)];
}

void Ledger::Sum::add(const Record& r) {
  ++responses;
  input += r.input_tokens;
  output += r.output_tokens;
}

Ledger::~Ledger() {
  flush();
  if (log_fd_ >= 0) ::close(log_fd_);
}

Result<void> Ledger::open_log(const std::string& path) {
  log_fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log_fd_ < 0) return invalid(format("--log {}: {}", printable(path), std::strerror(errno)));
  return {};
}

void Ledger::connected(std::uint64_t open_now) {
  ++accepted_;
  open_most_ = std::max(open_most_, open_now);
}

void Ledger::began(const Record&) {
  ++requests_;
  in_flight_most_ = std::max(in_flight_most_, ++in_flight_);
}

void Ledger::ended(const Record& r, End end, std::uint64_t bytes_sent) {
  --in_flight_;
  by_end_[static_cast<std::size_t>(end)].add(r);
  if (end != End::unanswered) ++by_status_[r.status];
  if (!r.fault.empty()) by_fault_[r.fault][static_cast<std::size_t>(end)].add(r);
  if (log_fd_ >= 0) log(r, end, bytes_sent);
}

void Ledger::log(const Record& r, End end, std::uint64_t bytes_sent) {
  const auto text = [this](std::string_view key, std::string_view value) {
    log_ += format(",\"{}\":\"", key);
    append_escaped(log_, repair_utf8(value));
    log_ += '"';
  };
  log_ += format("{{\"id\":\"{}\",\"body_sha256\":\"{}\",\"occurrence\":{}", r.id, r.digest.hex(), r.occurrence);
  text("path", r.path);
  text("model", r.model);
  if (!r.sample.empty()) text("sample", r.sample);
  if (!r.fault.empty()) text("fault", r.fault);
  log_ += format(
      ",\"status\":{},\"end\":\"{}\",\"stream\":{},\"choices\":{},\"input_tokens\":{},\"output_tokens\":{},"
      "\"bytes_sent\":{},\"began_us\":{},\"ended_us\":{}}}\n",
      r.status, name(end), r.stream, r.choices, r.input_tokens, r.output_tokens, bytes_sent, r.began_us, unix_micros());
  if (log_.size() > (64U << 10)) flush();
}

void Ledger::flush() {
  std::size_t at = 0;
  while (log_fd_ >= 0 && at < log_.size()) {
    const ssize_t n = ::write(log_fd_, log_.data() + at, log_.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;  // a full disk loses lines of the log; serving goes on
    at += static_cast<std::size_t>(n);
  }
  log_.clear();
}

Json Ledger::json_of(const Sum& sum) {
  return {{"responses", sum.responses}, {"input_tokens", sum.input}, {"output_tokens", sum.output}};
}

Json Ledger::to_json(std::uint64_t open_now) const {
  Json out = {{"requests", requests_},
              {"in_flight", in_flight_},
              {"in_flight_most", in_flight_most_},
              {"bad_requests", bad_},
              {"tls_handshakes", tls_},
              {"connections", {{"open", open_now}, {"most", open_most_}, {"accepted", accepted_}}}};
  for (std::size_t i = 0; i < kEnds; ++i) out[name(static_cast<End>(i))] = json_of(by_end_[i]);
  Json& statuses = out["by_status"] = Json::object();
  for (const auto& [status, count] : by_status_) statuses[std::to_string(status)] = count;
  Json& faults = out["by_fault"] = Json::object();
  for (const auto& [fault, sums] : by_fault_) {
    Json& one = faults[std::string(fault)] = Json::object();
    for (std::size_t i = 0; i < kEnds; ++i) {
      if (sums[i].responses > 0) one[name(static_cast<End>(i))] = json_of(sums[i]);
    }
  }
  return out;
}

}  // namespace assay::mock
