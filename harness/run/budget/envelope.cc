#include "harness/run/budget/envelope.h"

#include <algorithm>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml.h"

namespace assay {
namespace {

Result<void> read_period(const YamlNode& node, Period& out) {
  const std::string& text = node.text();
  if (text == "month")
    out = Period::month;
  else if (text == "day")
    out = Period::day;
  else if (text == "none")
    out = Period::none;
  else
    return node.error("expected month, day or none");
  return {};
}

}  // namespace

Result<std::int64_t> parse_usd(std::string_view text) {
  constexpr int kDecimals = 12;
  constexpr std::int64_t kMost = 1'000'000;  // dollars; with twelve decimals that is within 64 bits
  const auto wrong = [&] { return invalid(format("expected an amount in USD such as 12.50, up to {}, not '{}'", kMost, printable(text))); };
  std::int64_t value = 0;
  int decimals = -1;  // digits after the point; -1: before it
  bool any = false;
  for (const char c : text) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
      continue;
    }
    if (c < '0' || c > '9' || decimals >= kDecimals) return wrong();
    value = value * 10 + (c - '0');
    any = true;
    if (decimals >= 0) ++decimals;
    if (decimals < 0 && value > kMost) return wrong();
  }
  if (!any) return wrong();
  for (int d = std::max(decimals, 0); d < kDecimals; ++d) value *= 10;
  return value;
}

Result<Envelope> read_envelope(const std::filesystem::path& file) {
  auto root = load_yaml(file);
  if (!root) return root.error();
  if (auto only = root->only_keys({"name", "limit_usd", "period", "db"}); !only) return only.error();
  Envelope out;
  out.name = file.stem().string();
  if (const YamlNode* name = root->get("name")) {
    auto text = name->as_string();
    if (!text) return text.error();
    if (text->empty()) return name->error("expected a name");
    out.name = *text;
  }
  auto limit = root->need("limit_usd");
  if (!limit) return limit.error();
  auto pico = parse_usd(limit->text());
  if (!pico) return limit->error(pico.error().message);
  out.limit_pico = *pico;
  if (const YamlNode* period = root->get("period")) {
    if (auto read = read_period(*period, out.period); !read) return read.error();
  }
  out.db = file;
  out.db.replace_extension(".db");
  if (const YamlNode* db = root->get("db")) {
    auto text = db->as_string();
    if (!text) return text.error();
    if (text->empty()) return db->error("expected a file's name");
    out.db = file.parent_path() / *text;
  }
  return out;
}

std::string period_of(Period period, std::int64_t micros) {
  switch (period) {
    case Period::none: return {};
    case Period::day: return utc_time(micros).substr(0, 10);
    case Period::month: return utc_time(micros).substr(0, 7);
  }
  return {};
}

}  // namespace assay
