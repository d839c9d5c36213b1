#include "tests/cli/mock_bed.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/store/store.h"
#include "tests/support/catch.h"

namespace assay::test {
namespace {

std::string url_in(const std::string& printed) {
  const std::size_t at = printed.find("http://127.0.0.1:");
  if (at == std::string::npos) return "";
  const std::size_t end = printed.find_first_not_of("0123456789", at + 17);
  if (end == std::string::npos) return "";
  return printed.substr(at, end - at);
}

std::string text_of(const Json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<std::int64_t> count_of(const Json& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

}  // namespace

MockBed::MockBed(std::vector<std::string> server_args, double stop_after_s) {
  std::vector<std::string> argv = {ASSAY_BINARY,
                                   "mock-server",
                                   "--log",
                                   dir_ / "server.jsonl",
                                   "--with-parent",
                                   "--stop-after",
                                   format("{}", stop_after_s)};
  argv.insert(argv.end(), server_args.begin(), server_args.end());
  std::vector<char*> raw;
  for (const std::string& a : argv) raw.push_back(const_cast<char*>(a.c_str()));
  raw.push_back(nullptr);
  const std::string out = dir_ / "server.out";
  server_ = fork();
  REQUIRE(server_ >= 0);
  if (server_ == 0) {
    const int fd = open(out.c_str(), O_CREAT | O_WRONLY, 0644);
    dup2(fd, 1);
    dup2(fd, 2);
    execv(raw[0], raw.data());
    _exit(127);
  }
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (url_.empty() && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    url_ = url_in(read_file(out));
  }
  INFO(read_file(out));
  REQUIRE(!url_.empty());
}

MockBed::~MockBed() { stop_server(); }

void MockBed::stop_server() {
  if (server_ < 0) return;
  kill(server_, SIGTERM);
  int status = 0;
  waitpid(server_, &status, 0);
  server_ = -1;
}

std::string MockBed::suite(int samples, const std::string& model, int tries, int epochs) const {
  return dir_.file("suite.yaml",
                   format("suite: faults\nseed: 3\nepochs: {}\ntasks: [{{task: math/arithmetic, limit: {}, "
                          "options: {{level: 5}}}}]\n"
                          "sampling: {{max_tokens: 256}}\nlimits: {{tries: {}, error_rate: 1}}\n"
                          "models:\n  - name: mock\n    backend: openai\n    base_url: {}/v1\n{}",
                          epochs, samples, tries, url_, model));
}

std::vector<Served> MockBed::served() const {
  std::vector<Served> out;
  std::istringstream lines(read_file(dir_ / "server.jsonl"));
  std::string line;
  while (std::getline(lines, line)) {
    const auto row = parse_json(line);
    REQUIRE(row.ok());
    Served s;
    s.id = text_of(*row, "id");
    s.digest = text_of(*row, "body_sha256");
    s.fault = text_of(*row, "fault");
    s.end = text_of(*row, "end");
    s.status = static_cast<int>(count_of(*row, "status").value_or(0));
    s.tokens = count_of(*row, "input_tokens").value_or(0) + count_of(*row, "output_tokens").value_or(0);
    s.began_us = count_of(*row, "began_us").value_or(0);
    out.push_back(std::move(s));
  }
  return out;
}

std::vector<Booked> MockBed::booked() const {
  const ProcessResult r =
      assay::test::assay({"sql", "--db", db(), "--format", "json",
                          "SELECT sample_key || ' ' || epoch || ' ' || step || ' ' || draw AS place, status, "
                          "finish, request_id, error_code, "
                          "http_status, input_tokens + coalesce(cached_input_tokens, 0) + "
                          "coalesce(cache_write_tokens, 0) + output_tokens "
                          "+ coalesce(reasoning_tokens, 0) AS tokens, bound_tokens FROM v_calls"});
  INFO(r.err);
  REQUIRE(r.exit_code == 0);
  const auto rows = parse_json(r.out);
  REQUIRE(rows.ok());
  std::vector<Booked> out;
  for (const Json& row : *rows) {
    Booked b;
    b.place = text_of(row, "place");
    b.status = text_of(row, "status");
    b.finish = text_of(row, "finish");
    b.id = text_of(row, "request_id");
    b.error_code = text_of(row, "error_code");
    b.http_status = static_cast<int>(count_of(row, "http_status").value_or(0));
    b.tokens = count_of(row, "tokens");
    b.bound = count_of(row, "bound_tokens");
    out.push_back(std::move(b));
  }
  return out;
}

std::int64_t MockBed::number(const std::string& query) const {
  const ProcessResult r = assay::test::assay({"sql", "--db", db(), "--format", "csv", query});
  INFO(query << "\n" << r.err);
  REQUIRE(r.exit_code == 0);
  const std::size_t line = r.out.find('\n');
  REQUIRE(line != std::string::npos);
  return std::stoll(r.out.substr(line + 1));
}

namespace {

void check_attempts(const MockBed& bed, std::int64_t attempts) {
  CHECK(bed.number("SELECT count(*) FROM attempt") == attempts);
  CHECK(bed.number("SELECT count(*) FROM attempt WHERE outcome IS NULL") == 0);
  // An attempt is an error exactly when none of its calls brought a response.
  CHECK(bed.number("SELECT count(*) FROM attempt a WHERE a.outcome = 7 AND EXISTS "
                   "(SELECT 1 FROM call c WHERE c.attempt = a.id AND c.status = 1)") == 0);
  CHECK(bed.number("SELECT count(*) FROM attempt a WHERE a.outcome <> 7 AND NOT EXISTS "
                   "(SELECT 1 FROM call c WHERE c.attempt = a.id AND c.status = 1)") == 0);
  CHECK(bed.number("SELECT count(*) FROM (SELECT attempt, step, draw FROM call WHERE status = 1 "
                   "GROUP BY 1, 2, 3 HAVING count(*) > 1)") == 0);
  auto store = Store::open(bed.db(), StoreMode::read_only);
  REQUIRE(store.ok());
  CHECK((*store)->check_integrity().ok());
}

}  // namespace

Books check_books(const MockBed& bed, std::int64_t attempts, int tries) {
  check_attempts(bed, attempts);
  const std::vector<Served> served = bed.served();
  const std::vector<Booked> booked = bed.booked();
  Books books;
  books.served = served.size();
  books.booked = booked.size();
  std::map<std::string, const Booked*> by_id;
  std::map<std::string, int> tries_of;
  for (const Booked& b : booked) {
    books.most_tries = std::max(books.most_tries, ++tries_of[b.place]);
    if (!b.id.empty()) {
      INFO("request " << b.id << " is booked twice");
      CHECK(by_id.emplace(b.id, &b).second);
    }
    if (b.status == "ok") ++books.ok;
    books.known_tokens += b.tokens.value_or(0);
    if (!b.tokens) books.bound_tokens += b.bound.value_or(0);
  }
  CHECK(books.most_tries <= tries);
  std::map<std::string, const Served*> by_server_id;
  for (const Served& s : served) {
    CHECK(by_server_id.emplace(s.id, &s).second);
    if (s.end != "refused") books.server_tokens += s.tokens;
    if (s.end != "complete") continue;
    ++books.complete;
    const auto found = by_id.find(s.id);
    INFO("request " << s.id << ", fault " << s.fault);
    if (found == by_id.end() || found->second->status != "ok") {
      ++books.lost_on_the_way;
    } else if (found->second->tokens) {
      CHECK(*found->second->tokens == s.tokens);
    } else {
      CHECK((s.fault == "missing-usage" || s.fault == "stream-without-done"));
      CHECK(found->second->bound.value_or(0) >= s.tokens);
    }
  }
  for (const Booked& b : booked) {
    if (b.status != "ok") continue;
    INFO("response " << b.id << " of " << b.place);
    const auto found = by_server_id.find(b.id);
    REQUIRE(found != by_server_id.end());
    const Served& at = *found->second;
    INFO("fault " << at.fault << ", at the server " << at.end);
    // Damage that costs nothing of the answer: bytes that are not UTF-8 become U+FFFD, and a stream whose
    // last choice has finished is whole, although its usage or what was promised beyond it never came.
    const bool finished = b.finish == "stop" || b.finish == "length";
    const bool whole = at.end == "complete" || b.tokens == at.tokens ||
                       (finished && !b.tokens && b.bound.value_or(0) >= at.tokens);
    CHECK((whole || b.finish == "deadline"));
  }
  CHECK(books.server_tokens <= books.known_tokens + books.bound_tokens);
  return books;
}

}  // namespace assay::test
