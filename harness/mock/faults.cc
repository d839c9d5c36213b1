#include "harness/mock/faults.h"

#include <cstdlib>

#include "harness/base/format.h"
#include "harness/base/rng.h"
#include "harness/base/suggest.h"
#include "harness/base/utf8.h"

namespace assay::mock {
namespace {

using K = FaultKind;

constexpr Fault kFaults[] = {
    {"429-bare", K::status, 429, End::refused, "too many requests, without a hint when to come back"},
    {"429-seconds", K::retry_seconds, 429, End::refused, "Retry-After in whole seconds"},
    {"429-fraction", K::retry_fraction, 429, End::refused, "Retry-After in seconds with a fraction"},
    {"429-date", K::retry_date, 429, End::refused, "Retry-After as an HTTP date"},
    {"429-ms", K::retry_ms, 429, End::refused, "retry-after-ms in milliseconds"},
    {"429-reset", K::ratelimit_reset, 429, End::refused, "x-ratelimit-reset-requests as a duration such as 1m2.5s"},
    {"400", K::status, 400, End::refused, "a bad request, which no retry mends"},
    {"401", K::status, 401, End::refused, "a wrong key"},
    {"403", K::status, 403, End::refused, "not allowed"},
    {"404", K::status, 404, End::refused, "no such model"},
    {"408", K::status, 408, End::refused, "the server waited too long"},
    {"500", K::status, 500, End::refused, "an internal error"},
    {"502", K::status_html, 502, End::refused, "a proxy's page: bad gateway"},
    {"503", K::retry_seconds, 503, End::refused, "unavailable, with Retry-After"},
    {"504", K::status_html, 504, End::refused, "a proxy's page: timed out"},
    {"529", K::status, 529, End::refused, "overloaded"},
    {"redirect", K::redirect, 307, End::refused, "a redirect to another path of this server"},
    {"reset-before-body", K::reset_before, 0, End::unanswered, "a TCP reset instead of an answer"},
    {"reset-mid-body", K::reset_in_body, 200, End::cut, "a TCP reset in the middle of the body"},
    {"close-mid-body", K::close_in_body, 200, End::cut, "an orderly close in the middle of the body"},
    {"silence", K::silence, 0, End::unanswered, "the request is taken and nothing is ever said"},
    {"tls-failure", K::tls, 0, End::unanswered, "a TLS alert where HTTP was expected, then a close"},
    {"event-split", K::split, 200, End::complete, "events (or the body) cut in two, a pause between the halves"},
    {"slow-drip", K::drip, 200, End::complete, "the body comes byte by byte"},
    {"invalid-json", K::bad_json, 200, End::broken, "JSON without its last bracket"},
    {"invalid-utf8", K::bad_utf8, 200, End::broken, "bytes in the text that are not UTF-8"},
    {"length-too-short", K::length_short, 200, End::broken, "a Content-Length smaller than the body"},
    {"length-too-long", K::length_long, 200, End::cut, "a Content-Length larger than the body, then a close"},
    {"body-100mb", K::huge, 200, End::broken, "100 MB of body"},
    {"wrong-content-type", K::html, 200, End::broken, "status 200 with a page instead of an answer"},
    {"mislabelled", K::mislabelled, 200, End::complete, "the right body called text/plain"},
    {"gzip", K::gzip, 200, End::complete, "the body compressed, if the client takes gzip"},
    {"invalid-gzip", K::bad_gzip, 200, End::broken, "a body called gzip that ends too early"},
    {"missing-usage", K::no_usage, 200, End::complete, "no token counts"},
    {"empty-content", K::empty, 200, End::complete, "an answer without text"},
    {"truncated", K::truncated, 200, End::complete, "half of the tokens and finish_reason length"},
    {"content-filter", K::filtered, 200, End::complete, "a quarter of the tokens and finish_reason content_filter"},
    {"error-in-stream", K::stream_error, 200, End::broken, "an error object in the middle of the events, or as the body"},
    {"stream-without-done", K::no_done, 200, End::complete, "events that end without [DONE]"},
};

std::optional<double> rate_of(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789.eE-") != std::string::npos) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size() || !(value >= 0) || value > 1) return std::nullopt;
  return value;
}

std::vector<const Fault*> named(std::string_view name) {
  std::vector<const Fault*> out;
  for (const Fault& f : kFaults) {
    const bool of_status = name == "429" && f.name.substr(0, 3) == "429";
    if (name == "all" || f.name == name || of_status) out.push_back(&f);
  }
  return out;
}

}  // namespace

std::span<const Fault> faults() { return kFaults; }

const Fault* find_fault(std::string_view name) {
  for (const Fault& f : kFaults) {
    if (f.name == name) return &f;
  }
  return nullptr;
}

Result<std::vector<FaultRate>> parse_faults(const std::vector<std::string>& texts) {
  std::vector<FaultRate> out;
  double sum = 0;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    const auto rate = equals == std::string::npos ? std::nullopt : rate_of(text.substr(equals + 1));
    if (!rate) return invalid(format("--fault {}: expected NAME=RATE with a rate from 0 to 1", printable(text)));
    const std::string name = text.substr(0, equals);
    const auto which = named(name);
    if (which.empty()) {
      std::vector<std::string_view> known;
      for (const Fault& f : kFaults) known.push_back(f.name);
      return invalid(format("--fault {}: no such fault{}; --list-faults lists them", printable(name),
                            did_you_mean(name, known)));
    }
    for (const Fault* f : which) out.push_back({f, *rate / static_cast<double>(which.size())});
    sum += *rate;
  }
  if (sum > 1 + 1e-9) return invalid(format("--fault: the rates add up to {}, more than 1", sum));
  return out;
}

const Fault* draw_fault(const std::vector<FaultRate>& rates, std::uint64_t key) {
  if (rates.empty()) return nullptr;
  double left = Rng::unit_at(key, 0);
  for (const FaultRate& r : rates) {
    if (left < r.rate) return r.fault;
    left -= r.rate;
  }
  return nullptr;
}

}  // namespace assay::mock
