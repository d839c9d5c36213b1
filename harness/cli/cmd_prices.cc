// assay prices list|add|import: what tokens cost, by provider, model and day.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/glob.h"
#include "harness/base/json.h"
#include "harness/base/utc_date.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/listing.h"
#include "harness/cli/selection.h"
#include "harness/run/prices/litellm.h"
#include "harness/run/prices/price.h"
#include "harness/run/prices/price_rows.h"
#include "harness/run/prices/price_table.h"
#include "harness/store/prices.h"

namespace assay {
namespace {

struct PricesArgs {
  std::string db = kDefaultDb;
  std::string file;
  std::string as_of;
  std::string format = "table";
  std::string provider, model;                              // of list: what to show
  std::vector<std::pair<std::string, std::string>> fields;  // of add: what was given
  bool replace = false;
  bool quiet = false;
};

Result<std::string> day_of(const std::string& option) {
  if (option.empty()) return std::string();
  if (!parse_utc_date(option))
    return invalid(format("--as-of: expected a day such as 2025-02-08, not '{}'", option));
  return option;
}

bool is_wanted(const PriceTable::Entry& e, const PricesArgs& args, const std::string& day) {
  if (!args.provider.empty() && e.row.provider != args.provider) return false;
  const bool named =
      args.model.empty() || glob_matches(e.row.model, args.model) || glob_matches(args.model, e.row.model);
  return named && (day.empty() || holds_on(e.row, day));
}

void print_rows_table(const std::vector<PriceTable::Entry>& rows) {
  const auto text = [](const std::optional<std::int64_t>& p) {
    return p ? price_text(*p) : std::string("?");
  };
  Listing out{
      {"provider", "model", "from", "to", "input", "cached", "write", "output", "batch", "above", "source"},
      {}};
  for (const PriceTable::Entry& e : rows) {
    const PriceRow& r = e.row;
    const std::string above =
        r.tier_tokens ? format("{}: {}/{}", *r.tier_tokens, text(r.tier.input), text(r.tier.output)) : "";
    out.rows.push_back({r.provider, r.model, r.valid_from, r.valid_to, text(r.price.input),
                        text(r.price.cached_input), text(r.price.cache_write), text(r.price.output),
                        r.batch_millionths ? price_text(*r.batch_millionths) : "?", above,
                        format("{}: {}", e.shipped ? "shipped" : "store", r.source)});
  }
  print_table(out);
  std::puts("\nUSD per million tokens; ?: not known. `to` is the first day on which a row holds no more.");
}

void print_rows_json(const std::vector<PriceTable::Entry>& rows) {
  Json out = Json::array();
  for (const PriceTable::Entry& e : rows) {
    Json row = Json::object();
    for (const auto& [key, text] : price_fields(e.row)) row[std::string(key)] = text;
    row["from_store"] = !e.shipped;
    out.push_back(std::move(row));
  }
  std::puts(dump_json_pretty(out).c_str());
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

void print_rows_csv(const std::vector<PriceTable::Entry>& rows) {
  std::string header;
  for (const std::string_view key : price_keys()) header += std::string(key) + ",";
  std::puts((header + "from_store").c_str());
  for (const PriceTable::Entry& e : rows) {
    const auto fields = price_fields(e.row);
    std::string line;
    std::size_t next = 0;
    for (const std::string_view key : price_keys()) {
      if (next < fields.size() && fields[next].first == key)
        line += csv_cell(printable(fields[next++].second));
      line += ',';
    }
    std::puts((line + (e.shipped ? "no" : "yes")).c_str());
  }
}

int list_command(const PricesArgs& args) {
  if (args.format != "table" && args.format != "json" && args.format != "csv") {
    return fail(invalid("--format: expected table, json or csv, not '" + args.format + "'"));
  }
  const auto day = day_of(args.as_of);
  if (!day) return fail(day.error());
  auto own = PriceBook::read(args.db);
  if (!own) return fail(own.error());
  auto table = PriceTable::with(std::move(*own));
  if (!table) return fail(table.error());
  std::vector<PriceTable::Entry> rows;
  for (const PriceTable::Entry& e : table->rows()) {
    if (is_wanted(e, args, *day)) rows.push_back(e);
  }
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(a.row.provider, a.row.model, a.row.valid_from) <
           std::tie(b.row.provider, b.row.model, b.row.valid_from);
  });
  if (args.format == "json")
    print_rows_json(rows);
  else if (args.format == "csv")
    print_rows_csv(rows);
  else
    print_rows_table(rows);
  return kExitOk;
}

int keep(const PricesArgs& args, const std::vector<PriceRow>& rows, OnOverlap how) {
  auto book = PriceBook::open(args.db);
  if (!book) return fail(book.error());
  auto added = (*book)->add(rows, how);
  if (!added) return fail(added.error());
  std::printf("%s: %zu added, %zu replaced, %zu there already\n", printable(args.db).c_str(), added->added,
              added->replaced, added->unchanged);
  return kExitOk;
}

Result<std::vector<PriceRow>> rows_to_add(const PricesArgs& args) {
  if (!args.file.empty()) {
    if (!args.fields.empty())
      return invalid("give a file of rows, or one row's --provider, --model, ...; not both");
    auto text = read_yaml_text(args.file);
    if (!text) return text.error();
    return read_price_rows(*text, args.file);
  }
  PriceRow row;
  row.retrieved_at = utc_date_of_micros(unix_micros());
  for (const auto& [key, text] : args.fields) {
    if (auto set = set_price_field(row, key, text); !set)
      return invalid(format("{}: {}", key, set.error().message));
  }
  if (row.source.empty()) row.source = "assay prices add";
  if (auto sound = check_price_row(row); !sound) return sound.error();
  return std::vector<PriceRow>{row};
}

int add_command(const PricesArgs& args) {
  auto rows = rows_to_add(args);
  if (!rows) return fail(rows.error());
  return keep(args, *rows, args.replace ? OnOverlap::replace : OnOverlap::refuse);
}

int import_command(const PricesArgs& args) {
  const auto day = day_of(args.as_of);
  if (!day) return fail(day.error());
  auto text = read_yaml_text(args.file);
  if (!text) return fail(text.error());
  auto prices = read_litellm_prices(*text, args.file, *day);
  if (!prices) return fail(prices.error());
  if (!args.quiet) {
    for (const std::string& line : prices->left_out) std::fprintf(stderr, "%s\n", line.c_str());
  }
  std::size_t others = 0;
  std::string modes;
  for (const auto& [mode, count] : prices->other_modes) {
    others += count;
    modes += format("{}{} {}", modes.empty() ? "" : ", ", count, printable(mode));
  }
  std::printf(
      "%s: %zu entries: %zu rows, %zu lines of what was left out, %zu that are no text generation%s%s%s\n",
      printable(args.file).c_str(), prices->entries, prices->rows.size(), prices->left_out.size(), others,
      modes.empty() ? "" : " (", modes.c_str(), modes.empty() ? "" : ")");
  return keep(args, prices->rows, OnOverlap::replace);
}

// One option a key of a row; the given ones are kept in order.
void add_row_options(CLI::App& app, const std::shared_ptr<PricesArgs>& args) {
  struct Row {
    const char* option;
    const char* key;
    const char* help;
  };
  constexpr Row kRows[] = {
      {"--provider", "provider", "Who is paid: deepseek, openai, together, ..."},
      {"--model", "model", "Model name as the provider's API has it; * for any characters"},
      {"--from", "valid_from", "The first day (UTC)"},
      {"--to", "valid_to", "The first day on which it holds no more"},
      {"--input", "input", "USD per million input tokens"},
      {"--cached-read", "cached_read", "The same, read from the provider's cache"},
      {"--cache-write-5m", "cache_write_5m", "The same, written to its cache"},
      {"--cache-write-1h", "cache_write_1h", "The same, written for an hour"},
      {"--output", "output", "USD per million output tokens"},
      {"--reasoning", "reasoning", "The same of reasoning (default: as output)"},
      {"--batch-factor", "batch_factor", "What a batch costs of it: 0.5"},
      {"--tier-threshold-tokens", "tier_threshold_tokens", "More input than this costs the tier's prices"},
      {"--tier-input", "tier_input", "USD per million input tokens above it"},
      {"--tier-cached-read", "tier_cached_read", "The same, read from the cache"},
      {"--tier-output", "tier_output", "USD per million output tokens above it"},
      {"--source", "source", "Where the price was read"},
  };
  for (const Row& row : kRows) {
    app.add_option_function<std::string>(
        row.option, [args, key = row.key](const std::string& text) { args->fields.emplace_back(key, text); },
        row.help);
  }
}

}  // namespace

void add_prices(CLI::App& app, int& exit_code) {
  auto args = std::make_shared<PricesArgs>();
  app.require_subcommand(1);
  const auto db = [args](CLI::App* sub) {
    sub->add_option("--db", args->db, "The store")->capture_default_str();
  };
  CLI::App* list =
      app.add_subcommand("list", "Prices that the program brings, and those of the store, which go before");
  db(list);
  list->add_option("--provider", args->provider, "Only this provider's");
  list->add_option("--model", args->model, "Only rows for this model; * for any characters");
  list->add_option("--as-of", args->as_of, "Only rows that hold on this day");
  list->add_option("--format,-f", args->format, "table, json or csv")->capture_default_str();
  list->footer("Example:\n  assay prices list --model deepseek-reasoner --as-of 2025-03-01");
  list->callback([args, &exit_code] { exit_code = list_command(*args); });
  CLI::App* add =
      app.add_subcommand("add", "Keep prices in the store: a YAML file of rows, or one row by options");
  add->add_option("file", args->file, "Rows as docs/prices.md describes them");
  db(add);
  add_row_options(*add, args);
  add->add_flag("--replace", args->replace, "Rows of the store give way on the days of these");
  add->footer(
      "Example:\n"
      "  assay prices add --provider together --model 'org/model-*' --input 0.5 --output 2.18 --from "
      "2025-01-21 \\\n"
      "      --source https://www.together.ai/pricing");
  add->callback([args, &exit_code] { exit_code = add_command(*args); });
  CLI::App* import = app.add_subcommand("import", "Keep the prices of litellm's JSON file in the store");
  import->add_option("file", args->file, "model_prices_and_context_window.json")->required();
  import
      ->add_option("--as-of", args->as_of,
                   "The day from which its prices are taken to hold; the file has none")
      ->required();
  db(import);
  import->add_flag("--quiet,-q", args->quiet, "No line for each entry that is left out");
  import->footer("Example:\n  assay prices import model_prices_and_context_window.json --as-of 2025-10-15");
  import->callback([args, &exit_code] { exit_code = import_command(*args);
});
}  // namespace assay

}  // namespace assay
