#include "harness/store/reservations.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/store/open.h"
#include "harness/store/sqlite.h"

namespace assay {
namespace {

constexpr int kBusyMs = 600'000;

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? std::string(name) : std::string();
}

// Field 22 of /proc/PID/stat (proc(5)); the name in field 2 may hold anything, so counted from its closing bracket.
std::int64_t started_of(std::int64_t pid) {
  std::ifstream in(format("/proc/{}/stat", pid));
  std::string line;
  std::getline(in, line);
  const std::size_t bracket = line.rfind(')');
  if (bracket == std::string::npos) return 0;
  std::istringstream rest(line.substr(bracket + 1));
  std::string word;
  for (int field = 3; field <= 22 && rest >> word; ++field) {
    if (field == 22) return std::strtoll(word.c_str(), nullptr, 10);
  }
  return 0;
}

// One transaction that has the write lock from its first statement on.
template <typename Body>
auto in_transaction(Db& db, Body body) -> decltype(body()) {
  if (auto begun = db.exec("BEGIN IMMEDIATE"); !begun) return begun.error();
  auto out = body();
  if (!out) {
    (void)db.exec("ROLLBACK");
    return out;
  }
  if (auto done = db.exec("COMMIT"); !done) {
    (void)db.exec("ROLLBACK");
    return done.error();
  }
  return out;
}

// Adds to the amounts that are there, or replaces them.
Result<void> write_row(Db& db, const Reservation& r, bool add) {
  Query q(db,
          "INSERT INTO reservation (envelope, period, model, holder, run_id, host, pid, pid_started, state, tokens, cost_pico, "
          "opened, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12) "
          "ON CONFLICT (envelope, period, model, holder) DO UPDATE SET state = excluded.state, changed = excluded.changed, "
          "tokens = iif(?13, tokens, 0) + excluded.tokens, cost_pico = iif(?13, cost_pico, 0) + excluded.cost_pico");
  const std::int64_t pid = getpid();
  q.text(r.envelope).text(r.period).text(r.model).text(r.holder).text(r.run_id).text(host_name()).integer(pid);
  q.integer(started_of(pid)).integer(r.open ? 1 : 2).integer(r.tokens).integer(r.cost_pico).integer(unix_micros());
  q.integer(add ? 1 : 0);
  return q.run();
}

Result<std::int64_t> held(Db& db, const Reservation& who) {
  Query q(db, "SELECT coalesce(sum(cost_pico), 0) FROM reservation WHERE envelope = ? AND period = ?");
  const auto row = q.text(who.envelope).text(who.period).step();
  if (!row) return row.error();
  return q.integer_at(0);
}

}  // namespace

Reservations::Reservations(std::unique_ptr<Db> db) : db_(std::move(db)) {}
Reservations::~Reservations() = default;

Result<std::unique_ptr<Reservations>> Reservations::open(const std::filesystem::path& database) {
  auto opened = open_database(database, StoreMode::read_write, {});
  if (!opened) return opened.error();
  opened->db->set_busy_ms(kBusyMs);
  return std::unique_ptr<Reservations>(new Reservations(std::move(opened->db)));
}

Result<std::int64_t> Reservations::claim(const Reservation& who, std::int64_t need, std::int64_t wish, std::int64_t limit) {
  return in_transaction(*db_, [&]() -> Result<std::int64_t> {
    const auto taken = held(*db_, who);
    if (!taken) return taken;
    const std::int64_t left = limit - *taken;
    if (left < need) return std::int64_t{0};
    Reservation row = who;
    row.cost_pico = std::min(wish, left);
    row.tokens = 0;
    if (auto r = write_row(*db_, row, true); !r) return r.error();
    return row.cost_pico;
  });
}

Result<void> Reservations::put(const Reservation& row) {
  return in_transaction(*db_, [&] { return write_row(*db_, row, false); });
}

Result<std::vector<Reservation>> Reservations::list(const std::string& envelope) {
  Query q(*db_,
          "SELECT period, model, holder, run_id, tokens, cost_pico, state, host, pid, pid_started FROM reservation "
          "WHERE envelope = ? ORDER BY period, model, holder");
  q.text(envelope);
  std::vector<Reservation> out;
  for (;;) {
    const auto row = q.step();
    if (!row) return row.error();
    if (!*row) return out;
    Reservation r;
    r.envelope = envelope;
    r.period = q.text_at(0);
    r.model = q.text_at(1);
    r.holder = q.text_at(2);
    r.run_id = q.text_at(3);
    r.tokens = q.integer_at(4);
    r.cost_pico = q.integer_at(5);
    r.open = q.integer_at(6) == 1;
    r.host = q.text_at(7);
    r.pid = q.integer_at(8);
    r.pid_started = q.integer_at(9);
    out.push_back(std::move(r));
  }
}

Result<void> Reservations::adopt(const std::string& envelope, const std::string& run_id, std::int64_t spent_pico) {
  return in_transaction(*db_, [&]() -> Result<void> {
    auto rows = list(envelope);
    if (!rows) return rows.error();
    std::int64_t all = 0;
    for (const Reservation& r : *rows) {
      if (r.run_id == run_id) all += r.cost_pico;
    }
    std::int64_t excess = std::max<std::int64_t>(all - spent_pico, 0);
    for (auto r = rows->rbegin(); r != rows->rend(); ++r) {
      if (r->run_id != run_id || !r->open) continue;
      const std::int64_t less = std::min(excess, r->cost_pico);
      excess -= less;
      Query q(*db_,
              "UPDATE reservation SET cost_pico = cost_pico - ?, state = 2, changed = ? "
              "WHERE envelope = ? AND period = ? AND model = ? AND holder = ?");
      q.integer(less).integer(unix_micros()).text(envelope).text(r->period).text(r->model).text(r->holder);
      if (auto done = q.run(); !done) return done;
    }
    return {};
  });
}

bool is_alive(const Reservation& r) {
  return r.open && r.host == host_name() && r.pid_started != 0 && started_of(r.pid) == r.pid_started;
}

}  // namespace assay
