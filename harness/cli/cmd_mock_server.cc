// assay mock-server: made-up or recorded answers over HTTP, for dry runs and tests.
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/listing.h"
#include "harness/mock/server.h"
#include "harness/run/interrupt.h"

namespace assay {
namespace {

struct MockArgs {
  mock::MockOptions options;
  std::string latency = "0";
  std::string tokens = "64";
  std::string reasoning_tokens = "0";
  std::string tokens_per_second = "0";
  std::string reasoning_as = "reasoning_content";
  std::vector<std::string> faults;
  bool list_faults = false;
  bool with_parent = false;
  bool json = false;
};

int list_faults(bool json) {
  Listing out;
  out.header = {"fault", "status", "end", "what"};
  for (const mock::Fault& f : mock::faults()) {
    out.rows.push_back({std::string(f.name), f.status == 0 ? "-" : std::to_string(f.status), mock::name(f.end),
                        std::string(f.summary)});
  }
  json ? print_json(out) : print_table(out);
  return kExitOk;
}

Result<void> complete(MockArgs& args) {
  mock::MockOptions& o = args.options;
  struct Row {
    const std::string& text;
    const char* option;
    mock::Distribution* to;
  };
  const Row rows[] = {{args.latency, "--latency", &o.latency_s},
                      {args.tokens, "--tokens", &o.tokens},
                      {args.reasoning_tokens, "--reasoning-tokens", &o.reasoning_tokens},
                      {args.tokens_per_second, "--tokens-per-second", &o.tokens_per_second}};
  for (const Row& row : rows) {
    auto parsed = mock::Distribution::parse(row.text, row.option);
    if (!parsed) return parsed.error();
    *row.to = *parsed;
  }
  auto faults = mock::parse_faults(args.faults);
  if (!faults) return faults.error();
  o.faults = std::move(*faults);
  if (args.reasoning_as == "tags") o.reasoning_as = mock::ReasoningAs::tags;
  if (args.reasoning_as == "reasoning") o.reasoning_as = mock::ReasoningAs::reasoning;
  return {};
}

int serve(MockArgs args) {
  if (args.list_faults) return list_faults(args.json);
  if (auto ok = complete(args); !ok) return fail(ok.error());
  if (args.with_parent) {
    const pid_t parent = ::getppid();
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (parent == 1 || ::getppid() != parent) return kExitOk;  // it died before it could be watched
  }
  const InterruptGuard guard;
  args.options.stop_requested = [] { return interrupt_count() > 0; };
  mock::MockServer server(std::move(args.options));
  if (auto ok = server.start(); !ok) return fail(ok.error());
  std::printf("%s/v1\n", server.url().c_str());
  std::fflush(stdout);
  server.run();
  std::fprintf(stderr, "%s\n", dump_json(server.ledger()).c_str());
  return kExitOk;
}

void add_answers(CLI::App& app, MockArgs& args) {
  mock::MockOptions& o = args.options;
  app.add_option("--replay", o.replay, "Answer from recorded JSON Lines, by prompt or in order (docs/mock-server.md)");
  app.add_option("--answer", o.answer_text, "The visible answer (default: made-up words)");
  app.add_flag("--echo", o.echo, "The visible answer is the request's last message");
  app.add_option("--tokens", args.tokens, "Tokens of a made-up answer: N, LOW..HIGH, lognormal(MEDIAN,SIGMA) or r1")
      ->capture_default_str();
  app.add_option("--reasoning-tokens", args.reasoning_tokens, "Tokens of reasoning before it, likewise")
      ->capture_default_str();
  app.add_option("--reasoning-as", args.reasoning_as, "Where the reasoning stands")
      ->check(CLI::IsMember({"reasoning_content", "reasoning", "tags"}))
      ->capture_default_str();
  app.add_option("--latency", args.latency, "Seconds to the first byte, likewise")->capture_default_str();
  app.add_option("--tokens-per-second", args.tokens_per_second, "Speed of a response, likewise; 0: at once")
      ->capture_default_str();
  app.add_option("--event-tokens", o.event_tokens, "Tokens an event of a stream (default: 16, or 50 ms of them)")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--seed", o.seed, "Of everything that is drawn")->capture_default_str();
  app.add_option("--model", o.models, "A model that /v1/models lists; requests may name any");
  app.add_option("--api-key", o.api_key, "The key that requests must bring (default: none)");
}

void add_faults(CLI::App& app, MockArgs& args) {
  mock::MockOptions& o = args.options;
  app.add_option("--fault", args.faults, "NAME=RATE, any number of times; all=RATE shares it among all");
  app.add_flag("--list-faults", args.list_faults, "List the faults and end");
  app.add_flag("--json", args.json, "That list as JSON");
  app.add_option("--retry-after", o.retry_after_s, "Seconds that faults of status 429 and 503 ask to wait")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  app.add_option("--drip", o.drip_s, "Seconds between two bytes of a slow drip")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_option("--rpm", o.requests_per_minute, "Requests a minute; more get status 429")->check(CLI::NonNegativeNumber);
  app.add_option("--tpm", o.tokens_per_minute, "Tokens a minute, input and max_tokens; more get status 429")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--burst", o.burst_s, "Seconds' share of --rpm and --tpm that may come at once")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_option("--max-in-flight", o.max_in_flight, "Requests at once; more get --over-capacity");
  app.add_option("--over-capacity", o.over_capacity_status, "The status that those get")
      ->check(CLI::IsMember({429, 503, 529}))
      ->capture_default_str();
}

}  // namespace

void add_mock_server(CLI::App& app, int& exit_code) {
  auto args = std::make_shared<MockArgs>();
  mock::MockOptions& o = args->options;
  app.add_option("--host", o.host, "Address to listen on (default: 127.0.0.1 and ::1)");
  app.add_option("--port", o.port, "Port; 0: any free one, which is printed")->capture_default_str();
  add_answers(app, *args);
  add_faults(app, *args);
  app.add_option("--log", o.log, "Append a JSON line for each request to this file");
  app.add_option("--log-header", o.log_header, "A request header whose value the log keeps")->capture_default_str();
  app.add_option("--max-connections", o.max_connections, "Connections at once; others wait")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--stop-after", o.stop_after_s, "End after so many seconds")->check(CLI::Range(0.0, 1e9));
  app.add_flag("--with-parent", args->with_parent, "End when the process that started this one ends");
  app.footer(
      "Prints the address to give as --base-url, and the ledger on stderr when it ends (SIGINT, SIGTERM).\n"
      "Examples:\n"
      "  assay mock-server --reasoning-tokens r1 --tokens 20..200 --tokens-per-second 60\n"
      "  assay mock-server --port 8080 --fault 429-seconds=0.05 --fault reset-mid-body=0.02\n"
      "  assay run --tasks math/arithmetic --model mock --base-url http://127.0.0.1:8080/v1");
  app.callback([args, &exit_code] { exit_code = serve(*args); });
}

}  // namespace assay
