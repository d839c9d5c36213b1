#include "harness/mock/fault_bodies.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/compress.h"
#include "harness/base/format.h"
#include "harness/mock/rate_limit.h"

namespace assay::mock {
namespace {

constexpr std::string_view kPage =
    "<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head>"
    "<body><h1>Something went wrong</h1><p>The service is temporarily unavailable.</p></body></html>\n";

// RFC 9110, section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(std::int64_t unix_s) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = unix_s;
  std::tm t{};
  gmtime_r(&time, &t);
  return format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[t.tm_wday], t.tm_mday, kMonths[t.tm_mon],
                t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

// A body that another one is made into.
class Wrapped : public Body {
 public:
  explicit Wrapped(std::unique_ptr<Body> inner) : inner_(std::move(inner)) {}

 protected:
  std::unique_ptr<Body> inner_;
};

// Each piece in two, but of long streams only the first so many.
class SplitBody final : public Wrapped {
 public:
  SplitBody(std::unique_ptr<Body> inner, double wait_s) : Wrapped(std::move(inner)), wait_s_(wait_s) {}
  Next next(std::string& out, double& wait_s) override {
    if (!second_.empty()) {
      out += std::exchange(second_, std::string());
      wait_s = wait_s_;
      return Next::piece;
    }
    std::string piece;
    const Next what = inner_->next(piece, wait_s);
    if (what == Next::piece && splits_ < kMost && piece.size() > 1) {
      ++splits_;
      std::size_t at = piece.size() / 2;  // within a character where there is one behind the middle
      const auto inside = [&](std::size_t i) { return (static_cast<unsigned char>(piece[i]) & 0xC0) == 0x80; };
      for (std::size_t i = at; i < piece.size(); ++i) {
        if (!inside(i)) continue;
        at = i;
        break;
      }
      second_ = piece.substr(at);
      piece.resize(at);
    }
    out += piece;
    return what;
  }

 private:
  static constexpr int kMost = 32;
  const double wait_s_;
  std::string second_;
  int splits_ = 0;
};

// Ends after half of a whole body, or after the third event and half of the fourth.
class CutBody final : public Wrapped {
 public:
  CutBody(std::unique_ptr<Body> inner, Next how, int whole_pieces)
      : Wrapped(std::move(inner)), how_(how), whole_(whole_pieces) {}
  Next next(std::string& out, double& wait_s) override {
    if (cut_) {
      wait_s = 0.005;  // what was sent arrives before the reset, which would overtake it
      return how_;
    }
    std::string piece;
    const Next what = inner_->next(piece, wait_s);
    if (what == Next::end) return how_;
    if (whole_-- <= 0) {
      piece.resize(piece.size() / 2);
      cut_ = true;
    }
    out += piece;
    return Next::piece;
  }

 private:
  const Next how_;
  int whole_;
  bool cut_ = false;
};

// Takes the last closing bracket out of the piece of this number, counted from 0.
class BrokenJson final : public Wrapped {
 public:
  BrokenJson(std::unique_ptr<Body> inner, int number) : Wrapped(std::move(inner)), left_(number) {}
  Next next(std::string& out, double& wait_s) override {
    std::string piece;
    const Next what = inner_->next(piece, wait_s);
    if (what == Next::piece && left_-- == 0) {
      if (const std::size_t at = piece.rfind('}'); at != std::string::npos) piece.erase(at, 1);
    }
    out += piece;
    return what;
  }

 private:
  int left_;
};

// A string of JSON that does not end, or an event without an end.
class HugeBody final : public Body {
 public:
  HugeBody(std::string start, std::uint64_t bytes) : start_(std::move(start)), left_(bytes) {}
  Next next(std::string& out, double&) override {
    if (left_ == 0) return Next::end;
    std::string piece = std::exchange(start_, std::string());
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece.empty() ? 64U << 10 : piece.size())), 'x');
    left_ -= piece.size();
    out += piece;
    return Next::piece;
  }

 private:
  std::string start_;
  std::uint64_t left_;
};

void make_whole(Answer& a) {
  double wait_s = 0;
  std::string text = a.body ? drained(*a.body, wait_s) : std::string();
  a.delay_s += wait_s;
  a.size = text.size();
  a.body = text_body(std::move(text));
}

void pack(Answer& a, bool broken) {
  double wait_s = 0;
  std::string packed = gzip_compress(a.body ? drained(*a.body, wait_s) : std::string());
  if (broken) packed.resize(packed.size() / 2);
  a.delay_s += wait_s;
  a.streamed = false;
  a.body = text_body(std::move(packed));
  a.headers.emplace_back("Content-Encoding", "gzip");
}

void page(Answer& a) {
  a.content_type = "text/html; charset=utf-8";
  a.body = text_body(std::string(kPage));
  a.streamed = false;
  a.size.reset();
}

}  // namespace

std::string drained(Body& body, double& wait_s) {
  std::string out;
  while (true) {
    double wait = 0;
    if (body.next(out, wait) != Body::Next::piece) return out;
    wait_s += wait;
  }
}

std::optional<Answer> instead_of_answer(const Fault& fault, const MockOptions& options, const std::string& path) {
  const double s = options.retry_after_s;
  const auto whole_s = static_cast<std::int64_t>(std::ceil(s));
  Answer a;
  a.status = fault.status;
  a.body = text_body(error_body(format("mock fault {}: {}", fault.name, fault.summary), "mock_fault", fault.name));
  switch (fault.kind) {
    case FaultKind::status: break;
    case FaultKind::status_html: page(a); break;
    case FaultKind::retry_seconds: a.headers.emplace_back("Retry-After", std::to_string(whole_s)); break;
    case FaultKind::retry_fraction: a.headers.emplace_back("Retry-After", format("{:.3f}", s)); break;
    case FaultKind::retry_date:
      a.headers.emplace_back("Retry-After", http_date(unix_micros() / 1'000'000 + whole_s));
      break;
    case FaultKind::retry_ms:
      a.headers.emplace_back("retry-after-ms", std::to_string(static_cast<std::int64_t>(std::ceil(s * 1000))));
      break;
    case FaultKind::ratelimit_reset:
      a.headers.emplace_back("x-ratelimit-limit-requests", "60");
      a.headers.emplace_back("x-ratelimit-remaining-requests", "0");
      a.headers.emplace_back("x-ratelimit-reset-requests", go_duration(s));
      break;
    case FaultKind::redirect: a.headers.emplace_back("Location", path + "/moved"); break;
    case FaultKind::reset_before: a.wire = Wire::reset_before; break;
    case FaultKind::silence: a.wire = Wire::silence; break;
    case FaultKind::tls: a.wire = Wire::tls_alert; break;
    default: return std::nullopt;
  }
  return a;
}

void spoil(Answer& a, const Fault& fault, const MockOptions& options, bool takes_gzip) {
  constexpr int kWholeEvents = 3;
  switch (fault.kind) {
    case FaultKind::reset_in_body:
    case FaultKind::close_in_body: {
      const auto how = fault.kind == FaultKind::reset_in_body ? Body::Next::reset : Body::Next::close;
      const int whole = a.streamed ? kWholeEvents : 0;
      if (!a.streamed) make_whole(a);
      a.body = std::make_unique<CutBody>(std::move(a.body), how, whole);
      a.streamed = true;
      break;
    }
    case FaultKind::split:
      if (!a.streamed) make_whole(a);
      a.streamed = true;
      a.body = std::make_unique<SplitBody>(std::move(a.body), options.split_s);
      break;
    case FaultKind::drip: a.wire = Wire::drip; break;
    case FaultKind::bad_json:
      a.body = std::make_unique<BrokenJson>(std::move(a.body), a.streamed ? 1 : 0);
      break;
    case FaultKind::length_short:
      make_whole(a);
      *a.size = *a.size / 2;
      a.close_after = true;
      break;
    case FaultKind::length_long:
      make_whole(a);
      *a.size += 100;
      a.streamed = true;
      a.body = std::make_unique<CutBody>(std::move(a.body), Body::Next::close, 1);
      break;
    case FaultKind::huge:
      a.body = std::make_unique<HugeBody>(
          a.streamed ? "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
                     : "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"",
          options.huge_bytes);
      a.streamed = true;
      a.size = options.huge_bytes;
      break;
    case FaultKind::html: page(a); break;
    case FaultKind::mislabelled: a.content_type = "text/plain"; break;
    case FaultKind::gzip:
      if (takes_gzip) pack(a, false);
      break;
    case FaultKind::bad_gzip: pack(a, true); break;
    default: break;
  }
}

}  // namespace assay::mock
