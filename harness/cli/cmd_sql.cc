// assay sql [STATEMENT]: a read-only shell on the store, for people who want their own query.
#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>

#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/selection.h"
#include "harness/store/sql_shell.h"

namespace assay {
namespace {

struct SqlArgs {
  std::string db = kDefaultDb;
  std::string statement;
  std::string format = "table";
};

int run_sql_command(const SqlArgs& args) {
  const auto format = sql_format_from_name(args.format);
  if (!format) return fail(invalid("--format: expected table, csv or json, not '" + args.format + "'"));
  if (!args.statement.empty()) {
    auto done = run_sql(args.db, args.statement, std::cout, *format);
    return done ? static_cast<int>(kExitOk) : fail(done.error());
  }
  auto shell = SqlShell::open(args.db);
  if (!shell) return fail(shell.error());
  (*shell)->interact(std::cin, std::cout, std::cerr, *format, isatty(STDIN_FILENO) != 0);
  return kExitOk;
}

}  // namespace

void add_sql(CLI::App& app, int& exit_code) {
  auto args = std::make_shared<SqlArgs>();
  app.add_option("statement", args->statement, "One SQL statement; without it, statements are read from standard input");
  app.add_option("--db", args->db, "The store")->capture_default_str();
  app.add_option("--format", args->format, "table, csv or json")->capture_default_str();
  app.footer(
      "Views: v_leaderboard, v_attempts, v_calls; the whole schema is in docs/schema.md.\n"
      "Example:\n"
      "  assay sql \"select model, count(*) from v_attempts where outcome = 'truncated' group by model\"");
  app.callback([args, &exit_code] { exit_code = run_sql_command(*args); });
}

}  // namespace assay
