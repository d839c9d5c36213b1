#include "harness/cli/budget_args.h"

#include <filesystem>
#include <system_error>

#include "harness/base/format.h"
#include "harness/run/budget/envelope.h"

namespace assay {
namespace {

Result<void> read_usd(const char* option, const std::string& text, std::optional<std::int64_t>& out) {
  if (text.empty()) return {};
  auto pico = parse_usd(text);
  if (!pico) return invalid(format("{}: {}", option, pico.error().message));
  out = *pico;
  return {};
}

}  // namespace

void add_budget_options(CLI::App& app, BudgetArgs& args) {
  app.add_option("--max-cost", args.max_cost, "USD that the run may spend, earlier invocations included; stops before, resumable");
  app.add_option("--max-cost-per-model", args.max_cost_per_model, "The same for each model by itself");
  app.add_option("--max-tokens-total", args.max_tokens, "Tokens that the run may take, input and output")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 60));
  app.add_option("--budget", args.envelope, "Envelope file that several runs draw on (name, limit_usd, period)");
}

Result<BudgetLimits> budget_from_args(const BudgetArgs& args) {
  BudgetLimits out;
  if (auto r = read_usd("--max-cost", args.max_cost, out.cost_pico); !r) return r.error();
  if (auto r = read_usd("--max-cost-per-model", args.max_cost_per_model, out.cost_pico_per_model); !r) return r.error();
  out.tokens = args.max_tokens;
  if (!args.envelope.empty()) {
    std::error_code ignored;
    out.envelope = std::filesystem::absolute(args.envelope, ignored).string();  // a resume may start elsewhere
    if (auto envelope = read_envelope(out.envelope); !envelope) return invalid(format("--budget: {}", envelope.error().message));
  }
  return out;
}

}  // namespace assay
