#include "backends/remote/http_errors.h"

#include "harness/base/utf8.h"
#include "tests/support/catch.h"

namespace assay {
namespace {

TEST_CASE("remote errors: a status says what to do next") {
  struct Row {
    int status;
    Code code;
  };
  const Row rows[] = {
      {301, Code::invalid},     {400, Code::invalid},     {401, Code::invalid},     {402, Code::invalid},
      {403, Code::invalid},     {404, Code::invalid},     {405, Code::invalid},     {408, Code::unavailable},
      {409, Code::unavailable}, {413, Code::invalid},     {422, Code::invalid},     {425, Code::unavailable},
      {429, Code::exhausted},   {500, Code::unavailable}, {502, Code::unavailable}, {503, Code::exhausted},
      {504, Code::unavailable}, {524, Code::unavailable}, {529, Code::exhausted}};
  for (const Row& row : rows) {
    INFO(row.status);
    CHECK(std::string(name(code_for_status(row.status))) == name(row.code));
    CHECK(status_error(row.status, {}, "").http_status == row.status);
  }
}

TEST_CASE("remote errors: Retry-After in all its forms") {
  struct Row {
    HttpHeaderList headers;
    std::optional<double> wanted;
  };
  constexpr std::int64_t kNow = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
  const Row rows[] = {
      {{{"Retry-After", "7"}}, 7},
      {{{"retry-after", " 0.25 "}}, 0.25},
      {{{"Retry-After", "0"}}, 0},
      {{{"Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT"}}, 10},
      {{{"Retry-After", "Sunday, 06-Nov-94 08:49:47 GMT"}}, 10},
      {{{"Retry-After", "Sun Nov  6 08:49:47 1994"}}, 10},
      {{{"Retry-After", "Sun, 06 Nov 1994 08:00:00 GMT"}}, 0},
      {{{"Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT"}, {"Date", "Sun, 06 Nov 1994 08:49:42 GMT"}}, 5},
      {{{"retry-after-ms", "1500"}, {"Retry-After", "9"}}, 1.5},
      {{{"Retry-After", "999999999"}}, 86400},
      {{{"Retry-After", "-5"}}, std::nullopt},
      {{{"Retry-After", "soon"}}, std::nullopt},
      {{{"Retry-After", "Sun, 31 Feb 1994 08:49:37 GMT"}}, std::nullopt},
      {{{"Retry-After", "Sun, 06 Nov 1994 25:49:37 GMT"}}, std::nullopt},
      {{{"Retry-After", ""}}, std::nullopt},
      {{{"Retry-After", "1.2.3"}}, std::nullopt},
      {{{"Retry-After", "9999999999999999999999999999"}}, std::nullopt},
      {{}, std::nullopt},
  };
  for (const Row& row : rows) {
    INFO((row.headers.empty() ? std::string("none") : row.headers.front().second));
    CHECK(retry_after(row.headers, kNow) == row.wanted);
  }
  CHECK(http_date("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
}

TEST_CASE("remote errors: what the server says is shown on one line, and quota is not waited for") {
  BackendError e = status_error(429, {{"Retry-After", "2"}},
                                R"({"error": {"message": "slow\ndown \u001b[31m", "type": "requests"}})");
  CHECK(e.message == "HTTP status 429: slow\\ndown \\x1b[31m");
  CHECK(e.code == Code::exhausted);
  CHECK(e.retry_after == 2);
  CHECK(status_error(429, {}, R"({"error": {"code": "insufficient_quota"}})").code == Code::invalid);
  CHECK(status_error(400, {}, R"({"error": "bad"})").message == "HTTP status 400: bad");
  CHECK(status_error(400, {}, R"({"message": "bad"})").message == "HTTP status 400: bad");
  CHECK(status_error(400, {}, R"([{"error": {"message": "bad"}}])").message ==
        "HTTP status 400: bad");
  CHECK(status_error(500, {}, "<html>").message == "HTTP status 500");
  CHECK(status_error(500, {}, std::string(10000, 'y')).body.size() == kMaxErrorBody);
  CHECK(status_error(307, {}, "").message.find("base_url") != std::string::npos);
  CHECK(stated_error(Json{{"code", 503}}).code == Code::exhausted);
  CHECK(stated_error(Json{{"code", "429"}}).code == Code::exhausted);
  CHECK(stated_error(Json{{"code", 400}}).code == Code::invalid);
  CHECK(stated_error(Json{{"type", "overloaded_error"}}).code == Code::exhausted);
  CHECK(stated_error(Json("boom")).message == "the server reports an error: boom");
  CHECK(stated_error(Json(5)).code == Code::unavailable);
}

}  // namespace
}  // namespace assay
